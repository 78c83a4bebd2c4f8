"""A curve in a plot that grows many times a second, of which only what is new is painted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtWidgets import QGraphicsItem

from ...core.curve import Curve

Array = NDArray[np.float64]
LOWEST = 1e-9
"""Values below this are drawn here on a logarithmic axis, where 0 has no place."""
POINTS = 1600
"""Points drawn per curve at most: about two per pixel of a large plot."""
_SMOOTH_POINTS = 600
"""The same for an antialiased curve, which costs four times as much a point and has no spikes to lose."""
_PIECES = 40


class GrowingLine:
    """Draws the part of a `Curve` that a plot shows.

    What is new becomes a piece of its own, small enough that Qt paints only its surroundings; of the earlier pieces
    Qt keeps pictures and copies them. After so many pieces, and when the view has changed, all become one.
    """

    def __init__(self, plot: Any, pen: Any, *, antialias: bool) -> None:
        self._limit = _SMOOTH_POINTS if antialias else POINTS
        self._items = [pg.PlotCurveItem(pen=pen, antialias=antialias) for _ in range(_PIECES + 1)]
        for item in self._items:
            item.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            plot.addItem(item, ignoreBounds=True)
        self._used = 0
        self._view: object = None
        self._drawn = 0

    @property
    def points(self) -> int:
        """Number of points that Qt is given."""
        return sum(0 if item.xData is None else len(item.xData) for item in self._items)

    @property
    def visible(self) -> bool:
        """Whether the line is shown."""
        return bool(self._items[0].isVisible())

    def set_visible(self, visible: bool) -> None:
        """Show or hide the line."""
        for item in self._items:
            item.setVisible(bool(visible))

    def set_pen(self, pen: Any) -> None:
        """Draw with another pen."""
        for item in self._items:
            item.setPen(pen)

    def draw(self, curve: Curve, start: float, stop: float, *, log: bool) -> None:
        """Draw what lies between two places, logarithms of it with `log`."""
        view = (id(curve), start, stop, log)
        count = len(curve)
        if view != self._view or count < self._drawn or self._used == len(self._items):
            for item in self._items[1 : self._used]:
                item.setData([], [])
            self._items[0].setData(*_scaled(*curve.view(start, stop, limit=self._limit), log=log))
            self._view, self._used = view, 1
        elif count > self._drawn:
            first = max(0, self._drawn - 1)
            self._items[self._used].setData(*_scaled(curve.x[first:], curve.y[first:], log=log))
            self._used += 1
        self._drawn = count


def _scaled(x: Array, y: Array, *, log: bool) -> tuple[Array, Array]:
    return (x, np.log10(np.maximum(y, LOWEST))) if log else (x, y)
