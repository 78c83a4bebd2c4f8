"""Single: a frame each time somebody presses the button."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..reading import Reading
from ..recording import Recording
from .base import Trigger


class Single(Trigger):
    """Triggers with every marked reading: the one that came after the button, or a marker sent over the network.

    The marks are kept with the readings, so that a replay cuts the same frames.
    """

    key: ClassVar[str] = "single"
    name: ClassVar[str] = "Single"
    description: ClassVar[str] = "Cuts one frame each time you press Trigger, or a marker arrives."

    waiting: ClassVar[str] = "Waiting for the button or a marker"

    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Tell whether the reading is marked."""
        return reading.marked

    def updates(self, readings: Recording, rows: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Look up the marks of all readings; as `Trigger.updates`."""
        triggered = np.zeros(len(readings), dtype=np.bool_)
        triggered[list(readings.marks)] = True
        return triggered, np.full(len(readings), np.nan)

    def reset(self) -> None:
        """Nothing to forget."""
