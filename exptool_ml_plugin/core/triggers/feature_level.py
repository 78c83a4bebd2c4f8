"""Threshold on a feature: a frame when a feature's value rises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..options import option
from ..reading import Channel, Reading
from ..recording import Recording
from .base import RowSource, Trigger
from .crossing import Crossing
from .row_part import check_feature_number, part_of_row

STATISTICS: Mapping[str, str] = {"max": "Largest value", "mean": "Mean of the values"}


@dataclass(frozen=True)
class FeatureLevelOptions:
    """Settings of the threshold on a feature; levels are in the feature's own unit."""

    threshold: float = option(
        1.0,
        text="Threshold",
        doc="Level above which the feature triggers, in the feature's own unit.",
        minimum=-1e9,
        maximum=1e9,
    )
    feature: int = option(
        0,
        text="Feature",
        doc="Its place in the list of features, 1 for the first. 0: all features together.",
        minimum=0,
        maximum=1000,
        zero="all",
    )
    statistic: str = option(
        "max",
        text="Compared",
        doc="What of the feature's values in one row is compared with the threshold.",
        choices=STATISTICS,
    )
    release: float = option(
        0.0,
        text="Release",
        doc="How far below the threshold the value must come before it can trigger again.",
        minimum=0.0,
        maximum=1e9,
    )
    once_per_rise: bool = option(
        True,
        text="One frame per rise",
        doc="Off: while the value stays above the threshold, frames are cut one after another.",
    )


class FeatureLevel(Trigger):
    """Triggers when the largest, or the mean, value of one feature's part of the row exceeds the threshold.

    It triggers once, and again after the value was `release` or more below the threshold. The score is the value.
    """

    key: ClassVar[str] = "feature_level"
    name: ClassVar[str] = "Threshold on a feature"
    description: ClassVar[str] = "Cuts a frame when the value of a feature rises above a threshold."
    Options: ClassVar[type] = FeatureLevelOptions

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        super().__init__(options, channels=channels, reading_rate_hz=reading_rate_hz, time_steps=time_steps)
        self.threshold = float(options.threshold)
        self._crossing = Crossing(self.threshold, self.threshold - options.release, every=not options.once_per_rise)
        self._part = slice(None)

    def prepare(self, source: RowSource) -> None:
        """Learn which part of the row the feature has."""
        self._part = part_of_row(self.options.feature, source.slices)

    @classmethod
    def check(cls, options: Any, *, time_steps: int, source: RowSource | None) -> list[Issue]:
        """Say where there is no such feature."""
        return check_feature_number(options.feature, source)

    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Compare the row."""
        self.score = float(self._statistic(row[np.newaxis])[0])
        return self._crossing.update(self.score)

    def updates(self, readings: Recording, rows: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Compare all rows; as `Trigger.updates`."""
        scores = self._statistic(rows)
        triggered = np.array([self._crossing.update(score) for score in scores.tolist()], dtype=np.bool_)
        if len(scores):
            self.score = float(scores[-1])
        return triggered, scores

    def reset(self) -> None:
        """Forget that it was above the threshold."""
        self.score = None
        self._crossing.reset()

    def _statistic(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return float64 `(n,)` of float32 `(n, width)`."""
        # One order in memory, so that sums of one row and of many are rounded alike.
        part = np.ascontiguousarray(rows[:, self._part], dtype=np.float64)
        values: NDArray[np.float64] = part.max(axis=1) if self.options.statistic == "max" else part.mean(axis=1)
        return values
