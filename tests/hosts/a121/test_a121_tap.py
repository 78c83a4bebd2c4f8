"""What the real host measures and replays reaches the engine, and nothing of ours disturbs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acconeer.exptool import a121
from acconeer.exptool.app.new import PluginState

from exptool_ml_plugin.core.reading import Reading, SensorSetup
from exptool_ml_plugin.hosts.a121_library.convert import matrices_of_processed
from exptool_ml_plugin.hosts.a121_library.record_source import A121Source
from exptool_ml_plugin.hosts.arrival_clock import ArrivalClock


class Listener:
    """Keeps what is handed to the engine."""

    def __init__(self, workbench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began: list[tuple[SensorSetup, str, dict[str, str]]] = []
        self.readings: list[Reading] = []
        self.ended = 0
        engine = workbench.engine
        begin, push, end = engine.begin, engine.push, engine.end

        def on_begin(setup: SensorSetup, *, source: str, host_attributes: dict[str, str]) -> None:
            self.began.append((setup, source, host_attributes))
            begin(setup, source=source, host_attributes=host_attributes)

        def on_push(reading: Reading) -> None:
            self.readings.append(reading)
            push(reading)

        def on_end() -> None:
            self.ended += bool(engine.measuring)
            end()

        monkeypatch.setattr(engine, "begin", on_begin)
        monkeypatch.setattr(engine, "push", on_push)
        monkeypatch.setattr(engine, "end", on_end)


def small(sensor_id: int = 1, **fields: Any) -> a121.SessionConfig:
    fields = {"num_points": 5, "sweeps_per_frame": 4, "frame_rate": 50.0, **fields}
    return a121.SessionConfig({sensor_id: a121.SensorConfig(**fields)})


def several() -> a121.SessionConfig:
    # the host's own editor knows several sensors only with the same settings
    both = a121.SensorConfig(
        subsweeps=[a121.SubsweepConfig(num_points=4), a121.SubsweepConfig(start_point=200, num_points=3)],
        sweeps_per_frame=4,
    )
    return a121.SessionConfig({2: both, 3: both}, update_rate=40.0)


def test_a_measurement_reaches_the_engine_from_its_first_reading_to_its_end(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.configure(small())

    host.start()
    host.wait(lambda: len(listener.readings) >= 20)
    tab_widget = host.window.centralWidget()
    assert all(tab_widget.isTabEnabled(index) for index in range(tab_widget.count()))
    assert tab_widget.isEnabled()
    host.stop()
    host.wait(lambda: listener.ended == 1)

    (setup, source, attributes) = listener.began[0]
    assert source == "simulated"
    assert [(c.sweeps, c.points) for c in setup.channels] == [(4, 5)]
    assert setup.reading_rate_hz == 50.0
    assert attached.workbench.setup == setup
    assert listener.readings[0].matrices[0].shape == (4, 5)
    assert listener.readings[0].matrices[0].dtype == np.complex64
    times = [reading.time_s for reading in listener.readings]
    np.testing.assert_allclose(np.diff(times), 0.02, rtol=0.5)
    assert not attached.workbench.measuring
    assert list(attached.workbench.problems) == []
    assert a121.SessionConfig.from_json(attributes["session_config"]) == small()


def test_several_sensors_and_subsweeps_arrive_in_the_setups_order(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.configure(several())

    host.start()
    host.wait(lambda: len(listener.readings) >= 3)
    host.stop()

    assert [matrix.shape for matrix in listener.readings[0].matrices] == [(4, 4), (4, 3)] * 2
    assert [c.sensor_id for c in listener.began[0][0].channels] == [2, 2, 3, 3]


def test_a_replayed_recording_gives_the_readings_that_were_recorded(
    host: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.configure(several())
    host.start(record=True)
    host.wait(lambda: len(listener.readings) >= 10)
    host.stop()
    host.wait(lambda: host.app_model.saveable_file is not None)
    path = tmp_path / "recorded.h5"
    host.app_model.save_to_file(path)
    live = list(listener.readings)
    listener.readings.clear()
    host.app_model.disconnect_client()

    host.app_model.load_from_file(path)
    host.wait(lambda: listener.ended == 2)

    assert listener.began[1][1] == "recorded.h5"
    read = A121Source().read(path)
    assert read is not None
    assert len(live) == len(listener.readings) == len(read[0])
    for first, again, stored in zip(live, listener.readings, read[0], strict=True):
        for a, b, c in zip(first.matrices, again.matrices, stored.matrices, strict=True):
            np.testing.assert_array_equal(a, b)
            np.testing.assert_array_equal(a, c)


def test_settings_are_followed_before_anything_is_measured(host: Any) -> None:
    attached = host.attach()
    host.load("sparse_iq")
    assert attached.workbench.setup is not None

    host.configure(small(sweeps_per_frame=9))

    assert attached.workbench.setup.channels[0].sweeps == 9
    assert attached.workbench.recipe.sensor == attached.workbench.setup


def test_tabs_added_late_know_the_settings_at_once(host: Any) -> None:
    host.load("sparse_iq")
    host.configure(small(sweeps_per_frame=7))

    assert host.attach().workbench.setup.channels[0].sweeps == 7


def test_tabs_added_in_the_middle_of_a_measurement_get_the_rest_of_it(host: Any, monkeypatch: Any) -> None:
    host.connect()
    host.load("sparse_iq")
    host.configure(small())
    host.start()

    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.wait(lambda: len(listener.readings) >= 5)
    host.stop()
    host.wait(lambda: listener.ended == 1)

    assert listener.readings[0].matrices[0].shape == (4, 5)


def test_what_the_sensor_answered_is_kept_after_the_measurement(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.configure(small(sweep_rate=None))
    host.start()
    host.wait(lambda: listener.readings)
    host.stop()

    assert attached.workbench.setup.channels[0].sweep_rate_hz is not None


def test_another_service_is_said_in_words_and_gives_no_readings(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.load("presence_detector")
    assert attached.workbench.setup is None

    host.start()
    host.wait(lambda: attached.workbench.problems)
    host.stop()

    assert "Choose the service Sparse IQ" in attached.workbench.problems[0].hint
    assert not attached.workbench.problems[0].is_bug
    assert len(attached.workbench.problems) == 1
    assert listener.began == []


def test_an_exception_of_ours_is_reported_and_the_users_measurement_goes_on(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    calls = 0

    def broken(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= 3:
            raise ZeroDivisionError("ours")
        return matrices_of_processed(*arguments)

    monkeypatch.setattr("exptool_ml_plugin.hosts.a121.tap.matrices_of_processed", broken)
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.configure(small())

    host.start()
    host.wait(lambda: len(listener.readings) >= 5)

    assert host.app_model.plugin.key == "sparse_iq"
    assert host.app_model.plugin_state is PluginState.LOADED_BUSY
    assert host.errors == []
    assert len(attached.workbench.problems) == 3
    assert attached.workbench.problems[0].is_bug
    host.stop()


def test_what_the_host_warns_of_marks_the_next_reading(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.configure(small())
    host.start()
    host.wait(lambda: listener.readings)
    host.app_model.send_status_message("<b>Warning: Data saturated - reduce gain</b>")
    count = len(listener.readings)
    host.wait(lambda: len(listener.readings) >= count + 3)
    host.stop()

    assert [reading.quality.saturated for reading in listener.readings[count : count + 3]] == [True, False, False]


def test_the_rest_of_a_service_that_was_left_is_ignored(host: Any, monkeypatch: Any) -> None:
    attached = host.attach()
    listener = Listener(attached.workbench, monkeypatch)
    host.connect()
    host.load("sparse_iq")
    host.configure(small())
    host.start()
    host.wait(lambda: listener.readings)

    host.app_model.load_plugin(None)
    host.wait(lambda: host.app_model.plugin_state is PluginState.UNLOADED)

    assert listener.ended == 1
    assert attached.workbench.setup is None
    assert list(attached.workbench.problems) == []


def test_readings_that_arrive_in_bursts_are_given_even_times() -> None:
    clock = ArrivalClock(None, 0.02)
    true = np.arange(400) * 0.025
    rng = np.random.default_rng(1)
    arrival = np.maximum.accumulate(true + rng.exponential(0.01, len(true)))
    arrival[200:210] = arrival[210]  # the window was busy

    times = np.array([clock.step(now) for now in arrival])

    assert np.all(np.diff(times) > 0.0)
    assert np.all(np.diff(times)[50:] < 1.5 * 0.025)
    assert times[-1] == pytest.approx(true[-1], abs=0.1)


def test_a_sensor_that_is_much_slower_than_expected_is_followed() -> None:
    clock = ArrivalClock(None, 0.0005)

    times = np.array([clock.step(0.012 * index) for index in range(600)])

    np.testing.assert_allclose(np.diff(times)[300:], 0.012, rtol=0.3)
    assert times[-1] == pytest.approx(0.012 * 599, abs=0.1)


def test_with_a_promised_period_readings_are_that_far_apart() -> None:
    clock = ArrivalClock(0.02, 0.02)

    assert [clock.step(now) for now in (5.0, 5.5, 5.5)] == [0.0, 0.02, 0.04]
