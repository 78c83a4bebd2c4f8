from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from acconeer.exptool import a121
from synthetic import channel, real_recording, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Quality, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, LayerChoice, NetworkSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session

ONE = setup_of()
SEVERAL = setup_of(
    channel(sensor_id=2, points=5),
    channel(sensor_id=2, subsweep=1, points=3, start_m=0.5),
    channel(sensor_id=3, points=5),
    channel(sensor_id=3, subsweep=1, points=3, start_m=0.5),
)


def recipe_for(setup: SensorSetup) -> Recipe:
    return Recipe(
        name="test",
        sensor=setup,
        features=(FeatureChoice("range_segment", {"downsample": 2}, outputs=("segment",)),),
        frame=FrameSettings(time_steps=8, pre_trigger=2, dead_time=0),
        network=NetworkSettings((LayerChoice("conv2d", {"filters": 4}),)),
    )


def session_of(parts: Parts, *recordings: Recording) -> Session:
    recipe = recipe_for(recordings[0].setup)
    session = Session(recipe)
    for recording in recordings:
        index = session.add_recording(recording)
        for number, frame in enumerate(frames_of(recording, recipe, parts)):
            session.add(frame, ("push", "pull, \u00e4\u00f6\u00fc")[number % 2], index)
    return session


def assert_equal(one: Session, other: Session) -> None:
    assert one.recipe == other.recipe
    assert one.labels == other.labels
    for name in ("values", "recording_of", "first_reading", "flags"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype
    for mine, theirs in zip(one.recordings, other.recordings, strict=True):
        assert dataclasses.replace(mine, time_s=0, matrices=()).__dict__ == (
            dataclasses.replace(theirs, time_s=0, matrices=()).__dict__
        )
        assert mine.time_s.tobytes() == theirs.time_s.tobytes()
        for a, b in zip(mine.matrices, theirs.matrices, strict=True):
            assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


@pytest.mark.parametrize("setup", [ONE, SEVERAL])
@pytest.mark.parametrize("count", [1, 3])
def test_a_session_comes_back_as_it_was(parts: Parts, tmp_path: Path, setup: SensorSetup, count: int) -> None:
    quality = {3: Quality(saturated=True), 20: Quality(lost_before=4), 21: Quality(delayed=True, lost_before=1)}
    recordings = [recording_of(setup, 60 + i, seed=i, name=f"take {i}", quality=quality) for i in range(count)]
    recordings[0].tags.update(person="Ada", place="lab")
    session = session_of(parts, *recordings)
    assert session.flags.any()
    save_session(session, tmp_path / "s.h5")
    assert (session.unsaved, session.path) == (False, tmp_path / "s.h5")
    assert_equal(load_session(tmp_path / "s.h5"), session)


@pytest.mark.parametrize("setup", [ONE, SEVERAL])
@pytest.mark.parametrize("count", [1, 3])
def test_the_host_opens_a_session_as_a_recording(parts: Parts, tmp_path: Path, setup: SensorSetup, count: int) -> None:
    recordings = [recording_of(setup, 40 + i, seed=i, name=f"take {i}") for i in range(count)]
    save_session(session_of(parts, *recordings), tmp_path / "s.h5")
    record = a121.load_record(tmp_path / "s.h5")
    assert record.num_sessions == count
    for number, recording in enumerate(recordings):
        session = record.session(number)
        assert session.num_frames == len(recording)
        results = next(iter(session.extended_results))
        flat = [(sensor, result) for group in results for sensor, result in group.items()]
        for sensor, result in flat:
            own = [i for i, one in enumerate(setup.channels) if one.sensor_id == sensor]
            for subsweep, i in enumerate(own):
                np.testing.assert_array_equal(result.subframes[subsweep], recording.matrices[i][0])
        assert {sensor for sensor, _ in flat} == set(setup.sensor_ids)


def test_a_recording_of_the_host_keeps_the_hosts_own_texts(parts: Parts, tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "a121_gesture" / "label_tap_in_idx_2.h5"
    with h5py.File(source) as file:
        names = ("client_info", "server_info", "lib_version", "generation", "timestamp", "uuid")
        texts = {name: file[name][()].decode() for name in names}
        texts["session_config"] = file["session/session_config"][()].decode()
        texts["metadata"] = json.dumps([{"1": json.loads(file["session/group_0/entry_0/metadata"][()])}])
    recording = dataclasses.replace(real_recording(source).part(0, 300), host_attributes=texts)
    save_session(session_of(parts, recording), tmp_path / "s.h5")
    made, original = a121.load_record(tmp_path / "s.h5"), a121.load_record(source)
    assert made.session_config == original.session_config
    assert made.metadata == original.metadata
    assert made.server_info == original.server_info
    assert (made.uuid, made.timestamp) == (original.uuid, original.timestamp)
    np.testing.assert_array_equal(made.frames, original.frames[:300])
    ticks = [record.session(0).extended_stacked_results[0][1].tick[:300] for record in (made, original)]
    np.testing.assert_array_equal(ticks[0], ticks[1] - ticks[1][0])
    assert load_session(tmp_path / "s.h5").recordings[0].host_attributes == texts


def test_texts_that_describe_other_channels_are_replaced(parts: Parts, tmp_path: Path) -> None:
    other = recording_of(SEVERAL, 20)
    save_session(session_of(parts, other), tmp_path / "other.h5")
    with h5py.File(tmp_path / "other.h5") as file:
        metadata = file["sessions/session_0/group_0/entry_0/metadata"][()].decode()
    wrong = {"metadata": json.dumps([{"1": metadata}]), "server_info": "{}"}
    recording = dataclasses.replace(recording_of(ONE, 20), host_attributes=wrong)
    save_session(session_of(parts, recording), tmp_path / "s.h5")
    assert a121.load_record(tmp_path / "s.h5").frames.shape == (20, 16, 6)


def test_readings_that_are_no_whole_numbers_are_rounded_for_the_host_and_kept_for_us(
    parts: Parts, tmp_path: Path
) -> None:
    whole = recording_of(ONE, 30)
    recording = dataclasses.replace(whole, matrices=tuple(m + np.float32(0.25) for m in whole.matrices))
    save_session(session_of(parts, recording), tmp_path / "s.h5")
    np.testing.assert_array_equal(a121.load_record(tmp_path / "s.h5").frames, whole.matrices[0])
    np.testing.assert_array_equal(load_session(tmp_path / "s.h5").recordings[0].matrices[0], recording.matrices[0])


def test_recordings_of_another_generation_come_back_too(parts: Parts, tmp_path: Path) -> None:
    setup = dataclasses.replace(ONE, generation="a111")
    session = session_of(parts, recording_of(setup, 30))
    save_session(session, tmp_path / "s.h5")
    assert_equal(load_session(tmp_path / "s.h5"), session)


def test_a_session_without_frames_or_readings_can_be_kept(tmp_path: Path) -> None:
    session = Session(recipe_for(ONE))
    save_session(session, tmp_path / "s.h5")
    assert_equal(load_session(tmp_path / "s.h5"), session)


def test_a_file_is_replaced_only_when_asked(parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "s.h5"
    path.write_bytes(b"precious")
    session = session_of(parts, recording_of(ONE, 30))
    with pytest.raises(UserError, match="exists"):
        save_session(session, path)
    assert path.read_bytes() == b"precious"
    assert session.unsaved
    save_session(session, path, overwrite=True)
    assert_equal(load_session(path), session)
    assert [item.name for item in tmp_path.iterdir()] == ["s.h5"]


def test_a_file_cut_short_anywhere_is_said_to_be_broken(parts: Parts, tmp_path: Path) -> None:
    save_session(session_of(parts, recording_of(ONE, 30)), tmp_path / "s.h5")
    whole = (tmp_path / "s.h5").read_bytes()
    for part in (0, 1, 100, len(whole) // 3, len(whole) // 2, len(whole) - 1000):
        broken = tmp_path / "broken.h5"
        broken.write_bytes(whole[:part])
        with pytest.raises(UserError, match="cannot be read"):
            load_session(broken)


@pytest.mark.parametrize(
    "damage",
    [
        "del group['frames/labels']",
        "del group['recordings/recording_0/time_s']",
        "del file['sessions/session_0/group_0/entry_0/result/frame']",
        "replace('frames/labels', ['push'])",
        "replace('frames/values', 5)",
        "replace('frames/first_reading', ['x'] * n)",
        "replace('frames/recording_of', [7] * n)",
        "replace('recordings/recording_0/time_s', [0.0])",
        "replace('recipe', '{')",
        "replace('recordings/recording_0/setup', '[]')",
        "replace('recordings/recording_0/quality', [1, 2])",
    ],
)
def test_a_file_with_a_part_missing_or_wrong_is_a_user_error(parts: Parts, tmp_path: Path, damage: str) -> None:
    session = session_of(parts, recording_of(ONE, 30))
    save_session(session, tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5", "r+") as file:
        group = file["exptool_ml"]

        def replace(name: str, value: object) -> None:
            del group[name]
            group[name] = value

        exec(damage, {"group": group, "file": file, "replace": replace, "n": len(session)})
    with pytest.raises(UserError, match="Expected"):
        load_session(tmp_path / "s.h5")


def test_a_recording_that_is_no_session_names_the_command_that_makes_one(shared_data: Path) -> None:
    with pytest.raises(UserError, match="exptool-ml extract"):
        load_session(shared_data / "a121_gesture" / "conf.h5")


def test_a_file_of_a_newer_version_says_so(parts: Parts, tmp_path: Path) -> None:
    save_session(session_of(parts, recording_of(ONE, 30)), tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5", "r+") as file:
        file["exptool_ml"].attrs["schema"] = 2
    with pytest.raises(UserError, match=r"schema=2.*Update"):
        load_session(tmp_path / "s.h5")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not hdf5", b"\x89HDF\r\n\x1a\n" + b"\x00" * 600])
def test_a_foreign_file_is_a_user_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.h5").write_bytes(content)
    with pytest.raises(UserError, match="cannot be read"):
        load_session(tmp_path / "s.h5")


def test_a_file_that_is_not_there_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not there"):
        load_session(tmp_path / "s.h5")


def _save_for_ever(session: Session, path: Path) -> None:
    while True:
        save_session(session, path, overwrite=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts the writer by fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(parts: Parts, tmp_path: Path) -> None:
    session = session_of(parts, recording_of(ONE, 2000))
    path = tmp_path / "s.h5"
    save_session(session, path)
    random = np.random.default_rng(0)
    for _ in range(10):
        writer = multiprocessing.get_context("fork").Process(target=_save_for_ever, args=(session, path))
        writer.start()
        time.sleep(float(random.uniform(0.01, 0.15)))
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        assert_equal(load_session(path), session)
