from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from moving import AT_HALF_A_METRE, measured, noise
from synthetic import channel

from exptool_ml_plugin.core.carrier import WAVELENGTH_M
from exptool_ml_plugin.core.features.doppler_spectrum import DopplerSpectrum, DopplerSpectrumOptions
from exptool_ml_plugin.core.features.phase import Phase, PhaseOptions

ALL = ("phase", "velocity", "mean_phase", "mean_velocity")


def phase(
    options: PhaseOptions | None = None, *channels: object, outputs: tuple[str, ...] = ALL, rate_hz: float = 50.0
) -> Phase:
    return Phase(options or PhaseOptions(), outputs=outputs, channels=channels or (channel(),), reading_rate_hz=rate_hz)


def wanted(x: np.ndarray, *, forget_s: float, rate_hz: float) -> np.ndarray:
    """The documentation's formulas, value by value."""
    readings, sweeps, points = x.shape
    z = [[sum(x[n, :, d].tolist()) / sweeps for d in range(points)] for n in range(readings)]
    keep = math.exp(-1 / rate_hz / forget_s) if forget_s else 1.0
    turned, rows = [0.0] * (points + 1), []
    for n in range(readings):
        products = [z[n][d] * z[max(n - 1, 0)][d].conjugate() for d in range(points)]
        steps = [cmath.phase(product) for product in [*products, sum(products)]]
        turned = [keep * before + step for before, step in zip(turned, steps, strict=True)]
        speeds = [WAVELENGTH_M / (4 * math.pi) * step * rate_hz for step in steps]
        rows.append([*turned[:-1], *speeds[:-1], turned[-1], speeds[-1]])
    return np.array(rows)


@pytest.mark.parametrize("forget_s", [0.0, 0.3])
def test_the_rows_are_the_formulas_of_the_documentation(forget_s: float) -> None:
    x = noise(30)
    made = phase(PhaseOptions(forget_s=forget_s), rate_hz=20.0)
    rows = made.rows([x])
    assert rows.shape == (30, made.width) == (30, 14)
    np.testing.assert_allclose(rows, wanted(x, forget_s=forget_s, rate_hz=20.0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("speed_m_s", [-0.04, -0.005, 0.005, 0.04])
def test_a_target_shows_its_speed_and_the_way_it_went_positive_away_from_the_sensor(speed_m_s: float) -> None:
    made = phase(None, AT_HALF_A_METRE, outputs=("mean_phase", "mean_velocity"))
    rows = made.rows([measured(speed_m_s, readings=50)])
    np.testing.assert_allclose(rows[1:, 1], speed_m_s, rtol=0.02, atol=8e-4)
    assert rows[1:, 1].mean() == pytest.approx(speed_m_s, rel=0.01)
    way_m = rows[-1, 0] * WAVELENGTH_M / (4 * math.pi)
    assert way_m == pytest.approx(speed_m_s * 49 / 50, rel=0.01)


@pytest.mark.parametrize("speed_m_s", [-0.5, 0.5])
def test_the_sign_is_that_of_the_doppler_spectrum(speed_m_s: float) -> None:
    x = measured(speed_m_s, readings=4)
    spectrum = DopplerSpectrum(
        DopplerSpectrumOptions(scale="linear"), outputs=("mean",), channels=(AT_HALF_A_METRE,), reading_rate_hz=50.0
    )
    bins = np.argmax(spectrum.rows([x]), axis=1) - 8
    np.testing.assert_allclose(bins * 1000 / 16 * WAVELENGTH_M / 2, speed_m_s, atol=0.6 * 1000 / 16 * WAVELENGTH_M / 2)


def test_the_phase_does_not_move_where_the_echo_is_weak() -> None:
    x = np.array([100, 1j * 5, -100, -100j]).astype(np.complex64).reshape(4, 1, 1)
    one = channel(sweeps=1, points=1)
    made = phase(PhaseOptions(least_amplitude=50.0), one, outputs=("phase", "mean_phase"))
    quarter = math.pi / 2
    np.testing.assert_allclose(made.rows([x]), [[0, 0], [0, 0], [0, 0], [quarter, quarter]], atol=1e-6)


def test_each_sensor_has_its_own_phase() -> None:
    x, y = noise(9), noise(9, points=2, seed=1)
    both = phase(None, channel(), channel(sensor_id=2, points=2)).rows([x, y])
    one, two = phase().rows([x]), phase(None, channel(points=2)).rows([y])
    pieces = [(one, 0, 6), (two, 0, 2), (one, 6, 12), (two, 2, 4), (one, 12, 13), (two, 4, 5)]
    expected = [part[:, start:stop] for part, start, stop in [*pieces, (one, 13, 14), (two, 5, 6)]]
    np.testing.assert_array_equal(both, np.concatenate(expected, axis=1))
