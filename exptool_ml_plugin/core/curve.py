"""A curve that grows while it is looked at: appending and looking cost the same however long it has become."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Array = NDArray[np.float64]
_FACTOR = 4
_FIRST_CAPACITY = 1024


class Curve:
    """Points `(x, y)` with ascending `x`, and the extremes of ever longer blocks of them.

    Block `i` of level `k` covers `4**k` points; level 0 is the points themselves. A view takes the finest level
    that has few enough blocks, so that every peak stays visible and the cost depends on the view alone.
    """

    def __init__(self) -> None:
        self._x = _Growing()
        self._y = _Growing()
        self._low: list[_Growing] = []
        self._high: list[_Growing] = []
        self._raised = 0

    def __len__(self) -> int:
        return len(self._y)

    @property
    def x(self) -> Array:
        """The places of the points: float64 `(points,)`, read-only."""
        return self._x.values

    @property
    def y(self) -> Array:
        """The values of the points: float64 `(points,)`, read-only."""
        return self._y.values

    def append(self, x: Array, y: Array) -> None:
        """Add points; costs O(points added), amortised."""
        first = len(self)
        self._x.write(first, x)
        self._y.write(first, y)

    def view(self, start: float, stop: float, *, limit: int) -> tuple[Array, Array]:
        """Return what to draw between two places.

        At most about `limit` points, plus a neighbour on each side, as float64 `(n,)` x and y: the points
        themselves where they are few, else the lowest and highest value of each block.
        """
        first = max(0, int(np.searchsorted(self.x, start)) - 1)
        last = min(len(self), int(np.searchsorted(self.x, stop, side="right")) + 1)
        level = 0
        if last - first > limit:
            self._raise_levels()
        while (last - first) > limit and level < len(self._low) and _blocks(first, last, level) * 2 > limit:
            level += 1
        if level == 0:
            return self.x[first:last], self.y[first:last]
        size = _FACTOR**level
        block, end = first // size, min(-(-last // size), len(self._low[level - 1]))
        y = np.empty(2 * (end - block))
        y[0::2] = self._low[level - 1].values[block:end]
        y[1::2] = self._high[level - 1].values[block:end]
        return np.repeat(self.x[block * size : end * size : size], 2), y

    def extent(self, start: float, stop: float) -> tuple[float, float] | None:
        """Lowest and highest finite value between two places, None if there is none."""
        _, y = self.view(start, stop, limit=2000)
        finite = y[np.isfinite(y)]
        return (float(finite.min()), float(finite.max())) if len(finite) else None

    def _raise_levels(self) -> None:
        """Take the points that were added since the last call into the levels: most are added without being needed."""
        level, first = 0, self._raised
        while len(self) > _FACTOR ** (level + 1) or level < len(self._low):
            block = first // _FACTOR ** (level + 1)
            if level == len(self._low):
                self._low.append(_Growing())
                self._high.append(_Growing())
                block = 0
            self._raise_level(level, block)
            level += 1
        self._raised = len(self)

    def _raise_level(self, level: int, block: int) -> None:
        """Compute the blocks of the level above `level` again, from number `block` on."""
        lower = self.y if level == 0 else self._low[level - 1].values
        upper = self.y if level == 0 else self._high[level - 1].values
        self._low[level].write(block, _reduced(np.fmin, lower[block * _FACTOR :]))
        self._high[level].write(block, _reduced(np.fmax, upper[block * _FACTOR :]))


class Smoothed:
    """The exponential moving average of a curve, continued as the curve grows.

    `window` is the number of points that weigh as much as all before them together do (weight 1 - 1/window for the
    past). Early values are divided by the weight so far, as in Adam (Kingma and Ba 2015, section 3), so that the
    average begins at the first value. Values that are no number are left out.
    """

    def __init__(self, window: float) -> None:
        self.window = window
        self.curve = Curve()
        self._past = 1.0 - 1.0 / max(window, 1.0)
        self._state = 0.0
        self._count = 0

    def follow(self, curve: Curve) -> None:
        """Take in the points of `curve` that are new; costs O(new points)."""
        first = len(self.curve)
        values = curve.y[first:]
        if not len(values):
            return
        finite = np.isfinite(values)
        smooth = np.full(len(values), np.nan)
        smooth[finite] = self._filter(values[finite])
        self.curve.append(curve.x[first:], smooth)

    def _filter(self, values: Array) -> Array:
        if not len(values):
            return values
        past = self._past
        averages, _ = lfilter([1.0 - past], [1.0, -past], values, zi=[past * self._state])
        # The correction is 1 to machine precision soon; powers of a million counts would be what costs time.
        early = min(len(values), max(0, math.ceil(40.0 * self.window) - self._count))
        weights = 1.0 - past ** (self._count + np.arange(1, early + 1))
        self._state = float(averages[-1])
        self._count += len(values)
        averages[:early] /= weights
        corrected: Array = averages
        return corrected


class _Growing:
    """An array that doubles its room when it is full; `values` is a read-only view of what is used."""

    def __init__(self) -> None:
        self._room = np.empty(_FIRST_CAPACITY)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def values(self) -> Array:
        view = self._room[: self._used]
        view.flags.writeable = False
        return view

    def write(self, first: int, values: Array) -> None:
        """Put values at index `first` and later; they become the end."""
        self._used = first + len(values)
        if self._used > len(self._room):
            larger = np.empty(max(self._used, 2 * len(self._room)))
            larger[:first] = self._room[:first]
            self._room = larger
        self._room[first : self._used] = values


def _blocks(first: int, last: int, level: int) -> int:
    size: int = _FACTOR**level
    return -(-last // size) - first // size


def _reduced(function: np.ufunc, values: Array) -> Array:
    """Reduce each `_FACTOR` neighbours to one; the last block may be shorter."""
    starts = np.arange(0, len(values), _FACTOR)
    reduced: Array = function.reduceat(values, starts)
    return reduced
