"""Where readings go, those of a sensor and those of a recording."""

from __future__ import annotations

from dataclasses import dataclass

from ....core.reading import Reading, SensorSetup
from ....workbench.engine import Engine


@dataclass(frozen=True, eq=False)
class Newest:
    """The newest reading and what it was measured with."""

    setup: SensorSetup
    reading: Reading


class Feed:
    """Hands every reading to the engine; `newest` is for plots, which need no other."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.newest: Newest | None = None
        self._setup: SensorSetup | None = None

    def begin(self, setup: SensorSetup, *, source: str, host_attributes: dict[str, str]) -> None:
        """A measurement begins."""
        self._setup = setup
        self.engine.begin(setup, source=source, host_attributes=host_attributes)

    def take(self, reading: Reading) -> None:
        """The next reading."""
        if self._setup is not None:
            self.show(self._setup, reading)
        self.engine.push(reading)

    def show(self, setup: SensorSetup, reading: Reading) -> None:
        """Let the plots see a reading that is not measured now."""
        self.newest = Newest(setup, reading)

    def end(self) -> None:
        """The measurement is over; the newest reading stays to be looked at."""
        self.engine.end()
