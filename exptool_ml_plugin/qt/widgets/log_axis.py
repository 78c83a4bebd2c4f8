"""A vertical axis whose logarithmic ticks never crowd."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg

_STEPS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0))
_ENOUGH = 4


class LogAxis(pg.AxisItem):  # type: ignore[misc, unused-ignore]
    """Ticks at round values: decades where there are many, else 1-3, 1-2-5 or finer; linear axes as usual."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N802, N803 - pyqtgraph's names
        """Return the ticks of one level, as logarithms."""
        if not self.logMode:
            return super().tickValues(minVal, maxVal, size)
        low, high = sorted((minVal, maxVal))
        ticks = log_ticks(low, high)
        every = max(1, math.ceil(len(ticks) / max(2.0, size / 28.0)))
        return [(1.0, ticks[::every])]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Write the ticks as they are meant."""
        return [f"{10**value * scale:.3g}" for value in values]


def log_ticks(low: float, high: float) -> list[float]:
    """Return logarithms of round numbers between two logarithms, about four of them or more."""
    ticks: list[float] = []
    for steps in _STEPS:
        decades = range(math.floor(low), math.ceil(high) + 1)
        ticks = [decade + math.log10(step) for decade in decades for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) >= _ENOUGH:
            return ticks
    # Less than about an octave: the steps are as good as linear.
    places = (low + (high - low) * (index + 0.5) / _ENOUGH for index in range(_ENOUGH))
    rounded = sorted({math.log10(float(f"{10**place:.2g}")) for place in places})
    return [tick for tick in rounded if low <= tick <= high]
