"""The trigger's score against its threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QWidget

from .. import style
from .axes import keep_painted, name_axes


class ScorePlot(pg.PlotWidget):
    """A curve of the last scores, newest at the right, and the threshold as a dashed line.

    Within limits given by `set_threshold_limits` the line can be dragged: `threshold_moved` carries where it is in the
    meantime, `threshold_dragged` where it was let go.
    """

    threshold_moved = Signal(float)
    threshold_dragged = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=style.PAPER)
        self.setMinimumHeight(90)
        item = self.getPlotItem()
        name_axes(item, left="Score", bottom="Time (s)")
        item.showGrid(y=True, alpha=0.15)
        keep_painted(item)
        self._curve = self.plot(pen=pg.mkPen(style.ACCENT, width=2), connect="finite")
        self._make_line()
        self._text = pg.TextItem("", color=style.MUTED, anchor=(0.5, 0.5))
        self.addItem(self._text, ignoreBounds=True)
        self._top = self._bottom = self._seconds = 0.0
        self.setRange(xRange=(-1, 0), yRange=(0, 1), padding=0)
        self._show_text("No measurement")

    def set_scores(self, scores: NDArray[np.float32], threshold: float | None, *, rate_hz: float) -> None:
        """Show float32 `(n,)`, oldest first, NaN where nothing was compared."""
        known = scores[np.isfinite(scores)]
        dragging = bool(self._line.moving)
        self._line.setVisible(threshold is not None)
        if threshold is not None and not dragging:
            self._line.setPos(threshold)
        seconds = len(scores) / rate_hz
        if not dragging:  # the scale stays under the pointer
            self._show_range(seconds, threshold, known)
        self._curve.setData(np.linspace(-seconds, 0, len(scores)), scores)
        if len(known) == 0:
            self._show_text("This trigger compares nothing" if threshold is None else "")
        else:
            self._text.hide()

    def set_threshold_limits(self, limits: tuple[float, float] | None) -> None:
        """Let the line be dragged from the smallest to the largest value; None nails it down."""
        self._line.setMovable(limits is not None)
        self._line.setBounds((None, None) if limits is None else limits)
        self._line.setCursor(Qt.CursorShape.ArrowCursor if limits is None else Qt.CursorShape.SizeVerCursor)
        self.setToolTip("" if limits is None else "Drag the dashed line to set the threshold")

    def _make_line(self) -> None:
        pen = pg.mkPen(style.ERROR, width=1, style=Qt.PenStyle.DashLine)
        self._line = pg.InfiniteLine(angle=0, pen=pen, hoverPen=pg.mkPen(style.ERROR, width=3))
        self._line.hide()
        self._line.sigDragged.connect(self._on_dragged)
        self._line.sigPositionChangeFinished.connect(self._on_let_go)
        self.addItem(self._line)

    def _show_range(self, seconds: float, threshold: float | None, known: NDArray[np.float32]) -> None:
        top = max(1.25 * (threshold or 0.0), 1.1 * float(known.max(initial=0.0)), 1e-9)
        bottom = min(1.25 * (threshold or 0.0), 1.1 * float(known.min(initial=0.0)), 0.0)
        # In few large steps: writing the axes anew costs more than all the rest of a picture.
        fits = top <= self._top and bottom >= self._bottom
        if not fits or top - bottom < 0.5 * (self._top - self._bottom) or seconds != self._seconds:
            self._top, self._bottom, self._seconds = 1.2 * top, 1.2 * bottom, seconds
            self.setRange(xRange=(-seconds, 0), yRange=(self._bottom, self._top), padding=0)

    def _on_dragged(self, *_: Any) -> None:
        self.threshold_moved.emit(float(self._line.value()))

    def _on_let_go(self, *_: Any) -> None:
        self.threshold_dragged.emit(float(self._line.value()))

    def _show_text(self, text: str) -> None:
        (left, right), (bottom, top) = self.viewRange()
        self._text.setText(text)
        self._text.setPos((left + right) / 2, (bottom + top) / 2)
        self._text.show()
