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

from ...core.reading import GOOD_FLAGS
from ...core.session import Session
from .. import style
from .color_scale import ColorScale

WIDTH, HEIGHT = 78, 56
STEP = WIDTH + 6
_STRIPE = 4


class Thumbnails(QWidget):
    """A strip of as many frames as fit, the one in view in the middle; `chosen` carries the number clicked.

    A flagged frame has an exclamation mark. Only the pictures in the strip are made, however many frames the session
    has.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = pg.colormap.get("viridis").getLookupTable(nPts=256)
        self._session: Session | None = None
        self._index = 0
        self._parts: tuple[tuple[int, int], ...] = ()
        self._label_colors: dict[str, str] = {}
        self._newest_first = False
        self.empty_text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT + self.fontMetrics().height() + 6)

    def show_session(self, session: Session, index: int, parts: Sequence[tuple[int, int]] = ()) -> None:
        """Show the surroundings of a frame; `parts` of the row are each shown in their own range of values."""
        self._session, self._index, self._parts = session, index, tuple(parts)
        self.update()

    def set_newest_first(self, newest_first: bool) -> None:
        """Show the newest row of each frame at the left, or the oldest."""
        self._newest_first = newest_first
        self.update()

    def frame_at(self, point: QPoint) -> int | None:
        """Number of the frame at a place of the strip, None beside them."""
        return next((index for index, place in self.places() if place.contains(point)), None)

    def places(self) -> list[tuple[int, QRect]]:
        """The frames of the strip with their places."""
        count = 0 if self._session is None else len(self._session)
        fit = max(1, (self.width() + STEP - WIDTH) // STEP)
        first = max(0, min(self._index - fit // 2, count - fit))
        return [
            (first + place, QRect(place * STEP, 0, WIDTH, self.height())) for place in range(min(fit, count - first))
        ]

    def paint_over(self, painter: QPainter, index: int, place: QRect) -> None:
        """Draw something more over one frame."""

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
        values, flags = session.values, session.flags
        count = min(len(session), len(values), len(flags))
        for index, place in self.places():
            if index < count:
                self._paint_picture(painter, place, values[index], flagged=bool(flags[index] & GOOD_FLAGS))
                self._paint_label(painter, place, session.label(index), current=index == self._index)
                self.paint_over(painter, index, place)
        if not count and self.empty_text:
            painter.setPen(QColor(style.MUTED))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.empty_text)
        painter.end()

    def _paint_picture(self, painter: QPainter, place: QRect, values: NDArray[np.float32], *, flagged: bool) -> None:
        picture = _picture(place)
        painter.drawImage(picture, frame_picture(values[:: -1 if self._newest_first else 1], self._parts, self._colors))
        if flagged:
            painter.fillRect(QRect(picture.left(), picture.top(), 14, 16), QColor(style.WARNING))
            painter.setPen(QColor(style.PAPER))
            painter.drawText(QRect(picture.left(), picture.top(), 14, 16), Qt.AlignmentFlag.AlignCenter, "!")

    def _paint_label(self, painter: QPainter, place: QRect, label: str, *, current: bool) -> None:
        if current:
            painter.setPen(pg.mkPen(style.ACCENT, width=3))
            painter.drawRect(_picture(place))
        color = self._label_colors.get(label)
        if color is not None:
            painter.fillRect(QRect(place.left() + 1, HEIGHT - 1, WIDTH - 2, _STRIPE), QColor(color))
        painter.setPen(QColor(style.ACCENT) if current else self.palette().color(QPalette.ColorRole.WindowText))
        name = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, WIDTH)
        below = QRect(place.left(), HEIGHT + _STRIPE, WIDTH, self.height() - HEIGHT - _STRIPE)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)


def _picture(place: QRect) -> QRect:
    return QRect(place.left() + 1, 1, WIDTH - 2, HEIGHT - 2)


def frame_picture(values: NDArray[np.float32], parts: Sequence[tuple[int, int]], colors: NDArray[np.uint8]) -> QImage:
    """Picture of float32 `(time_steps, width)`: time to the right, the row's positions upwards."""
    levels = (255 * ColorScale().apply(values, parts)).astype(np.uint8)
    rgb = np.ascontiguousarray(colors[levels.T[::-1], :3], dtype=np.uint8)
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
