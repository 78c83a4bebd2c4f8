"""What the sensor saw lately: amplitude over distance and time, one picture per sensor and subsweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QRectF
from qtpy.QtWidgets import QWidget

from ...core.reading import Channel, SensorSetup
from .. import style
from .axes import keep_painted, name_axes

_GAMMA = 1 / 2.2
"""Brightness is amplitude to this power: weak echoes are seen beside strong ones."""

_FORGET = 0.02
"""Part of the way the colour scale goes back to a weaker echo with each picture."""

_MOST_PICTURES = 4


class HistoryPlot(pg.GraphicsLayoutWidget):
    """Shows the last readings of each channel, newest at the right, distance upwards in metres.

    Time is seconds before now. More than four channels would be too small to see; the first four are shown.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setBackground(style.PAPER)
        self.setMinimumHeight(120)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self._setup: SensorSetup | None = None
        self._images: list[Any] = []
        self._levels: list[float] = []
        self.set_setup(None)

    def set_setup(self, setup: SensorSetup | None) -> None:
        """Make an empty picture for each channel."""
        if setup == self._setup and self._images:
            return
        self._setup = setup
        self.clear()
        self._images, self._levels = [], []
        channels = setup.channels[:_MOST_PICTURES] if setup is not None else (None,)
        for index, channel in enumerate(channels):
            self._images.append(self._make_picture(index, channel, many=len(channels) > 1))
            self._levels.append(0.0)

    def set_history(self, setup: SensorSetup, history: Sequence[NDArray[np.float32]]) -> None:
        """Show the amplitudes, float32 `(readings, points)` per channel, oldest first."""
        self.set_setup(setup)
        for index, (image, amplitude) in enumerate(zip(self._images, history, strict=False)):
            level = max(float(amplitude.max()), (1 - _FORGET) * self._levels[index], 1e-9)
            self._levels[index] = level
            image.setImage((amplitude / level) ** _GAMMA, autoLevels=False, levels=(0.0, 1.0))
            image.setRect(_place(setup.channels[index], amplitude.shape[0] / setup.reading_rate_hz))

    def _make_picture(self, index: int, channel: Channel | None, *, many: bool) -> Any:
        plot = self.addPlot(row=0, col=index)
        plot.getViewBox().setDefaultPadding(0.0)
        name_axes(plot, left="Distance (m)" if index == 0 else "", bottom="Time (s)")
        keep_painted(plot)
        if many and channel is not None:
            plot.setTitle(f"Sensor {channel.sensor_id}, subsweep {channel.subsweep + 1}", color=style.TEXT, size="9pt")
        image = pg.ImageItem(axisOrder="col-major")
        image.setLookupTable(pg.colormap.get("viridis").getLookupTable(nPts=256))
        plot.addItem(image)
        if channel is None:
            plot.setRange(xRange=(-1, 0), yRange=(0, 1), padding=0)
        return image


def _place(channel: Channel, seconds: float) -> QRectF:
    """Where a picture of so many seconds lies: a point covers half a step on either side of its distance."""
    height = channel.step_m * channel.points
    return QRectF(-seconds, channel.start_m - channel.step_m / 2, seconds, height)
