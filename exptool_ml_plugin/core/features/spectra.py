"""The Fourier transform over the sweeps of a reading, shared by the features that look at speeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..reading import Channel
from .mean import mean


class SweepSpectrum:
    r"""Magnitude spectrum over the sweeps of one channel.

    With `x[j, d]` sweep `j` of `M` at point `d`, and `w` a Hann window of `M + 2` points without its zero ends:

    `X[f, d] = | sum_j w[j] (x[j, d] - mean_j x[j, d]) exp(-2 pi i f j / M) | / sum_j w[j]`

    for `f = -floor(M/2) ... ceil(M/2) - 1`, frequency 0 in the middle (numpy's `fftshift` order).
    """

    def __init__(self, channel: Channel, *, remove_mean: bool) -> None:
        self._window = _window(channel.sweeps)[:, None]
        self._order = np.fft.fftshift(np.arange(channel.sweeps))
        self._remove_mean = remove_mean

    def of(self, chosen: NDArray[np.complex64]) -> NDArray[np.floating]:
        """Return floats `(readings, sweeps, points)` of complex64 of the same shape."""
        moving = chosen - mean(chosen, axis=1, keepdims=True) if self._remove_mean else chosen
        transformed = np.fft.fft(moving * self._window, axis=1)
        # `take` leaves the values in the order of their memory, whatever the transform did: sums stay the same.
        return np.take(np.abs(transformed), self._order, axis=1)


def frequencies_hz(channel: Channel) -> NDArray[np.float64]:
    """Return the Doppler frequency of each value of a spectrum: float64 `(sweeps,)`, in the spectrum's order.

    Without a known sweep rate it is in parts of the sweep rate.
    """
    step = 1.0 / (channel.sweep_rate_hz or 1.0)
    return np.asarray(np.fft.fftshift(np.fft.fftfreq(channel.sweeps, step)), dtype=np.float64)


def check_sweeps(channels: Sequence[Channel]) -> list[Issue]:
    """Say where there are no sweeps to compare."""
    for channel in channels:
        if channel.sweeps < 2:
            message = (
                f"Expected at least 2 sweeps per frame of sensor {channel.sensor_id}. "
                f"Received: sweeps={channel.sweeps}. Raise 'Sweeps per frame', or use Range segment."
            )
            return [Issue("", message)]
    return []


def check_sweep_rate(channels: Sequence[Channel], *, where: str) -> list[Issue]:
    """Say where the rate of the sweeps is not known, so that their spectrum has no hertz."""
    for channel in channels:
        if not channel.sweep_rate_hz:
            message = (
                f"Expected a known sweep rate of sensor {channel.sensor_id}. Received: none. "
                "Set 'Sweep rate' in the sensor's configuration."
            )
            return [Issue(where, message)]
    return []


def _window(sweeps: int) -> NDArray[np.float64]:
    window = np.hanning(sweeps + 2)[1:-1]
    return np.asarray(window / window.sum(), dtype=np.float64)
