"""Variants of the training frames, put behind the frames of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.augmentation import variants
from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.run_data import RunData
from ..core.stacked_frames import StackedFrames
from ..core.text_column import TextColumn
from ..core.training_data import TrainingData
from ..core.writing_npy import save_frames


def with_variants(data: RunData, training: TrainingData, recipe: Recipe, parts: Parts, *, scratch: Path) -> RunData:
    """Return the data of a run with the variants that its recipe asks for.

    `training` are the frames the run begins with; only those that train get variants. A variant keeps label and
    recording of its original. Recordings without readings have none. The variants lie in a file in the folder
    `scratch`, which must be there as long as the data are used.
    """
    if not recipe.augmentation.copies:
        return data
    variant_of: list[int] = []

    def pieces() -> Iterator[NDArray[np.float32]]:
        for original, values in _variants(data, training, recipe, parts):
            variant_of.append(original)
            yield values[np.newaxis]

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


def _variants(
    data: RunData, training: TrainingData, recipe: Recipe, parts: Parts
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield each variant with the training frame it is one of."""
    groups = training.groups.take(data.training)
    for number, group in enumerate(sorted(training.recordings)):
        own = data.training[groups.codes_among([group]) == 0]
        if not len(own):
            continue
        found = variants(
            training.recordings[group],
            recipe,
            parts,
            first_readings=training.first_reading[own].tolist(),
            settings=recipe.augmentation,
            seed=(recipe.training.seed, number),
        )
        for place, frame in found:
            yield int(own[place]), frame.values


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
    recording, first = training.recordings[training.groups[index]], int(training.first_reading[index])
    # What comes later makes no difference; what came before does.
    stop = first + 2 * steps + recipe.augmentation.time_shift
    found = variants(
        recording.part(0, min(stop, len(recording))),
        recipe,
        parts,
        first_readings=[first],
        settings=replace(recipe.augmentation, copies=count),
        seed=(recipe.training.seed, number),
        step=step,
    )
    title = f"{training.labels[index]}, reading {first:,} of {recording.name}"
    return VariantsPreview(title, training.values[index], tuple(frame.values for _, frame in found))


def _with_readings(training: TrainingData, time_steps: int) -> NDArray[np.int64]:
    """Return the indices of the frames whose readings are there."""
    groups = training.groups
    lengths = np.array([len(training.recordings.get(name, ())) for name in groups.names], dtype=np.int64)
    return np.flatnonzero(training.first_reading + time_steps <= lengths[groups.codes])
