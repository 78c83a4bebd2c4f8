"""The frames that went into the session last, each with a way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import QEvent, QPoint, QRect, Qt, Signal
from qtpy.QtGui import QColor, QMouseEvent, QPainter
from qtpy.QtWidgets import QWidget

from ...core.session import Session
from .. import style
from .thumbnails import STEP, WIDTH, Thumbnails

_CROSS = 16


class RecentFrames(Thumbnails):
    """A strip of the last frames, the newest at the left; `chosen` marks one, its cross sends it with `removed`."""

    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._under: int | None = None
        self.empty_text = "Each frame appears here when it is complete"
        self.setMouseTracking(True)
        self.setToolTip("The last frames, newest first. Click one to choose it; × or the Del key removes it.")

    @property
    def current(self) -> int:
        """The chosen frame, -1 for none."""
        return self._index

    @property
    def target(self) -> int | None:
        """The frame that Del removes: the chosen one, else the newest; None without frames."""
        count = 0 if self._session is None else len(self._session)
        return None if not count else self._index if 0 <= self._index < count else count - 1

    def show_last(
        self, session: Session, parts: Sequence[tuple[int, int]], colors: Mapping[str, str], *, chosen: int = -1
    ) -> None:
        """Show the last frames of a session; `colors` are those of the labels, `chosen` is marked."""
        self._label_colors = dict(colors)
        self.show_session(session, chosen, parts)

    def places(self) -> list[tuple[int, QRect]]:
        """The frames of the strip with their places, newest first."""
        count = 0 if self._session is None else len(self._session)
        fit = min(count, max(1, (self.width() + STEP - WIDTH) // STEP))
        return [(count - 1 - place, QRect(place * STEP, 0, WIDTH, self.height())) for place in range(fit)]

    def cross_of(self, place: QRect) -> QRect:
        """Where the cross of a frame is."""
        return QRect(place.right() - _CROSS - 1, 3, _CROSS, _CROSS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remove the frame whose cross was pressed, choose one that was pressed elsewhere."""
        for index, place in self.places():
            if self.cross_of(place).contains(event.pos()):
                self.removed.emit(index)
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the cross of the frame under the pointer."""
        self._point_at(event.pos())

    def leaveEvent(self, event: QEvent) -> None:
        """Show no cross."""
        self._point_at(QPoint(-1, -1))

    def paint_over(self, painter: QPainter, index: int, place: QRect) -> None:
        """Draw the cross."""
        if index != self._under:
            return
        cross = self.cross_of(place)
        painter.fillRect(cross, QColor(style.ERROR))
        painter.setPen(QColor(style.PAPER))
        painter.drawText(cross, Qt.AlignmentFlag.AlignCenter, "×")

    def _point_at(self, point: Any) -> None:
        under = self.frame_at(point)
        if under != self._under:
            self._under = under
            self.update()
