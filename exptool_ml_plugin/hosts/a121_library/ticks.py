"""Times of the readings, and readings that are missing."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

_GAPS_REMEMBERED = 50


def lost_readings(gaps_s: NDArray[np.float64], period_s: float) -> NDArray[np.int64]:
    """Return how many readings are missing in each gap between two: int64, the shape of `gaps_s`, seconds.

    A gap of a bit more than one period is late, not lost: it takes one and a half for one reading to be missing.
    """
    if period_s <= 0.0:
        return np.zeros(gaps_s.shape, dtype=np.int64)
    return np.maximum(np.rint(gaps_s / period_s).astype(np.int64) - 1, 0)


def usual_period_s(gaps_s: NDArray[np.float64], promised_s: float | None) -> float:
    """Return the time between readings: the one the sensor promised, or else the usual one; 0 where nothing is known.

    `gaps_s` is float64 `(readings - 1,)`.
    """
    if promised_s:
        return promised_s
    return float(np.median(gaps_s)) if len(gaps_s) else 0.0


class TickClock:
    """Turns the ticks of a sensor into times while they come, and gaps into lost readings."""

    def __init__(self, ticks_per_second: float, promised_period_s: float | None) -> None:
        self._ticks_per_second = ticks_per_second
        self._promised_s = promised_period_s
        self._first: int | None = None
        self._previous_s = 0.0
        self._gaps_s: deque[float] = deque(maxlen=_GAPS_REMEMBERED)

    def step(self, tick: int) -> tuple[float, int]:
        """Return the time since the first reading, and how many readings were lost before this one."""
        if self._first is None:
            self._first = tick
            return 0.0, 0
        time_s = (tick - self._first) / self._ticks_per_second
        self._gaps_s.append(time_s - self._previous_s)
        self._previous_s = time_s
        gaps_s = np.array(self._gaps_s)
        return time_s, int(lost_readings(gaps_s[-1:], usual_period_s(gaps_s, self._promised_s))[0])
