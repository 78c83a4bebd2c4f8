"""The last predictions: one line per label, newest at the right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtWidgets import QWidget

from .. import style
from .axes import name_axes

SHOWN = 100
"""Predictions on the axis."""


class PredictionPlot(pg.PlotWidget):
    """Shows float32 `(up to 100, labels)` of probabilities, newest last, with a legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=style.PAPER)
        self.setMinimumHeight(130)
        self._labels: tuple[str, ...] = ()
        self._curves: list[Any] = []
        item = self.getPlotItem()
        name_axes(item, left="Probability", bottom="Frames before the newest")
        item.getAxis("left").setTicks([[(0.0, "0"), (0.5, "0.5"), (1.0, "1")]])
        item.showGrid(y=True, alpha=0.15)
        self._legend = item.addLegend(offset=(8, 8), labelTextColor=style.TEXT, brush=pg.mkBrush(255, 255, 255, 200))
        self.setRange(xRange=(-(SHOWN - 1), 1), yRange=(-0.08, 1.08), padding=0.0)

    def set_history(self, labels: tuple[str, ...], history: NDArray[np.float32]) -> None:
        """Show the probabilities of the labels, newest last; labels have their colours by their order."""
        if labels != self._labels:
            for curve in self._curves:
                self.removeItem(curve)
            self._labels = labels
            self._curves = [self._make_curve(label, style.series_color(index)) for index, label in enumerate(labels)]
        x = np.arange(-len(history) + 1, 1)
        for index, curve in enumerate(self._curves):
            curve.setData(x, history[:, index])

    def _make_curve(self, label: str, color: str) -> Any:
        pen = pg.mkPen(color, width=2)
        return self.plot(pen=pen, name=label, symbol="o", symbolSize=4, symbolPen=color, symbolBrush=color)
