"""Which part of a row a trigger looks at: one feature of the list, or all."""

from __future__ import annotations

from collections.abc import Mapping

from ..issues import Issue
from .base import RowSource

ALL_FEATURES = 0
"""What the option `feature` holds for the whole row; 1 is the first feature of the list."""


def part_of_row(feature: int, slices: Mapping[int, slice]) -> slice:
    """Return the part of the row of the feature with that number, counted from 1; 0 for the whole row."""
    return slice(None) if feature == ALL_FEATURES else slices[feature - 1]


def check_feature_number(feature: int, source: RowSource | None) -> list[Issue]:
    """Say where the feature list has no enabled feature with that number; the option's name is `feature`."""
    if source is None or feature == ALL_FEATURES or feature - 1 in source.slices:
        return []
    in_use = ", ".join(str(place + 1) for place in source.slices)
    message = f"Expected the number of a feature in use ({in_use}), or 0 for all. Received: feature={feature}."
    return [Issue("feature", message)]
