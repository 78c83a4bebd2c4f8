"""What the sensors saw lately: amplitude over distance and time, one picture per sensor."""

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


class HistoryPlot(pg.GraphicsLayoutWidget):
    """Shows the last readings of each sensor, newest at the right, distance upwards in metres.

    The subsweeps of a sensor lie where they measure, in one picture; where they overlap, the later one is seen. Time is
    seconds before now.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setBackground(style.PAPER)
        self.setMinimumHeight(120)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self._setup: SensorSetup | None = None
        self._images: list[Any] = []
        self._levels: dict[int, float] = {}
        self.set_setup(None)

    def set_setup(self, setup: SensorSetup | None) -> None:
        """Make an empty picture for each sensor."""
        if setup == self._setup and self._levels:
            return
        self._setup = setup
        self.clear()
        sensors = (0,) if setup is None else setup.sensor_ids
        self._levels = dict.fromkeys(sensors, 0.0)
        plots = {
            sensor: self._make_plot(column, sensor, many=len(sensors) > 1) for column, sensor in enumerate(sensors)
        }
        if setup is None:
            plots[0].setRange(xRange=(-1, 0), yRange=(0, 1), padding=0)
        self._images = [] if setup is None else [_add_image(plots[channel.sensor_id]) for channel in setup.channels]

    def set_history(self, setup: SensorSetup, history: Sequence[NDArray[np.float32]]) -> None:
        """Show the amplitudes, float32 `(readings, points)` per channel, oldest first."""
        self.set_setup(setup)
        for sensor, level in self._levels.items():
            own = [place for place, channel in enumerate(setup.channels) if channel.sensor_id == sensor]
            level = max(max(float(history[place].max()) for place in own), (1 - _FORGET) * level, 1e-9)
            self._levels[sensor] = level
            for place in own:
                amplitude, image = history[place], self._images[place]
                image.setImage((amplitude / level) ** _GAMMA, autoLevels=False, levels=(0.0, 1.0))
                image.setRect(_place(setup.channels[place], amplitude.shape[0] / setup.reading_rate_hz))

    def _make_plot(self, column: int, sensor: int, *, many: bool) -> Any:
        plot = self.addPlot(row=0, col=column)
        plot.getViewBox().setDefaultPadding(0.0)
        name_axes(plot, left="Distance (m)" if column == 0 else "", bottom="Time (s)")
        keep_painted(plot)
        if many:
            plot.setTitle(f"Sensor {sensor}", color=style.TEXT, size="9pt")
        return plot


def _add_image(plot: Any) -> Any:
    image = pg.ImageItem(axisOrder="col-major")
    image.setLookupTable(pg.colormap.get("viridis").getLookupTable(nPts=256))
    plot.addItem(image)
    return image


def _place(channel: Channel, seconds: float) -> QRectF:
    """Where a picture of so many seconds lies: a point covers half a step on either side of its distance."""
    height = channel.step_m * channel.points
    return QRectF(-seconds, channel.start_m - channel.step_m / 2, seconds, height)
