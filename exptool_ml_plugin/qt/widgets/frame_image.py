"""A frame as a picture: time from left (oldest) to right (newest), the row's positions upwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QRectF
from qtpy.QtWidgets import QGraphicsRectItem, QWidget

from .. import style
from .axes import keep_painted, remove_menu
from .color_scale import ColorScale

_NAME_PIXELS = 11


@dataclass(frozen=True)
class Outline:
    """A part of the row that is framed in the picture: positions `start` to `stop - 1`, a colour and a name."""

    start: int
    stop: int
    color: str
    name: str = ""


class FrameImage(pg.PlotWidget):
    """Shows one frame in viridis, with outlines of its features, each in a colour scale of its own.

    Drawing costs the same however long the measurement runs.
    """

    def __init__(self, parent: QWidget | None = None, *, title: str = "") -> None:
        super().__init__(parent, background=style.PAPER)
        self._shape = (0, 0)
        self._newest_first = False
        self._numbers = True
        self._scale = ColorScale()
        self._outlines: tuple[Outline, ...] = ()
        self._shown_outlines: object = None
        self._rectangles: list[Any] = []
        self._make_axes(title)
        self._image = pg.ImageItem(axisOrder="col-major")
        self._image.setLookupTable(pg.colormap.get("viridis").getLookupTable(nPts=256))
        self._edge = pg.InfiniteLine(angle=90, pen=pg.mkPen("#ffffff", width=2))
        self._edge.setZValue(20)
        self._edge.hide()
        self._text = pg.TextItem(color=style.MUTED, anchor=(0.5, 0.5))
        self._text.setZValue(30)
        self.addItem(self._image)
        self.addItem(self._edge)
        self.addItem(self._text)
        self.setMinimumSize(200, 140)

    def set_frame(self, values: NDArray[np.float32], *, filling: int | None = None) -> None:
        """Show float32 `(time_steps, width)`, oldest first.

        With `filling` the window is a live one: a line is drawn before its newest `filling` rows, none when 0.
        """
        self._fit(values.shape[0], values.shape[1])
        self._show_numbers(True)
        parts = [(outline.start, outline.stop) for outline in self._outlines if outline.stop <= values.shape[1]]
        scaled = self._scale.apply(values, parts)
        shown = scaled[::-1] if self._newest_first else scaled
        self._image.setImage(shown, autoLevels=False, levels=(0.0, 1.0))
        self._image.show()
        self._text.hide()
        self._edge.setVisible(bool(filling))
        if filling:
            self._edge.setPos(filling if self._newest_first else values.shape[0] - filling)

    def set_empty(self, text: str = "", *, time_steps: int = 0, width: int = 0) -> None:
        """Show no frame, only a text and, where the size is known, the outlines."""
        self._scale.reset()
        self._image.hide()
        self._edge.hide()
        self._fit(max(1, time_steps), max(1, width))
        self._show_numbers(width > 0)
        self._text.setText(text)
        self._text.setPos(max(1, time_steps) / 2, max(1, width) / 2)
        self._text.show()

    def set_outlines(self, outlines: Sequence[Outline]) -> None:
        """Frame parts of the row; each is shown in its own range of values."""
        if tuple(outlines) != self._outlines:
            self._outlines = tuple(outlines)
            self._scale.reset()
        self._draw_outlines()

    def set_newest_first(self, newest_first: bool) -> None:
        """Show the newest row at the left, or the oldest; frames are given oldest first in any case."""
        if newest_first != self._newest_first:
            self._newest_first = newest_first
            text = "Time step, newest first" if newest_first else "Time step"
            self.getPlotItem().getAxis("bottom").setLabel(text, color=style.MUTED)
            if self._image.image is not None:
                self._image.setImage(self._image.image[::-1], autoLevels=False, levels=(0.0, 1.0))
                self._edge.setPos(self._shape[0] - self._edge.value())

    def reset_levels(self) -> None:
        """Let the next frame alone decide on the colour scale."""
        self._scale.reset()

    def _make_axes(self, title: str) -> None:
        if title:
            self.setTitle(title, color=style.TEXT, size="11pt")
        remove_menu(self.getPlotItem())
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        item = self.getPlotItem()
        item.showAxes((True, False, False, True), showValues=True)
        for name, text in (("left", "Feature"), ("bottom", "Time step")):
            axis = item.getAxis(name)
            axis.setTextPen(style.MUTED)
            axis.setPen(style.LINE)
            axis.setLabel(text, color=style.MUTED)  # after the pen, which would give the title its own colour
            axis.setZValue(10)
        keep_painted(item)
        # pyqtgraph lets the titles stand out over the axes by a few pixels, which would be cut off
        item.layout.setContentsMargins(4, 6, 10, 6)
        item.getViewBox().setDefaultPadding(0.0)

    def _show_numbers(self, shown: bool) -> None:
        if shown != self._numbers:  # those of no frame would mean nothing
            self._numbers = shown
            for name in ("left", "bottom"):
                self.getPlotItem().getAxis(name).setStyle(showValues=shown)

    def _fit(self, time_steps: int, width: int) -> None:
        if (time_steps, width) != self._shape:
            self._shape = (time_steps, width)
            self._scale.reset()
            self.setRange(xRange=(0, time_steps), yRange=(0, width), padding=0.02)
            self._draw_outlines()

    def _draw_outlines(self) -> None:
        if (self._outlines, self._shape) == self._shown_outlines:
            return
        self._shown_outlines = (self._outlines, self._shape)
        for item in self._rectangles:
            self.removeItem(item)
        self._rectangles = []
        for outline in self._outlines:
            self._draw_outline(outline)

    def _draw_outline(self, outline: Outline) -> None:
        steps = self._shape[0]
        rectangle = QGraphicsRectItem(QRectF(0, outline.start, steps, outline.stop - outline.start))
        rectangle.setPen(pg.mkPen(outline.color, width=2))
        rectangle.setBrush(pg.mkBrush(None))
        rectangle.setZValue(15)
        self.addItem(rectangle)
        self._rectangles.append(rectangle)
        if outline.name:
            name = pg.TextItem(outline.name, color="#ffffff", fill=pg.mkColor(outline.color), anchor=(0, 0))
            name.setPos(0, outline.stop)
            font = self.font()
            font.setPixelSize(_NAME_PIXELS)
            name.setFont(font)
            name.setZValue(16)
            self.addItem(name)
            self._rectangles.append(name)
