"""Growing curves on a pyqtgraph plot, of which only what is new is painted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRect, Qt
from qtpy.QtGui import QBrush, QColor, QPainter, QPalette, QPen, QPixmap, QPolygonF
from qtpy.QtWidgets import QWidget

from ...core.curve import Curve
from .colors import faint

Array = NDArray[np.float64]
LOWEST = 1e-8
"""Values below this are drawn here on a logarithmic axis, where 0 has no place."""
_FAR = 16_000.0
"""Pixels; what lies further away is drawn there, since Qt has no room for any number."""
_GRID_ALPHAS = (38, 19)
_SYMBOL = 5.0
_STAR = 7.5
_CORNERS = QPolygonF(
    [
        QPointF(radius * math.cos(angle), radius * math.sin(angle))
        for corner in range(10)
        for angle, radius in [(math.pi * (corner / 5.0 - 0.5), _STAR * (0.42 if corner % 2 else 1.0))]
    ]
)
_MARGIN = 4


@dataclass(frozen=True)
class Line:
    """A curve and how it is drawn, with `points` points at most where it is drawn as a whole."""

    curve: Curve
    color: str
    width: int = 1
    alpha: int = 255
    antialias: bool = False
    symbols: bool = False
    points: int = 1600


@dataclass(frozen=True)
class Mark:
    """A star at a place, with a dotted line down to the axis."""

    x: float
    y: float
    color: str


class CurveCanvas(QWidget):
    """Covers the inside of a plot and draws its grid and its curves; axes and mouse stay the plot's.

    The curves are painted once, into a picture. Points that are added to them are painted over it, and the window
    copies only their surroundings: a hundredth of what a scene of items costs, however long the curves are.
    """

    def __init__(self, plot: Any) -> None:
        super().__init__(plot.viewport())
        self._plot = plot
        self._picture = QPixmap()
        self._lines: tuple[Line, ...] = ()
        self._drawn: list[int] = []
        self._view: object = None
        self._range: tuple[tuple[float, float], ...] = ((0.0, 1.0), (0.0, 1.0))
        self._log = False
        self._mark: Mark | None = None
        self._cursor: float | None = None
        self.points = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        plot.getViewBox().sigResized.connect(self._take_place)
        self._take_place()

    # --- what is shown -----------------------------------------------------------------------------------------

    def draw(self, lines: Sequence[Line], *, log: bool) -> None:
        """Draw the curves in this order, logarithms of their values with `log`."""
        view_range = tuple((float(low), float(high)) for low, high in self._plot.viewRange())
        view = (view_range, log, self.width(), self.height(), self.devicePixelRatioF())
        shrunk = any(len(line.curve) < drawn for line, drawn in zip(lines, self._drawn, strict=False))
        if view == self._view and tuple(lines) == self._lines and not shrunk:
            self._paint_what_is_new()
            return
        self._view, self._range, self._lines, self._log = view, view_range, tuple(lines), log
        self._paint_all()

    def set_mark(self, mark: Mark | None) -> None:
        """Mark a place, or none."""
        if mark != self._mark:
            for shown in (self._mark, mark):
                if shown is not None:
                    self._update_column(shown.x)
            self._mark = mark

    def set_cursor(self, x: float | None) -> None:
        """Show a vertical line, or none."""
        for place in (self._cursor, x):
            if place is not None:
                self._update_column(place)
        self._cursor = x

    def repaint_all(self) -> None:
        """Paint everything anew with the next `draw`: the colours of the theme have changed."""
        self._view = None

    def paintEvent(self, event: Any) -> None:
        """Copy the picture, and paint over it those marks that are in the way."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        region = event.region()
        if self._cursor is not None and region.intersects(self._column(self._cursor)):
            painter.setPen(QPen(faint(self.palette()), 1))
            self._paint_column(painter, self._cursor)
        if self._mark is not None and region.intersects(self._column(self._mark.x)):
            painter.setPen(QPen(QColor(self._mark.color), 1, Qt.PenStyle.DotLine))
            self._paint_column(painter, self._mark.x)
            self._paint_star(painter, self._mark)
        painter.end()

    # --- the picture -------------------------------------------------------------------------------------------

    def _take_place(self) -> None:
        box = self._plot.getViewBox().sceneBoundingRect()
        self.setGeometry(self._plot.mapFromScene(box).boundingRect())

    def _paint_all(self) -> None:
        ratio = self.devicePixelRatioF()
        self._picture = QPixmap(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(self.palette().color(QPalette.ColorRole.Base))
        painter = QPainter(self._picture)
        self._paint_grid(painter)
        start, stop = self._range[0]
        self.points = 0
        for line in self._lines:
            self._paint_line(painter, line, *line.curve.view(start, stop, limit=line.points))
        painter.end()
        self._drawn = [len(line.curve) for line in self._lines]
        self.update()

    def _paint_what_is_new(self) -> None:
        waiting = [(line, drawn) for line, drawn in zip(self._lines, self._drawn, strict=True)]
        if all(len(line.curve) == drawn for line, drawn in waiting):
            return
        painter = QPainter(self._picture)
        for line, drawn in waiting:
            first = max(0, drawn - 1)  # the point that the new ones are joined to
            if len(line.curve) > drawn:
                self.update(self._paint_line(painter, line, line.curve.x[first:], line.curve.y[first:]))
        painter.end()
        self._drawn = [len(line.curve) for line in self._lines]

    def _paint_grid(self, painter: QPainter) -> None:
        text, base = (self.palette().color(role) for role in (QPalette.ColorRole.Text, QPalette.ColorRole.Base))
        for name, low_high, length in zip(("bottom", "left"), self._range, (self.width(), self.height()), strict=True):
            levels = self._plot.getAxis(name).tickValues(*low_high, length)
            for alpha, (_, values) in zip(_GRID_ALPHAS, levels, strict=False):
                painter.setPen(QPen(_mixed(text, base, alpha), 1))
                for value in values:
                    if name == "bottom":
                        self._paint_column(painter, float(value))
                    else:
                        y = round(float(self._to_y(np.array([value]), log=False)[0]))
                        painter.drawLine(0, y, self.width(), y)

    def _paint_line(self, painter: QPainter, line: Line, x: Array, y: Array) -> QRect:
        """Paint a piece of a curve and return its surroundings."""
        x, y = self._to_x(x), self._to_y(y, log=self._log)
        self.points += len(x)
        finite = np.isfinite(y)
        if not finite.any():
            return QRect()
        color = _mixed(QColor(line.color), self.palette().color(QPalette.ColorRole.Base), line.alpha)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, line.antialias)
        painter.setPen(QPen(color, line.width))
        painter.setBrush(QBrush(Qt.BrushStyle.NoBrush))
        if finite.all():
            painter.drawPolyline(pg.functions.arrayToQPolygonF(x, y))
        else:
            for piece in np.flatnonzero(np.diff(finite, prepend=False, append=False)).reshape(-1, 2):
                painter.drawPolyline(pg.functions.arrayToQPolygonF(x[slice(*piece)], y[slice(*piece)]))
        if line.symbols:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(color))
            for place in zip(x[finite].tolist(), y[finite].tolist(), strict=True):
                painter.drawEllipse(QPointF(*place), _SYMBOL / 2, _SYMBOL / 2)
        left, right, top, bottom = x[finite].min(), x[finite].max(), y[finite].min(), y[finite].max()
        around = QRect(int(left), int(top), int(right - left) + 2, int(bottom - top) + 2)
        return around.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    # --- marks -------------------------------------------------------------------------------------------------

    def _paint_column(self, painter: QPainter, x: float) -> None:
        place = self._place(x)
        painter.drawLine(place, 0, place, self.height())

    def _paint_star(self, painter: QPainter, mark: Mark) -> None:
        y = self._to_y(np.array([mark.y]), log=self._log)[0]
        if not np.isfinite(y):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Base), 1))
        painter.setBrush(QBrush(QColor(mark.color)))
        painter.drawPolygon(_CORNERS.translated(self._place(mark.x), y))

    def _update_column(self, x: float) -> None:
        self.update(self._column(x))

    def _column(self, x: float) -> QRect:
        """Return the surroundings of a vertical line and of a star on it."""
        half = round(_STAR) + _MARGIN
        return QRect(self._place(x) - half, 0, 2 * half, self.height())

    # --- places ------------------------------------------------------------------------------------------------

    def _place(self, x: float) -> int:
        left, right = self._range[0]
        place: float = (x - left) * self.width() / (right - left)
        return round(max(-_FAR, min(place, _FAR)))

    def _to_x(self, x: Array) -> Array:
        left, right = self._range[0]
        places: Array = np.clip((x - left) * (self.width() / (right - left)), -_FAR, _FAR)
        return places

    def _to_y(self, y: Array, *, log: bool) -> Array:
        bottom, top = self._range[1]
        values = np.log10(np.maximum(y, LOWEST)) if log else y
        places: Array = np.clip((top - values) * (self.height() / (top - bottom)), -_FAR, _FAR)
        return places


def _mixed(color: QColor, base: QColor, alpha: int) -> QColor:
    """Return the colour as it looks on the background: pieces that overlap would be darker where they are joined."""
    parts = zip(color.getRgb()[:3], base.getRgb()[:3], strict=True)
    return QColor(*(round((alpha * own + (255 - alpha) * other) / 255) for own, other in parts))
