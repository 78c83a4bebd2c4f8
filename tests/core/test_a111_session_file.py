"""Sessions of an A111 are recordings of its host, too, and nothing of them is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from acconeer.exptool.a111 import recording as host_recording
from acconeer.exptool.a111._modes import Mode
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.joining import joined, part_of
from exptool_ml_plugin.core.reading import Quality, SensorSetup
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.simulate import A111_SETUPS, record
from exptool_ml_plugin.core.simulate.a111_config import CONFIGS, config_of, session_info
from exptool_ml_plugin.core.training_data import gather

SERVICES = tuple(A111_SETUPS)
TYPES = {"envelope": "<u2", "iq": "<c8", "sparse": "<u2"}


def two_sensors(service: str) -> SensorSetup:
    from exptool_ml_plugin.core.a111 import setup_of as a111_setup_of

    return a111_setup_of({**CONFIGS[service], "sensor": [2, 4]}, service=service)


def session_of(*recordings: Recording) -> Session:
    session = Session(Recipe(name="test", sensor=recordings[0].setup, frame=FrameSettings(time_steps=8)))
    for recording in recordings:
        place = session.add_recording(recording)
        for first in range(0, len(recording) - 8, 8):
            values = np.full((8, 3), first, dtype=np.float32)
            session.add(Frame(values, first, time_s=0.0, score=None), "push" if first % 16 else "pull", place)
    return session


def assert_same(one: Session, other: Session) -> None:
    assert one.recipe == other.recipe
    assert one.labels == other.labels
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.recording_of, other.recording_of)
    np.testing.assert_array_equal(one.first_reading, other.first_reading)
    for mine, theirs in zip(one.recordings, other.recordings, strict=True):
        assert (mine.name, mine.setup, mine.quality) == (theirs.name, theirs.setup, theirs.quality)
        assert (mine.tags, mine.host_attributes, mine.marks) == (theirs.tags, theirs.host_attributes, theirs.marks)
        assert mine.time_s.tobytes() == theirs.time_s.tobytes()
        for a, b in zip(mine.matrices, theirs.matrices, strict=True):
            assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


def host_data(recording: Recording) -> np.ndarray:
    """The readings as the host keeps them: (readings, sensors, [sweeps,] points)."""
    stacked = np.stack(list(recording.matrices), axis=1)
    if recording.setup.service != "sparse":
        stacked = stacked[:, :, 0]
    return stacked if recording.setup.service == "iq" else stacked.real


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("count", [1, 3])
def test_a_session_comes_back_as_it_was(tmp_path: Path, service: str, count: int) -> None:
    setup = two_sensors(service)
    recordings = [record(setup, "push", 0.5 + 0.2 * i, name=f"take {i}", seed=i) for i in range(count)]
    quality = (*recordings[0].quality[:-1], Quality(saturated=True, lost_before=3, calibration_needed=True))
    recordings[0] = replace(recordings[0], quality=quality, marks=(2, 5), tags={"person": "Ada"})
    session = session_of(*recordings)

    save_session(session, tmp_path / "s.h5")

    assert (session.unsaved, session.path) == (False, tmp_path / "s.h5")
    assert_same(load_session(tmp_path / "s.h5"), session)


@pytest.mark.parametrize("service", SERVICES)
def test_the_host_opens_a_session_as_a_recording(tmp_path: Path, service: str) -> None:
    setup = two_sensors(service)
    recordings = [record(setup, "push", seconds, name=f"{seconds}", seed=1) for seconds in (0.4, 0.6)]
    lost = (Quality(lost_before=1), Quality(saturated=True), Quality(calibration_needed=True))
    recordings[0] = replace(recordings[0], quality=(*lost, *recordings[0].quality[3:]))
    save_session(session_of(*recordings), tmp_path / "s.h5")

    opened = host_recording.load(tmp_path / "s.h5")

    assert opened.mode is Mode[service.upper()]
    assert opened.module_key == service
    expected = np.concatenate([host_data(recording) for recording in recordings])
    np.testing.assert_array_equal(opened.data, expected)
    assert opened.sensor_config.sensor == [2, 4]
    assert opened.sensor_config.update_rate == 50.0
    assert opened.session_info["data_length"] == setup.channels[0].sweeps * setup.channels[0].points
    assert (np.diff(opened.sample_times) > 0).all()
    told = [infos[0] for infos in opened.data_info[:4]]
    assert [info["missed_data"] for info in told] == [True, False, False, False]
    assert [info["data_saturated"] for info in told] == [False, True, False, False]
    assert [info["data_quality_warning"] for info in told] == [False, False, True, False]
    with h5py.File(tmp_path / "s.h5") as file:
        assert file["data"].dtype == np.dtype(TYPES[service])
        assert all(isinstance(item, h5py.Dataset) for item in file.values())


def test_readings_that_are_no_whole_numbers_are_kept_exactly(tmp_path: Path) -> None:
    whole = record(A111_SETUPS["envelope"], "push", 0.4, name="half")
    recording = replace(whole, matrices=tuple(matrix + np.float32(0.25) for matrix in whole.matrices))
    save_session(session_of(recording), tmp_path / "s.h5")

    np.testing.assert_array_equal(load_session(tmp_path / "s.h5").recordings[0].matrices[0], recording.matrices[0])
    np.testing.assert_array_equal(host_recording.load(tmp_path / "s.h5").data, host_data(recording).astype(float))


def test_a_recording_of_the_host_keeps_the_hosts_own_texts(tmp_path: Path) -> None:
    recording = record(A111_SETUPS["sparse"], "push", 0.4, name="texts")
    config = {**config_of(recording.setup), "gain": 0.7}
    texts = {
        "mode": "sparse",
        "sensor_config_dump": json.dumps(config),
        "session_info": json.dumps({**session_info(recording.setup), "stitch_count": 7}),
        "module_key": "sparse_presence",
        "timestamp": "2022-02-24T16:12:41",
    }
    save_session(session_of(replace(recording, host_attributes=texts)), tmp_path / "s.h5")

    opened = host_recording.load(tmp_path / "s.h5")

    assert opened.sensor_config.gain == 0.7
    assert opened.session_info["stitch_count"] == 7
    assert (opened.module_key, opened.timestamp) == ("sparse_presence", "2022-02-24T16:12:41")
    assert load_session(tmp_path / "s.h5").recordings[0].host_attributes == texts


def test_texts_that_describe_other_data_are_replaced(tmp_path: Path) -> None:
    recording = record(A111_SETUPS["sparse"], "push", 0.4, name="wrong")
    for wrong in ({"session_info": "{"}, {"session_info": json.dumps({"data_length": 5})}, {"mode": "iq"}):
        texts = {**recording.host_attributes, **wrong}
        save_session(session_of(replace(recording, host_attributes=texts)), tmp_path / "s.h5", overwrite=True)
        opened = host_recording.load(tmp_path / "s.h5")
        assert opened.session_info["data_length"] == 320
        assert opened.mode is Mode.SPARSE


def test_recordings_of_other_geometry_lie_beside_the_hosts(tmp_path: Path) -> None:
    first = record(A111_SETUPS["sparse"], "push", 0.4, name="first")
    other = record(two_sensors("sparse"), "pull", 0.4, name="other")
    third = record(A111_SETUPS["sparse"], "still", 0.4, name="third")
    session = session_of(first, other, third)

    save_session(session, tmp_path / "s.h5")

    assert_same(load_session(tmp_path / "s.h5"), session)
    opened = host_recording.load(tmp_path / "s.h5")
    np.testing.assert_array_equal(opened.data, np.concatenate([host_data(first), host_data(third)]))


def test_recordings_without_readings_are_kept(tmp_path: Path) -> None:
    session = session_of(Recording.from_readings([], name="empty", setup=A111_SETUPS["iq"]))
    save_session(session, tmp_path / "s.h5")
    assert_same(load_session(tmp_path / "s.h5"), session)


def test_readings_stay_in_the_file_until_they_are_looked_at(tmp_path: Path) -> None:
    save_session(session_of(record(A111_SETUPS["sparse"], "push", 0.4, name="lazy")), tmp_path / "s.h5")
    opened = load_session(tmp_path / "s.h5")
    (tmp_path / "s.h5").unlink()
    assert opened.recordings[0].matrices._made == {}  # type: ignore[attr-defined]
    assert opened.recordings[0].matrices[0].shape == (20, 32, 10)


@pytest.mark.parametrize(
    "damage",
    [
        "del file['data']",
        "replace('data', [1, 2, 3])",
        "replace('data', file['data'][:3])",
        "del file['exptool_ml.frames.labels']",
        "replace('exptool_ml.recordings.recording_0.place', [0, 7000])",
        "replace('exptool_ml.recordings.recording_0.place', [4])",
        "replace('exptool_ml.recordings.recording_0.setup', '[]')",
        "replace('exptool_ml.recordings.recording_0.time_s', [0.0])",
        "file['exptool_ml.recipe'].attrs['schema'] = 9",
    ],
)
def test_a_damaged_file_is_a_user_error(tmp_path: Path, damage: str) -> None:
    save_session(session_of(record(A111_SETUPS["sparse"], "push", 0.4, name="x")), tmp_path / "s.h5")
    with h5py.File(tmp_path / "s.h5", "r+") as file:

        def replace(name: str, value: object) -> None:
            del file[name]
            file[name] = value

        exec(damage, {"file": file, "replace": replace})
    with pytest.raises(UserError, match="Expected"):
        load_session(tmp_path / "s.h5")


def test_sessions_join_and_split_as_those_of_the_other_sensor(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_session(session_of(record(A111_SETUPS["sparse"], "push", 0.6, name=name)), tmp_path / f"{name}.h5")
    both = joined([load_session(tmp_path / f"{name}.h5") for name in ("one", "two")])
    save_session(both, tmp_path / "both.h5")

    part = part_of(load_session(tmp_path / "both.h5"), [0, 5])
    save_session(part, tmp_path / "part.h5")

    assert [recording.name for recording in load_session(tmp_path / "both.h5").recordings] == ["one", "two"]
    assert_same(load_session(tmp_path / "part.h5"), part)
    assert host_recording.load(tmp_path / "both.h5").data.shape == (60, 1, 32, 10)


def test_sensors_and_services_do_not_mix(tmp_path: Path) -> None:
    sparse = session_of(record(A111_SETUPS["sparse"], "push", 0.6, name="sparse"))
    envelope = session_of(record(A111_SETUPS["envelope"], "push", 0.6, name="envelope"))
    a121 = session_of(recording_of(setup_of(), 40))
    for other, kind in ((envelope, r"A111 \(Envelope\)"), (a121, r"A121 \(Sparse IQ\)")):
        for mix in (joined, gather):
            with pytest.raises(UserError, match=rf"one sensor and service. Received: A111 \(Sparse\) in .*{kind}"):
                mix([sparse, other])
    with pytest.raises(UserError, match=r"Received: A111 \(Sparse\) and A121 \(Sparse IQ\)"):
        sparse.add_recording(a121.recordings[0])
    assert len(sparse.recordings) == 1
