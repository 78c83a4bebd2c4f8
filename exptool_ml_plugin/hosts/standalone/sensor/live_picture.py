"""What the newest reading looks like: amplitude, phase and motion over distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....core.features.spectra import SweepSpectrum, frequencies_hz
from ....core.reading import Channel

_METRES_PER_TURN = 0.5 * 299_792_458.0 / 60.5e9
"""A target that moves half a wavelength turns the phase once; the sensors measure at 60.5 GHz."""


@dataclass(frozen=True, eq=False)
class ChannelPicture:
    """One channel of one reading.

    `amplitude` and `phase` are float64 `(points,)`: the mean over the sweeps of the magnitude, in the sensor's own
    units, and the angle of the mean sweep, in radians. `doppler` is float64 `(sweeps, points)`, the magnitude of the
    spectrum over the sweeps, receding targets last; None where there is one sweep only.
    """

    amplitude: NDArray[np.float64]
    phase: NDArray[np.float64]
    doppler: NDArray[np.float64] | None


def picture_of(matrix: NDArray[np.complex64], channel: Channel) -> ChannelPicture:
    """Return the picture of complex64 `(sweeps, points)`."""
    mean = matrix.mean(axis=0, dtype=np.complex128)
    doppler = None
    if channel.sweeps > 1:
        doppler = np.asarray(SweepSpectrum(channel, remove_mean=False).of(matrix[np.newaxis])[0], dtype=np.float64)
    return ChannelPicture(np.abs(matrix).mean(axis=0, dtype=np.float64), np.angle(mean), doppler)


def velocities_m_s(channel: Channel) -> NDArray[np.float64] | None:
    """Return the speed of each value of `doppler`, float64 `(sweeps,)`, towards the sensor negative.

    None where the sensor does not say the rate of its sweeps.
    """
    return frequencies_hz(channel) * _METRES_PER_TURN if channel.sweep_rate_hz else None
