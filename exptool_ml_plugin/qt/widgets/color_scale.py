"""The range of values that a live picture shows in its colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RELAX = 0.05
"""Part of the way a scale goes back to quieter values with each picture."""


class ColorScale:
    """Maps values to 0 … 1, each part of the row by its own range.

    Features have units of their own: one scale for all would show nothing but the largest. A range widens at once
    and narrows slowly, so that a live picture does not flicker.
    """

    def __init__(self) -> None:
        self._ranges: dict[tuple[int, int], tuple[float, float]] = {}

    def reset(self) -> None:
        """Let the next picture alone decide."""
        self._ranges.clear()

    def apply(self, values: NDArray[np.float32], parts: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
        """Return float32 `(time_steps, width)` within 0 … 1; `parts` are the first and last + 1 position of each.

        Positions that are in no part share one range. What is no number is shown as 0.
        """
        width = values.shape[1]
        scaled = np.zeros_like(values)
        rest = np.ones(width, dtype=bool)
        for start, stop in parts:
            rest[start:stop] = False
            scaled[:, start:stop] = self._scaled(values[:, start:stop], (start, stop))
        if rest.any():
            scaled[:, rest] = self._scaled(values[:, rest], (0, width))
        return scaled

    def _scaled(self, values: NDArray[np.float32], key: tuple[int, int]) -> NDArray[np.float32]:
        finite = values[np.isfinite(values)]
        if not finite.size:
            return np.zeros_like(values)
        low, high = float(finite.min()), float(finite.max())
        if key in self._ranges:
            last_low, last_high = self._ranges[key]
            low = min(low, last_low + _RELAX * (low - last_low))
            high = max(high, last_high + _RELAX * (high - last_high))
        self._ranges[key] = (low, high)
        scaled: NDArray[np.float32] = np.nan_to_num((values - low) / np.float32((high - low) or 1.0))
        return scaled.clip(0.0, 1.0)
