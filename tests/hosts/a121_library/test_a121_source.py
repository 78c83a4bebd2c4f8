"""Recordings of the host and sensors behind its client become readings."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from acconeer.exptool import a121

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP
from exptool_ml_plugin.hosts.a121_library.convert import setup_of
from exptool_ml_plugin.hosts.a121_library.record_source import A121Source, ClientSource

# Files of newer hosts are read by older ones, which say so.
pytestmark = pytest.mark.filterwarnings("ignore:The loaded file:UserWarning")

COUNTS = {
    "a121_gesture": {"conf": 1, "label_tap_in_idx_1": 1, "label_wiggle_idx_2": 1},
    "a121_grass": {"6": 1, "15": 1},
    "a121_host": {
        "cargo_20_feet_no_lens_add_presence": 2,
        "hand-motion-default": 4,
        "presence-low_power": 1,
        "smart_presence": 3,
        "touchless_button_both_ranges": 1,
    },
}


def read(path: Path) -> list[Recording]:
    recordings = A121Source().read(path)
    assert recordings is not None
    return recordings


def load_if_the_host_can(path: Path) -> Any:
    """The host reads no files that have settings which only a newer one knows."""
    try:
        record = a121.load_record(path)
        _ = [record.session(index).session_config for index in range(record.num_sessions)]
    except TypeError:
        return None
    return record


@pytest.fixture
def several_sensors(tmp_path: Path) -> Path:
    sensor = a121.SensorConfig(
        subsweeps=[a121.SubsweepConfig(num_points=4), a121.SubsweepConfig(start_point=200, num_points=3)],
        sweeps_per_frame=2,
    )
    other = a121.SensorConfig(num_points=5, sweeps_per_frame=3)
    path = tmp_path / "several.h5"
    with a121.Client.open(mock=True) as client:
        client.setup_session(a121.SessionConfig([{3: sensor, 2: other}, {2: sensor}]))
        client.attach_recorder(a121.H5Recorder(path))
        client.start_session()
        for _ in range(4):
            client.get_next()
        client.stop_session()
        client.detach_recorder().close()
    return path


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder in COUNTS for name in COUNTS[folder]])
def test_a_recording_is_read_as_the_host_reads_it(shared_data: Path, folder: str, name: str) -> None:
    path = shared_data / folder / f"{name}.h5"
    record = load_if_the_host_can(path)
    if record is None:
        with pytest.raises(UserError, match="update acconeer-exptool"):
            read(path)
        return

    recordings = read(path)

    assert len(recordings) == COUNTS[folder][name]
    for index, recording in enumerate(recordings):
        session = record.session(index)
        assert len(recording) == session.num_frames
        results = next(iter(session.extended_results))
        expected = [sub for group in results for result in group.values() for sub in result.subframes]
        assert len(expected) == len(recording.matrices) == len(recording.setup.channels)
        for channel, matrices, subframe in zip(recording.setup.channels, recording.matrices, expected, strict=True):
            assert matrices.dtype == np.complex64
            assert matrices.shape == (len(recording), channel.sweeps, channel.points)
            np.testing.assert_array_equal(matrices[0], subframe)


def test_several_measurements_in_a_file_are_recordings_with_names_of_their_own(shared_data: Path) -> None:
    recordings = read(shared_data / "a121_host" / "hand-motion-default.h5")

    assert [recording.name for recording in recordings] == [f"hand-motion-default session {n}" for n in (1, 2, 3, 4)]
    assert [len(recording.setup.channels) for recording in recordings] == [1, 2, 1, 2]


def test_subsweeps_may_have_steps_of_their_own(shared_data: Path) -> None:
    recording = read(shared_data / "a121_host" / "presence-default.h5")[0]

    assert [round(channel.step_m, 2) for channel in recording.setup.channels] == [0.12, 0.3, 0.3, 0.3]


def test_lost_readings_show_in_the_quality(shared_data: Path) -> None:
    with_loss = read(shared_data / "a121_grass" / "15.h5")[0]
    without = read(shared_data / "a121_grass" / "6.h5")[0]

    lost = sum(quality.lost_before for quality in with_loss.quality)
    # at 200 Hz the time it took has room for this many more readings than there are
    assert lost == pytest.approx(with_loss.time_s[-1] * 200.0 + 1 - len(with_loss), abs=5)
    assert sum(quality.lost_before for quality in without.quality) == 0


def test_every_folder_of_real_recordings_is_read_to_the_last_file(shared_data: Path) -> None:
    files = sorted(shared_data.glob("a121_*/*.h5"))

    assert len(files) == 28
    readable = [path for path in files if load_if_the_host_can(path) is not None]
    assert len(readable) >= 26
    assert all(len(recording) for path in readable for recording in read(path))


def test_several_sensors_groups_and_subsweeps_keep_their_places(several_sensors: Path) -> None:
    recording = read(several_sensors)[0]

    shapes = [matrix.shape for matrix in recording.matrices]
    record = a121.load_record(several_sensors)
    last = list(record.extended_results)[-1]
    assert shapes == [(4, 2, 4), (4, 2, 3), (4, 3, 5), (4, 2, 4), (4, 2, 3)]
    assert [channel.sensor_id for channel in recording.setup.channels] == [3, 3, 2, 2, 2]
    np.testing.assert_array_equal(recording.matrices[2][-1], last[0][2].frame)
    np.testing.assert_array_equal(recording.matrices[4][-1], last[1][2].subframes[1])


def test_other_files_are_left_to_others(tmp_path: Path, shared_data: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no radar")
    with h5py.File(tmp_path / "empty.h5", "w"):
        pass

    assert A121Source().read(text) is None
    assert A121Source().read(tmp_path / "empty.h5") is None
    assert A121Source().read(shared_data / "a111_host" / "distance_detector.input.h5") is None


def test_a_damaged_recording_is_an_error_in_words(several_sensors: Path, tmp_path: Path) -> None:
    whole = several_sensors.read_bytes()
    cut = tmp_path / "cut.h5"
    cut.write_bytes(whole[: len(whole) // 2])
    with h5py.File(several_sensors, "a") as file:
        del file["sessions/session_0/session_config"]

    with pytest.raises(UserError, match=r"cut\.h5"):
        A121Source().read(cut)
    with pytest.raises(UserError, match=r"several\.h5"):
        A121Source().read(several_sensors)


def test_a_sensor_is_measured_through_the_hosts_client() -> None:
    setup = setup_of(a121.SessionConfig({2: a121.SensorConfig(num_points=6, sweeps_per_frame=4, frame_rate=100.0)}))
    source = ClientSource.connect({"mock": True}, setup)

    readings = list(islice(source, 5))
    source.close()
    source.close()

    assert source.setup.reading_rate_hz == 100.0
    assert [reading.matrices[0].shape for reading in readings] == [(4, 6)] * 5
    assert readings[0].time_s == 0.0
    assert all(later.time_s > earlier.time_s for earlier, later in pairwise(readings))


def test_a_sensor_that_is_not_there_is_an_error_in_words() -> None:
    with pytest.raises(UserError, match="serial_port=/dev/no-such-port"):
        A121Source().open({"serial": "/dev/no-such-port"}, DEFAULT_SETUP)


def test_a_configuration_the_sensor_refuses_is_an_error_in_words() -> None:
    bad = SensorSetup("a121", (Channel(1, 0, 4000, 400, 0.1, 0.0025),), reading_rate_hz=1000.0)

    with pytest.raises(UserError, match="takes the recipe's configuration"):
        ClientSource.connect({"mock": True}, bad)


def test_a_simulated_scene_is_measured_at_the_sensors_rate() -> None:
    source = A121Source().open({"simulated": "push"}, DEFAULT_SETUP)
    assert source is not None

    readings = list(islice(source, 10))
    source.close()

    assert [reading.time_s for reading in readings] == pytest.approx([index / 50.0 for index in range(10)])
    assert list(islice(source, 1)) == []


def test_an_unknown_scene_and_an_unknown_kind_of_address() -> None:
    with pytest.raises(UserError, match="scene=dance"):
        A121Source().open({"simulated": "dance"}, DEFAULT_SETUP)
    assert A121Source().open({"bluetooth": "x"}, DEFAULT_SETUP) is None
