"""Session configurations that are widened to what features want."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from acconeer.exptool import a121

from exptool_ml_plugin.core.reading import SensorSetup
from exptool_ml_plugin.hosts.a121_library.convert import setup_of
from exptool_ml_plugin.hosts.a121_library.geometry import covering

CONFIGS = [
    a121.SensorConfig(start_point=1200, num_points=100, step_length=1),
    a121.SensorConfig(start_point=20, num_points=6, step_length=12, profile=a121.Profile.PROFILE_1),
    a121.SensorConfig(
        subsweeps=[
            a121.SubsweepConfig(start_point=80, num_points=10, step_length=24),
            a121.SubsweepConfig(start_point=400, num_points=4, step_length=96),
        ]
    ),
]


@dataclass(frozen=True)
class Metadata:
    """What a real sensor answers: its grid is not quite the nominal one of 2.5 mm."""

    base_step_length_m: float = 0.002502274
    max_sweep_rate: float = 1000.0


def measured(config: a121.SensorConfig) -> tuple[a121.SessionConfig, SensorSetup]:
    session = a121.SessionConfig(config)
    return session, setup_of(session, [{1: Metadata()}])


def points(session: a121.SessionConfig) -> list[tuple[int, int, int]]:
    return [(s.start_point, s.num_points, s.step_length) for s in session.sensor_config.subsweeps]


@pytest.mark.parametrize("config", CONFIGS)
def test_what_is_measured_already_stays_as_it_is_on_a_real_sensors_grid(config: a121.SensorConfig) -> None:
    session, setup = measured(config)
    assert points(covering(session, setup, alike=True)) == points(session)


@pytest.mark.parametrize("config", CONFIGS)
def test_one_point_more_is_one_point_more(config: a121.SensorConfig) -> None:
    session, setup = measured(config)
    last = setup.channels[-1]
    wider = replace(setup, channels=(*setup.channels[:-1], replace(last, points=last.points + 1)))
    *others, (start, number, step) = points(session)
    assert points(covering(session, wider, alike=True)) == [*others, (start, number + 1, step)]
