"""A target that moves at a steady speed, measured by the simulated sensor; and noise."""

from __future__ import annotations

import numpy as np
from synthetic import channel, setup_of

from exptool_ml_plugin.core.reading import Channel
from exptool_ml_plugin.core.simulate import Echoes, SimulatedSensor

AT_HALF_A_METRE = channel(start_m=0.44, step_m=0.03, points=5)


class Moving:
    """One reflector, at 0.5 m in the middle of the time; the speed is positive away from the sensor."""

    name = "moving"

    def __init__(self, speed_m_s: float, middle_s: float) -> None:
        self.speed_m_s = speed_m_s
        self.middle_s = middle_s

    def echoes(self, times_s: np.ndarray, *, sensor_id: int = 1) -> Echoes:
        range_m = 0.5 + self.speed_m_s * (times_s[np.newaxis] - self.middle_s)
        return Echoes(range_m, np.full_like(range_m, 0.05))


def measured(speed_m_s: float, *, readings: int, one: Channel = AT_HALF_A_METRE) -> np.ndarray:
    """complex64 (readings, sweeps, points) of the moving target, 50 readings a second."""
    setup = setup_of(one)
    sensor = SimulatedSensor(setup, Moving(speed_m_s, readings / setup.reading_rate_hz / 2))
    return np.stack([sensor.reading(index).matrices[0] for index in range(readings)])


def noise(readings: int, sweeps: int = 16, points: int = 6, seed: int = 0) -> np.ndarray:
    """complex64 (readings, sweeps, points)."""
    random = np.random.default_rng(seed)
    shape = (readings, sweeps, points)
    return (100 * (random.standard_normal(shape) + 1j * random.standard_normal(shape))).astype(np.complex64)
