"""Recordings of the A111 app, and A111 sensors, as sources for scripts."""

from __future__ import annotations

import itertools
import json
import threading
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from acconeer.exptool import a111
from acconeer.exptool.a111 import recording as host_recording

import dli_files as dli
from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.dli.session import read_session
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.simulate import A111_SETUPS, DEFAULT_SETUP, record
from exptool_ml_plugin.hosts.a111.convert import config_from, config_of, refuse_errors, setup_of_config
from exptool_ml_plugin.hosts.a111.record_source import A111Source, ClientSource
from exptool_ml_plugin.hosts.a121_library.record_source import A121Source
from exptool_ml_plugin.plugins import load_plugins

REAL = {
    "button_press_sparse": (500, 32, 5, 80.0),
    "distance_detector": (50, 1, 827, 40.0),
    "presence_detection_sparse": (100, 64, 17, 35.0),
    "wave_to_exit": (200, 32, 4, 80.0),
}


def read(path: Path) -> list[Recording]:
    recordings = A111Source().read(path)
    assert recordings is not None
    return recordings


@pytest.mark.parametrize("name", list(REAL))
def test_a_recording_is_read_as_the_host_reads_it(shared_data: Path, name: str) -> None:
    path = shared_data / "a111_host" / f"{name}.input.h5"
    record_of_host = host_recording.load(path)

    (recording,) = read(path)

    assert (*recording.matrices[0].shape, recording.setup.reading_rate_hz) == REAL[name]
    data = record_of_host.data if record_of_host.data.ndim == 4 else record_of_host.data[:, :, np.newaxis]
    np.testing.assert_array_equal(recording.matrices[0], data[:, 0])
    depths = a111.get_range_depths(record_of_host.sensor_config, record_of_host.session_info)
    np.testing.assert_allclose(recording.setup.channels[0].distances_m, depths, atol=1e-6)
    assert recording.setup.service == record_of_host.mode.value
    assert recording.host_attributes["sensor_config_dump"] == record_of_host.sensor_config_dump
    if recording.setup.service == "sparse":
        assert recording.setup.channels[0].sweep_rate_hz == pytest.approx(record_of_host.session_info["sweep_rate"])
    if record_of_host.sample_times is not None:
        np.testing.assert_array_equal(recording.time_s, record_of_host.sample_times - record_of_host.sample_times[0])


def test_the_setup_from_a_configuration_alone_is_that_of_the_recording(shared_data: Path) -> None:
    for name in REAL:
        record_of_host = host_recording.load(shared_data / "a111_host" / f"{name}.input.h5")
        (recording,) = read(shared_data / "a111_host" / f"{name}.input.h5")
        setup = setup_of_config(record_of_host.sensor_config)
        recipe = Recipe(sensor=recording.setup)
        assert Recipe(sensor=setup).same_frames_as(recipe), "what is known before a measurement is what comes of it"


@pytest.mark.parametrize("suffix", [".h5", ".npz"])
@pytest.mark.parametrize("service", list(A111_SETUPS))
def test_what_the_host_records_of_several_sensors_comes_as_it_was_measured(
    tmp_path: Path, service: str, suffix: str
) -> None:
    config = config_from({"sensor": [1, 3], "update_rate": 100.0, "range_interval": [0.2, 0.5]}, service)
    client = a111.Client(mock=True)
    client.squeeze = False
    info = client.setup_session(config)
    recorder = host_recording.Recorder(sensor_config=config, session_info=info, module_key=service)
    client.start_session()
    for index in range(4):
        infos, data = client.get_next()
        infos[1]["data_saturated"] = index == 2
        recorder.sample(infos, data)
    client.disconnect()
    host_recording.save(tmp_path / f"both{suffix}", recorder.close())

    (recording,) = read(tmp_path / f"both{suffix}")

    assert recording.name == "both"
    assert recording.tags == {"file": f"both{suffix}"}
    assert [channel.sensor_id for channel in recording.setup.channels] == [1, 3]
    assert recording.setup == setup_of_config(config, info=info)
    kept = recorder.record.data
    for sensor in (0, 1):
        expected = kept[:, sensor] if service == "sparse" else kept[:, sensor][:, np.newaxis]
        np.testing.assert_array_equal(recording.matrices[sensor], expected.astype(np.complex64))
    assert [quality.saturated for quality in recording.quality] == [False, False, True, False]


def test_a_session_gives_its_recordings(tmp_path: Path) -> None:
    recordings = [record(A111_SETUPS["iq"], scene, 0.3, name=scene) for scene in ("push", "still")]
    save_session(Session(Recipe(sensor=A111_SETUPS["iq"]), recordings=recordings), tmp_path / "s.h5")

    assert [recording.name for recording in read(tmp_path / "s.h5")] == ["push", "still"]


