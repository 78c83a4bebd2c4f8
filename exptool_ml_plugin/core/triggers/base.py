"""What a trigger is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..features.base import Feature, NoOptions
from ..issues import Issue
from ..reading import Channel, Reading, SensorSetup
from ..recording import Recording


@dataclass(frozen=True)
class RowSource:
    """Where the rows that a trigger sees come from.

    `setup` is that of the readings, `slices` maps the place of each enabled feature in the list, from 0, to its part
    of the row, `features` are the installed feature types by key, for a trigger that makes rows of its own.
    """

    setup: SensorSetup
    slices: Mapping[int, slice]
    features: Mapping[str, type[Feature]]


class Trigger(ABC):
    """Decides with every reading whether a frame is to be cut.

    `score` and `threshold` are what the last call compared, for the curve in the Collect tab (None where the
    trigger compares nothing), `waiting` is what is said between frames. `uses_pre_trigger` is False for triggers that
    end a frame with the current row, `uses_dead_time` for those that cut frames however close together. An option
    named `threshold` can be set by dragging its line beside the curve of the score, and learned from a recording of
    nothing happening.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    Options: ClassVar[type] = NoOptions
    waiting: ClassVar[str] = "Waiting for the trigger"
    uses_pre_trigger: ClassVar[bool] = True
    uses_dead_time: ClassVar[bool] = True

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        self.options = options
        self.channels = channels
        self.reading_rate_hz = reading_rate_hz
        self.time_steps = time_steps
        self.score: float | None = None
        self.threshold: float | None = None

    def prepare(self, source: RowSource) -> None:
        """Learn where the rows come from; called once before the first reading. Few triggers need it."""
        return

    @classmethod
    def check(cls, options: Any, *, time_steps: int, source: RowSource | None) -> list[Issue]:
        """Say what about the options cannot be used; `Issue.where` is the name of the option.

        `source` is None while nothing is known of the sensor, or its features do not fit it.
        """
        return []

    @abstractmethod
    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Take one reading and its row, float32 `(width,)`, and tell whether it triggers."""

    def updates(self, readings: Recording, rows: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return for consecutive readings whether each triggers, and its score (NaN for None).

        `rows` is float32 `(readings, width)`; bit for bit what `update` says of the same readings one by one.
        """
        triggered = np.zeros(len(readings), dtype=np.bool_)
        scores = np.full(len(readings), np.nan)
        for index, (reading, row) in enumerate(zip(readings, rows, strict=True)):
            triggered[index] = self.update(reading, row)
            if self.score is not None:
                scores[index] = self.score
        return triggered, scores

    @abstractmethod
    def reset(self) -> None:
        """Forget all earlier readings."""
