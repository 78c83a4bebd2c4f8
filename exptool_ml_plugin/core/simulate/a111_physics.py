"""What an A111 would measure of echoes that are given: the formulas, and where they come from.

The A111 sends the same pulses of 60.5 GHz as the A121, and the echoes arrive as `physics` says: z(d) at the point d.
Its services make different things of them (handbook of the A111, docs.acconeer.com, pages "Sparse", "IQ", "Envelope"):

* **Sparse** samples the wave itself every 6 cm: `2^15 + Re z(d) + noise`. What stands still gives a constant.
* **IQ** samples it many times per wavelength and takes the phase relative to that of the point:
  `z*(d) exp(-4 pi j d / wavelength)`, so that the phase does not change along one echo and falls with its distance, as
  in the host's own simulated A111.
* **Envelope** is the magnitude of the same, averaged over time: `E_n = f E_(n-1) + (1 - f) e_n` with the running
  average factor `f`.

* **Pulse**: the widths of the A121's profiles, `physics.ENVELOPE_FWHM_M`. The handbook ends the direct leakage at 0.06,
  0.10, 0.18, 0.36 and 0.60 m; there such a pulse is 27 to 49 dB below its peak.
* **Amplitude**: the radar equation, signal to noise ratio in dB = loop gain + radar cross section in dB(m^2)
  - 40 log10(r / 1 m) + 10 log10(hwaas). The handbook has profiles 2 to 5 at 7, 11, 13 and 16 dB over profile 1. For one
  sample of Sparse profile 1 has 5 dB: a hand waved 12 to 30 cm before a real A111 (profile 2, hwaas 60) swings by 4,000
  to 16,000 over a noise of 100. Envelope and IQ filter along the distance, which is worth some 10 dB: with profile 2 a
  hand is visible at 1 m and is not at 2 m (handbook, "Typical ranges").
* **Noise** of one sample of Sparse: a standard deviation of 775 at gain 0.5, 25 dB less at gain 0 (recordings of real
  sensors); the gain amplifies signal and noise alike. Envelope and IQ are normalised, so that their noise does not
  depend on gain or hwaas: a mean amplitude of about 100, correlated over half a pulse.
* **Direct leakage**: 54 dB over the noise of one sample at distance 0 (the same recordings).
* **Numbers**: Sparse and Envelope are 16-bit whole numbers without sign, IQ 16-bit real and imaginary parts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..reading import ENVELOPE, IQ, SPARSE, SPARSE_ZERO, Channel
from .physics import ENVELOPE_FWHM_M, FULL_SCALE, NEAREST_M, Echoes, leakage, superposed, turn

LOOP_GAIN_DB: Mapping[int, float] = {1: 5.0, 2: 12.0, 3: 16.0, 4: 18.0, 5: 21.0}
"""Radar loop gain of each profile for one sample of Sparse."""

DENSE_GAIN_DB = 10.0
"""What the filter along the distance is worth in Envelope and IQ."""

SPARSE_NOISE = 775.0
"""Standard deviation of one sample of Sparse at gain 0.5."""

DENSE_NOISE = 113.0
"""Standard deviation of the complex noise of Envelope and IQ: its mean amplitude is 100."""

GAIN_DB = 50.0
"""Amplification from gain 0 to gain 1."""

LEAKAGE_DB = 54.0
FULL_RANGE = 2**16 - 1

SAMPLE_S: Mapping[str, float] = {"A": 5.7e-7, "B": 2.4e-7}
"""Time of one sample of one point in Sparse, by sampling mode, of the sweep rates that real sensors tell."""

_FORGOTTEN = 1e-3


@dataclass(frozen=True)
class Settings:
    """What of a configuration changes the data, apart from the geometry."""

    profile: int = 2
    hwaas: int = 10
    gain: float = 0.5
    sampling_mode: str = "B"
    running_average: float = 0.7
    tx_disable: bool = False

    @property
    def amplification(self) -> float:
        """Factor of the receiver's gain, 1 at gain 0.5."""
        return float(10.0 ** (GAIN_DB * (self.gain - 0.5) / 20.0))

    @property
    def memory(self) -> int:
        """Earlier sweeps that an averaged one still knows of."""
        if self.running_average <= 0.0:
            return 0
        return min(200, math.ceil(math.log(_FORGOTTEN) / math.log(self.running_average)))


def sweep_rate_hz(channel: Channel, settings: Settings) -> float:
    """Return the rate of the sweeps of Sparse, as fast as the sensor can where none is set."""
    return channel.sweep_rate_hz or 1.0 / (channel.points * settings.hwaas * SAMPLE_S[settings.sampling_mode])


