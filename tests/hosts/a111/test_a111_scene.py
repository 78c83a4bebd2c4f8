"""The simulated scene as a sensor of the A111 app, our sensor panel, and the host's control."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from acconeer.exptool.a111._clients.base import ClientError

from exptool_ml_plugin.core import a111
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.simulate import A111_SETUPS, DEFAULT_SETUP, SimulatedSensor, make_scene
from exptool_ml_plugin.hosts.a111.convert import config_of
from exptool_ml_plugin.hosts.a111.scene_client import SceneClient

SERVICES = ("envelope", "iq", "sparse")


def started(setup: Any, **fields: Any) -> SceneClient:
    client = SceneClient("push", squeeze=False)
    client.connect()
    config = config_of(setup)
    for name, value in fields.items():
        setattr(config, name, value)
    client.setup_session(config)
    client.start_session()
    return client


@pytest.mark.parametrize("service", SERVICES)
def test_the_client_measures_what_the_simulator_says(service: str) -> None:
    setup = A111_SETUPS[service]
    client = started(setup, sensor=[1, 2])

    got = [a111.matrices_of(client.get_next()[1]) for _ in range(4)]
    client.stop_session()

    assert client._setup.sensor_ids == (1, 2)
    expected = SimulatedSensor(client._setup, make_scene("push", seed=1), 1)
    for index, matrices in enumerate(got):
        for matrix, simulated in zip(matrices, expected.reading(index).matrices, strict=True):
            np.testing.assert_array_equal(matrix, simulated)


def test_the_client_keeps_the_rate_that_is_set_and_its_own_where_none_is() -> None:
    for rate, at_least_s in ((100.0, 0.39), (None, 0.0)):
        client = started(A111_SETUPS["envelope"], update_rate=rate)
        begin = time.perf_counter()
        for _ in range(41):
            client.get_next()
        assert at_least_s < time.perf_counter() - begin < 1.5


def test_another_scene_takes_effect_at_the_next_reading_and_one_that_is_none_is_said() -> None:
    client = started(A111_SETUPS["sparse"])
    client.get_next()

    client.scene_name = "still"
    (changed,) = a111.matrices_of(client.get_next()[1])

    expected = SimulatedSensor(client._setup, make_scene("still", seed=1), 1).reading(1)
    np.testing.assert_array_equal(changed, expected.matrices[0])
    client.scene_name = "dance"
    with pytest.raises(ClientError, match="scene=dance"):
        client.get_next()


def test_a_client_that_was_held_up_goes_on_from_now(monkeypatch: Any) -> None:
    monkeypatch.setattr("exptool_ml_plugin.hosts.a111.scene_client.LONGEST_STALL_S", 0.05)
    client = started(A111_SETUPS["sparse"], update_rate=50.0)
    client.get_next()
    time.sleep(0.5)

    begin = time.perf_counter()
    for _ in range(11):
        client.get_next()

    assert time.perf_counter() - begin > 0.15  # 25 readings were due, and were not made up for


def test_connecting_to_the_scene_makes_everything_ready_to_measure(host: Any) -> None:
    attached = host.attach()
    workbench = attached.workbench
    host.connect()  # the scene takes the place of another sensor
    host.choose("sparse")
    attached.tabs.show_tab("Features")
    box = attached.panel.scene_box
    host.wait(box.connect_button.isEnabled)

    box.scene_box.setCurrentIndex(attached.scene.names.index("swipe"))
    box.connect_button.click()
    host.wait(lambda: attached.control.can_start and not box.connect_button.isEnabled())
    host.wait(lambda: workbench.setup is not None and workbench.setup.service == "sparse")
    assert workbench.setup.channels == A111_SETUPS["sparse"].channels
    attached.control.start()
    host.wait(lambda: workbench.engine.latest().readings > 20)
    attached.scene.choose("circle")
    seen = workbench.engine.latest().readings
    host.wait(lambda: workbench.engine.latest().readings > seen + 20)

    # while it measures, its settings are not touched
    for refused in (
        attached.scene.connect_host,
        lambda: attached.control.choose_service("iq"),
        lambda: attached.control.apply_setup(A111_SETUPS["iq"]),
    ):
        with pytest.raises(UserError, match="running measurement"):
            refused()
    attached.control.stop()
    host.wait(lambda: not workbench.measuring)
    host.settle()

    # left for another sensor
    host.window.buttons["connect"].click()
    host.wait(lambda: not attached.scene.connected)
    assert host.errors == []
    assert list(workbench.problems) == []


def test_a_configuration_of_the_users_own_is_kept(host: Any) -> None:
    attached = host.attach()
    host.choose("sparse")
    host.window.get_sensor_config().sweeps_per_frame = 7
    host.choose("iq")

    attached.scene.connect_host()

    assert attached.control.service == "iq"
    assert attached.control.config_for("sparse").sweeps_per_frame == 7
    assert attached.control.config_for("envelope").update_rate == A111_SETUPS["envelope"].reading_rate_hz


def test_the_control_refuses_in_words_what_cannot_be_done(host: Any, monkeypatch: Any) -> None:
    control = host.attach().control
    with pytest.raises(UserError, match="connected sensor"):
        control.start()
    host.connect()
    host.choose("sparse_presence")
    with pytest.raises(UserError, match="Envelope, IQ or Sparse"):
        control.start()
    assert not control.can_start
    control.stop()  # nothing runs, nothing happens
    with pytest.raises(UserError, match="generation=a121"):
        control.apply_setup(DEFAULT_SETUP)
    with pytest.raises(UserError, match="scene=dance"):
        host.attach().scene.choose("dance")
    host.choose("sparse")
    host.window.textboxes["sweep_buffer"].setText("many")
    with pytest.raises(UserError, match="'many'"):
        control.start()
    host.window.textboxes["sweep_buffer"].setText("100")
    monkeypatch.setattr(host.window, "sensors_available", [1])
    channels = tuple(replace(channel, sensor_id=3) for channel in A111_SETUPS["iq"].channels)
    for change in (control.apply_setup, control.cover_setup):
        with pytest.raises(UserError, match="a board with 1"):
            change(replace(A111_SETUPS["iq"], channels=channels))
    assert control.service == "sparse"


def test_a_setup_is_applied_with_its_service(host: Any) -> None:
    attached = host.attach()
    host.connect()
    host.choose("power_bins")

    for service in SERVICES:
        attached.control.apply_setup(A111_SETUPS[service])
        attached.tap.look()
        assert attached.workbench.setup.service == service
        (channel,) = attached.workbench.setup.channels
        assert channel.same_points_as(A111_SETUPS[service].channels[0])
        assert host.window.module_dd.currentText().lower() == service


def test_feature_to_sensor_changes_service_range_sensors_and_sweeps_and_nothing_else(host: Any) -> None:
    attached = host.attach()
    workbench = attached.workbench
    host.connect()
    host.choose("envelope")
    attached.control.config_for("sparse").hw_accelerated_average_samples = 17
    host.wait(lambda: workbench.setup is not None and workbench.setup.service == "envelope")
    workbench.change_recipe(
        features=(
            FeatureChoice("range_segment", {"start_m": 0.3, "stop_m": 0.6}),
            FeatureChoice("doppler_spectrum", sensor_ids=(2,)),
        )
    )
    assert any("Sparse" in sentence for sentence in workbench.feature_editing.match().sentences)

    workbench.feature_editing.lead_sensor()
    host.wait(lambda: workbench.feature_editing.match().sentences == ())

    assert attached.control.service == "sparse"
    config = attached.control.config
    assert config.hw_accelerated_average_samples == 17
    assert config.sweeps_per_frame >= 2
    assert workbench.setup.sensor_ids == (1, 2)
    assert workbench.setup.channels[0].start_m <= 0.3 + 0.001
    assert workbench.setup.channels[0].end_m >= 0.6 - 0.06


def test_what_the_sensor_cannot_measure_is_refused_in_words_and_changes_nothing(host: Any) -> None:
    attached = host.attach()
    host.connect()
    host.choose("iq")
    host.wait(lambda: attached.workbench.setup is not None)
    before = attached.control.config._dumps()
    attached.workbench.change_recipe(features=(FeatureChoice("range_segment", {"stop_m": 60.0}),))

    with pytest.raises(UserError, match="sensor can measure"):
        attached.workbench.feature_editing.lead_sensor()

    assert attached.control.config._dumps() == before
