"""Variants of the training frames, put behind the frames of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..core.augmentation import variants
from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.run_folder import RunData
from ..core.training_data import TrainingData


def with_variants(data: RunData, training: TrainingData, recipe: Recipe, parts: Parts) -> RunData:
    """Return the data of a run with the variants that its recipe asks for.

    `training` are the frames the run begins with; only those that train get variants. A variant keeps label and
    recording of its original. Recordings without readings have none.
    """
    settings = recipe.augmentation
    if not settings.copies:
        return data
    groups = np.asarray(training.groups, dtype=object)
    made: list[NDArray[np.float32]] = []
    variant_of: list[int] = []
    for number, group in enumerate(sorted(training.recordings)):
        own = data.training[groups[data.training] == group]
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
            made.append(frame.values)
            variant_of.append(int(own[place]))
    if not made:
        return data
    originals = np.array(variant_of, dtype=np.int64)
    return replace(
        data,
        values=np.concatenate([data.values, np.stack(made)]),
        labels=np.concatenate([data.labels, data.labels[originals]]),
        recordings=(*data.recordings, *(data.recordings[index] for index in variant_of)),
        variant_of=originals,
    )


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
    places = [] if training is None else _with_readings(training, steps)
    if training is None or not places:
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


def _with_readings(training: TrainingData, time_steps: int) -> list[int]:
    lengths = {name: len(recording) for name, recording in training.recordings.items()}
    ends = training.first_reading + time_steps
    return [i for i, group in enumerate(training.groups) if ends[i] <= lengths.get(group, 0)]
