"""Which frames train and which validate: in whole groups, so that no frame validates what its neighbour taught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .recipe import TrainingSettings
from .split_groups import GROUPS, FrameIndex, assign_folds, group_names, split_problem
from .text_column import TextColumn

_TRIES = 32
"""How many places are tried for a stretch before a shorter one is."""


@dataclass(frozen=True, eq=False)
class Split:
    """Indices of the training and of the validation frames, int64, ascending; some frames may be in neither.

    `kind` is one of `recipe.SPLITS`, "files" (validation comes from files of its own) or "none". `notes` say in
    words what the split means for the figures. `problem` says why the split cannot be made; all frames train then.
    """

    training: NDArray[np.int64]
    validation: NDArray[np.int64]
    kind: str
    notes: tuple[str, ...] = ()
    problem: str = ""


def split_frames(frames: FrameIndex, settings: TrainingSettings) -> Split:
    """Split as the settings say; the same frames and settings give the same split."""
    everything = np.arange(len(frames.labels), dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int64)
    if settings.validation != "split":
        return Split(everything, nothing, settings.validation)
    problem = split_problem(frames, settings)
    if problem:
        return Split(everything, nothing, settings.split, problem=problem)
    if settings.split == "random":
        return _split_randomly(frames, settings)
    if settings.split == "stratified":
        return _RecordingSplit(frames, settings).stretches()
    if settings.holdout == "part":
        if settings.split == "recording":
            return _RecordingSplit(frames, settings).split()
        return _RecordingSplit(_grouped(frames, settings), settings).whole_groups(everything)
    return _hold_out(_grouped(frames, settings), settings)


def _grouped(frames: FrameIndex, settings: TrainingSettings) -> FrameIndex:
    return replace(frames, groups=group_names(frames, settings.split))


def _hold_out(frames: FrameIndex, settings: TrainingSettings) -> Split:
    """Let the groups of one fold validate, or one group."""
    names, group = _coded(frames.groups)
    if settings.holdout == "group":
        chosen = np.array([settings.fold - 1])
        what = f"{GROUPS[settings.split]} one by one, {settings.fold} of {len(names)}"
    else:
        label_names, label = _coded(frames.labels)
        table = np.zeros((len(names), len(label_names)), dtype=np.int64)
        np.add.at(table, (group, label), 1)
        folds = assign_folds(table, settings.folds, seed=settings.seed)
        chosen = np.flatnonzero(folds == settings.fold - 1)
        what = f"fold {settings.fold} of {settings.folds}"
    validates = np.isin(group, chosen)
    note = f"Validation only ({what}): {', '.join(names[g] for g in chosen)}."
    return Split(np.flatnonzero(~validates), np.flatnonzero(validates), settings.split, (note,))


def _coded(texts: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the texts that occur, sorted, and for each entry its place among them."""
    column = TextColumn.of(texts)
    return column.used, column.codes_among(column.used)


def _split_randomly(frames: FrameIndex, settings: TrainingSettings) -> Split:
    names, label = _coded(frames.labels)
    random = np.random.default_rng(settings.seed)
    validates = np.zeros(len(label), dtype=bool)
    for code in range(len(names)):
        own = random.permutation(np.flatnonzero(label == code))
        if settings.holdout == "fold":
            validates[own[settings.fold - 1 :: settings.folds]] = True
        else:
            validates[own[: _part(len(own), settings.validation_fraction)]] = True
    note = "Validation frames are drawn at random: neighbours of theirs train, so the validation figures flatter."
    return Split(np.flatnonzero(~validates), np.flatnonzero(validates), "random", (note,))


def _part(frames: int, fraction: float) -> int:
    """Frames to validate of so many: at least one, and at least one left to train."""
    return 0 if frames < 2 else min(frames - 1, max(1, round(fraction * frames)))


@dataclass
class _Roles:
    """What has been decided so far, one entry per frame."""

    validates: NDArray[np.bool_]
    left_out: NDArray[np.bool_]
    notes: list[str] = field(default_factory=list)

    @property
    def trains(self) -> NDArray[np.bool_]:
        return np.asarray(~(self.validates | self.left_out))