def test_what_is_no_recording_of_an_a111_is_left_to_others(tmp_path: Path, shared_data: Path) -> None:
    (tmp_path / "text.h5").write_text("no HDF5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["data"] = [1, 2]
    np.savez(tmp_path / "frames.npz", frames=np.zeros(3))
    a121_file = shared_data / "a121_gesture" / "conf.h5"
    assert [A111Source().read(tmp_path / name) for name in ("text.h5", "other.h5", "frames.npz")] == [None] * 3
    assert A111Source().read(a121_file) is None
    assert A121Source().read(shared_data / "a111_host" / "wave_to_exit.input.h5") is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("data", np.zeros((3, 2)), "Expected readings of 1 sensors"),
        ("sensor_config_dump", "{", "read to its end"),
        ("mode", "power_bins", "Expected a measurement of Envelope, IQ, Sparse"),
        ("session_info", "[", "read to its end"),
    ],
)
def test_a_broken_or_foreign_recording_is_said_in_words(
    tmp_path: Path, shared_data: Path, name: str, value: Any, words: str
) -> None:
    path = tmp_path / "broken.h5"
    path.write_bytes((shared_data / "a111_host" / "wave_to_exit.input.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = value
        if name == "mode":
            config = json.loads(file["sensor_config_dump"][()])
            del file["sensor_config_dump"]
            file["sensor_config_dump"] = json.dumps({**config, "mode": "POWER_BINS"})
    with pytest.raises(UserError, match=words):
        A111Source().read(path)


def test_a_recording_and_an_old_interfaces_session_of_the_same_sweeps_give_the_same_frames(tmp_path: Path) -> None:
    data = dli.sparse_data(sensors=2)
    features = [dli.feature("sparse_fft", [2, 4], ["fft"]), dli.feature("sparse_presence", [2, 4], ["presence"])]
    content = dli.document(data, "sparse", [2, 4], features, [])
    parts = load_plugins().parts
    session = read_session(dli.save(tmp_path / "old.npy", content), parts).session
    packed = content["sweep_data"]
    with h5py.File(tmp_path / "new.h5", "w") as file:
        for name in ("mode", "sensor_config_dump", "session_info", "data_info"):
            file[name] = packed[name]
        file["data"] = data
    (recording,) = read(tmp_path / "new.h5")

    recipe = Recipe(
        sensor=session.recipe.sensor,
        features=session.recipe.features,
        frame=FrameSettings(time_steps=8),
        trigger=TriggerChoice("continuous", {"hop": 3}),
    )

    assert Recipe(sensor=recording.setup).same_frames_as(Recipe(sensor=session.recipe.sensor))
    frames = [frames_of(one, recipe, parts) for one in (recording, session.recordings[0])]
    assert len(frames[0]) > 5
    for mine, theirs in zip(*frames, strict=True):
        assert mine.values.tobytes() == theirs.values.tobytes()


# --- sensors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", list(A111_SETUPS))
def test_a_setup_becomes_the_hosts_configuration_and_comes_back(service: str) -> None:
    setup = A111_SETUPS[service]
    back = setup_of_config(config_of(setup))
    assert (back.channels, back.reading_rate_hz, back.service) == (setup.channels, setup.reading_rate_hz, service)
    refuse_errors(config_of(setup))


def test_configurations_that_cannot_be_are_refused_in_words() -> None:
    with pytest.raises(UserError, match=r"of an A111\. Received: generation=a121"):
        config_of(DEFAULT_SETUP)
    with pytest.raises(UserError, match="that this Exploration Tool understands"):
        config_from({"profile": "PROFILE_9"}, "sparse")
    with pytest.raises(UserError, match="range interval: Too long for buffer"):
        refuse_errors(config_from({"range_interval": [0.1, 6.0], "sweeps_per_frame": 64}, "sparse"))
    assert config_from({"unknown": 1, "gain": 0.7}, "iq").gain == 0.7


def test_a_scene_is_measured_with_an_a111s_setup_and_only_by_its_own_source() -> None:
    source = A111Source().open({"simulated": "push"}, A111_SETUPS["envelope"])
    assert source is not None
    readings = list(itertools.islice(source, 3))
    source.close()
    assert [reading.matrices[0].shape for reading in readings] == [(1, 259)] * 3
    assert A111Source().open({"simulated": "push"}, DEFAULT_SETUP) is None
    assert A121Source().open({"simulated": "push"}, A111_SETUPS["envelope"]) is None
    assert A111Source().open({"usb": True}, A111_SETUPS["envelope"]) is None


class Board:
    """The host's own simulated client, in the place of one at an address."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.options: list[dict[str, Any]] = []
        self.client: Any = None
        make = a111.Client

        def client(**options: Any) -> Any:
            self.options.append(options)
            self.client = make(mock=True)
            return self.client

        monkeypatch.setattr(a111, "Client", client)


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ({"serial": "/dev/ttyUSB0"}, {"serial_port": "/dev/ttyUSB0", "link": "uart", "protocol": "module"}),
        ({"socket": "192.168.1.9"}, {"host": "192.168.1.9", "link": "socket"}),
    ],
)
def test_a_sensor_is_measured_through_the_hosts_client(
    monkeypatch: pytest.MonkeyPatch, address: dict[str, str], options: dict[str, str]
) -> None:
    board = Board(monkeypatch)
    setup = setup_of_config(config_from({"sensor": [2, 4], "update_rate": 100.0}, "sparse"))

    source = A111Source().open(address, setup)
    assert isinstance(source, ClientSource)
    readings = list(itertools.islice(source, 5))
    source.close()
    source.close()

    assert board.options == [options]
    assert source.setup.sensor_ids == (2, 4)
    assert [[matrix.shape for matrix in reading.matrices] for reading in readings] == [
        [(channel.sweeps, channel.points) for channel in source.setup.channels]
    ] * 5
    assert 2**15 - 8000 < readings[0].matrices[0].real.mean() < 2**15 + 8000
    assert [reading.time_s for reading in readings] == sorted(reading.time_s for reading in readings)
    assert list(source) == [], "closed"
    with pytest.raises(Exception, match="not connected"):
        board.client.disconnect()


def test_no_sensor_at_an_address_is_said_in_words() -> None:
    with pytest.raises(UserError, match=r"Expected an A111 at the address\. Received: .*serial_port=/dev/nowhere"):
        A111Source().open({"serial": "/dev/nowhere"}, A111_SETUPS["sparse"])


def test_a_sensor_that_goes_away_or_does_not_take_the_configuration_is_said_in_words(monkeypatch: Any) -> None:
    board = Board(monkeypatch)
    source = A111Source().open({"socket": "x"}, A111_SETUPS["sparse"])
    assert source is not None
    board.client.disconnect()
    with pytest.raises(UserError, match="Expected the next reading"):
        next(iter(source))
    monkeypatch.setattr(ClientSource, "__init__", lambda self, *_: self.missing)
    with pytest.raises(UserError, match="takes the recipe's configuration"):
        A111Source().open({"socket": "x"}, A111_SETUPS["sparse"])
    assert threading.active_count() < 20


# --- the command line ------------------------------------------------------------------------------------------


def test_extract_makes_a_labelled_session_of_the_hosts_recordings(tmp_path: Path, shared_data: Path) -> None:
    (recording,) = read(shared_data / "a111_host" / "wave_to_exit.input.h5")
    recipe = Recipe(
        sensor=None,
        features=(FeatureChoice("sparse_fft"),),
        frame=FrameSettings(time_steps=16),
        trigger=TriggerChoice("continuous", {"hop": 8}),
    )
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    source = shared_data / "a111_host" / "wave_to_exit.input.h5"

    command = ["extract", str(source), "--recipe", str(tmp_path / "recipe.json"), "--out", str(tmp_path / "s.h5")]
    assert main([*command, "--label", "wave"]) == 0

    session = load_session(tmp_path / "s.h5")
    assert session.counts() == {"wave": 24}
    expected = frames_of(recording, session.recipe, load_plugins().parts)
    for index, frame in enumerate(expected):
        assert session.values[index].tobytes() == frame.values.tobytes()
    opened, original = host_recording.load(tmp_path / "s.h5"), host_recording.load(source)
    np.testing.assert_array_equal(opened.data, original.data)
    assert opened.sensor_config_dump == original.sensor_config_dump


def test_recordings_of_both_sensors_do_not_go_into_one_session(tmp_path: Path, shared_data: Path, capsys: Any) -> None:
    recipe = Recipe(features=(FeatureChoice("range_segment"),), frame=FrameSettings(time_steps=8))
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    files = [
        shared_data / "a111_host" / "wave_to_exit.input.h5",
        shared_data / "a121_gesture" / "label_tap_in_idx_2.h5",
    ]

    options = ["--recipe", str(tmp_path / "recipe.json"), "--out", str(tmp_path / "s.h5"), "--label", "mixed"]
    code = main(["extract", *map(str, files), *options])

    assert code == 1
    said = capsys.readouterr().err
    assert "A121 (Sparse IQ)" in said
    assert "A111 (Sparse)" in said
    assert not (tmp_path / "s.h5").exists()
