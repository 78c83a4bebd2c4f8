"""Feature based: a frame when what happened lies in the middle of the newest rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..options import option
from ..reading import Channel, Reading
from .base import RowSource, Trigger
from .row_part import check_feature_number, part_of_row

_BALANCE = 0.1
"""How far the ratio of the wings may be from 1 for them to count as alike."""

_VETO = 1.1
"""A wing this many times the centre means that the centre is not where it happened."""


@dataclass(frozen=True)
class FeatureShapeOptions:
    """Settings of the feature-based trigger."""

    threshold: float = option(
        1.5,
        text="Threshold",
        doc="How many times the wings the centre must be; 1.2 to 3 is usual.",
        minimum=1.0,
        maximum=1000.0,
    )
    wing: int = option(
        10,
        text="Wings",
        unit="rows",
        doc="Rows at the beginning and at the end of the frame that must be quiet; less than half of the frame.",
        minimum=1,
        maximum=2047,
    )
    feature: int = option(
        0,
        text="Feature",
        doc="Its place in the list of features, 1 for the first. 0: all features together.",
        minimum=0,
        maximum=1000,
        zero="all",
    )


class FeatureShape(Trigger):
    r"""Compares the centre of the newest `time_steps` rows with the wings at both ends.

    With the sums `s[t]` of the rows (or of one feature's part of them), `T` rows and wings of `w` rows,
    `L = sum(s[T-w:]) / w` (the newer), `R = sum(s[:w]) / w` and `C = sum(s[w:T-w]) / (T - 2w)`. The score is
    `2C / (L + R)` where the wings are alike, `0.9 < L/R < 1.1`, and no wing is larger than `1.1 C`; else 0. It triggers
    while the score exceeds the threshold, and the frame ends with the row that triggered, so that what happened lies
    in its middle. The formula is that of the trigger "auto feature based" of Acconeer's Deep Learning Interface
    (acconeer-python-exploration v3, `trigger_functions.py`); there the older wing missed the oldest row and took
    one of the centre's instead. Its two other conditions, `C` above `2 L` or `2 R` times the threshold, follow from
    this one. The features should not be negative.

    The sum of a row is formed once and kept: a reading costs one row and one addition per row of the frame.
    """

    key: ClassVar[str] = "feature_shape"
    name: ClassVar[str] = "Feature based (wings and centre)"
    description: ClassVar[str] = "Cuts a frame when the features are strong in its middle and weak at both ends."
    Options: ClassVar[type] = FeatureShapeOptions
    uses_pre_trigger: ClassVar[bool] = False

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        super().__init__(options, channels=channels, reading_rate_hz=reading_rate_hz, time_steps=time_steps)
        self.threshold = float(options.threshold)
        self._part = slice(None)
        self._sums: NDArray[np.float64] = np.zeros(2 * time_steps)
        self._next = 0
        self._rows = 0

    def prepare(self, source: RowSource) -> None:
        """Learn which part of the row the feature has."""
        self._part = part_of_row(self.options.feature, source.slices)

    @classmethod
    def check(cls, options: Any, *, time_steps: int, source: RowSource | None) -> list[Issue]:
        """Say where the wings leave no centre, or there is no such feature."""
        issues = check_feature_number(options.feature, source)
        if 2 * options.wing >= time_steps:
            most = (time_steps - 1) // 2
            limit = f"wings of at most {most} rows" if most else "frames of at least 3 rows"
            issues.append(
                Issue("wing", f"Expected {limit}. Received: wing={options.wing} with frames of {time_steps} rows.")
            )
        return issues

    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Take the row; nothing is compared until there are enough for a frame."""
        # Every sum is written twice, one frame apart: the newest always lie in one piece.
        total = row[self._part].sum(dtype=np.float64)
        self._sums[self._next] = self._sums[self._next + self.time_steps] = total
        self._next = (self._next + 1) % self.time_steps
        self._rows += 1
        if self._rows < self.time_steps:
            return False
        self.score = self._shape(self._sums[self._next : self._next + self.time_steps])
        return self.score > float(self.options.threshold)

    def reset(self) -> None:
        """Forget all rows."""
        self.score = None
        self._next = 0
        self._rows = 0

    def _shape(self, sums: NDArray[np.float64]) -> float:
        """Return the score of float64 `(time_steps,)`, oldest first."""
        wing = self.options.wing
        newer, older = float(sums[-wing:].mean()), float(sums[:wing].mean())
        center = float(sums[wing:-wing].mean())
        if newer <= 0 or older <= 0 or not 1 - _BALANCE < newer / older < 1 + _BALANCE:
            return 0.0
        if max(newer, older) > _VETO * center:
            return 0.0
        return 2 * center / (newer + older)
