"""Every door for third parties.

A guest package declares an entry point of the group `exptool_ml` that names a module; the functions of that module
marked with `exptool_ml_plugin.hookimpl` and named as below are called once, when the workbench starts. What ships
with this package comes in through the same doors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pluggy

from .core.features.base import Feature
from .core.network import LayerType
from .core.reading import Reading, SensorSetup
from .core.recording import Recording
from .core.triggers.base import Trigger

hookspec = pluggy.HookspecMarker("exptool_ml")


class LiveSource(Protocol):
    """A sensor that is measuring: `setup` of the data, the readings in order, and an end."""

    setup: SensorSetup

    def __iter__(self) -> Iterator[Reading]:
        """Yield readings until closed."""

    def close(self) -> None:
        """Stop measuring and let go of the sensor."""


class Source(Protocol):
    """Where readings come from: recordings of one kind, and sensors of one kind."""

    key: str

    def read(self, path: Path) -> list[Recording] | None:
        """Return the recordings in the file, None if it is not of this kind; raise `UserError` if it is broken."""

    def open(self, address: dict[str, Any], setup: SensorSetup) -> LiveSource | None:
        """Connect and start measuring with a setup.

        `address` has one entry: "serial" (port), "usb" (True or a serial number), "socket" (IP) or "simulated"
        (name of a scene). None if this source has no such sensor; `UserError` if connecting fails.
        """


@hookspec
def register_features() -> Iterable[type[Feature]]:
    """Return the features to offer in the Features tab."""
    return ()


@hookspec
def register_triggers() -> Iterable[type[Trigger]]:
    """Return the triggers to offer in the Collect tab."""
    return ()


@hookspec
def register_layers() -> Iterable[LayerType]:
    """Return the network layers to offer in the Model tab."""
    return ()


@hookspec
def register_sources() -> Iterable[Source]:
    """Return the sources that `exptool-ml extract` and `exptool-ml predict` read from."""
    return ()
