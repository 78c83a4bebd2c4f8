"""The simulated A111 obeys the formulas it claims to, in all three services."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from exptool_ml_plugin.core.a111 import setup_of
from exptool_ml_plugin.core.carrier import WAVELENGTH_M
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.simulate import A111_SETUPS, Echoes, SimulatedSensor, make_scene, record
from exptool_ml_plugin.core.simulate.a111_config import CONFIGS, host_attributes, session_info, settings_of
from exptool_ml_plugin.core.simulate.a111_physics import LOOP_GAIN_DB
from exptool_ml_plugin.core.simulate.physics import ENVELOPE_FWHM_M


class Target:
    """One reflector that moves steadily."""

    name = "target"

    def __init__(self, range_m: float, *, speed_m_s: float = 0.0, section_m2: float = 0.1) -> None:
        self.range_m, self.speed_m_s, self.section_m2 = range_m, speed_m_s, section_m2

    def echoes(self, times_s: np.ndarray, *, sensor_id: int = 1) -> Echoes:
        ranges = (self.range_m + self.speed_m_s * times_s)[np.newaxis]
        return Echoes(ranges, np.full_like(ranges, self.section_m2))


def setup_with(service: str, **settings: object) -> SensorSetup:
    config = {**CONFIGS[service], "hw_accelerated_average_samples": 60, **settings}
    return setup_of(config, service=service)


def measured(setup: SensorSetup, target: Target, count: int = 1) -> np.ndarray:
    """Complex64 `(count, sweeps, points)` of the first sensor."""
    sensor = SimulatedSensor(setup, target, 3)
    return np.stack([sensor.reading(index).matrices[0] for index in range(count)])


@pytest.mark.parametrize("service", A111_SETUPS)
def test_a_reading_is_the_same_whenever_it_is_asked_for(service: str) -> None:
    setup = A111_SETUPS[service]
    in_order = SimulatedSensor(setup, make_scene("push", seed=1), 2)
    readings = [in_order.reading(index).matrices[0] for index in range(80)]

    again = SimulatedSensor(setup, make_scene("push", seed=1), 2)

    for index in (79, 0, 41, 42):
        np.testing.assert_array_equal(again.reading(index).matrices[0], readings[index])


@pytest.mark.parametrize("service", A111_SETUPS)
def test_the_sensors_answer_and_its_data_have_the_setups_geometry(service: str) -> None:
    config = {**CONFIGS[service], "sensor": [1, 3], "range_interval": [0.21, 0.55]}
    setup = setup_of(config, service=service)

    told = setup_of(config, service=service, info=session_info(setup))

    assert told.sensor_ids == setup.sensor_ids == (1, 3)
    for known, expected in zip(told.channels, setup.channels, strict=True):
        assert (known.sweeps, known.points) == (expected.sweeps, expected.points)
        assert known.start_m == pytest.approx(expected.start_m)
        assert known.step_m == pytest.approx(expected.step_m)
    matrices = SimulatedSensor(setup, make_scene("still")).reading(0).matrices
    assert [matrix.shape for matrix in matrices] == [(c.sweeps, c.points) for c in setup.channels]
    assert all(matrix.dtype == np.complex64 for matrix in matrices)


def test_the_geometry_is_that_of_real_sensors() -> None:
    sparse = setup_of({**CONFIGS["sparse"], "range_interval": [1.0, 3.0], "downsampling_factor": 2}, service="sparse")
    assert sparse.channels[0].points == 17
    assert sparse.channels[0].start_m == pytest.approx(1.0209278, abs=1e-6)
    assert sparse.channels[0].step_m == pytest.approx(0.1201092, abs=1e-6)
    dense = setup_of(
        {**CONFIGS["envelope"], "range_interval": [0.2, 0.6], "downsampling_factor": 1}, service="envelope"
    )
    assert (dense.channels[0].points, dense.channels[0].start_m, dense.channels[0].end_m) == (827, 0.2, 0.6)


def test_sparse_is_the_wave_itself_around_its_zero() -> None:
    setup = setup_with("sparse", sweeps_per_frame=64)
    at = int(np.argmin(np.abs(setup.channels[0].distances_m - 0.36)))

    still = measured(setup, Target(0.36))[0, :, at].real
    speed = 0.5
    moving = measured(setup, Target(0.35, speed_m_s=speed, section_m2=1.0))[0, :, at].real - 2**15

    assert np.ptp(still) < 900, "what stands still is constant but for the noise"
    spectrum = np.abs(np.fft.rfft((moving - moving.mean()) * np.hanning(64)))
    peak_hz = np.argmax(spectrum) * 2000.0 / 64
    assert peak_hz == pytest.approx(2 * speed / WAVELENGTH_M, abs=2000.0 / 64)
    assert not measured(setup, Target(0.36)).imag.any()


def test_the_phase_of_iq_is_the_same_along_an_echo_and_falls_with_its_distance() -> None:
    setup = setup_with("iq", range_interval=[0.3, 0.5])
    near, beyond = (measured(setup, Target(r, section_m2=0.1))[0, 0] for r in (0.4, 0.4 + WAVELENGTH_M / 8))
    at = int(np.argmax(np.abs(near)))

    along = np.angle(near[at - 8 : at + 9] * near[at].conj())

    assert np.abs(along).max() < 0.05
    assert np.angle(beyond[at] * near[at].conj()) == pytest.approx(-np.pi / 2, abs=0.05)


@pytest.mark.parametrize("profile", [1, 2, 3, 4, 5])
def test_the_envelope_peaks_at_the_target_with_the_pulses_width(profile: int) -> None:
    settings = {"profile": f"PROFILE_{profile}", "range_interval": [0.6, 1.4], "running_average_factor": 0.0}
    setup = setup_with("envelope", **settings)
    amplitude = measured(setup, Target(1.0, section_m2=2.0))[0, 0].real
    distances = setup.channels[0].distances_m

    above_half = distances[amplitude >= amplitude.max() / 2.0]

    assert distances[amplitude.argmax()] == pytest.approx(1.0, abs=0.02)
    assert above_half[-1] - above_half[0] == pytest.approx(ENVELOPE_FWHM_M[profile], rel=0.12)


def test_the_running_average_is_the_recursion_of_the_handbook() -> None:
    plain = measured(setup_with("envelope", running_average_factor=0.0), Target(0.4, speed_m_s=0.2), 40).real
    smoothed = measured(setup_with("envelope", running_average_factor=0.6), Target(0.4, speed_m_s=0.2), 40).real

    expected = plain[0]
    for index in range(1, 40):
        expected = 0.6 * expected + 0.4 * plain[index]
        np.testing.assert_allclose(smoothed[index], expected, rtol=2e-3, atol=6)


@pytest.mark.parametrize("hwaas", [10, 60])
@pytest.mark.parametrize("profile", [1, 2, 3, 4, 5])
def test_the_echo_in_sparse_is_as_much_over_the_noise_as_the_radar_equation_says(profile: int, hwaas: int) -> None:
    settings = {"profile": f"PROFILE_{profile}", "hw_accelerated_average_samples": hwaas, "sweeps_per_frame": 500}
    setup = setup_with("sparse", range_interval=[0.6, 0.6], **settings)
    point = setup.channels[0].start_m
    away = Target(30.0)
    noise = measured(setup, away)[0, :, 0].real.std()

    echo = measured(setup, Target(point, section_m2=1.0))[0, :, 0].real.mean() - measured(setup, away)[0].real.mean()

    wanted_db = LOOP_GAIN_DB[profile] - 40 * math.log10(point) + 10 * math.log10(hwaas)
    assert 20 * math.log10(echo / noise) == pytest.approx(wanted_db, abs=1.0)
    assert noise == pytest.approx(775 / math.sqrt(hwaas), rel=0.15)


def test_less_gain_is_less_of_everything_in_sparse_and_nothing_in_envelope() -> None:
    levels = {}
    for service in ("sparse", "envelope"):
        for gain in (0.0, 0.5):
            setup = setup_with(service, gain=gain, range_interval=[0.5, 0.7], running_average_factor=0.0)
            zero = 2**15 if service == "sparse" else 0
            levels[service, gain] = np.abs(measured(setup, Target(0.6, section_m2=0.5))[0].real - zero).max()

    assert 20 * math.log10(levels["sparse", 0.5] / levels["sparse", 0.0]) == pytest.approx(25.0, abs=1.5)
    assert levels["envelope", 0.5] == levels["envelope", 0.0]


def test_the_noise_of_the_envelope_is_about_100_and_alike_within_half_a_pulse() -> None:
    setup = setup_with("envelope", range_interval=[1.0, 3.0], downsampling_factor=1, running_average_factor=0.0)
    noise = measured(setup, Target(30.0), 20)[:, 0].real

    assert noise.mean() == pytest.approx(100, rel=0.1)
    deviation = noise - noise.mean()
    apart = [np.mean(deviation[:, :-k] * deviation[:, k:]) / deviation.var() for k in (2, 300)]
    assert apart[0] > 0.9
    assert abs(apart[1]) < 0.2


@pytest.mark.parametrize("service", A111_SETUPS)
def test_too_strong_an_echo_is_cut_at_16_bits_and_flagged(service: str) -> None:
    setup = setup_with(service, range_interval=[0.3, 0.42], hw_accelerated_average_samples=63)
    reading = SimulatedSensor(setup, Target(0.36, section_m2=5e4)).reading(0)

    assert reading.quality.saturated
    parts = [reading.matrices[0].real, reading.matrices[0].imag]
    assert max(np.abs(part).max() for part in parts) in ((2**15 - 1, 2**15) if service == "iq" else (2**16 - 1,))
    assert SimulatedSensor(setup, Target(3.0)).reading(0).quality.good


def test_without_a_transmitter_there_is_only_noise() -> None:
    setup = setup_with("sparse", tx_disable=True, gain=0.5)
    assert np.abs(measured(setup, Target(0.36, section_m2=10.0))[0].real - 2**15).max() < 600


def test_a_sweep_rate_that_is_not_set_is_about_that_of_real_sensors() -> None:
    for mode, points, hwaas, real_hz in (("A", 5, 32, 10947.0), ("B", 17, 63, 3914.0)):
        config = {
            **CONFIGS["sparse"],
            "range_interval": [0.06, 0.06 * points],
            "sweep_rate": None,
            "sampling_mode": mode,
            "hw_accelerated_average_samples": hwaas,
        }
        setup = setup_of(config, service="sparse")
        assert setup.channels[0].points == points
        assert session_info(setup)["sweep_rate"] == pytest.approx(real_hz, rel=0.03)


def test_a_setup_without_the_hosts_configuration_is_measured_by_its_geometry() -> None:
    setup = SensorSetup("a111", (Channel(2, 0, 8, 4, 0.24, 0.06, 1000.0),), 25.0, service="sparse")

    recording = record(setup, "push", 1.0, name="bare")

    assert recording.matrices[0].shape == (25, 8, 4)
    assert settings_of(setup).hwaas == 60
    config = json.loads(host_attributes(setup, identity="x")["sensor_config_dump"])
    assert (config["sensor"], config["sweeps_per_frame"], config["update_rate"]) == ([2], 8, 25.0)


def test_several_sensors_see_the_hand_from_where_they_stand() -> None:
    setup = setup_of({**CONFIGS["envelope"], "sensor": [1, 4]}, service="envelope")
    first, fourth = (matrix.real for matrix in record(setup, "still", 0.2, name="two").matrices)
    assert first.max() > 1.5 * fourth.max(), "the hand is before sensor 1"


def test_a_configuration_with_odd_values_is_measured_all_the_same() -> None:
    odd = {"profile": "unknown", "hw_accelerated_average_samples": None, "gain": "high", "sampling_mode": 7}
    for service, setup in A111_SETUPS.items():
        config = json.dumps({**CONFIGS[service], **odd, "running_average_factor": 1.0})
        reading = SimulatedSensor(replace(setup, host_config=config), make_scene("push")).reading(3)
        assert np.isfinite(reading.matrices[0]).all()
