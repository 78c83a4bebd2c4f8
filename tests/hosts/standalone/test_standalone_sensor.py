"""The sensor without the window: connect, measure, record; and every way in which that can go wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acconeer.exptool import a121
from acconeer.exptool.a121._core.communication.mock_client import MockClient

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP
from exptool_ml_plugin.hosts.a121_library.recorder import PatientRecorder
from exptool_ml_plugin.hosts.standalone.sensor import addresses
from exptool_ml_plugin.hosts.standalone.sensor.addresses import Address, Port
from exptool_ml_plugin.hosts.standalone.sensor.control import SensorControl
from exptool_ml_plugin.hosts.standalone.sensor.measuring import CONNECTED, DISCONNECTED
from exptool_ml_plugin.workbench.workbench import Workbench

FAST = a121.SessionConfig(a121.SensorConfig(num_points=4, step_length=24, sweeps_per_frame=2, frame_rate=100.0))
GOOD_READINGS = 40


class BreakingClient(MockClient, register=False):  # type: ignore[call-arg]
    """The host's own simulated sensor, whose cable is pulled after some readings."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def get_next(self) -> Any:
        self.asked += 1
        if self.asked > GOOD_READINGS:
            raise ConnectionError("the device has gone")
        return super().get_next()


def wait(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def make_control(tmp_path: Path) -> Iterator[Callable[..., SensorControl]]:
    threads, made = set(threading.enumerate()), []

    def make(**options: Any) -> SensorControl:
        control = SensorControl(Workbench(), **options)
        control.recordings.set_folder(tmp_path / "recordings")
        made.append(control)
        return control

    yield make
    for control in made:
        control.close()
        control.workbench.close(discard=True)
    assert not [thread for thread in threading.enumerate() if thread not in threads]


@pytest.fixture
def control(make_control: Callable[..., SensorControl]) -> SensorControl:
    control = make_control()
    control.settings.replace(FAST)
    control.sensor.connect()
    wait(lambda: control.can_start)
    return control


def measure(control: SensorControl, readings: int = 20) -> None:
    before = control.feed.newest
    control.start()
    wait(lambda: control.feed.newest is not before and control.feed.newest.reading.time_s >= (readings - 1) / 100.0)
    control.stop()
    wait(lambda: not control.busy)


def messages(control: SensorControl) -> list[str]:
    return [f"{problem.message} {problem.hint}" for problem in control.workbench.problems]


def test_nothing_can_be_measured_before_something_is_connected(make_control: Any) -> None:
    control = make_control()

    assert not control.can_start
    assert "Connect a sensor" in control.obstacle
    assert control.sensor.sensor_ids == (1, 2, 3, 4, 5)
    with pytest.raises(UserError, match="Received: disconnected"):
        control.start()
    with pytest.raises(UserError, match="Received: none"):
        control.workbench.start("preview")


def test_the_workbench_knows_what_will_be_measured_and_then_what_is(control: SensorControl) -> None:
    assert control.workbench.setup is not None
    assert control.workbench.setup.host_config == FAST.to_json()

    measure(control)

    assert control.workbench.setup.reading_rate_hz == 100.0
    assert control.workbench.recipe.sensor == control.workbench.setup
    assert messages(control) == []


def test_what_the_sensor_answered_stays_until_the_settings_change(control: SensorControl) -> None:
    free = a121.SessionConfig(a121.SensorConfig(num_points=4, step_length=24, sweeps_per_frame=2))
    control.settings.replace(free)
    guessed = control.workbench.setup
    measure(control)

    assert control.workbench.setup != guessed  # now the rate of the sweeps is known
    measured = control.workbench.setup
    control.sensor.disconnect()
    wait(lambda: control.sensor.phase == DISCONNECTED)
    assert control.workbench.setup is measured
    control.settings.replace(FAST)
    assert control.workbench.setup != measured


def test_a_connection_measures_again_and_again(control: SensorControl) -> None:
    client = control.sensor._client
    for _ in range(3):
        measure(control, 5)

    assert control.sensor.phase == CONNECTED
    assert control.sensor._client is client
    assert messages(control) == []


def test_another_scene_takes_effect_while_measuring(control: SensorControl) -> None:
    control.settings.replace(a121.SessionConfig.from_json(DEFAULT_SETUP.host_config))
    control.start()
    wait(lambda: control.workbench.engine.latest().readings > 5)

    control.sensor.choose_scene("still")
    wait(lambda: control.sensor._client._sensor.scene.name == "still")
    control.stop()
    wait(lambda: not control.busy)

    with pytest.raises(UserError, match="scene=dance"):
        control.sensor.choose_scene("dance")


def test_while_measuring_the_connection_and_the_settings_are_left_alone(control: SensorControl) -> None:
    control.start()
    wait(lambda: control.workbench.measuring)

    with pytest.raises(UserError, match="Stop the measurement"):
        control.sensor.disconnect()
    with pytest.raises(UserError, match="Received: measuring"):
        control.sensor.choose(Address("usb"))
    with pytest.raises(UserError, match="one is running"):
        control.apply_setup(DEFAULT_SETUP)
    with pytest.raises(UserError, match="Received: measuring"):
        control.start()


def test_the_sensor_is_set_to_what_a_model_or_the_features_want(control: SensorControl) -> None:
    control.apply_setup(DEFAULT_SETUP)
    assert control.settings.config.to_dict() == a121.SessionConfig.from_json(DEFAULT_SETUP.host_config).to_dict()

    setup = control.workbench.setup
    assert setup is not None
    control.cover_setup(replace(setup, channels=(replace(setup.channels[0], points=20),)))

    assert control.settings.config.sensor_config.num_points == 20
    assert control.settings.config.sensor_config.hwaas == 8
    assert control.settings.config.sensor_config.step_length == 24
    with pytest.raises(UserError, match="generation=a111"):
        control.apply_setup(replace(DEFAULT_SETUP, generation="a111"))


def test_sensors_that_are_set_differently_stay_different(control: SensorControl) -> None:
    near, far = a121.SensorConfig(start_point=80, num_points=10), a121.SensorConfig(start_point=400, num_points=10)
    control.settings.replace(a121.SessionConfig({1: near, 2: far}))
    setup = control.workbench.setup
    assert setup is not None

    third = replace(setup.channels[0], sensor_id=3)
    control.cover_setup(replace(setup, channels=(setup.channels[0], replace(setup.channels[1], points=20), third)))

    (group,) = control.settings.config.groups
    assert [(sensor, config.start_point, config.num_points) for sensor, config in group.items()] == [
        (1, 80, 10),
        (2, 400, 20),
        (3, 80, 10),
    ]


def test_settings_with_errors_cannot_be_measured_and_it_is_said_why(control: SensorControl) -> None:
    control.settings.replace(a121.SessionConfig(a121.SensorConfig(num_points=4000, sweeps_per_frame=4)))

    assert not control.can_start
    assert "buffer size is too large" in control.obstacle
    with pytest.raises(UserError, match="buffer size"):
        control.start()


def test_a_sensor_that_cannot_be_reached_is_said_in_words(make_control: Any) -> None:
    control = make_control()
    control.sensor.choose(Address("serial", "/dev/no-such-port"))

    control.sensor.connect()
    wait(lambda: control.sensor.phase == DISCONNECTED)

    assert "serial_port=/dev/no-such-port" in messages(control)[0]
    control.sensor.choose(Address("socket"))
    control.sensor.connect()
    wait(lambda: control.sensor.phase == DISCONNECTED)
    assert "Expected a network address. Received: nothing." in messages(control)[1]


def test_every_kind_of_address_keeps_its_own_place(make_control: Any) -> None:
    sensor = make_control().sensor
    sensor.choose(Address("serial", "COM5"))
    sensor.choose(Address("socket", "10.0.0.1"))

    sensor.choose_kind("serial")
    assert sensor.address == Address("serial", "COM5")
    sensor.choose_kind("socket")
    assert sensor.address == Address("socket", "10.0.0.1")


def test_a_sensor_that_breaks_off_loses_nothing_and_says_so(make_control: Any, tmp_path: Path) -> None:
    control = make_control(open_address=lambda address, scene: BreakingClient())
    workbench = control.workbench
    control.settings.replace(FAST)
    control.recordings.set_enabled(True)
    control.sensor.choose(Address("usb"))
    control.sensor.connect()
    wait(lambda: control.can_start)
    workbench.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=8),
        trigger=TriggerChoice("continuous", {"hop": 8}),
    )
    workbench.collecting.label = "push"

    workbench.start("collect")
    wait(lambda: control.sensor.phase == DISCONNECTED)
    assert workbench.engine.wait()

    (message,) = messages(control)
    assert "an error of the sensor (the device has gone)" in message
    assert "has 5 frames and all readings" in message
    assert not workbench.measuring
    assert [len(recording) for recording in workbench.session.recordings] == [GOOD_READINGS]
    assert control.recordings.last is not None
    kept = a121.load_record(control.recordings.last.path)
    assert kept.num_frames == control.recordings.last.readings == GOOD_READINGS
    assert workbench.session.recordings[0].matrices[0].tobytes() == np.complex64(kept.frames).tobytes()

    control.sensor.connect()  # the cable is put back
    wait(lambda: control.can_start)
    workbench.start("collect")
    wait(lambda: control.sensor.phase == DISCONNECTED)
    assert workbench.engine.wait()
    assert len(workbench.session) == 10