def noiseless(channel: Channel, echoes: Echoes, *, service: str, settings: Settings) -> NDArray[np.complex128]:
    """Return z(d) without noise: complex128 `(sweeps, points)`, for as many sweeps as `echoes` has."""
    points = channel.distances_m
    if settings.tx_disable:
        return np.zeros((echoes.range_m.shape[1], channel.points), dtype=np.complex128)
    noise = sample_noise(service, settings)
    gain_db = LOOP_GAIN_DB[settings.profile] + (0.0 if service == SPARSE else DENSE_GAIN_DB)
    power = 10.0 ** (gain_db / 10.0) * settings.hwaas * echoes.cross_section_m2
    amplitude = noise * np.sqrt(power) / np.maximum(echoes.range_m, NEAREST_M) ** 2
    direct = noise * math.sqrt(settings.hwaas) * 10.0 ** (LEAKAGE_DB / 20.0)
    return superposed(points, echoes.range_m, amplitude, profile=settings.profile) + leakage(
        points, direct, profile=settings.profile
    )


def sample_noise(service: str, settings: Settings) -> float:
    """Return the standard deviation of the noise in the data."""
    if service != SPARSE:
        return DENSE_NOISE
    return SPARSE_NOISE * settings.amplification / math.sqrt(settings.hwaas)


def with_noise(
    clean: NDArray[np.complex128], channel: Channel, rng: np.random.Generator, *, service: str, settings: Settings
) -> NDArray[np.complex128]:
    """Add the noise of one reading to z(d), `(sweeps, points)`."""
    sigma = sample_noise(service, settings)
    if service == SPARSE:
        return clean + rng.normal(0.0, sigma, clean.shape)
    # Filtered noise: drawn every half pulse, in between it goes over smoothly.
    spacing = max(1, round(ENVELOPE_FWHM_M[settings.profile] / 2.0 / channel.step_m))
    nodes = -(-channel.points // spacing) + 1
    drawn = rng.normal(0.0, sigma / math.sqrt(2.0), (clean.shape[0], nodes, 2))
    place, part = np.divmod(np.arange(channel.points) / spacing, 1.0)
    before, after = np.cos(0.5 * np.pi * part), np.sin(0.5 * np.pi * part)  # squares add up to 1
    left = place.astype(np.int64)
    filtered = before[:, np.newaxis] * drawn[:, left] + after[:, np.newaxis] * drawn[:, left + 1]
    return np.asarray(clean + filtered[..., 0] + 1j * filtered[..., 1])


def as_service(noisy: NDArray[np.complex128], channel: Channel, *, service: str) -> NDArray[np.complex128]:
    """Return what the service makes of z(d), before averaging and rounding."""
    if service == SPARSE:
        return SPARSE_ZERO + noisy.real.astype(np.complex128)
    if service == IQ:
        return np.asarray(noisy.conj() * turn(-channel.distances_m))
    return np.abs(noisy).astype(np.complex128)


def averaged(sweeps: list[NDArray[np.complex128]], *, service: str, settings: Settings) -> NDArray[np.complex128]:
    """Return the newest of consecutive readings, oldest first, averaged over time where the service does that."""
    if service != ENVELOPE or len(sweeps) == 1:
        return sweeps[-1]
    factor = settings.running_average
    weights = (1.0 - factor) * factor ** np.arange(len(sweeps) - 1, -1, -1)
    weights[0] /= 1.0 - factor  # it begins with the first sweep there is
    return np.asarray(np.tensordot(weights, np.stack(sweeps), axes=1))


def rounded(values: NDArray[np.complex128], *, service: str) -> NDArray[np.complex64]:
    """Return whole numbers as the sensor sends them: complex64 of the shape of `values`."""
    if service == IQ:
        parts = np.ascontiguousarray(values).view(np.float64)
        whole = np.clip(np.rint(parts), -FULL_SCALE - 1, FULL_SCALE)
        return whole.view(np.complex128).astype(np.complex64)
    return np.clip(np.rint(values.real), 0, FULL_RANGE).astype(np.complex64)


def is_saturated(matrix: NDArray[np.complex64], *, service: str) -> bool:
    """Tell whether a value is at the limit of 16 bits."""
    if service == IQ:
        return bool(np.abs(np.ascontiguousarray(matrix).view(np.float32)).max(initial=0.0) >= FULL_SCALE)
    at_bottom = service == SPARSE and bool((matrix.real <= 0).any())
    return at_bottom or bool((matrix.real >= FULL_RANGE).any())
