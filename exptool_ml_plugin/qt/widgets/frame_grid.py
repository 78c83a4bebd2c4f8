"""All frames in view as small pictures; only those on the screen are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyqtgraph as pg
from qtpy.QtCore import QPoint, QRect, QSize, Qt, Signal
from qtpy.QtGui import QColor, QImage, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPalette
from qtpy.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ...core.reading import GOOD_FLAGS, Flag
from ...core.session import Session
from ...workbench.inspecting import Inspecting
from .. import style
from ..bridge import connect
from .thumbnails import HEIGHT, WIDTH, frame_picture

_GAP = 6
_STRIPE = 4
_PICTURES_KEPT = 2000
_MARK = 15

KEYS_TEXT = (
    "Arrow keys move, with Shift they select; Ctrl+click selects one more; Ctrl+A selects all. "
    "1 to 9 give the label with that key, Del removes, Ctrl+Z takes back."
)


class FrameGrid(QAbstractScrollArea):
    """Shows the frames that `Inspecting` lists, and its selection; all of it works from the keyboard.

    `numbered` carries a number key from 1 to 9, `removing` is emitted for Del.
    """

    numbered = Signal(int)
    removing = Signal()

    def __init__(self, inspecting: Inspecting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspecting = inspecting
        self._colors = pg.colormap.get("viridis").getLookupTable(nPts=256)
        self._parts: tuple[tuple[int, int], ...] = ()
        self._label_colors: dict[str, str] = {}
        self._newest_first = False
        self._pictures: dict[int, QImage] = {}
        self._labels: list[str] = []
        self.empty_text = ""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setToolTip(f"Click a frame to see it. {KEYS_TEXT}")
        self.setMinimumWidth(2 * (WIDTH + _GAP) + 24)
        self.verticalScrollBar().setSingleStep(self._cell.height() // 2)
        connect(inspecting.listed, self.show_frames, self)
        connect(inspecting.moved, self._on_moved, self)

    def show_frames(self) -> None:
        """Show the frames of the session anew, after they were changed."""
        self._pictures.clear()
        self._labels = self._inspecting.session.labels
        self._fit()
        self._on_moved()

    def set_look(
        self, parts: Sequence[tuple[int, int]], label_colors: Mapping[str, str], *, newest_first: bool
    ) -> None:
        """Show each part of the row in its own range of values, labels in their colours, time as it is wanted."""
        look = (tuple(parts), newest_first)
        if look != (self._parts, self._newest_first):
            self._pictures.clear()
        self._parts, self._newest_first = look
        self._label_colors = dict(label_colors)
        self.viewport().update()

    @property
    def columns(self) -> int:
        """Frames beside each other."""
        return max(1, int(self.viewport().width() + _GAP) // int(self._cell.width()))

    def visible_places(self) -> range:
        """Places of the frames that are on the screen, at least in part."""
        top, height = self.verticalScrollBar().value(), self._cell.height()
        first = top // height * self.columns
        stop = ((top + self.viewport().height()) // height + 1) * self.columns
        return range(min(first, len(self._inspecting.shown)), min(stop, len(self._inspecting.shown)))

    def rect_of(self, place: int) -> QRect:
        """Where a frame stands in the viewport."""
        row, column = divmod(place, self.columns)
        left = column * self._cell.width()
        top = row * self._cell.height() - self.verticalScrollBar().value()
        return QRect(left, top, self._cell.width() - _GAP, self._cell.height() - _GAP)

    def place_at(self, point: QPoint) -> int | None:
        """Place of the frame at a point of the viewport, None beside them."""
        return next((place for place in self.visible_places() if self.rect_of(place).contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the frame under the pointer; with Shift or Ctrl select."""
        place = self.place_at(event.pos())
        if place is not None:
            keys = event.modifiers()
            extend = bool(keys & Qt.KeyboardModifier.ShiftModifier)
            toggle = bool(keys & Qt.KeyboardModifier.ControlModifier)
            self._inspecting.go_to_place(place, extend=extend, toggle=toggle)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select all frames the pointer is drawn over."""
        place = self.place_at(event.pos())
        if place is not None and place != self._inspecting.place:
            self._inspecting.go_to_place(place, extend=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, select, label or remove; other keys are for others."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._inspecting.select_all()
            return
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        target = self._target(event.key())
        if target is not None:
            self._inspecting.go_to_place(target, extend=extend)
        elif event.key() == Qt.Key.Key_Delete:
            self.removing.emit()
        elif event.key() == Qt.Key.Key_Escape and self._inspecting.selected:
            self._inspecting.select(())
        elif "1" <= event.text() <= "9":  # not every digit is one for Python: AltGr+2 gives "²"
            self.numbered.emit(int(event.text()))
        else:
            event.ignore()

    def resizeEvent(self, event: Any) -> None:
        """Lay the frames out in the new width, the current one in view."""
        super().resizeEvent(event)
        self._fit()
        self._bring_into_view()

    def paintEvent(self, event: Any) -> None:
        """Draw the frames on the screen."""
        painter = QPainter(self.viewport())
        shown, session = self._inspecting.shown, self._inspecting.session
        count = min(len(self._labels), len(session))
        for place in self.visible_places():
            index = int(shown[place])
            if index < count:
                self._paint_frame(painter, session, index, place)
        if not len(shown):
            painter.setPen(QColor(style.MUTED))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.empty_text)
        painter.end()

    @property
    def _cell(self) -> QSize:
        return QSize(WIDTH + _GAP, HEIGHT + _STRIPE + self.fontMetrics().height() + _GAP)

    def _target(self, key: int) -> int | None:
        place, columns = self._inspecting.place, self.columns
        page = max(1, self.viewport().height() // self._cell.height()) * columns
        last = len(self._inspecting.shown) - 1
        return {
            Qt.Key.Key_Left: place - 1,
            Qt.Key.Key_Right: place + 1,
            Qt.Key.Key_Up: place - columns if place >= columns else place,
            Qt.Key.Key_Down: place + columns if place + columns <= last else place,
            Qt.Key.Key_PageUp: place - page,
            Qt.Key.Key_PageDown: place + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(key)

    def _paint_frame(self, painter: QPainter, session: Session, index: int, place: int) -> None:
        cell = self.rect_of(place)
        picture = QRect(cell.left() + 1, cell.top() + 1, WIDTH - 2, HEIGHT - 2)
        if index in self._inspecting.selected:
            painter.fillRect(
                cell.adjusted(-_GAP // 2, -_GAP // 2, _GAP // 2, _GAP // 2), QColor(style.tint(style.ACCENT, 0.3))
            )
        painter.drawImage(picture, self._picture(session, index))
        label = self._labels[index]
        color = self._label_colors.get(label)
        if color is not None:
            painter.fillRect(QRect(picture.left(), picture.bottom() + 1, picture.width(), _STRIPE), QColor(color))
        flags = int(session.flags[index])
        if flags & GOOD_FLAGS:
            _mark(painter, picture.topLeft(), "!", style.WARNING)
        if flags & Flag.VARIANT:
            _mark(painter, QPoint(picture.left(), picture.bottom() - _MARK + 1), "V", style.ACCENT)
        predicted = self._inspecting.prediction(index)
        if predicted is not None:
            right = predicted[0] == label
            corner = QPoint(picture.right() - _MARK + 1, picture.top())
            _mark(painter, corner, "✓" if right else "✗", style.GOOD if right else style.ERROR)
        if place == self._inspecting.place:
            painter.setPen(pg.mkPen(style.ACCENT, width=3))
            painter.drawRect(picture)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        name = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, WIDTH)
        below = QRect(cell.left(), cell.top() + HEIGHT + _STRIPE, WIDTH, self.fontMetrics().height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)

    def _picture(self, session: Session, index: int) -> QImage:
        if index not in self._pictures:
            if len(self._pictures) >= _PICTURES_KEPT:
                self._pictures.clear()
            values = session.values[index][:: -1 if self._newest_first else 1]
            self._pictures[index] = frame_picture(values, self._parts, self._colors)
        return self._pictures[index]

    def _fit(self) -> None:
        rows = -(-len(self._inspecting.shown) // self.columns)
        bar = self.verticalScrollBar()
        bar.setPageStep(max(1, self.viewport().height()))
        bar.setRange(0, max(0, rows * self._cell.height() - self.viewport().height()))

    def _on_moved(self) -> None:
        self._bring_into_view()
        self.viewport().update()

    def _bring_into_view(self) -> None:
        bar, cell = self.verticalScrollBar(), self.rect_of(self._inspecting.place)
        if cell.top() < 0:
            bar.setValue(bar.value() + cell.top())
        elif cell.bottom() > self.viewport().height():
            bar.setValue(bar.value() + cell.bottom() + 1 - self.viewport().height() + _GAP)


def _mark(painter: QPainter, corner: QPoint, text: str, color: str) -> None:
    place = QRect(corner.x(), corner.y(), _MARK, _MARK)
    painter.fillRect(place, QColor(color))
    painter.setPen(QColor(style.PAPER))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