def test_a_sensor_that_refuses_the_configuration_stays_connected(make_control: Any) -> None:
    class Refusing(MockClient, register=False):  # type: ignore[call-arg]
        def setup_session(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("sensor 3 is not there")

    control = make_control(open_address=lambda address, scene: Refusing())
    control.sensor.connect()
    wait(lambda: control.can_start)

    control.start()
    wait(lambda: not control.busy)

    assert "takes the configuration. Received: sensor 3 is not there." in messages(control)[0]
    assert control.sensor.phase == CONNECTED
    assert not control.workbench.measuring


def test_every_measurement_is_recorded_to_a_file_of_its_own(control: SensorControl, tmp_path: Path) -> None:
    control.recordings.set_enabled(True)
    for _ in range(2):
        measure(control, 5)
    control.recordings.set_enabled(False)
    measure(control, 5)

    files = sorted((tmp_path / "recordings").iterdir())
    assert len(files) == 2
    assert control.recordings.last is not None
    assert control.recordings.last.path in files
    for path in files:
        record = a121.load_record(path)
        assert record.session_config == FAST
        assert record.num_frames >= 5
        assert record.server_info.hardware_name == "Simulated scene"


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_measured(
    control: SensorControl, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    control.recordings.set_folder(tmp_path / "file")
    control.recordings.set_enabled(True)

    control.start()
    wait(lambda: not control.busy)

    assert "Expected to write" in messages(control)[0]
    assert control.sensor.phase == CONNECTED
    control.recordings.set_enabled(False)
    measure(control)


def test_a_disk_that_fails_while_recording_does_not_end_the_measurement(
    control: SensorControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A full disk shows when h5py writes a block, in the middle of the host's recorder.
    monkeypatch.setattr(a121.H5Recorder, "_sample", lambda self, results: (_ for _ in ()).throw(OSError("disk full")))
    control.recordings.set_enabled(True)

    measure(control, 20)  # all of them came

    (message,) = messages(control)
    assert "disk full" in message
    assert "measurement goes on" in message


def test_a_recorder_that_got_no_reading_leaves_no_file(tmp_path: Path) -> None:
    said: list[Exception] = []
    recorder = PatientRecorder(tmp_path / "new" / "empty.h5", said.append)
    with MockClient() as client:
        client.attach_recorder(recorder)
    recorder.close()

    assert list((tmp_path / "new").iterdir()) == []
    assert said == []


def test_the_ports_come_from_the_hosts_library_likely_ones_first(
    make_control: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acconeer.exptool._core.communication import comm_devices

    devices = [
        comm_devices.SerialDevice(port="/dev/ttyS1"),
        comm_devices.SerialDevice(port="/dev/ttyUSB1", name="XE125", serial="7", recognized=True),
    ]
    monkeypatch.setattr(comm_devices, "get_serial_devices", lambda: devices)
    control = make_control()
    control.sensor.choose_kind("serial")

    control.ports.search("serial")
    control.ports.wait()

    assert control.ports.found["serial"] == [
        Port("/dev/ttyUSB1", "XE125 /dev/ttyUSB1 (7)", True),
        Port("/dev/ttyS1", "/dev/ttyS1", False),
    ]
    assert control.sensor.address == Address("serial", "/dev/ttyUSB1")


def test_a_search_that_fails_is_said_in_words(make_control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from acconeer.exptool._core.communication import comm_devices

    def fail() -> None:
        raise ValueError("No backend available")

    monkeypatch.setattr(comm_devices, "get_usb_devices", fail)
    control = make_control()

    control.ports.search("usb")
    control.ports.wait()

    assert "USB. Received: No backend available. Install libusb" in messages(control)[0]
    assert addresses.KINDS["usb"] == "USB"
    assert control.ports.found["usb"] == []
