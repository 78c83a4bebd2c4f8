"""What is kept together when frames are split: recordings, persons, places, days or session files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .recipe import TrainingSettings
from .text_column import TextColumn

GROUPS: Mapping[str, str] = {
    "recording": "recordings",
    "person": "persons",
    "place": "places",
    "day": "days",
    "session": "session files",
}
"""Kinds of groups that stay whole, and what several of them are called."""


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """What the split needs to know of each frame.

    `labels` and `groups` have one entry per frame; frames of the same group come from the same recording.
    `first_reading` is int64 `(n,)`: a frame was made of the readings from there to `time_steps` further on.
    `tags` holds, under "person", "place", "day" and "session", what is known of each frame, "" for nothing.
    """

    labels: Sequence[str]
    groups: Sequence[str]
    first_reading: NDArray[np.int64]
    time_steps: int
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)


def split_settings(settings: TrainingSettings) -> tuple[object, ...]:
    """Return everything of the settings that a split depends on."""
    fold = (settings.holdout, settings.folds, settings.fold)
    return (settings.validation, settings.validation_fraction, settings.split, settings.seed, *fold)


def group_names(frames: FrameIndex, by: str) -> TextColumn:
    """Return the group of each frame: its "recording", "person", "place", "day" or "session"."""
    return TextColumn.of(frames.groups) if by == "recording" else merged(frames.groups, frames.tags[by])


def split_problem(frames: FrameIndex, settings: TrainingSettings) -> str:
    """Say why the split cannot be made, "" where it can."""
    by, names = settings.split, GROUPS.get(settings.split, "")
    if not names:
        if settings.holdout == "group":
            return "Expected a split that keeps something together, to leave one group out. Received: single frames."
        return _no_such_fold(settings)
    if by != "recording":
        without = recordings_without(frames.groups, frames.tags.get(by) or [""] * len(frames.groups))
        if without:
            more = f" and {len(without) - 3} more" if len(without) > 3 else ""
            return f"Expected to know the {by} of every recording. Received: none for {', '.join(without[:3])}{more}."
    if by == "recording" and settings.holdout == "part":
        return ""
    groups = group_names(frames, by).used
    if len(groups) < 2:
        return f"Expected at least two {names}, to train with one and validate with another. Received: {len(groups)}."
    if settings.holdout == "fold" and settings.folds > len(groups):
        return f"Expected at most as many folds as {names}, {len(groups)}. Received: folds={settings.folds}."
    if settings.holdout == "group" and settings.fold > len(groups):
        return f"Expected a number from 1 to {len(groups)}, as there are {names}. Received: number={settings.fold}."
    return _no_such_fold(settings)


def _no_such_fold(settings: TrainingSettings) -> str:
    if settings.holdout == "fold" and settings.fold > settings.folds:
        return f"Expected a number from 1 to {settings.folds}, as there are folds. Received: number={settings.fold}."
    return ""


def day_of(timestamp: str) -> str:
    """Return the day of a host's time "2026-03-14T15:09:26", "" where it says none (simulations begin in 1970)."""
    day = timestamp.strip().strip('"')[:10]
    parts = day.split("-")
    is_day = [len(part) for part in parts] == [4, 2, 2] and all(part.isdigit() for part in parts)
    return day if is_day and parts[0] != "1970" else ""


def recordings_without(recordings: Sequence[str], values: Sequence[str]) -> list[str]:
    """Return the recordings, sorted, of which a frame has an empty value; both have one entry per frame."""
    return sorted({name for name, value in _pairs(recordings, values) if not value.strip()})


def merged(recordings: Sequence[str], values: Sequence[str]) -> TextColumn:
    """Return a group for each frame: its value, and one for both where a recording occurs under several values.

    Without that the same readings, once in each of two session files, would lie on both sides of a split.
    """
    column = TextColumn.of(values)
    parent: dict[str, str] = {value: value for value in column.used}

    def root(value: str) -> str:
        while parent[value] != value:
            value = parent[value]
        return value

    first: dict[str, str] = {}
    for recording, value in _pairs(recordings, column):
        one, other = root(first.setdefault(recording, value)), root(value)
        parent[max(one, other)] = min(one, other)
    members: dict[str, list[str]] = {}
    for value in sorted(parent):
        members.setdefault(root(value), []).append(value)
    names = {value: " + ".join(together) for together in members.values() for value in together}
    return TextColumn.picked([names.get(value, "") for value in column.names], column.codes)


def _pairs(recordings: Sequence[str], values: Sequence[str]) -> list[tuple[str, str]]:
    """Return each recording with each value that occurs together with it."""
    one, other = TextColumn.of(recordings), TextColumn.of(values)
    both = np.unique(one.codes.astype(np.int64) * max(1, len(other.names)) + other.codes)
    return [(one.names[pair // len(other.names)], other.names[pair % len(other.names)]) for pair in both.tolist()]


def assign_folds(table: NDArray[np.int64], folds: int, *, seed: int) -> NDArray[np.int64]:
    """Return the fold, 0 to `folds` - 1, of each group, so that each fold has about the same frames of each label.

    `table[g, l]` is int64, the frames of label `l` in group `g`. The largest groups are placed first, each where the
    squared deviation from equal parts, in parts of the label's frames, becomes smallest.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(table))
    order = order[np.argsort(-table[order].sum(axis=1), kind="stable")]
    share = table / np.maximum(1, table.sum(axis=0))
    held = np.zeros((folds, table.shape[1]))
    fold_of = np.zeros(len(table), dtype=np.int64)
    taken = np.zeros(folds, dtype=np.int64)
    for place, group in enumerate(order):
        costs = ((held + share[group] - 1 / folds) ** 2).sum(axis=1) - ((held - 1 / folds) ** 2).sum(axis=1)
        # The last groups go where there is none yet: no fold stays empty.
        if len(order) - place <= int((taken == 0).sum()):
            costs = np.where(taken == 0, costs, np.inf)
        chosen = int(np.argmin(costs))
        fold_of[group] = chosen
        held[chosen] += share[group]
        taken[chosen] += 1
    return fold_of
