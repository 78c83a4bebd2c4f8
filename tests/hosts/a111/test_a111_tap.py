"""What the A111 app measures and replays reaches the engine, and nothing of ours disturbs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acconeer.exptool.a111._clients.base import ClientError
from acconeer.exptool.app.old.elements.modules import MODULE_INFOS

from exptool_ml_plugin.core import a111
from exptool_ml_plugin.core.reading import Reading, SensorSetup
from exptool_ml_plugin.core.recipe import TriggerChoice
from exptool_ml_plugin.hosts.a111.record_source import A111Source

SERVICE_KEYS = ("envelope", "iq", "sparse")
OTHERS = [info for info in MODULE_INFOS if info.key not in SERVICE_KEYS]


class Listener:
    """Keeps what is handed to the engine."""

    def __init__(self, workbench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began: list[tuple[SensorSetup, str, dict[str, str]]] = []
        self.readings: list[Reading] = []
        engine = workbench.engine
        begin, push = engine.begin, engine.push

        def on_begin(setup: SensorSetup, *, source: str, host_attributes: dict[str, str]) -> None:
            self.began.append((setup, source, host_attributes))
            begin(setup, source=source, host_attributes=host_attributes)

        def on_push(reading: Reading) -> None:
            self.readings.append(reading)
            push(reading)

        monkeypatch.setattr(engine, "begin", on_begin)
        monkeypatch.setattr(engine, "push", on_push)


def measure(host: Any, listener: Listener, readings: int) -> None:
    before = len(listener.readings)
    host.start()
    host.wait(lambda: len(listener.readings) >= before + readings)
    host.stop()
    host.settle()


@pytest.mark.parametrize("service", SERVICE_KEYS)
def test_what_the_host_keeps_is_what_reaches_the_engine(
    host: Any, monkeypatch: Any, tmp_path: Path, service: str
) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.choose(service)
    host.window.set_sensors([1, 3])
    host.window.get_sensor_config().update_rate = 60.0

    measure(host, listener, 12)

    (setup, source, attributes) = listener.began[0]
    kept = host.window.data
    assert source == "simulated"
    assert (setup.generation, setup.service, setup.sensor_ids) == ("a111", service, (1, 3))
    assert setup.reading_rate_hz == 60.0
    assert attributes["module_key"] == service
    assert len(kept.data) == len(listener.readings)
    for reading, data in zip(listener.readings, kept.data, strict=True):
        for got, own in zip(reading.matrices, a111.matrices_of(np.asarray(data)), strict=True):
            assert got.tobytes() == own.tobytes()
    channel = setup.channels[0]
    assert listener.readings[0].matrices[0].shape == (channel.sweeps, channel.points)
    assert not attached.workbench.measuring
    assert attached.workbench.setup == setup  # what the sensor answered stays known
    assert list(attached.workbench.problems) == []

    # saved, opened and replayed in the host, it is the same again
    live = list(listener.readings)
    listener.readings.clear()
    host.save(tmp_path / "kept.h5")
    host.window.buttons["connect"].click()
    host.load(tmp_path / "kept.h5")
    host.wait(lambda: len(listener.readings) >= len(live))
    host.wait(lambda: not host.window.get_gui_state("scan_is_running"))
    host.settle()
    (read,) = A111Source().read(tmp_path / "kept.h5")
    assert listener.began[1][1].endswith("kept.h5")
    assert listener.began[1][0].channels == setup.channels
    assert len(live) == len(listener.readings) == len(read)
    for first, again, stored in zip(live, listener.readings, read, strict=True):
        for a, b, c in zip(first.matrices, again.matrices, stored.matrices, strict=True):
            assert a.tobytes() == b.tobytes() == c.tobytes()


def test_settings_and_services_are_followed_before_anything_is_measured(host: Any) -> None:
    attached = host.attach()
    workbench = attached.workbench
    host.choose("sparse")
    host.wait(lambda: workbench.setup is not None and workbench.setup.service == "sparse")

    host.window.get_sensor_config().sweeps_per_frame = 9
    host.wait(lambda: workbench.setup.channels[0].sweeps == 9)
    assert workbench.recipe.sensor == workbench.setup

    host.choose("iq")
    host.wait(lambda: workbench.setup.service == "iq")
    host.window.set_sensors([2, 4])
    host.wait(lambda: workbench.setup.sensor_ids == (2, 4))


def test_power_bins_and_detectors_are_said_in_words_and_give_no_readings(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    attached.tabs.show_tab("Collect")
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    for info in OTHERS:
        host.choose(info.key)
        attached.tap.look()
        assert attached.workbench.setup is None
        assert info.label in attached.panel.hint.text()
        assert not attached.control.can_start

    host.choose("power_bins")
    host.start()
    host.wait(lambda: attached.workbench.problems)
    host.stop()
    host.settle()

    (problem,) = attached.workbench.problems
    assert "Choose one of the services" in problem.hint
    assert not problem.is_bug
    assert listener.began == []


def test_exceptions_of_ours_are_reported_and_the_users_measurement_goes_on(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    calls = 0
    real = a111.matrices_of

    def broken(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= 3:
            raise ZeroDivisionError("ours")
        return real(*arguments)

    monkeypatch.setattr("exptool_ml_plugin.hosts.a111.listening.a111.matrices_of", broken)
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.choose("sparse")

    measure(host, listener, 5)

    assert host.errors == []
    assert len(host.window.data.data) == len(listener.readings) + 3
    assert len(attached.workbench.problems) == 3
    assert attached.workbench.problems[0].is_bug


def test_a_sensor_that_breaks_off_is_told_of_and_what_was_collected_is_kept(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    workbench = attached.workbench
    attached.scene.connect_host()
    workbench.change_recipe(trigger=TriggerChoice("continuous", {"hop": 5}))
    workbench.collecting.label = "push"
    attached.tabs.show_tab("Collect")
    attached.tabs.page("Collect").start_button.click()
    host.wait(lambda: len(workbench.session) >= 1)

    def broken() -> None:
        raise ClientError("the cable was pulled")

    monkeypatch.setattr(host.window.client.subclient, "_get_next", broken)
    host.qtbot.waitUntil(lambda: bool(host.errors), timeout=10_000)
    assert "cable was pulled" in host.errors.pop()
    host.settle()

    assert not workbench.measuring
    assert any("is kept" in problem.hint for problem in workbench.problems)
    assert not any(problem.is_bug for problem in workbench.problems)
    assert workbench.session.unsaved


def test_without_a_limit_to_the_rate_the_panel_says_what_follows(host: Any) -> None:
    attached = host.attach()
    attached.tabs.show_tab("Collect")
    host.choose("sparse")
    host.wait(lambda: attached.workbench.setup is not None)
    host.window.get_sensor_config().update_rate = None
    host.wait(lambda: "Limit" in attached.panel.hint.text())

    host.window.get_sensor_config().update_rate = 40.0
    host.wait(lambda: not attached.panel.hint.text())


def test_readings_marked_by_the_sensor_stay_marked(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.choose("sparse")
    client = host.window.client.subclient
    real = client._get_next

    def saturated() -> Any:
        infos, data = real()
        return [{**info, "data_saturated": True} for info in infos], data

    monkeypatch.setattr(client, "_get_next", saturated)

    measure(host, listener, 3)

    assert all(reading.quality.saturated for reading in listener.readings)
