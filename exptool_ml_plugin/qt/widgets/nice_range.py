"""Vertical ranges that change seldom while a curve moves, because each change means painting axes and grid again."""

from __future__ import annotations

import math

TOP_PERCENT = 1.02
"""A little room above 100 %, so that a perfect curve is not hidden by the frame."""


def nice_range(low: float, high: float, *, percent: bool, log: bool) -> tuple[float, float]:
    """Return a range around two values whose ends are round.

    Parts of 1 (`percent`) end at tenths, logarithms (`log`) at quarters, other values at 0 or at eighths of their
    height.
    """
    if percent:
        return _tenths(low, high)
    if log:
        return math.floor(4.0 * low - 0.2) / 4.0, math.ceil(4.0 * high + 0.2) / 4.0
    step = max(high - min(low, 0.0), 1e-6) / 8.0
    # Two digits of the step keep the ends where they are while the values move a little.
    step = float(f"{step:.1g}")
    bottom = 0.0 if 0.0 <= low < 0.5 * high else math.floor(low / step - 0.2) * step
    return bottom, math.ceil(high / step + 0.2) * step


def still_fits(shown: tuple[float, float], wanted: tuple[float, float]) -> bool:
    """Tell whether a range that is shown may stay although another one is wanted: it holds it and is not far larger."""
    holds = shown[0] <= wanted[0] and wanted[1] <= shown[1]
    return holds and wanted[1] - wanted[0] >= 0.7 * (shown[1] - shown[0])


def _tenths(low: float, high: float) -> tuple[float, float]:
    bottom = max(0.0, math.floor(10.0 * low - 0.2) / 10.0)
    top = min(1.0, math.ceil(10.0 * high + 0.2) / 10.0)
    return (bottom if bottom else -0.01), (TOP_PERCENT if top == 1.0 else top)
