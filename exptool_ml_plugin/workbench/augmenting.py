"""Variants of the training frames, put behind the frames of a run: those made for it, and those that sessions keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.augmentation import variants
from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.recording import Recording
from ..core.run_data import RunData
from ..core.stacked_frames import StackedFrames, chunks
from ..core.text_column import TextColumn
from ..core.training_data import KeptVariants, TrainingData
from ..core.writing_npy import save_frames


def with_variants(data: RunData, training: TrainingData, recipe: Recipe, parts: Parts, *, scratch: Path) -> RunData:
    """Return the data of a run with the variants that its recipe asks for, and those that the sessions keep.

    `training` are the frames the run begins with; only those that train get variants. A variant keeps label and
    recording of its original. Recordings without readings have none. The variants lie in a file in the folder
    `scratch`, which must be there as long as the data are used.
    """
    if not recipe.augmentation.copies and not training.variants:
        return data
    variant_of: list[int] = []

    def pieces() -> Iterator[NDArray[np.float32]]:
        for found in (_made(data, training, recipe, parts), _kept(data, training)):
            for originals, values in found:
                variant_of.extend(originals)
                yield values

    path = scratch / "variants.npy"
    save_frames(path, pieces(), training.frame_shape)
    if not variant_of:
        return data
    originals = np.array(variant_of, dtype=np.int64)
    recordings = TextColumn.of(data.recordings)
    return replace(
        data,
        values=StackedFrames.joined([StackedFrames.of(data.values), StackedFrames.of(np.load(path, mmap_mode="r"))]),
        labels=np.concatenate([data.labels, data.labels[originals]]),
        recordings=TextColumn.joined([recordings, recordings.take(originals)]),
        variant_of=originals,
    )


Piece = tuple[list[int], NDArray[np.float32]]
"""Some variants, float32 `(n, time_steps, width)`, each with the training frame it is one of."""


def _made(data: RunData, training: TrainingData, recipe: Recipe, parts: Parts) -> Iterator[Piece]:
    """Make variants of the frames that train, one by one."""
    settings = recipe.augmentation
    groups = training.groups.take(data.training)
    for number, group in enumerate(sorted(training.recordings) if settings.copies else ()):
        own = data.training[groups.codes_among([group]) == 0]
        if not len(own):
            continue
        found = variants(
            training.recordings[group],
            recipe,
            parts,
            first_readings=training.first_reading[own].tolist(),
            settings=settings,
            seed=(recipe.training.seed, number),
        )
        for place, frame in found:
            yield [int(own[place])], frame.values[np.newaxis]


def _kept(data: RunData, training: TrainingData) -> Iterator[Piece]:
    """Yield the variants that the sessions keep of frames that train."""
    wanted = {place for stored in training.variants for place in stored.places}
    at: dict[tuple[str, int], list[int]] = {}
    for index, place in enumerate(zip(training.groups, training.first_reading.tolist(), strict=True)):
        if place in wanted:
            at.setdefault(place, []).append(index)
    trains = np.zeros(len(training), dtype=bool)
    trains[data.training] = True
    for stored in training.variants:
        yield from _kept_in(stored, {place: found for place, found in at.items() if trains[found].all()})


def _kept_in(stored: KeptVariants, originals: Mapping[tuple[str, int], list[int]]) -> Iterator[Piece]:
    """Yield the variants of these originals; where two frames begin with one reading, both train and one stands for
    both."""
    own = np.array([number for number, place in enumerate(stored.places) if place in originals], dtype=np.int64)
    begin = 0
    for values in chunks(StackedFrames([stored.values]), own):
        numbers = own[begin : begin + len(values)].tolist()
        yield [originals[stored.places[number]][0] for number in numbers], values
        begin += len(values)


@dataclass(frozen=True, eq=False)
class VariantsPreview:
    """A training frame and examples of its variants, float32 `(time_steps, width)` each."""

    title: str
    original: NDArray[np.float32]
    variants: tuple[NDArray[np.float32], ...]


def preview_variants(
    training: TrainingData | None, recipe: Recipe, parts: Parts, *, number: int, count: int, step: Step | None = None
) -> VariantsPreview:
    """Make variants of one training frame, the `number`-th of those that are drawn; raise `UserError` without any."""
    steps = recipe.frame.time_steps
    places = np.zeros(0, dtype=np.int64) if training is None else _with_readings(training, steps)
    if training is None or not len(places):
        raise UserError("Expected training frames with their readings. Received: none.", "Load a session first.")
    index = int(np.random.default_rng(number).choice(places))
    original = Original(
        training.recordings[training.groups[index]],
        int(training.first_reading[index]),
        training.labels[index],
        training.values[index],
    )
    return preview_of(original, recipe, parts, number=number, count=count, step=step)


@dataclass(frozen=True, eq=False)
class Original:
    """A frame that was cut: its recording, where it begins, its label, float32 `(time_steps, width)`."""

    recording: Recording
    first_reading: int
    label: str
    values: NDArray[np.float32]


def preview_of(
    original: Original, recipe: Recipe, parts: Parts, *, number: int, count: int, step: Step | None = None
) -> VariantsPreview:
    """Make variants of a frame within the limits of the recipe's augmentation; another `number` draws others."""
    recording, first = original.recording, original.first_reading
    # What comes later makes no difference; what came before does.
    stop = first + 2 * recipe.frame.time_steps + recipe.augmentation.time_shift
    found = variants(
        recording.part(0, min(stop, len(recording))),
        recipe,
        parts,
        first_readings=[first],
        settings=replace(recipe.augmentation, copies=count),
        seed=(recipe.training.seed, number),
        step=step,
    )
    title = f"{original.label}, reading {first:,} of {recording.name}"
    return VariantsPreview(title, original.values, tuple(frame.values for _, frame in found))


def _with_readings(training: TrainingData, time_steps: int) -> NDArray[np.int64]:
    """Return the indices of the frames whose readings are there."""
    groups = training.groups
    lengths = np.array([len(training.recordings.get(name, ())) for name in groups.names], dtype=np.int64)
    return np.flatnonzero(training.first_reading + time_steps <= lengths[groups.codes])
