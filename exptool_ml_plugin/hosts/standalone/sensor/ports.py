"""What is connected to the computer, looked for in the background."""

from __future__ import annotations

from collections.abc import Callable

from psygnal import Signal

from ....workbench.background import Background
from .addresses import Address, Port, find_ports
from .measuring import DISCONNECTED, Sensor

SEARCHED = ("usb", "serial")
"""Kinds of address whose places can be found."""


class Ports:
    """The places found for each kind of address; `changed` is emitted, in any thread, when a search begins and ends.

    The first place that looks like a sensor becomes the sensor's, where none is chosen.
    """

    changed = Signal()

    def __init__(self, sensor: Sensor, report: Callable[[Exception, str], None]) -> None:
        self.found: dict[str, list[Port]] = {}
        self._sensor = sensor
        self._background = Background(report)
        self._background.changed.connect(self.changed.emit)

    @property
    def searching(self) -> bool:
        """True while a search runs."""
        return bool(self._background.doing)

    def search(self, kind: str) -> None:
        """Begin to look for places of a kind; a search that runs already is enough."""
        if kind in SEARCHED and not self.searching:
            self._background.run("the search for sensors", lambda: self._search(kind))

    def wait(self, timeout_s: float | None = 5.0) -> None:
        """Wait until the search has ended."""
        self._background.wait(timeout_s)

    def _search(self, kind: str) -> None:
        self.found[kind] = []
        self.found[kind] = find_ports(kind)
        likely = [port.place for port in self.found[kind] if port.likely]
        sensor = self._sensor
        if likely and sensor.address == Address(kind) and sensor.phase == DISCONNECTED:
            sensor.choose(Address(kind, likely[0]))
