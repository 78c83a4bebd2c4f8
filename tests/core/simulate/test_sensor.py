"""A simulated sensor's readings and recordings."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.simulate import (
    DEFAULT_SETUP,
    Echoes,
    Person,
    SimulatedSensor,
    SubsweepSettings,
    host_attributes,
    make_scene,
    record,
    subsweep_settings,
)

TWO_SENSORS = SensorSetup(
    generation="a121",
    channels=(
        Channel(sensor_id=2, subsweep=0, sweeps=8, points=6, start_m=0.1, step_m=0.06, sweep_rate_hz=1000.0),
        Channel(sensor_id=2, subsweep=1, sweeps=8, points=4, start_m=0.5, step_m=0.12, sweep_rate_hz=1000.0),
        Channel(sensor_id=3, subsweep=0, sweeps=4, points=5, start_m=0.2, step_m=0.06),
    ),
    reading_rate_hz=25.0,
)


def test_a_reading_is_the_same_whenever_it_is_asked_for() -> None:
    scene = make_scene("circle", Person.random(1), seed=2)
    sensor = SimulatedSensor(DEFAULT_SETUP, scene, seed=4)
    in_order = [sensor.reading(index) for index in range(30)]

    again = SimulatedSensor(DEFAULT_SETUP, make_scene("circle", Person.random(1), seed=2), seed=4)

    for index in (29, 0, 13):
        assert np.array_equal(again.reading(index).matrices[0], in_order[index].matrices[0])
        assert again.reading(index).time_s == index / 50.0


def test_a_recording_holds_the_sensors_readings() -> None:
    recording = record(DEFAULT_SETUP, "push", 2.0, name="push_1", seed=7, person=Person.random(1, name="Ada"))
    sensor = SimulatedSensor(DEFAULT_SETUP, make_scene("push", Person.random(1), seed=7), seed=7)

    assert len(recording) == 100
    assert recording.matrices[0].shape == (100, 16, 12)
    assert recording.tags == {"scene": "push", "person": "Ada"}
    assert np.array_equal(recording.matrices[0][42], sensor.reading(42).matrices[0])


def test_every_channel_of_every_sensor_is_measured() -> None:
    reading = SimulatedSensor(TWO_SENSORS, make_scene("still")).reading(0)

    assert [matrix.shape for matrix in reading.matrices] == [(8, 6), (8, 4), (4, 5)]


class Mirror:
    """A scene that is one huge target."""

    name = "mirror"

    def echoes(self, times_s: np.ndarray, *, sensor_id: int = 1) -> Echoes:
        return Echoes(np.full((1, len(times_s)), 0.1), np.full((1, len(times_s)), 100.0))


def test_too_much_signal_is_said_in_the_quality() -> None:
    reading = SimulatedSensor(DEFAULT_SETUP, Mirror()).reading(0)

    assert reading.quality.saturated


def test_the_default_setup_says_the_same_in_our_words_and_in_the_hosts() -> None:
    (channel,) = DEFAULT_SETUP.channels
    (group,) = json.loads(DEFAULT_SETUP.host_config)["groups"]
    (subsweep,) = group["1"]["subsweeps"]

    assert channel.start_m == pytest.approx(subsweep["start_point"] * 0.0025)
    assert channel.step_m == pytest.approx(subsweep["step_length"] * 0.0025)
    assert (channel.points, channel.sweeps) == (subsweep["num_points"], group["1"]["sweeps_per_frame"])
    assert (channel.sweep_rate_hz, DEFAULT_SETUP.reading_rate_hz) == (group["1"]["sweep_rate"], 50.0)


def test_profile_and_hwaas_come_from_the_hosts_configuration() -> None:
    subsweeps = [{"profile": "PROFILE_5", "hwaas": 32}, {"profile": "PROFILE_1", "enable_tx": False}]
    config = json.dumps({"groups": [{"2": {"subsweeps": subsweeps}, "3": {"subsweeps": [{"enable_loopback": True}]}}]})

    settings = subsweep_settings(replace(TWO_SENSORS, host_config=config))

    assert settings == (
        SubsweepSettings(profile=5, hwaas=32),
        SubsweepSettings(profile=1, hwaas=8, enable_tx=False),
        SubsweepSettings(enable_loopback=True),
    )


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"groups": [{"x": {}}]}', '{"groups": 3}'])
def test_a_configuration_that_is_none_of_an_a121_means_the_defaults(text: str) -> None:
    assert subsweep_settings(replace(TWO_SENSORS, host_config=text)) == (SubsweepSettings(),) * 3


@pytest.mark.parametrize("setup", [DEFAULT_SETUP, TWO_SENSORS])
def test_the_host_can_read_what_a_recording_says_about_itself(setup: SensorSetup) -> None:
    a121 = pytest.importorskip("acconeer.exptool.a121")
    texts = host_attributes(setup, identity="x")

    config = a121.SessionConfig.from_json(texts["session_config"])
    config.validate()
    metadata = [
        a121.Metadata.from_json(json.dumps(entry))
        for group in json.loads(texts["metadata"])
        for entry in group.values()
    ]

    sensors = [sensor for group in config.groups for sensor in group]
    assert sensors == list(setup.sensor_ids)
    assert sum(entry.sweep_data_length for entry in metadata) == sum(channel.points for channel in setup.channels)
    assert a121.ServerInfo.from_json(texts["server_info"]).ticks_per_second == 1_000_000
