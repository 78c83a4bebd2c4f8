"""What the workbench asks of the window it lives in."""

from __future__ import annotations

from typing import Protocol

from ..core.reading import SensorSetup


class HostControl(Protocol):
    """The host's own start, stop and sensor configuration; called in the GUI thread, may raise `UserError`."""

    @property
    def title(self) -> str:
        """Name of the host for people, "Exploration Tool"."""

    @property
    def invitation(self) -> str:
        """What to do before anything can be measured: "connect a sensor and choose the service Sparse IQ"."""

    @property
    def can_start(self) -> bool:
        """True when a sensor is connected (or a recording opened) and nothing is measuring."""

    def start(self) -> None:
        """Start measuring; the readings come through the engine."""

    def stop(self) -> None:
        """Stop measuring."""

    def apply_setup(self, setup: SensorSetup) -> None:
        """Set the sensor's configuration to that of a model or a session."""

    def cover_setup(self, setup: SensorSetup) -> None:
        """Change the configuration to the service, sensors, ranges and sweeps of a setup; the rest of it stays."""
