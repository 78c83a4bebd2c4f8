from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from moving import AT_HALF_A_METRE, measured, noise
from synthetic import channel

from exptool_ml_plugin.core.carrier import WAVELENGTH_M
from exptool_ml_plugin.core.features.slow_time import SlowTime, SlowTimeOptions
from exptool_ml_plugin.core.issues import Severity

ALL = ("variance", "covariance", "correlation", "angle")


def slow_time(options: SlowTimeOptions, *channels: object, outputs: tuple[str, ...] = ALL) -> SlowTime:
    return SlowTime(options, outputs=outputs, channels=channels or (channel(),), reading_rate_hz=50.0)


def outputs_of(covariance: complex, variance: float, earlier: float) -> list[float]:
    power = math.sqrt(variance * earlier)
    share = min(abs(covariance) / power, 1.0) if power else 0.0
    return [variance, abs(covariance), share, cmath.phase(covariance)]


@pytest.mark.parametrize("lag", [1, 5, 15])
def test_over_the_sweeps_the_rows_are_the_formulas_of_the_documentation(lag: int) -> None:
    x = noise(3)
    rows = slow_time(SlowTimeOptions(lag=lag, scale="linear")).rows([x])
    for n in range(3):
        for d in range(6):
            y = [complex(v) - complex(np.mean(x[n, :, d], dtype=complex)) for v in x[n, :, d]]
            variance = sum(abs(v) ** 2 for v in y) / 16
            covariance = sum(y[j] * y[j - lag].conjugate() for j in range(lag, 16)) / 16
            np.testing.assert_allclose(rows[n, d::6], outputs_of(covariance, variance, variance), rtol=1e-5)


@pytest.mark.parametrize("lag", [1, 4])
def test_over_readings_the_rows_are_the_formulas_of_the_documentation(lag: int) -> None:
    x = noise(30, sweeps=3, points=2)
    made = slow_time(SlowTimeOptions(over="readings", lag=lag, window=8, scale="linear"), channel(sweeps=3, points=2))
    rows = made.rows([x])
    for d in range(2):
        mean, covariance, variances, y = 0j, 0j, [0.0] * lag, [0j] * lag
        for n in range(30):
            w = 1 / min(n + 1, 8)
            z = complex(np.mean(x[n, :, d], dtype=complex))
            mean += w * (z - mean)
            y.append(z - mean)
            variances.append(variances[-1] + w * (abs(y[-1]) ** 2 - variances[-1]))
            covariance += w * (y[-1] * y[-1 - lag].conjugate() - covariance)
            expected = outputs_of(covariance, variances[-1], variances[-1 - lag])
            np.testing.assert_allclose(rows[n, d::2], expected, rtol=1e-4, atol=1e-4)


def test_one_sweep_per_reading_compares_readings() -> None:
    x, one = noise(10, sweeps=1), channel(sweeps=1)
    by_itself = slow_time(SlowTimeOptions(), one).rows([x])
    np.testing.assert_array_equal(by_itself, slow_time(SlowTimeOptions(over="readings"), one).rows([x]))
    assert np.isfinite(by_itself).all()
    assert by_itself[-1, :6].min() > 0


@pytest.mark.parametrize("speed_m_s", [-0.6, 0.6])
def test_the_angle_is_the_way_moved_from_sweep_to_sweep(speed_m_s: float) -> None:
    made = slow_time(SlowTimeOptions(), AT_HALF_A_METRE, outputs=("angle", "correlation"))
    row = made.rows([measured(speed_m_s, readings=5)])[2]
    speed = row[:5] * WAVELENGTH_M / (4 * math.pi) * 1000
    np.testing.assert_allclose(speed, speed_m_s, rtol=0.1)
    assert row[5:].min() > 0.8, "the same echo moves on"


def test_noise_has_little_correlation() -> None:
    rows = slow_time(SlowTimeOptions(), outputs=("correlation",)).rows([noise(100)])
    assert rows.mean() < 0.35


def test_decibels_are_those_of_a_power() -> None:
    x = np.array([[[100], [-100]]]).astype(np.complex64)
    made = slow_time(SlowTimeOptions(scale="db"), channel(sweeps=2, points=1), outputs=("variance",))
    assert made.rows([x])[0] == pytest.approx(40.0)


def test_a_lag_that_leaves_no_sweeps_is_an_error() -> None:
    (issue,) = SlowTime.check(SlowTimeOptions(lag=16), (channel(),))
    assert (issue.where, issue.severity) == ("lag", Severity.ERROR)
    assert SlowTime.check(SlowTimeOptions(lag=15), (channel(),)) == []
    assert SlowTime.check(SlowTimeOptions(lag=16, over="readings"), (channel(),)) == []
