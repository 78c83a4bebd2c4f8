"""Small pictures of the frames around the one in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QPoint, QRect, Qt, Signal
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPainter, QPalette
from qtpy.QtWidgets import QSizePolicy, QWidget

from ...core.session import Session
from .. import style
from .color_scale import ColorScale

_WIDTH, _HEIGHT, _GAP = 78, 56, 6


class Thumbnails(QWidget):
    """A strip of as many frames as fit, the one in view in the middle; `chosen` carries the number clicked.

    Only the pictures in the strip are made, however many frames the session has.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = pg.colormap.get("viridis").getLookupTable(nPts=256)
        self._session: Session | None = None
        self._index = 0
        self._parts: tuple[tuple[int, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT + self.fontMetrics().height() + 6)

    def show_session(self, session: Session, index: int, parts: Sequence[tuple[int, int]] = ()) -> None:
        """Show the surroundings of a frame; `parts` of the row are each shown in their own range of values."""
        self._session, self._index, self._parts = session, index, tuple(parts)
        self.update()

    def frame_at(self, point: QPoint) -> int | None:
        """Number of the frame at a place of the strip, None beside them."""
        return next((index for index, place in self._places() if place.contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the frame under the pointer."""
        index = self.frame_at(event.pos())
        if index is not None:
            self.chosen.emit(index)

    def paintEvent(self, event: Any) -> None:
        """Draw the strip."""
        session = self._session
        if session is None:
            return
        painter = QPainter(self)
        labels, values = session.labels, session.values
        for index, place in self._places():
            if index < len(labels):
                self._paint_one(painter, place, values[index], labels[index], index == self._index)
        painter.end()

    def _places(self) -> list[tuple[int, QRect]]:
        count = 0 if self._session is None else len(self._session)
        fit = max(1, (self.width() + _GAP) // (_WIDTH + _GAP))
        first = max(0, min(self._index - fit // 2, count - fit))
        return [
            (first + place, QRect(place * (_WIDTH + _GAP), 0, _WIDTH, self.height()))
            for place in range(min(fit, count - first))
        ]

    def _paint_one(
        self, painter: QPainter, place: QRect, values: NDArray[np.float32], label: str, current: bool
    ) -> None:
        picture = QRect(place.left() + 1, 1, _WIDTH - 2, _HEIGHT - 2)
        painter.drawImage(picture, _image(values, self._parts, self._colors))
        if current:
            painter.setPen(pg.mkPen(style.ACCENT, width=3))
            painter.drawRect(picture)
        painter.setPen(QColor(style.ACCENT) if current else self.palette().color(QPalette.ColorRole.WindowText))
        name = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, _WIDTH)
        below = QRect(place.left(), _HEIGHT + 2, _WIDTH, self.height() - _HEIGHT - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)


def _image(values: NDArray[np.float32], parts: Sequence[tuple[int, int]], colors: NDArray[np.uint8]) -> QImage:
    """Picture of float32 `(time_steps, width)`: time to the right, the row's positions upwards."""
    levels = (255 * ColorScale().apply(values, parts)).astype(np.uint8)
    rgb = np.ascontiguousarray(colors[levels.T[::-1], :3], dtype=np.uint8)
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
