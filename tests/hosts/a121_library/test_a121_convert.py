"""The host's configurations mean the same to us as to the host."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from acconeer.exptool import a121

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.hosts.a121_library.convert import config_of, extended, places_of, setup_of
from exptool_ml_plugin.hosts.a121_library.ticks import TickClock, lost_readings, usual_period_s
from exptool_ml_plugin.workbench.presets import Preset, load_presets


def two_groups() -> a121.SessionConfig:
    near = a121.SensorConfig(
        subsweeps=[
            a121.SubsweepConfig(start_point=20, num_points=5, step_length=4),
            a121.SubsweepConfig(start_point=80, num_points=3, step_length=24),
        ],
        sweeps_per_frame=8,
        sweep_rate=1000.0,
    )
    far = a121.SensorConfig(start_point=200, num_points=7, step_length=12, sweeps_per_frame=4, sweep_rate=500.0)
    return a121.SessionConfig([{2: near, 3: far}, {2: far}])


def test_every_subsweep_of_every_sensor_of_every_group_becomes_a_channel_in_that_order() -> None:
    config = two_groups()

    channels = setup_of(config).channels

    assert [(c.sensor_id, c.subsweep, c.sweeps, c.points) for c in channels] == [
        (2, 0, 8, 5),
        (2, 1, 8, 3),
        (3, 0, 4, 7),
        (2, 0, 4, 7),
    ]
    assert [(p.group, p.sensor_id, p.subsweep) for p in places_of(config)] == [
        (0, 2, 0),
        (0, 2, 1),
        (0, 3, 0),
        (1, 2, 0),
    ]
    assert channels[1].start_m == pytest.approx(0.2)
    assert channels[1].step_m == pytest.approx(0.06)


def test_without_a_rate_the_readings_come_as_fast_as_the_groups_take_turns() -> None:
    # group 0: 8 sweeps at 1000 Hz and 4 at 500 Hz at the same time, group 1 after it: 8 ms + 8 ms
    assert setup_of(two_groups()).reading_rate_hz == pytest.approx(1.0 / 0.016)


@pytest.mark.parametrize(
    ("config", "rate_hz"),
    [
        (a121.SessionConfig(a121.SensorConfig(frame_rate=12.5)), 12.5),
        (a121.SessionConfig(a121.SensorConfig(), update_rate=3.0), 3.0),
    ],
)
def test_a_rate_that_is_set_is_the_rate(config: a121.SessionConfig, rate_hz: float) -> None:
    assert setup_of(config).reading_rate_hz == rate_hz


def test_the_speed_of_a_sensor_that_runs_free_is_estimated_before_it_says_so_itself() -> None:
    config = a121.SessionConfig(a121.SensorConfig(num_points=40, hwaas=8, sweeps_per_frame=16, sweep_rate=None))

    setup = setup_of(config)

    assert setup.channels[0].sweep_rate_hz is None
    assert 50.0 < setup.reading_rate_hz < 500.0  # 16 sweeps of 40 points of 8 samples of a microsecond


def test_the_sensors_own_metadata_decide_step_and_speed() -> None:
    config = a121.SessionConfig(a121.SensorConfig(start_point=100, step_length=10, sweeps_per_frame=2))
    metadata = a121.Metadata(
        frame_data_length=80,
        sweep_data_length=40,
        subsweep_data_offset=np.array([0]),
        subsweep_data_length=np.array([40]),
        calibration_temperature=25,
        tick_period=0,
        base_step_length_m=0.002502,
        max_sweep_rate=4000.0,
    )

    setup = setup_of(config, extended(metadata, config))

    assert setup.channels[0].start_m == pytest.approx(0.2502)
    assert setup.channels[0].sweep_rate_hz == 4000.0
    assert setup.reading_rate_hz == pytest.approx(2000.0)


def test_a_setup_leads_back_to_its_configuration() -> None:
    assert config_of(setup_of(two_groups())) == two_groups()


@pytest.mark.parametrize("preset", load_presets(), ids=lambda preset: preset.key)
def test_a_preset_is_a_configuration_the_sensor_can_measure(preset: Preset) -> None:
    assert preset.recipe.sensor is not None
    config = config_of(preset.recipe.sensor)
    config.validate()
    # The host's own text may have settings more than the preset's, which every supported host reads.
    assert replace(setup_of(config), host_config="") == replace(preset.recipe.sensor, host_config="")
    assert config_of(setup_of(config)) == config


def test_a_setup_without_a_configuration_of_the_host_gets_one_with_its_geometry() -> None:
    channel = Channel(sensor_id=2, subsweep=0, sweeps=8, points=6, start_m=0.1, step_m=0.03, sweep_rate_hz=1000.0)
    made = setup_of(config_of(SensorSetup("a121", (channel,), reading_rate_hz=20.0)))

    assert made.channels[0] == channel
    assert made.reading_rate_hz == 20.0


def test_a_setup_of_another_sensor_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="generation=a111"):
        config_of(SensorSetup("a111", (), reading_rate_hz=1.0))


def test_a_configuration_that_is_no_configuration_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="session configuration"):
        config_of(SensorSetup("a121", (), reading_rate_hz=1.0, host_config='{"groups": 3}'))


def test_a_gap_of_three_periods_is_two_lost_readings() -> None:
    gaps = np.array([0.1, 0.14, 0.3, 0.1])

    assert lost_readings(gaps, 0.1).tolist() == [0, 0, 2, 0]
    assert lost_readings(gaps, 0.0).tolist() == [0, 0, 0, 0]


def test_the_usual_period_is_what_the_sensor_promised_or_else_the_median() -> None:
    gaps = np.array([0.1, 0.1, 0.5])

    assert usual_period_s(gaps, 0.2) == 0.2
    assert usual_period_s(gaps, None) == 0.1
    assert usual_period_s(gaps[:0], None) == 0.0


def test_the_clock_finds_lost_readings_while_they_come() -> None:
    clock = TickClock(1000.0, None)

    assert [clock.step(tick) for tick in (5000, 5100, 5200, 5500, 5600)] == [
        (0.0, 0),
        (0.1, 0),
        (0.2, 0),
        (0.5, 2),
        (0.6, 0),
    ]