class _RecordingSplit:
    """Whole recordings validate where a label has several; else a stretch of its only one, with a gap beside it."""

    def __init__(self, frames: FrameIndex, settings: TrainingSettings) -> None:
        self._settings = settings
        self._time_steps = frames.time_steps
        self._first = np.asarray(frames.first_reading, dtype=np.int64)
        self._names, self._group = _coded(frames.groups)
        self._label_names, self._label = _coded(frames.labels)
        # table[g, l]: frames of label l in recording g
        self._table = np.zeros((len(self._names), len(self._label_names)), dtype=np.int64)
        np.add.at(self._table, (self._group, self._label), 1)
        self._random = np.random.default_rng(settings.seed)

    def split(self) -> Split:
        """Choose recordings, then stretches, then say what came of it."""
        count = len(self._first)
        roles = _Roles(np.zeros(count, dtype=bool), np.zeros(count, dtype=bool))
        chosen = self._choose_recordings()
        roles.validates |= np.isin(self._group, chosen)
        if len(chosen):
            roles.notes.append(f"Validation only: {', '.join(self._names[g] for g in chosen)}.")
        for label in range(len(self._label_names)):
            if not roles.validates[self._label == label].any():
                self._cut_stretch(label, roles)
        if len(chosen):
            self._say_what_differs(roles)
        return Split(np.flatnonzero(roles.trains), np.flatnonzero(roles.validates), "recording", tuple(roles.notes))

    def whole_groups(self, everything: NDArray[np.int64]) -> Split:
        """Choose groups only; where none can be spared, say so."""
        kind = self._settings.split
        chosen = self._choose_recordings()
        if not len(chosen):
            problem = f"Expected labels in at least two {GROUPS[kind]} each, so that one can validate. Received: none."
            return Split(everything, np.zeros(0, dtype=np.int64), kind, problem=problem)
        roles = _Roles(np.isin(self._group, chosen), np.zeros(len(everything), dtype=bool))
        roles.notes.append(f"Validation only: {', '.join(self._names[g] for g in chosen)}.")
        self._say_what_differs(roles)
        return Split(np.flatnonzero(roles.trains), np.flatnonzero(roles.validates), kind, tuple(roles.notes))

    def stretches(self) -> Split:
        """Let a stretch of every label in every recording validate, and leave out what touches it."""
        count = len(self._first)
        roles = _Roles(np.zeros(count, dtype=bool), np.zeros(count, dtype=bool))
        # One place for all labels of a recording, so that labels in turn do not take each other's frames.
        places = self._random.random(len(self._names))
        for group, label in np.argwhere(self._table > 0).tolist():
            own = np.flatnonzero((self._group == group) & (self._label == label))
            own = own[np.argsort(self._first[own], kind="stable")]
            self._cut_same_stretch(own, places[group], roles)
        note = (
            f"A stretch of every label in every recording validates, {int(roles.left_out.sum())} frames within one "
            "frame length of it are left out. It tells nothing about new persons and places."
        )
        return Split(np.flatnonzero(roles.trains), np.flatnonzero(roles.validates), "stratified", (note,))

    def _cut_same_stretch(self, own: NDArray[np.int64], place: float, roles: _Roles) -> None:
        """Mark the stretch of the fold, or the one at a place from 0 to 1, of a label's frames in a recording."""
        if self._settings.holdout == "fold":
            inside = np.array_split(own, self._settings.folds)[self._settings.fold - 1]
        else:
            size = _part(len(own), self._settings.validation_fraction)
            start = round(place * (len(own) - size))
            inside = own[start : start + size]
        if not len(inside):
            return
        same = np.flatnonzero((self._group == self._group[own[0]]) & ~roles.validates)
        starts = self._first[inside]
        after = np.clip(np.searchsorted(starts, self._first[same]), 1, len(starts) - 1) if len(starts) > 1 else 0
        nearest = np.minimum(np.abs(self._first[same] - starts[after]), np.abs(self._first[same] - starts[after - 1]))
        roles.left_out[same[nearest < 2 * self._time_steps]] = True
        roles.validates[inside] = True
        roles.left_out[inside] = False

    def _choose_recordings(self) -> NDArray[np.int64]:
        """Add recordings one by one, each time the one that brings every label nearest to its wanted part."""
        wanted = self._table.sum(axis=0) * self._settings.validation_fraction
        several = (self._table > 0).sum(axis=0) > 1
        wanted = np.where(several, wanted, 0.0)
        chosen = np.zeros(len(self._names), dtype=bool)
        order = self._random.permutation(len(self._names))
        while True:
            held = self._table[chosen].sum(axis=0)
            candidates = [g for g in order if not chosen[g] and self._may_go(g, held)]
            # A label that is not represented yet outweighs any number of frames too many.
            costs = [self._cost(held + self._table[g], wanted, several) for g in candidates]
            now = self._cost(held, wanted, several)
            if not candidates or min(costs) >= now:
                return np.flatnonzero(chosen)
            chosen[candidates[int(np.argmin(costs))]] = True

    def _may_go(self, group: int, held: NDArray[np.int64]) -> bool:
        """Tell whether all labels of a recording would still have another one to train on."""
        rest = self._table.sum(axis=0) - held - self._table[group]
        return bool((rest[self._table[group] > 0] > 0).all())

    def _cost(self, held: NDArray[np.int64], wanted: NDArray[np.float64], several: NDArray[np.bool_]) -> float:
        missing = int((several & (held == 0)).sum())
        return missing * float(self._table.sum()) + float(np.abs(held - wanted)[several].sum())

    def _cut_stretch(self, label: int, roles: _Roles) -> None:
        """Let a contiguous stretch of the label's largest recording validate, and leave out what touches it."""
        group = int(np.argmax(self._table[:, label]))
        own = np.flatnonzero((self._group == group) & (self._label == label) & roles.trains)
        own = own[np.argsort(self._first[own], kind="stable")]
        size = _part(len(own), self._settings.validation_fraction)
        while size > 0:
            for start in self._starts(len(own) - size):
                inside, beside = self._around(own[start], own[start + size - 1], group)
                if self._every_label_still_trains(roles.trains & ~beside):
                    lost = int((beside & ~inside & roles.trains).sum())
                    roles.validates |= inside
                    roles.left_out |= beside & ~roles.validates
                    roles.notes.append(self._stretch_note(label, group, int(inside.sum()), lost))
                    return
            size //= 2
        name = self._label_names[label]
        roles.notes.append(f"'{name}' has no validation frames: it has too few that share no readings.")

    def _starts(self, last: int) -> list[int]:
        """Some places where a stretch may begin, at random, and at last both ends, which cost the fewest frames."""
        somewhere = self._random.integers(0, last + 1, size=_TRIES)
        return [*somewhere.tolist(), 0, last]

    def _around(self, first: int, last: int, group: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Frames of the recording that begin between two frames, and those within one frame length of these."""
        own = self._group == group
        begin, end = self._first[first], self._first[last]
        margin = 2 * self._time_steps
        inside = own & (self._first >= begin) & (self._first <= end)
        beside = own & (self._first > begin - margin) & (self._first < end + margin)
        return np.asarray(inside), np.asarray(beside)

    def _every_label_still_trains(self, trains: NDArray[np.bool_]) -> bool:
        return len(np.unique(self._label[trains])) == len(self._label_names)

    def _stretch_note(self, label: int, group: int, validating: int, lost: int) -> str:
        return (
            f"'{self._label_names[label]}' has no recording to spare: a stretch of {validating} frames of "
            f"{self._names[group]} validates, {lost} frames within one frame length of it are left out. "
            "Another recording would tell more."
        )

    def _say_what_differs(self, roles: _Roles) -> None:
        part = roles.validates.sum() / max(1, len(self._first))
        wanted = self._settings.validation_fraction
        if abs(part - wanted) > 0.1:
            roles.notes.append(f"{part:.0%} of the frames validate instead of {wanted:.0%}: recordings stay whole.")
