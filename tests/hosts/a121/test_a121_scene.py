"""The simulated scene as a sensor of the host, our sensor panel, and the host's control."""

from __future__ import annotations

import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acconeer.exptool import a121
from acconeer.exptool.app.new import ConnectionState, PluginState
from acconeer.exptool.app.new.ui.stream_tab.connection_widget import ClientConnectionWidget
from acconeer.exptool.app.new.ui.stream_tab.plugin_widget import PluginControlArea
from acconeer.exptool.app.new.ui.stream_tab.recording_widget import RecordingWidget
from PySide6.QtWidgets import QWidget

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.reading import SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, SimulatedSensor, make_scene
from exptool_ml_plugin.hosts.a121.panel import SensorPanel, ServiceHint
from exptool_ml_plugin.hosts.a121.scene_file import SceneFile, open_scene_client
from exptool_ml_plugin.hosts.a121_library.convert import config_of, extended, setup_of
from exptool_ml_plugin.hosts.a121_library.record_source import A121Source
from exptool_ml_plugin.hosts.a121_library.scene_client import SceneClient
from exptool_ml_plugin.hosts.scene_box import SceneBox


@pytest.fixture
def scene_file(tmp_path: Path) -> SceneFile:
    file = SceneFile(tmp_path / "scene.txt")
    file.write("push")
    return file


def measure(client: SceneClient, config: a121.SessionConfig, count: int) -> list[Any]:
    client.setup_session(config)
    client.start_session()
    results = [extended(client.get_next(), config) for _ in range(count)]
    client.stop_session()
    return results


def test_the_client_measures_what_the_simulator_says(scene_file: SceneFile) -> None:
    config = config_of(DEFAULT_SETUP)
    client = open_scene_client(scene_file.path)

    results = measure(client, config, 5)

    expected = SimulatedSensor(DEFAULT_SETUP, make_scene("push", seed=1), 1)
    for index, result in enumerate(results):
        np.testing.assert_array_equal(result[0][1].frame, expected.reading(index).matrices[0])
        assert result[0][1].tick_time == pytest.approx(index / 50.0)
    assert setup_of(config, client.extended_metadata).channels == setup_of(config).channels


def test_the_client_keeps_the_rate_that_is_set(scene_file: SceneFile) -> None:
    config = a121.SessionConfig(a121.SensorConfig(num_points=4, sweeps_per_frame=4, frame_rate=100.0))
    client = open_scene_client(scene_file.path)
    begin = time.perf_counter()

    measure(client, config, 51)

    assert 0.49 < time.perf_counter() - begin < 1.5


def test_several_sensors_groups_and_subsweeps_are_simulated(scene_file: SceneFile, tmp_path: Path) -> None:
    two = a121.SensorConfig(
        subsweeps=[a121.SubsweepConfig(num_points=4), a121.SubsweepConfig(start_point=200, num_points=3)],
        sweeps_per_frame=2,
    )
    config = a121.SessionConfig([{3: two, 2: a121.SensorConfig(num_points=5, sweeps_per_frame=3)}, {2: two}])
    client = open_scene_client(scene_file.path)
    recorder = a121.H5Recorder(tmp_path / "scene.h5", client)

    measure(client, config, 3)
    recorder.close()

    recordings = A121Source().read(tmp_path / "scene.h5")
    assert recordings is not None
    assert [m.shape for m in recordings[0].matrices] == [(3, 2, 4), (3, 2, 3), (3, 3, 5), (3, 2, 4), (3, 2, 3)]


def test_another_scene_takes_effect_at_the_next_reading(scene_file: SceneFile) -> None:
    config = config_of(DEFAULT_SETUP)
    client = open_scene_client(scene_file.path)
    client.setup_session(config)
    client.start_session()
    client.get_next()

    scene_file.write("still")
    changed = client.get_next()
    client.stop_session()

    expected = SimulatedSensor(DEFAULT_SETUP, make_scene("still", seed=1), 1).reading(1)
    np.testing.assert_array_equal(changed.frame, expected.matrices[0])


