"""The readings of a recording over time, with its frames as coloured spans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QRect, Qt, Signal
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPainter, QWheelEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from ...core.recording import Recording
from ...workbench.reading_picture import amplitude_levels, columns_of
from .. import style
from .spans import Span, Spans

_LANE = 9
_DRAG = 4
_LEAST_READINGS = 20
_MOST_TINTED = 60


class Timeline(QWidget):
    """Shows amplitude over distance and time; spans lie below, in up to three lines where they overlap.

    `chosen` carries the number of a frame that was clicked, `dropped` one that was drawn elsewhere with its new first
    reading, `probed` the first reading of a place that was pointed at where no frame is, `wanted` that of a double
    click there. The wheel zooms, with Shift it moves. All frames of a session have one length: spans have
    no handles.
    """

    chosen = Signal(int)
    dropped = Signal(int, int)
    probed = Signal(int)
    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = pg.colormap.get("viridis").getLookupTable(nPts=256)
        self._recording: Recording | None = None
        self._shown: tuple[Recording | None, int] = (None, 0)
        self._levels: NDArray[np.uint8] = np.zeros((0, 1), dtype=np.uint8)
        self._image: tuple[object, QImage | None] = (None, None)
        self._spans = Spans([], [], [], 1)
        self._current: int | None = None
        self._probe: int | None = None
        self._view = (0.0, 1.0)
        self._drag: tuple[Span, int, int] | None = None
        self.setMinimumHeight(90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def view(self) -> tuple[float, float]:
        """First and last + 1 reading in view."""
        return self._view

    def set_recording(self, recording: Recording | None, channel: int = 0) -> None:
        """Show the readings of a channel of a recording, all of them."""
        if (recording, channel) == self._shown:
            return
        if recording is not self._recording:
            self._view = (0.0, float(max(1, 0 if recording is None else len(recording))))
            self._drag, self._probe = None, None
        self._recording, self._shown = recording, (recording, channel)
        empty = np.zeros((0, 1), dtype=np.uint8)
        self._levels = empty if recording is None else amplitude_levels(recording, channel)
        self._image = (None, None)
        self.update()

    def show_readings(self, start: int, stop: int) -> None:
        """Zoom to readings `start` to `stop - 1`."""
        self._set_view(float(start), float(min(stop - start, max(1, len(self._levels)))))

    def set_spans(self, spans: Spans) -> None:
        """Show the frames."""
        self._spans = spans
        self.setToolTip(
            "Amplitude of the readings over time and distance, frames below it in the colours of their labels. Draw a "
            "frame to move its start, click where none is to look at a frame there, double-click to add it. The wheel "
            f"zooms, with Shift it moves. All frames of a session are {spans.steps} readings long."
        )
        self.update()

    def set_current(self, index: int | None, *, probe: int | None = None) -> None:
        """Mark a frame, and the place `probe` of a frame that is not in the session; brings it into view."""
        self._current, self._probe = index, probe
        span = self._spans.of(index)
        first = probe if probe is not None else None if span is None else span.first
        if first is not None and self._drag is None:
            self._bring_into_view(first)
        self.update()

    def x_of(self, reading: float) -> float:
        """Place of a reading, pixels from the left."""
        start, stop = self._view
        return (reading - start) / (stop - start) * float(self.width())

    def reading_at(self, x: float) -> float:
        """The reading at a place."""
        start, stop = self._view
        return start + x / max(1.0, float(self.width())) * (stop - start)

    def span_at(self, x: int, y: int) -> Span | None:
        """The frame at a place: that of the line pointed at, over the picture the one whose middle is nearest."""
        reading, steps = self.reading_at(x), self._spans.steps
        slack = 2 * (self._view[1] - self._view[0]) / max(1, self.width())
        under = [
            span for span in self._spans.within(reading - slack, reading + slack)
            if span.first - slack <= reading <= span.first + steps + slack
        ]  # fmt: skip
        lanes_top = self._picture().bottom() + 1
        if lanes_top <= y < lanes_top + self._spans.lane_count * _LANE:
            under = [span for span in under if span.lane == (y - lanes_top) // _LANE]
        if not under:
            return None
        nearest = min(under, key=lambda span: abs(span.first + steps / 2 - reading))
        return next((span for span in under if span.index == self._current), nearest)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a frame, or look at the place."""
        if event.button() != Qt.MouseButton.LeftButton or self._recording is None:
            return
        span = self.span_at(event.pos().x(), event.pos().y())
        if span is None:
            self._emit_place(self.probed, event.pos().x())
            return
        self._drag = (span, event.pos().x(), span.first)
        self.chosen.emit(span.index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the frame with the pointer."""
        if self._drag is not None:
            span, begin, _ = self._drag
            moved = event.pos().x() - begin
            if abs(moved) >= _DRAG or self._drag[2] != span.first:
                first = self._inside(span.first + round(self.reading_at(moved) - self.reading_at(0)))
                self._drag = (span, begin, first)
                self.update()
        elif self._recording is not None and self._probe is not None:
            self._emit_place(self.probed, event.pos().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the frame begin where it was drawn to."""
        drag, self._drag = self._drag, None
        if drag is not None and drag[2] != drag[0].first:
            self.dropped.emit(drag[0].index, drag[2])
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for a frame where there is none."""
        if self._recording is not None and self.span_at(event.pos().x(), event.pos().y()) is None:
            self._emit_place(self.wanted, event.pos().x())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer, with Shift move along."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        start, stop = self._view
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._set_view(start - turned / 1200 * (stop - start), stop - start)
        else:
            x = event.position().x() if hasattr(event, "position") else event.pos().x()
            held, length = self.reading_at(x), (stop - start) * 0.8 ** (turned / 120)
            length = min(max(length, _LEAST_READINGS), max(1, len(self._levels)))
            self._set_view(held - x / max(1, self.width()) * length, length)
        event.accept()

    def paintEvent(self, event: Any) -> None:
        """Draw picture, frames and time."""
        painter = QPainter(self)
        picture = self._picture()
        painter.fillRect(self.rect(), QColor(style.PAPER))
        image = self._image_in_view(picture.width())
        if image is None:
            painter.setPen(QColor(style.MUTED))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No readings were kept of this recording")
        else:
            painter.drawImage(picture, image)
            self._paint_spans(painter, picture)
            self._paint_times(painter, picture)
        painter.end()

    def _paint_spans(self, painter: QPainter, picture: QRect) -> None:
        start, stop = self._view
        spans = self._spans.within(start, stop, apart=(stop - start) / max(1, self.width()))
        tinted = len(spans) <= _MOST_TINTED
        drawn = None if self._drag is None else self._drag[0].index
        for span in spans:
            if span.index != drawn:
                self._paint_span(painter, picture, span, span.first, tinted=tinted)
        marked = self._spans.of(self._current)
        if marked is not None:
            first = marked.first if self._drag is None or marked.index != drawn else self._drag[2]
            self._paint_span(painter, picture, marked, first, tinted=True)
            self._paint_frame(painter, picture, first, style.PAPER, Qt.PenStyle.SolidLine)
        if self._probe is not None:
            self._paint_frame(painter, picture, self._probe, style.PAPER, Qt.PenStyle.DashLine)

    def _paint_span(self, painter: QPainter, picture: QRect, span: Span, first: int, *, tinted: bool) -> None:
        left, right = round(self.x_of(first)), round(self.x_of(first + self._spans.steps))
        width = max(2, right - left - 1)
        top = picture.bottom() + 1 + span.lane * _LANE
        painter.fillRect(QRect(left, top + 1, width, _LANE - 2), QColor(span.color))
        if tinted:
            shade = QColor(span.color)
            shade.setAlpha(60)
            painter.fillRect(QRect(left, picture.top(), width, picture.height()), shade)
            for edge in (left, left + width - 1):
                painter.fillRect(QRect(edge, picture.top(), 1, picture.height()), QColor(span.color))

    def _paint_frame(self, painter: QPainter, picture: QRect, first: int, color: str, line: Any) -> None:
        left, right = round(self.x_of(first)), round(self.x_of(first + self._spans.steps))
        painter.setPen(pg.mkPen(color, width=2, style=line))
        painter.drawRect(QRect(left, picture.top() + 1, max(2, right - left - 1), picture.height() - 3))

    def _paint_times(self, painter: QPainter, picture: QRect) -> None:
        recording = self._recording
        if recording is None or not len(recording):
            return
        painter.setPen(QColor(style.MUTED))
        top, count = picture.bottom() + 1 + self._spans.lane_count * _LANE, max(1, self.width() // 110)
        for part in range(count):
            x = part * self.width() // count
            reading = min(len(recording) - 1, max(0, round(self.reading_at(x))))
            painter.drawLine(x, top, x, top + 3)
            place = QRect(x + 4, top, 100, self.height() - top)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, left, f"{float(recording.time_s[reading]):.1f} s")

    def _picture(self) -> QRect:
        below = self._spans.lane_count * _LANE + self.fontMetrics().height() + 2
        return QRect(0, 0, self.width(), max(10, self.height() - below))

    def _image_in_view(self, width: int) -> QImage | None:
        if not len(self._levels):
            return None
        start, stop = int(self._view[0]), min(len(self._levels), int(np.ceil(self._view[1])))
        key = (start, stop, width)
        if self._image[0] != key:
            levels = columns_of(self._levels, start, stop, max(1, width))
            rgb = np.ascontiguousarray(self._colors[levels.T[::-1], :3], dtype=np.uint8)
            height, columns = rgb.shape[:2]
            image = QImage(rgb.data, columns, height, 3 * columns, QImage.Format.Format_RGB888).copy()
            self._image = (key, image)
        return self._image[1]

    def _emit_place(self, signal: Any, x: int) -> None:
        signal.emit(self._inside(round(self.reading_at(x) - self._spans.steps / 2)))

    def _inside(self, first: int) -> int:
        return max(0, min(first, len(self._levels) - self._spans.steps))

    def _bring_into_view(self, first: int) -> None:
        start, stop = self._view
        if first < start or first + self._spans.steps > stop:
            self._set_view(first + self._spans.steps / 2 - (stop - start) / 2, stop - start)

    def _set_view(self, start: float, length: float) -> None:
        start = max(0.0, min(start, len(self._levels) - length))
        self._view = (start, start + length)
        self.update()
