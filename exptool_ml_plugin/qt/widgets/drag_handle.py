"""What a card is taken by to put it elsewhere in its list."""

from __future__ import annotations

from qtpy.QtCore import QPoint, QPointF, Qt, Signal
from qtpy.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from qtpy.QtWidgets import QWidget

from .. import style

_WIDTH, _HEIGHT = 14, 22


class DragHandle(QWidget):
    """Six dots; `dragged` carries where the mouse is on the screen while the button is held, `dropped` ends it."""

    dragged = Signal(QPoint)
    dropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holding = False
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag to another place in the list")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._holding = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell where the mouse is."""
        if self._holding:
            self.dragged.emit(self.mapToGlobal(event.pos()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._holding and event.button() == Qt.MouseButton.LeftButton:
            self._holding = False
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            self.dropped.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(style.MUTED if self.isEnabled() else style.LINE))
        for x in (4.5, 9.5):
            for y in (6.0, 11.0, 16.0):
                painter.drawEllipse(QPointF(x, y), 1.5, 1.5)
        painter.end()
