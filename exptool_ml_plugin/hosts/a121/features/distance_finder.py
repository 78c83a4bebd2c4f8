"""Echoes in the mean sweep of one channel; the host's library is imported when a finder is made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....core.reading import Channel
from ....core.simulate.physics import ENVELOPE_FWHM_M

_GUARD_PULSES = 2.0
_WINDOW_PULSES = 0.25
"""Half of `CFAR_GUARD_LENGTH_ADJUSTMENT`, and `CFAR_WINDOW_LENGTH_ADJUSTMENT`, of the host's distance processor."""

_NO_FILTER_PROFILE = 1
"""Whose pulse tells the surroundings of an echo where no profile is said: the shortest."""

_BASE_STEP_M = 0.0025
_FEWEST_TO_FILTER = 7
"""SciPy's `filtfilt` continues a sweep at its ends by three times the filter's two coefficients."""


class DistanceFinder:
    """Finds echoes in `points` of a channel; `options` are those of the distance feature."""

    def __init__(self, channel: Channel, points: slice, options: Any) -> None:
        from acconeer.exptool.a121 import Profile
        from acconeer.exptool.a121.algo import find_peaks, get_distance_filter_coeffs, interpolate_peaks
        from scipy.signal import filtfilt

        # Typed loosely, or not at all, there.
        self._find_peaks: Any = find_peaks
        self._interpolate_peaks: Any = interpolate_peaks
        self._filter: Any = filtfilt
        self._options = options
        self._step_m = channel.step_m or 1.0
        self._start_m = channel.start_m + points.start * channel.step_m
        count = points.stop - points.start
        self._coefficients = None
        if options.profile and count >= _FEWEST_TO_FILTER and _is_finer(channel.step_m, options.profile):
            step = channel.step_m / _BASE_STEP_M
            self._coefficients = get_distance_filter_coeffs(Profile(options.profile), step)
        around = training_points(count, channel.step_m, options.profile)
        sizes = around.sum(axis=1, keepdims=True)
        self._around = around / np.maximum(sizes, 1)
        # Nothing rises above what cannot be told.
        self._least = np.where(sizes[:, 0] > 0, 0.0, np.inf)

    def smoothed(self, matrix: NDArray[np.complex64]) -> NDArray[np.float64]:
        """Return the smoothed amplitude, float64 `(points,)`, of complex64 `(sweeps, points)`."""
        sweep = np.abs(matrix.mean(axis=0).astype(np.complex128))
        if self._coefficients is not None:
            # The filter's ends may swing below an amplitude of 0.
            sweep = np.maximum(self._filter(*self._coefficients, sweep), 0.0)
        return np.asarray(sweep, dtype=np.float64)

    def echoes(self, sweep: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return distances (metres) and amplitudes of the echoes in a smoothed sweep: float64, nearest first."""
        if len(sweep) < 3:
            return np.zeros(0), np.zeros(0)
        peaks = self._find_peaks(sweep, self._threshold(sweep))
        found = self._interpolate_peaks(sweep, peaks, self._start_m / self._step_m, 1, self._step_m)
        distances_m, amplitudes = (np.array(values, dtype=np.float64) for values in found)
        return distances_m, amplitudes

    def _threshold(self, sweep: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return float64 `(points,)`, infinite where there are no surroundings."""
        if self._options.threshold == "fixed":
            return np.full(len(sweep), float(self._options.amplitude))
        return np.asarray(self._options.factor * (self._around @ sweep) + self._least, dtype=np.float64)


def training_points(count: int, step_m: float, profile: int) -> NDArray[np.bool_]:
    """Return which points are the surroundings of which: bool `(points, points)`, row `d` for the echo at point `d`."""
    pulse = ENVELOPE_FWHM_M[profile or _NO_FILTER_PROFILE] / (step_m or 1.0)
    guard = int(_GUARD_PULSES * pulse)
    window = max(int(_WINDOW_PULSES * pulse), 1)
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    return np.asarray((apart > guard) & (apart <= guard + window))


def _is_finer(step_m: float, profile: int) -> bool:
    return 0.0 < step_m < ENVELOPE_FWHM_M[profile]
