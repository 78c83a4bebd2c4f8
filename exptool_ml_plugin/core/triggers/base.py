"""What a trigger is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..features.base import NoOptions
from ..reading import Channel


class Trigger(ABC):
    """Decides with every reading whether a frame is to be cut.

    `score` and `threshold` are what the last call compared, for the curve in the Collect tab (None where the
    trigger compares nothing). `uses_pre_trigger` is False for triggers that end a frame with the current row.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    Options: ClassVar[type] = NoOptions
    uses_pre_trigger: ClassVar[bool] = True

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        self.options = options
        self.channels = channels
        self.reading_rate_hz = reading_rate_hz
        self.time_steps = time_steps
        self.score: float | None = None
        self.threshold: float | None = None

    @abstractmethod
    def update(self, matrices: Sequence[NDArray[np.complex64]], row: NDArray[np.float32]) -> bool:
        """Take one reading and tell whether it triggers.

        `matrices[i]` is complex64 `(sweeps, points)` of channel `i`, `row` is float32 `(width,)`.
        """

    @abstractmethod
    def reset(self) -> None:
        """Forget all earlier readings."""