def test_a_scene_that_is_none_is_said_and_a_file_that_is_gone_changes_nothing(scene_file: SceneFile) -> None:
    client = open_scene_client(scene_file.path)
    client.setup_session(config_of(DEFAULT_SETUP))
    client.start_session()
    scene_file.path.unlink()

    client.get_next()
    scene_file.write("dance")
    with pytest.raises(RuntimeError, match="scene=dance"):
        client.get_next()


def test_a_client_that_was_held_up_goes_on_from_now(scene_file: SceneFile, monkeypatch: Any) -> None:
    monkeypatch.setattr("exptool_ml_plugin.hosts.a121_library.scene_client.LONGEST_STALL_S", 0.05)
    client = open_scene_client(scene_file.path)
    client.setup_session(config_of(DEFAULT_SETUP))
    client.start_session()
    client.get_next()
    time.sleep(0.5)

    begin = time.perf_counter()
    for _ in range(11):
        client.get_next()

    assert time.perf_counter() - begin > 0.15  # 25 readings were due, and were not made up for


def test_connecting_to_the_scene_makes_everything_ready_to_measure(host: Any) -> None:
    attached = host.attach()
    workbench = attached.workbench

    attached.scene.connect_host()
    host.wait(lambda: attached.control.can_start and attached.scene.connected)
    host.wait(lambda: workbench.setup is not None and workbench.setup.channels[0].points == 12)
    attached.control.start()
    host.wait(lambda: workbench.engine.latest().readings > 20)
    assert workbench.setup.reading_rate_hz == 50.0
    attached.scene.choose("circle")
    seen = workbench.engine.latest().readings
    host.wait(lambda: workbench.engine.latest().readings > seen + 20)
    attached.control.stop()
    host.wait(lambda: not workbench.measuring)

    assert host.errors == []
    assert list(workbench.problems) == []


def test_a_configuration_of_the_users_own_is_kept(host: Any) -> None:
    attached = host.attach()
    own = a121.SessionConfig(a121.SensorConfig(num_points=7, sweeps_per_frame=3))
    host.load("sparse_iq")
    host.configure(own)

    attached.scene.connect_host()
    host.wait(lambda: attached.scene.connected)
    host.qtbot.wait(300)

    assert host.app_model.backend_plugin_state.session_config == own


def test_the_scene_takes_the_place_of_another_sensor_and_notices_when_it_is_left(host: Any) -> None:
    attached = host.attach()
    host.connect()

    attached.scene.connect_host()
    host.wait(lambda: attached.scene.connected)
    host.app_model.disconnect_client()
    host.wait(lambda: host.app_model.connection_state is ConnectionState.DISCONNECTED)

    assert not attached.scene.connected
    assert host.errors == []


def test_the_control_refuses_in_words_what_cannot_be_done(host: Any) -> None:
    control = host.attach().control
    with pytest.raises(UserError, match="connected sensor"):
        control.start()
    host.connect()
    host.load("presence_detector")
    with pytest.raises(UserError, match="Sparse IQ"):
        control.start()
    assert not control.can_start
    control.stop()  # nothing runs, nothing happens
    with pytest.raises(UserError, match="generation=a111"):
        control.apply_setup(SensorSetup("a111", (), reading_rate_hz=1.0))
    with pytest.raises(UserError, match="scene=dance"):
        host.attach().scene.choose("dance")


def test_starting_without_any_service_loads_sparse_iq(host: Any) -> None:
    attached = host.attach()
    host.connect()
    assert attached.control.can_start

    attached.control.start()
    host.wait(lambda: attached.workbench.engine.latest().readings > 3)
    attached.control.stop()
    host.wait(lambda: not attached.workbench.measuring)

    assert host.app_model.plugin.key == "sparse_iq"


