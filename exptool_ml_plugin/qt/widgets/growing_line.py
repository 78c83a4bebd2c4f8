"""A curve in a plot that grows many times a second, of which only the new end is painted again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from ...core.curve import Curve

Array = NDArray[np.float64]
LOWEST = 1e-9
"""Values below this are drawn here on a logarithmic axis, where 0 has no place."""
POINTS = 1600
"""Points drawn per curve at most: about two per pixel of a large plot."""
_TAIL = 60


class GrowingLine:
    """Draws the part of a `Curve` that a plot shows.

    Most of it is one item that stays as it is; the newest points are another one, small enough that Qt paints only
    its surroundings again. Both become one when the tail is long or the view has changed.
    """

    def __init__(self, plot: Any, pen: Any, *, antialias: bool) -> None:
        self._settled = pg.PlotCurveItem(pen=pen, antialias=antialias)
        self._tail = pg.PlotCurveItem(pen=pen, antialias=antialias)
        for item in (self._settled, self._tail):
            plot.addItem(item, ignoreBounds=True)
        self._view: object = None
        self._count = 0
        self._drawn = 0

    @property
    def points(self) -> int:
        """Number of points that Qt is given."""
        return sum(0 if item.xData is None else len(item.xData) for item in (self._settled, self._tail))

    @property
    def visible(self) -> bool:
        """Whether the line is shown."""
        return bool(self._settled.isVisible())

    def set_visible(self, visible: bool) -> None:
        """Show or hide the line."""
        for item in (self._settled, self._tail):
            item.setVisible(bool(visible))

    def set_pen(self, pen: Any) -> None:
        """Draw with another pen."""
        for item in (self._settled, self._tail):
            item.setPen(pen)

    def draw(self, curve: Curve, start: float, stop: float, *, log: bool) -> None:
        """Draw what lies between two places, logarithms of it with `log`."""
        view = (id(curve), start, stop, log)
        count = len(curve)
        if view != self._view or count < self._count or count - self._count > _TAIL:
            self._settled.setData(*_scaled(*curve.view(start, stop, limit=POINTS), log=log))
            self._tail.setData([], [])
            self._view, self._count = view, count
        elif count != self._drawn:
            first = max(0, self._count - 1)
            self._tail.setData(*_scaled(curve.x[first:], curve.y[first:], log=log))
        self._drawn = count


def _scaled(x: Array, y: Array, *, log: bool) -> tuple[Array, Array]:
    return (x, np.log10(np.maximum(y, LOWEST))) if log else (x, y)
