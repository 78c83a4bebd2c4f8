"""What an A121 would measure of echoes that are given: the formulas, and where they come from.

The sensor sends short pulses of a 60.5 GHz carrier and samples the echo at fixed delays, one for each distance point.
A reflector at distance r with radar cross section sigma adds to the point at distance d

    z(d) = A(r) * exp(-4 ln 2 ((d - r) / w)^2) * exp(4 pi j (r - d) / wavelength)

* **Envelope**: `w` is the full width at half maximum of the profile's pulse, in metres of distance; the figures are
  those the Exploration Tool's own algorithms use (`ENVELOPE_FWHM_M` in `a121.algo`).
* **Phase**: the way there and back changes by twice the distance, so the phase turns by 4 pi per wavelength
  (Skolnik, *Introduction to Radar Systems*, section 3.1). It grows with the distance, as in recordings of a real A121.
* **Amplitude**: the radar equation in the form of Acconeer's handbook, signal to noise ratio in dB =
  loop gain of the profile + radar cross section in dB(m^2) - 40 log10(r / 1 m) + 10 log10(hwaas), with the loop gains
  the Exploration Tool uses (`RLG_PER_HWAAS_MAP`).
* **Noise**: complex and white. Averaging `hwaas` samples divides its power by `hwaas` and leaves the signal as it is.
* **Direct leakage**: what goes from the transmitting to the receiving antenna directly: an echo at distance 0 whose
  amplitude depends on nothing.
* **Range gating** follows from the envelope: what lies further than a pulse from every point is not seen.
* **Numbers**: the sensor sends real and imaginary part as 16-bit integers; what is larger is saturated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..carrier import WAVELENGTH_M
from ..reading import Channel

ENVELOPE_FWHM_M: Mapping[int, float] = {1: 0.04, 2: 0.07, 3: 0.14, 4: 0.19, 5: 0.32}
"""Full width at half maximum of each profile's envelope."""

LOOP_GAIN_DB: Mapping[int, float] = {1: 11.3, 2: 13.7, 3: 19.0, 4: 20.5, 5: 21.6}
"""Radar loop gain of each profile for one sample: signal to noise ratio of 1 m^2 at 1 m."""

NOISE_STD = 125.0
"""Standard deviation of the complex noise of one sample; a real A121 at hwaas 4 and receiver gain 15 shows 60 to 65."""

LEAKAGE_AMPLITUDE = 2000.0
"""Amplitude of the direct leakage at distance 0."""

NEAREST_M = 0.03
"""Nearer than this the radar equation does not hold (near field); the amplitude grows no further."""

FULL_SCALE = 32767

SAMPLE_S = 1.4e-6
"""About the time of one sample of one point, at the pulse repetition frequency of 15.6 MHz."""


@dataclass(frozen=True)
class SubsweepSettings:
    """What of a subsweep's configuration changes the data, apart from the geometry."""

    profile: int = 3
    hwaas: int = 8
    enable_tx: bool = True
    enable_loopback: bool = False


DEFAULT_SETTINGS = SubsweepSettings()


@dataclass(frozen=True, eq=False)
class Echoes:
    """What the point targets of a scene do at the times of the sweeps.

    `range_m` and `cross_section_m2` are float64 `(targets, sweeps)`: distance from the sensor in metres, and radar
    cross section in square metres, the antenna's pattern included.
    """

    range_m: NDArray[np.float64]
    cross_section_m2: NDArray[np.float64]


def sweep_times(
    channel: Channel, start_s: float, *, settings: SubsweepSettings = DEFAULT_SETTINGS
) -> NDArray[np.float64]:
    """Return when the sweeps of a reading that starts at `start_s` are measured: float64 `(sweeps,)`, seconds.

    Where the channel has no sweep rate the sensor sweeps as fast as it can: estimated from points and hwaas.
    """
    rate = channel.sweep_rate_hz or 1.0 / (channel.points * (settings.hwaas + 1) * SAMPLE_S)
    return start_s + np.arange(channel.sweeps) / rate


def echo_amplitude(
    range_m: NDArray[np.float64], cross_section_m2: NDArray[np.float64], *, profile: int
) -> NDArray[np.float64]:
    """Amplitude at the envelope's peak, from the radar equation (see the module's text): shape of the arguments."""
    gain = 10.0 ** (LOOP_GAIN_DB[profile] / 20.0)
    distance = np.maximum(range_m, NEAREST_M)
    amplitude: NDArray[np.float64] = NOISE_STD * gain * np.sqrt(cross_section_m2) / distance**2
    return amplitude


