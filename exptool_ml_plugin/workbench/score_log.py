"""The trigger's scores of the last minute, from which a threshold can be learned."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

SECONDS = 60.0
"""How far back the scores reach."""


class ScoreLog:
    """Written by the engine's thread, read by any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rate_hz = 1.0
        self._ring = np.zeros(0)
        self._count = 0

    def clear(self, rate_hz: float) -> None:
        """Begin anew: another trigger, or another measurement, with so many readings per second."""
        with self._lock:
            self._rate_hz = rate_hz
            self._ring = np.full(max(1, round(SECONDS * rate_hz)), np.nan)
            self._count = 0

    def add(self, scores: NDArray[np.float64]) -> None:
        """Take the scores of the next readings, float64 `(n,)`, NaN where nothing was compared."""
        with self._lock:
            if len(self._ring):
                self._ring[np.arange(self._count, self._count + len(scores)) % len(self._ring)] = scores
                self._count += len(scores)

    def last(self, seconds: float) -> NDArray[np.float64]:
        """Return float64 `(n,)`: the scores of the last seconds, oldest first, NaN where nothing was compared."""
        with self._lock:
            size = len(self._ring)
            wanted = min(round(seconds * self._rate_hz), self._count, size)
            places = np.arange(self._count - wanted, self._count) % max(1, size)
            scores: NDArray[np.float64] = self._ring[places]
            return scores
