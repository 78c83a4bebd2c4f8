"""A mean over the last readings, compared with that of the first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MARGIN = 1.2
"""How much louder than in the first readings it may become before it shows, as in the Deep Learning Interface."""

_LEAST = 0.01
"""A background is not taken for less than this; presence in noise alone is about 1."""


class TimeAverage:
    """Mean of the last `readings` values; with `background` readings to learn from, as a multiple of theirs."""

    def __init__(self, readings: int, background: int) -> None:
        self._readings = readings
        self._background_readings = background
        self.reset()

    def reset(self) -> None:
        """Forget the last readings and the background."""
        self._count = 0
        self._last: NDArray[np.float64] = np.zeros((0, 0))
        self._sum: NDArray[np.float64] = np.zeros(0)
        self._background: NDArray[np.float64] = np.zeros(0)

    def update(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the time average after the newest values, float64 of their shape `(points,)`."""
        if not self._count:
            self._last = np.zeros((self._readings, *values.shape))
            self._sum = np.zeros(values.shape)
            self._background = np.full(values.shape, _LEAST)
        place = self._count % self._readings
        self._sum = self._sum + (values - self._last[place])
        self._last[place] = values
        self._count += 1
        return self._compared(self._sum / min(self._count, self._readings))

    def _compared(self, average: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self._background_readings:
            return average
        if self._count <= self._background_readings:
            self._background = np.maximum(self._background, _MARGIN * average)
            return np.ones_like(average)
        return np.maximum(average / self._background, 1.0)
