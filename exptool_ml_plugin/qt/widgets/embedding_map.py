"""A map of the frames: similar ones lie near each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, Qt, Signal
from qtpy.QtGui import QPixmap, QPolygonF
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .. import style
from .axes import remove_menu
from .calm_combo_box import CalmComboBox
from .thumbnails import frame_picture

_PICTURE = (192, 128)
_NAMES = 10


class EmbeddingMap(QWidget):
    """Points in two dimensions, coloured by what the box says; `lassoed` carries the places of points drawn around.

    Hovering shows the point's frame, which `picture` returns for its place: float32 `(time_steps, width)`, or None
    where there is none any more.
    """

    lassoed = Signal(object)

    def __init__(self, picture: Callable[[int], NDArray[np.float32] | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self._points: NDArray[np.float64] = np.zeros((0, 2))
        self._colorings: dict[str, Sequence[str]] = {}
        self._lut = pg.colormap.get("viridis").getLookupTable(nPts=256)
        self.color_box = CalmComboBox(self)
        self.color_box.setToolTip("What the colours of the points stand for")
        self.legend = style.text_label("", self, wrap=True)
        self._view = _LassoView()
        self.plot = pg.PlotWidget(self, viewBox=self._view, background=style.PAPER)
        self.plot.setToolTip("Each point is a frame, similar frames lie near each other. Draw around points with the "
                             "left button to select them; the wheel zooms.")  # fmt: skip
        for axis in ("left", "bottom"):
            self.plot.hideAxis(axis)
        remove_menu(self.plot.getPlotItem())
        self.plot.hideButtons()
        self.scatter = pg.ScatterPlotItem(size=8, pen=None, hoverable=True, hoverSize=12, tip=None)
        self._lasso = pg.PlotCurveItem(pen=pg.mkPen(style.ACCENT, width=2))
        self.plot.addItem(self.scatter)
        self.plot.addItem(self._lasso)
        self.thumbnail = QLabel(self.plot)
        self.thumbnail.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.thumbnail.hide()
        self._lay_out()
        self.color_box.currentIndexChanged.connect(self._paint)
        self.scatter.sigHovered.connect(self._on_hover)
        self._view.drawn.connect(self._on_drawn)

    @property
    def points(self) -> NDArray[np.float64]:
        """The points, float64 `(n, 2)`."""
        return self._points

    def set_points(self, points: NDArray[np.float64]) -> None:
        """Show float64 `(n, 2)`, all of them in view."""
        self._points = points
        self.thumbnail.hide()
        self._paint()
        self.plot.autoRange()

    def set_colorings(self, colorings: Mapping[str, Sequence[str]]) -> None:
        """Offer colours: each coloring has a name per point, as its label or its recording."""
        self._colorings = dict(colorings)
        chosen = self.color_box.currentText()
        self.color_box.blockSignals(True)
        self.color_box.clear()
        self.color_box.addItems(list(colorings))
        self.color_box.setCurrentIndex(max(0, self.color_box.findText(chosen)))
        self.color_box.blockSignals(False)
        self._paint()

    def show_frame(self, place: int | None) -> None:
        """Show the small picture of a point's frame, or none."""
        values = None if place is None else self._picture(place)
        self.thumbnail.setVisible(values is not None)
        if values is not None:
            image = frame_picture(values, (), self._lut)
            self.thumbnail.setPixmap(QPixmap.fromImage(image.scaled(*_PICTURE)))
            self.thumbnail.resize(*_PICTURE)
            self.thumbnail.move(8, 8)

    def places_within(self, outline: Sequence[QPointF]) -> list[int]:
        """Return the places of the points inside a closed line."""
        polygon = QPolygonF(list(outline))
        box = polygon.boundingRect()
        near = np.abs(self._points - [box.center().x(), box.center().y()]) <= [box.width() / 2, box.height() / 2]
        inside = Qt.FillRule.OddEvenFill
        return [
            int(place)
            for place in np.flatnonzero(near.all(axis=1))
            if polygon.containsPoint(QPointF(*self._points[place].tolist()), inside)
        ]

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.addWidget(QLabel("Colour by", self))
        above.addWidget(self.color_box)
        above.addWidget(self.legend, 1)
        rows = QVBoxLayout(self)
        rows.addLayout(above)
        rows.addWidget(self.plot, 1)

    def _paint(self) -> None:
        names = list(self._colorings.get(self.color_box.currentText(), []))
        if len(names) != len(self._points):
            names = []
        known = {name: style.series_color(place) for place, name in enumerate(sorted(set(names)))}
        brushes = {name: pg.mkBrush(color) for name, color in known.items()}
        self.scatter.setData(
            x=self._points[:, 0], y=self._points[:, 1], brush=[brushes[name] for name in names] or None
        )
        shown = [f'<span style="color:{color}">●</span> {_plain(name)}' for name, color in known.items()][:_NAMES]
        more = f" and {len(known) - _NAMES} more" if len(known) > _NAMES else ""
        self.legend.setText("&nbsp;&nbsp; ".join(shown) + more)

    def _on_hover(self, _scatter: object, points: Sequence[Any], _event: object) -> None:
        self.show_frame(int(points[0].index()) if len(points) else None)

    def _on_drawn(self, outline: list[QPointF], finished: bool) -> None:
        if finished:
            self._lasso.clear()
            places = self.places_within(outline)
            if places:
                self.lassoed.emit(places)
        else:
            self._lasso.setData([point.x() for point in outline], [point.y() for point in outline])


class _LassoView(pg.ViewBox):
    """Dragging draws a line instead of moving the view; `drawn` carries it, and whether it is complete."""

    drawn = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self._outline: list[QPointF] = []

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Go on with the line."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        if event.isStart():
            self._outline = [self.mapToView(event.buttonDownPos())]
        self._outline.append(self.mapToView(event.pos()))
        self.drawn.emit(self._outline, event.isFinish())


def _plain(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;")
