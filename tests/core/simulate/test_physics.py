"""The simulated sensor obeys the formulas it claims to."""

from __future__ import annotations

import numpy as np
import pytest

from exptool_ml_plugin.core.carrier import CARRIER_HZ, SPEED_OF_LIGHT_M_S
from exptool_ml_plugin.core.reading import Channel
from exptool_ml_plugin.core.simulate import Echoes, SubsweepSettings, frame, is_saturated, sweep_times
from exptool_ml_plugin.core.simulate.physics import (
    ENVELOPE_FWHM_M,
    FULL_SCALE,
    echo_amplitude,
    noise_std,
)

CHANNEL = Channel(sensor_id=1, subsweep=0, sweeps=16, points=400, start_m=0.5, step_m=0.0025, sweep_rate_hz=2000.0)
STRONG_M2 = 10.0


def target(times_s: np.ndarray, *, start_m: float, speed_m_s: float = 0.0, section_m2: float = STRONG_M2) -> Echoes:
    ranges = (start_m + speed_m_s * times_s)[np.newaxis]
    return Echoes(ranges, np.full_like(ranges, section_m2))


def measured(echoes: Echoes, *, channel: Channel = CHANNEL, **settings: object) -> np.ndarray:
    return frame(channel, echoes, np.random.default_rng(0), settings=SubsweepSettings(hwaas=500, **settings))


@pytest.mark.parametrize("speed", [-0.8, -0.1, 0.3, 1.0])
def test_the_phase_turns_between_sweeps_by_four_pi_of_the_way_in_wavelengths(speed: float) -> None:
    times = sweep_times(CHANNEL, 0.0)
    matrix = measured(target(times, start_m=0.9, speed_m_s=speed))
    at_target = matrix[:, np.argmin(np.abs(CHANNEL.distances_m - 0.9))]

    steps = np.angle(at_target[1:] * at_target[:-1].conj())

    wavelength = SPEED_OF_LIGHT_M_S / CARRIER_HZ
    assert np.median(steps) == pytest.approx(4.0 * np.pi * speed / CHANNEL.sweep_rate_hz / wavelength, abs=0.01)


def test_readings_go_on_where_the_phase_of_the_one_before_them_pointed() -> None:
    whole = sweep_times(CHANNEL, 0.0)
    later = sweep_times(CHANNEL, whole[8])

    assert later[0] == whole[8]
    first = measured(target(whole, start_m=0.9, speed_m_s=0.5))[8]
    second = measured(target(later, start_m=0.9, speed_m_s=0.5))[0]
    assert np.angle(np.vdot(first, second)) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("profile", [1, 2, 3, 4, 5])
def test_the_amplitude_peaks_at_the_target_with_the_width_of_the_profile(profile: int) -> None:
    echoes = target(sweep_times(CHANNEL, 0.0), start_m=1.0)
    amplitude = np.abs(measured(echoes, profile=profile)).mean(axis=0)

    above_half = CHANNEL.distances_m[amplitude >= amplitude.max() / 2.0]
    assert CHANNEL.distances_m[amplitude.argmax()] == pytest.approx(1.0, abs=0.01)
    assert above_half[-1] - above_half[0] == pytest.approx(ENVELOPE_FWHM_M[profile], rel=0.07)


def test_the_amplitude_falls_with_the_square_of_the_distance() -> None:
    near, far = echo_amplitude(np.array([0.5, 1.0]), np.array([0.01, 0.01]), profile=3)

    assert near / far == pytest.approx(4.0)


def test_the_signal_to_noise_ratio_is_that_of_the_radar_equation() -> None:
    section, distance, hwaas = 0.1, 1.0, 16
    amplitude = echo_amplitude(np.array([distance]), np.array([section]), profile=3)[0]

    ratio_db = 20.0 * np.log10(amplitude / noise_std(hwaas))

    loop_gain_db = 19.0
    assert ratio_db == pytest.approx(loop_gain_db + 10 * np.log10(section) + 10 * np.log10(hwaas), abs=1e-6)


@pytest.mark.parametrize("hwaas", [1, 4, 16, 64])
def test_the_noise_falls_with_the_root_of_hwaas(hwaas: int) -> None:
    nothing = Echoes(np.empty((0, CHANNEL.sweeps)), np.empty((0, CHANNEL.sweeps)))
    settings = SubsweepSettings(hwaas=hwaas, enable_tx=False)
    matrix = frame(CHANNEL, nothing, np.random.default_rng(1), settings=settings)

    assert matrix.std() == pytest.approx(noise_std(1) / np.sqrt(hwaas), rel=0.05)


def test_without_the_transmitter_there_is_only_noise() -> None:
    echoes = target(sweep_times(CHANNEL, 0.0), start_m=1.0)

    assert np.abs(measured(echoes, enable_tx=False)).max() < 10 * noise_std(500)


def test_what_is_a_pulse_away_from_every_point_is_not_seen() -> None:
    echoes = target(sweep_times(CHANNEL, 0.0), start_m=CHANNEL.end_m + 0.5)

    assert np.abs(measured(echoes, profile=3)).max() < 10 * noise_std(500)


def test_the_direct_leakage_stands_at_distance_zero_whatever_the_scene() -> None:
    channel = Channel(sensor_id=1, subsweep=0, sweeps=4, points=100, start_m=0.0, step_m=0.0025, sweep_rate_hz=1000.0)
    nothing = Echoes(np.empty((0, 4)), np.empty((0, 4)))

    amplitude = np.abs(measured(nothing, channel=channel)).mean(axis=0)

    assert amplitude.argmax() == 0
    assert amplitude[0] == pytest.approx(2000.0, rel=0.02)


def test_values_are_whole_numbers_and_stop_at_16_bits() -> None:
    matrix = measured(target(sweep_times(CHANNEL, 0.0), start_m=0.5, section_m2=1e4))

    parts = np.stack([matrix.real, matrix.imag])
    assert matrix.dtype == np.complex64
    assert np.array_equal(parts, np.rint(parts))
    assert np.abs(parts).max() <= FULL_SCALE + 1
    assert is_saturated(matrix)


def test_a_channel_without_a_sweep_rate_sweeps_as_fast_as_its_points_allow() -> None:
    few = Channel(sensor_id=1, subsweep=0, sweeps=8, points=5, start_m=0.1, step_m=0.06)
    many = Channel(sensor_id=1, subsweep=0, sweeps=8, points=50, start_m=0.1, step_m=0.06)

    assert np.ptp(sweep_times(few, 1.0)) * 10 == pytest.approx(np.ptp(sweep_times(many, 1.0)))