def noise_std(hwaas: int) -> float:
    """Return the standard deviation of the complex noise after averaging `hwaas` samples."""
    return NOISE_STD / math.sqrt(hwaas)


def frame(
    channel: Channel,
    echoes: Echoes,
    rng: np.random.Generator,
    *,
    settings: SubsweepSettings = DEFAULT_SETTINGS,
) -> NDArray[np.complex64]:
    """Return what one subsweep of one sensor measures in one reading: complex64 `(sweeps, points)`.

    `echoes` holds the targets at the times of the sweeps (see `sweep_times`). Real and imaginary part are whole
    numbers within 16 bits.
    """
    return with_noise(noiseless(channel, echoes, settings=settings), rng, settings=settings)


def noiseless(
    channel: Channel, echoes: Echoes, *, settings: SubsweepSettings = DEFAULT_SETTINGS
) -> NDArray[np.complex128]:
    """Return leakage and echoes without noise, complex128 `(sweeps, points)`, for as many sweeps as `echoes` has."""
    points = channel.distances_m
    clean = np.zeros((echoes.range_m.shape[1], channel.points), dtype=np.complex128)
    if settings.enable_tx:
        clean += leakage(points, LEAKAGE_AMPLITUDE, profile=settings.profile)
    if settings.enable_tx and not settings.enable_loopback:
        amplitude = echo_amplitude(echoes.range_m, echoes.cross_section_m2, profile=settings.profile)
        clean += superposed(points, echoes.range_m, amplitude, profile=settings.profile)
    return clean


def leakage(points_m: NDArray[np.float64], amplitude: float, *, profile: int) -> NDArray[np.complex128]:
    """Return what the direct leakage gives at each point: complex128 `(points,)`."""
    return np.asarray(amplitude * _envelope(points_m, profile) * turn(-points_m))


def superposed(
    points_m: NDArray[np.float64], range_m: NDArray[np.float64], amplitude: NDArray[np.float64], *, profile: int
) -> NDArray[np.complex128]:
    """Return the echoes of all targets at each point: complex128 `(sweeps, points)`.

    `range_m` and `amplitude`, that at the envelope's peak, are float64 `(targets, sweeps)`.
    """
    beyond = range_m[..., np.newaxis] - points_m  # (targets, sweeps, points)
    arriving = amplitude * turn(range_m)
    # The phase at a point is that of the echo's way less that of the point, the same for all targets.
    total = (arriving[..., np.newaxis] * _envelope(beyond, profile)).sum(axis=0) * turn(-points_m)
    return np.asarray(total, dtype=np.complex128)


def turn(offset_m: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return how the way there and back of an offset turns the phase: complex128 of the shape of the argument."""
    turned: NDArray[np.complex128] = np.exp((4.0j * math.pi / WAVELENGTH_M) * offset_m)
    return turned


def with_noise(
    clean: NDArray[np.complex128], rng: np.random.Generator, *, settings: SubsweepSettings = DEFAULT_SETTINGS
) -> NDArray[np.complex64]:
    """Add the sensor's noise and round as the sensor does: complex64 of the shape of `clean`."""
    sigma = noise_std(settings.hwaas) / math.sqrt(2.0)
    noise = rng.normal(0.0, sigma, size=(*clean.shape, 2))
    parts = np.ascontiguousarray(clean).view(np.float64).reshape(noise.shape) + noise
    whole = np.clip(np.rint(parts), -FULL_SCALE - 1, FULL_SCALE).astype(np.float32)
    return whole.view(np.complex64)[..., 0]


def is_saturated(matrix: NDArray[np.complex64]) -> bool:
    """Tell whether a value of a frame is at the limit of 16 bits."""
    parts = np.ascontiguousarray(matrix).view(np.float32)
    return bool(np.abs(parts).max(initial=0.0) >= FULL_SCALE)


def _envelope(offset_m: NDArray[np.float64], profile: int) -> NDArray[np.float64]:
    width = ENVELOPE_FWHM_M[profile]
    envelope: NDArray[np.float64] = np.exp(-4.0 * math.log(2.0) * (offset_m / width) ** 2)
    return envelope
