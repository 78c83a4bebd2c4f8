"""The last few readings' values, for what is averaged over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW_DOC = "How many of the last readings count. With as many as a frame has rows, its last row sums up the frame."


class ReadingRing:
    """Keeps the values of the last `length` readings, `width` numbers each.

    What is computed over `values` is computed afresh for each reading: no running sum, so no error that grows, and
    the same readings after `clear` give the same result bit for bit.
    """

    def __init__(self, length: int, width: int) -> None:
        self._values = np.zeros((length, width), dtype=np.float64)
        self._count = 0

    def push(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Take the values of a reading, `(width,)`; return `values`."""
        self._values[self._count % len(self._values)] = values
        self._count += 1
        return self.values

    @property
    def values(self) -> NDArray[np.float64]:
        """The values kept, float64 `(readings, width)`, readings <= length, not in the order of time; a view."""
        return self._values[: self._count]

    def clear(self) -> None:
        """Forget all readings."""
        self._count = 0
