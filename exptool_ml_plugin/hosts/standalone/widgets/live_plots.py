"""The newest reading: amplitude and phase over distance, and how fast what is there moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QRectF
from qtpy.QtWidgets import QWidget

from ....core.reading import Channel, SensorSetup
from ....qt import style
from ....qt.widgets.axes import keep_painted, name_axes
from ..sensor.feed import Newest
from ..sensor.live_picture import ChannelPicture, picture_of, velocities_m_s

MOST_SENSORS = 4
"""More would be too small to see; the first ones are shown."""

_FORGET = 0.02
"""Part of the way a scale goes back to a weaker echo with each picture."""

_GAMMA = 1 / 2.2
"""Brightness is magnitude to this power: weak echoes are seen beside strong ones."""

_POINTS_TO_MARK = 50
"""More would be a band instead of dots on a line."""

Place = tuple[int, int]


class LivePlots(pg.GraphicsLayoutWidget):
    """A column for every sensor, a colour for every subsweep; made when there is something to show.

    `shown` is the reading in view.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setBackground(style.PAPER)
        self.setMinimumSize(360, 320)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self._setup: SensorSetup | None = None
        self._columns: list[_Column] = []
        self.shown: Newest | None = None
        self.addLabel("No readings yet", color=style.MUTED)

    @property
    def columns(self) -> int:
        """How many sensors are shown."""
        return len(self._columns)

    def show_newest(self, newest: Newest | None) -> None:
        """Draw a reading; one that is drawn already costs nothing."""
        if newest is None or newest is self.shown:
            return
        self.shown = newest
        self._set_setup(newest.setup)
        for column in self._columns:
            column.draw(newest)

    def _set_setup(self, setup: SensorSetup) -> None:
        if setup == self._setup:
            return
        self._setup = setup
        self.clear()
        groups: dict[Place, list[int]] = {}
        for index, place in enumerate(_places(setup)):
            groups.setdefault(place, []).append(index)
        titles = len(groups) > 1
        self._columns = [
            _Column(self, number, setup, channels, titled=titles)
            for number, channels in enumerate(list(groups.values())[:MOST_SENSORS])
        ]


def _places(setup: SensorSetup) -> list[Place]:
    """Return the column of each channel: its sensor, and how often that was measured before in the same reading."""
    seen: dict[Place, int] = {}
    places = []
    for channel in setup.channels:
        key = (channel.sensor_id, channel.subsweep)
        places.append((channel.sensor_id, seen.get(key, 0)))
        seen[key] = seen.get(key, 0) + 1
    return places


class _Column:
    """The plots of one sensor."""

    def __init__(
        self, view: pg.GraphicsLayoutWidget, number: int, setup: SensorSetup, channels: list[int], *, titled: bool
    ) -> None:
        self._channels = [(index, setup.channels[index]) for index in channels]
        first = number == 0
        self._amplitude = _plot(view, 0, number, left="Amplitude" if first else "")
        self._phase = _plot(view, 1, number, left="Phase (rad)" if first else "")
        rate_known = self._channels[0][1].sweep_rate_hz is not None
        speed = "Velocity (m/s)" if rate_known else "Doppler"
        self._doppler = _plot(view, 2, number, left=speed if first else "", bottom="Distance (m)")
        if titled:
            sensor_id = self._channels[0][1].sensor_id
            self._amplitude.setTitle(f"Sensor {sensor_id}", color=style.TEXT, size="9pt")
        self._phase.setYRange(-np.pi, np.pi, padding=0)
        self._level = self._brightness = 0.0
        self._lines = [self._make_lines(place, channel) for place, (_, channel) in enumerate(self._channels)]
        self._images = [self._make_image(channel) for _, channel in self._channels]
        self._set_reach()

    def draw(self, newest: Newest) -> None:
        pictures = [picture_of(newest.reading.matrices[index], channel) for index, channel in self._channels]
        self._draw_lines(pictures)
        self._draw_images([picture.doppler for picture in pictures])

    def _draw_lines(self, pictures: list[ChannelPicture]) -> None:
        highest = max(float(picture.amplitude.max()) for picture in pictures)
        level = max(highest, (1 - _FORGET) * self._level, 1e-9)
        if not 0.8 * self._level < level <= self._level:  # the axis is written anew only when it must be
            self._level = 1.1 * level
            self._amplitude.setYRange(0.0, self._level, padding=0)
        for (amplitude, phase), (_, channel), picture in zip(self._lines, self._channels, pictures, strict=True):
            amplitude.setData(channel.distances_m, picture.amplitude)
            phase.setData(channel.distances_m, picture.phase)

    def _draw_images(self, spectra: list[NDArray[np.float64] | None]) -> None:
        there = [spectrum for spectrum in spectra if spectrum is not None]
        if not there:
            return
        self._brightness = max(max(float(s.max()) for s in there), (1 - _FORGET) * self._brightness, 1e-9)
        for image, (_, channel), spectrum in zip(self._images, self._channels, spectra, strict=True):
            if spectrum is not None:
                image.setImage((spectrum.T / self._brightness) ** _GAMMA, autoLevels=False, levels=(0.0, 1.0))
                image.setRect(_rectangle(channel))

    def _make_lines(self, place: int, channel: Channel) -> tuple[Any, Any]:
        color = style.series_color(place)
        dots = {"symbol": "o", "symbolSize": 5, "symbolBrush": color, "symbolPen": None}
        few = channel.points <= _POINTS_TO_MARK
        amplitude = self._amplitude.plot(pen=pg.mkPen(color, width=2), **(dots if few else {}))
        phase = self._phase.plot(pen=None, **dots)
        return amplitude, phase

    def _make_image(self, channel: Channel) -> Any:
        image = pg.ImageItem(axisOrder="col-major")
        image.setLookupTable(pg.colormap.get("viridis").getLookupTable(nPts=256))
        if channel.sweeps < 2:
            self._doppler.setTitle("No velocity of a single sweep", color=style.MUTED, size="9pt")
            return image
        self._doppler.addItem(image)
        return image

    def _set_reach(self) -> None:
        nearest = min(channel.start_m - channel.step_m / 2 for _, channel in self._channels)
        farthest = max(channel.end_m + channel.step_m / 2 for _, channel in self._channels)
        for plot in (self._amplitude, self._phase, self._doppler):
            plot.setXRange(nearest, max(farthest, nearest + 1e-3), padding=0)
        low = min(_rectangle(channel).top() for _, channel in self._channels)
        high = max(_rectangle(channel).bottom() for _, channel in self._channels)
        self._doppler.setYRange(low, high, padding=0)


def _plot(view: pg.GraphicsLayoutWidget, row: int, column: int, *, left: str, bottom: str = "") -> Any:
    plot = view.addPlot(row=row, col=column)
    plot.getViewBox().setDefaultPadding(0.0)
    name_axes(plot, left=left, bottom=bottom)
    plot.showGrid(x=True, y=True, alpha=0.15)
    keep_painted(plot)
    return plot


def _rectangle(channel: Channel) -> QRectF:
    """Where the picture of a spectrum lies: a value covers half a step on either side."""
    speeds = velocities_m_s(channel)
    if speeds is None or channel.sweeps < 2:
        low, height = -channel.sweeps / 2, float(channel.sweeps)
    else:
        step = float(speeds[1] - speeds[0])
        low, height = float(speeds[0]) - step / 2, step * channel.sweeps
    return QRectF(channel.start_m - channel.step_m / 2, low, channel.step_m * channel.points, height)