def test_while_measuring_the_settings_are_not_touched(host: Any) -> None:
    attached = host.attach()
    host.connect()
    host.load("presence_detector")
    host.start()

    for refused in (
        attached.control.select_sparse_iq,
        attached.scene.connect_host,
        lambda: attached.control.apply_setup(DEFAULT_SETUP),
    ):
        with pytest.raises(UserError, match="running measurement"):
            refused()

    assert host.app_model.plugin_state is PluginState.LOADED_BUSY
    host.stop()


def test_a_setup_is_applied_with_its_service(host: Any) -> None:
    attached = host.attach()
    host.connect()
    host.load("presence_detector")

    attached.control.apply_setup(DEFAULT_SETUP)
    host.wait(lambda: attached.workbench.setup is not None and attached.workbench.setup.channels[0].points == 12)

    assert host.app_model.plugin.key == "sparse_iq"


def test_the_panel_is_made_of_the_hosts_own_widgets_and_follows_it(host: Any) -> None:
    attached = host.attach()
    parent = QWidget()
    host.qtbot.addWidget(parent)
    panel = attached.make_sensor_panel(parent)
    parent.show()
    assert isinstance(panel, SensorPanel)
    for kind in (ClientConnectionWidget, RecordingWidget, PluginControlArea):
        assert panel.findChild(kind) is not None
    hint = panel.findChild(ServiceHint)
    box = panel.findChild(SceneBox)
    assert not hint.isHidden()

    hint.button.click()
    host.wait(lambda: hint.isHidden() and host.app_model.plugin_state is PluginState.LOADED_IDLE)
    box.scene_box.setCurrentIndex(attached.scene.names.index("swipe"))
    box.connect_button.click()
    host.wait(lambda: not box.connect_button.isEnabled() and attached.scene.connected)

    assert attached.scene.name == "swipe"
    assert list(attached.workbench.problems) == []
    panel.setParent(None)
    panel.deleteLater()


def test_what_the_backend_needs_of_the_scene_can_be_sent_to_it(scene_file: SceneFile) -> None:
    import functools

    factory = pickle.loads(pickle.dumps(functools.partial(open_scene_client, scene_file.path)))

    assert isinstance(factory(), SceneClient)


def test_feature_to_sensor_changes_ranges_sensors_and_sweeps_of_the_hosts_configuration_and_nothing_else(
    host: Any,
) -> None:
    attached = host.attach()
    host.connect()
    host.load("sparse_iq")
    host.configure(a121.SessionConfig(a121.SensorConfig(start_point=80, num_points=10, step_length=8, hwaas=12)))
    workbench = attached.workbench
    workbench.change_recipe(
        features=(
            FeatureChoice("range_segment", {"start_m": 0.1, "stop_m": 0.5}),
            FeatureChoice("doppler_spectrum", sensor_ids=(2,)),
        )
    )
    assert len(workbench.feature_editing.match().sentences) == 3

    workbench.feature_editing.lead_sensor()
    host.wait(lambda: workbench.feature_editing.match().sentences == ())

    config = host.app_model.backend_plugin_state.session_config
    assert [sorted(group) for group in config.groups] == [[1, 2]]
    for sensor in config.groups[0].values():
        (subsweep,) = sensor.subsweeps
        assert (subsweep.start_point, subsweep.num_points, subsweep.step_length, subsweep.hwaas) == (40, 21, 8, 12)
        assert sensor.sweeps_per_frame == 2
    assert workbench.setup is not None
    assert workbench.setup.sensor_ids == (1, 2)


def test_what_the_sensor_cannot_measure_is_refused_in_words_and_changes_nothing(host: Any) -> None:
    attached = host.attach()
    host.connect()
    host.load("sparse_iq")
    before = host.app_model.backend_plugin_state.session_config
    attached.workbench.change_recipe(features=(FeatureChoice("range_segment", {"stop_m": 60.0}),))
    with pytest.raises(UserError, match="sensor can measure"):
        attached.workbench.feature_editing.lead_sensor()
    assert host.app_model.backend_plugin_state.session_config == before
