from __future__ import annotations

import numpy as np
import pytest
from synthetic import channel

from exptool_ml_plugin.core.features.doppler_spectrum import DopplerSpectrum, DopplerSpectrumOptions
from exptool_ml_plugin.core.issues import Severity

LINEAR = DopplerSpectrumOptions(scale="linear")


def spectrum(
    options: DopplerSpectrumOptions = LINEAR, *channels: object, outputs: tuple[str, ...] = ("mean",)
) -> DopplerSpectrum:
    return DopplerSpectrum(options, outputs=outputs, channels=channels or (channel(),), reading_rate_hz=50.0)


def tone(bin_from_middle: float, *, sweeps: int = 16, points: int = 6, amplitude: float = 800.0) -> np.ndarray:
    phase = 2j * np.pi * bin_from_middle * np.arange(sweeps) / sweeps
    return (amplitude * np.exp(phase)[:, None] * np.ones(points)).astype(np.complex64)


def test_the_row_is_the_formula_of_the_documentation() -> None:
    random = np.random.default_rng(0)
    x = (random.standard_normal((16, 6)) + 1j * random.standard_normal((16, 6))).astype(np.complex64)
    window = np.hanning(18)[1:-1]
    expected = np.zeros(16)
    for row, f in enumerate(range(-8, 8)):
        for d in range(6):
            turned = window * (x[:, d] - x[:, d].mean()) * np.exp(-2j * np.pi * f * np.arange(16) / 16)
            expected[row] += abs(turned.sum()) / window.sum() / 6
    np.testing.assert_allclose(spectrum().row([x]), expected, rtol=1e-5)


@pytest.mark.parametrize("direction", [3, -3])
def test_the_direction_of_motion_shows_in_the_half_of_the_spectrum(direction: int) -> None:
    row = spectrum().row([tone(direction)])
    assert int(np.argmax(row)) == 8 + direction
    assert row[8 + direction] == pytest.approx(800.0, rel=1e-3), "the window's gain is divided out"
    assert row[8 - direction] < 1.0


def test_what_stands_still_is_removed_or_kept() -> None:
    still = tone(0)
    assert spectrum().row([still]).max() < 1e-2
    kept = spectrum(DopplerSpectrumOptions(scale="linear", remove_mean=False)).row([still])
    assert int(np.argmax(kept)) == 8


def test_mean_maximum_and_full_say_the_same_thing_differently() -> None:
    x = tone(2) * np.arange(1, 7)
    made = spectrum(LINEAR, outputs=("mean", "max", "full"))
    row = made.row([x.astype(np.complex64)])
    assert made.width == len(row) == 16 + 16 + 96
    full = row[32:].reshape(6, 16)
    np.testing.assert_allclose(row[:16], full.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(row[16:32], full.max(axis=0), rtol=1e-5)
    assert np.argmax(full.max(axis=1)) == 5, "distance by distance, the nearest first"


def test_the_logarithmic_scales_have_their_floor_at_an_amplitude_of_one() -> None:
    silence = np.zeros((16, 6), dtype=np.complex64)
    assert spectrum(DopplerSpectrumOptions(scale="log1p")).row([silence]).tolist() == [0.0] * 16
    assert spectrum(DopplerSpectrumOptions(scale="db")).row([silence]).tolist() == [0.0] * 16
    loud = tone(3, amplitude=1000.0)
    assert spectrum(DopplerSpectrumOptions(scale="db")).row([loud])[11] == pytest.approx(60.0, abs=0.01)
    assert spectrum(DopplerSpectrumOptions(scale="log1p")).row([loud])[11] == pytest.approx(np.log(1001.0), abs=1e-3)


def test_sensors_with_different_sweeps_stand_side_by_side() -> None:
    one, two = channel(sweeps=16), channel(sensor_id=2, sweeps=9, points=2)
    made = spectrum(LINEAR, one, two, outputs=("mean", "full"))
    row = made.row([tone(3), tone(-2, sweeps=9, points=2)])
    assert made.width == len(row) == 16 + 9 + 96 + 18
    assert row.dtype == np.float32
    assert int(np.argmax(row[16:25])) == 4 - 2, "an odd number of sweeps has its zero in the middle too"


def test_one_sweep_per_reading_is_an_error_that_names_the_setting() -> None:
    (issue,) = DopplerSpectrum.check(DopplerSpectrumOptions(), (channel(sweeps=1),))
    assert issue.severity is Severity.ERROR
    assert "Sweeps per frame" in issue.message


@pytest.mark.parametrize("sweeps", [2, 3, 16, 33])
def test_the_defaults_fit_any_setup_with_sweeps(sweeps: int) -> None:
    one = channel(sweeps=sweeps, points=1, start_m=2.5)
    assert DopplerSpectrum.check(DopplerSpectrumOptions(), (one,)) == []
    row = spectrum(DopplerSpectrumOptions(), one).row([tone(1, sweeps=sweeps, points=1)])
    assert len(row) == sweeps
    assert np.isfinite(row).all()
    assert row.max() > 0


def test_the_profile_is_the_mean_over_the_speeds_that_pass() -> None:
    x = (tone(2) * np.arange(1, 7)).astype(np.complex64)
    made = spectrum(DopplerSpectrumOptions(scale="linear", high_pass_hz=100.0), outputs=("profile", "full"))
    row = made.row([x])
    assert made.width == len(row) == 6 + 96
    full = row[6:].reshape(6, 16)
    np.testing.assert_allclose(row[:6], full.sum(axis=1) / 13, rtol=1e-5)


def test_the_high_pass_takes_away_slow_motion_in_both_directions_and_keeps_the_rest() -> None:
    x = tone(1) + tone(-5)  # 62.5 Hz and 312.5 Hz at 1000 Hz
    plain = spectrum().row([x])
    passed = spectrum(DopplerSpectrumOptions(scale="linear", high_pass_hz=125.0)).row([x])
    assert passed[7:10].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_array_equal(np.delete(passed, [7, 8, 9]), np.delete(plain, [7, 8, 9]))


@pytest.mark.parametrize(("rate_hz", "high_pass_hz"), [(None, 10.0), (1000.0, 501.0)])
def test_a_high_pass_without_a_known_rate_or_above_all_speeds_is_an_error(
    rate_hz: float | None, high_pass_hz: float
) -> None:
    options = DopplerSpectrumOptions(high_pass_hz=high_pass_hz)
    (issue,) = DopplerSpectrum.check(options, (channel(sweep_rate_hz=rate_hz),))
    assert (issue.where, issue.severity) == ("high_pass_hz", Severity.ERROR)
    assert DopplerSpectrum.check(DopplerSpectrumOptions(), (channel(sweep_rate_hz=rate_hz),)) == []


def test_above_the_noise_floor_is_what_is_louder_than_usual() -> None:
    random = np.random.default_rng(0)
    shape = (1500, 16, 6)
    x = (100 * (random.standard_normal(shape) + 1j * random.standard_normal(shape))).astype(np.complex64)
    x[1000:1030] += tone(3)
    made = spectrum(DopplerSpectrumOptions(scale="linear", noise_floor_s=2.0))
    rows = made.rows([x])
    quiet = rows[500:1000]
    assert np.mean(quiet < 1.0) == pytest.approx(0.25, abs=0.05), "a quarter is below the lower quartile"
    assert rows[1015, 11] > 4 * quiet[:, 11].max(), "motion of half a second has not become usual"
    made.reset()
    np.testing.assert_array_equal(made.rows([x[:10]]), rows[:10])
