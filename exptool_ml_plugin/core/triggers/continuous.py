"""Continuous: a frame every so many rows, whatever happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..options import option
from ..reading import Channel, Reading
from ..recording import Recording
from .base import Trigger


@dataclass(frozen=True)
class ContinuousOptions:
    """Settings of the continuous trigger."""

    hop: int = option(
        0,
        text="Hop",
        unit="rows",
        doc="Rows from one frame to the next. 0: one frame length, so that frames do not overlap.",
        minimum=0,
        maximum=100000,
        zero="one frame",
    )


class Continuous(Trigger):
    """Cuts the first frame when there are rows enough for one, and another after each hop."""

    key: ClassVar[str] = "continuous"
    name: ClassVar[str] = "Continuous"
    description: ClassVar[str] = "Cuts frames one after another, whatever happens in front of the sensor."
    Options: ClassVar[type] = ContinuousOptions
    waiting: ClassVar[str] = "Collecting without a trigger"
    uses_pre_trigger: ClassVar[bool] = False
    uses_dead_time: ClassVar[bool] = False

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        super().__init__(options, channels=channels, reading_rate_hz=reading_rate_hz, time_steps=time_steps)
        self._hop = options.hop or time_steps
        self._wait = time_steps

    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Count the row."""
        self._wait -= 1
        if self._wait > 0:
            return False
        self._wait = self._hop
        return True

    def updates(self, readings: Recording, rows: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Count all rows at once; as `Trigger.updates`."""
        count = len(readings)
        triggered = np.zeros(count, dtype=np.bool_)
        triggered[self._wait - 1 :: self._hop] = True
        beyond = count - self._wait
        self._wait = -beyond if beyond < 0 else self._hop - beyond % self._hop
        return triggered, np.full(count, np.nan)

    def reset(self) -> None:
        """Wait for a whole frame again."""
        self._wait = self.time_steps
