"""What the empty scene looks like, learnt from the first readings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MARGIN = 1.05
_LEAST = 1e-6
"""Keeps silence from being divided by nothing; far below the smallest step of any sensor."""


class Background:
    r"""Divides amplitudes by the largest seen in the first readings.

    `B[j] = max over the first N readings of 1.05 a[j]`, then `max(a[j] / B[j], 1)` (Acconeer Deep Learning Interface,
    "Calibrate" of the Range segment, N = 100). While B is learnt, and for `dead_readings` after that, the values are 1:
    what the empty scene gives. The Deep Learning Interface gave nothing at all for these readings.
    """

    def __init__(self, width: int, *, readings: int, dead_readings: int) -> None:
        self._learning = readings
        self._silent = readings + dead_readings
        self._background = np.full(width, _LEAST)
        self._count = 0

    def divide(self, amplitudes: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return what becomes of consecutive readings' amplitudes, float64 `(readings, width)` to the same; >= 1."""
        learning = amplitudes[: max(self._learning - self._count, 0)]
        if len(learning):
            self._background = np.maximum(self._background, _MARGIN * learning.max(axis=0).astype(np.float64))
        silent = max(self._silent - self._count, 0)
        self._count += len(amplitudes)
        divided = np.asarray(np.maximum(amplitudes / self._background, 1.0))
        divided[:silent] = 1.0
        return divided

    def reset(self) -> None:
        """Forget the background and learn it again."""
        self._background = np.full(len(self._background), _LEAST)
        self._count = 0
