"""Variants of the training frames, put behind the frames of a run: those made for it, and those that sessions keep."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..core.augmentation import variants
from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.recording import Recording
from ..core.run_folder import RunData
from ..core.training_data import TrainingData


def with_variants(data: RunData, training: TrainingData, recipe: Recipe, parts: Parts) -> RunData:
    """Return the data of a run with the variants that its recipe asks for, and those that the sessions keep.

    `training` are the frames the run begins with; only those that train get variants. A variant keeps label and
    recording of its original. Recordings without readings have none.
    """
    made, variant_of = _made(data, training, recipe, parts)
    kept, kept_of = _kept(data, training)
    if not made and not kept:
        return data
    originals = np.array([*variant_of, *kept_of], dtype=np.int64)
    return replace(
        data,
        values=np.concatenate([data.values, *made, *kept]),
        labels=np.concatenate([data.labels, data.labels[originals]]),
        recordings=(*data.recordings, *(data.recordings[index] for index in originals)),
        variant_of=originals,
    )


def _made(
    data: RunData, training: TrainingData, recipe: Recipe, parts: Parts
) -> tuple[list[NDArray[np.float32]], list[int]]:
    """Make variants of the frames that train; return them one by one, and of which frame each is one."""
    settings = recipe.augmentation
    groups = np.asarray(training.groups, dtype=object)
    made: list[NDArray[np.float32]] = []
    variant_of: list[int] = []
    for number, group in enumerate(sorted(training.recordings) if settings.copies else ()):
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
            made.append(frame.values[np.newaxis])
            variant_of.append(int(own[place]))
    return made, variant_of


def _kept(data: RunData, training: TrainingData) -> tuple[list[NDArray[np.float32]], list[int]]:
    """Return the variants that the sessions keep of frames that train, and of which frame each is one."""
    trains = set(data.training.tolist())
    at: dict[tuple[str, int], list[int]] = {}
    for index, place in enumerate(zip(training.groups, training.first_reading.tolist(), strict=True)):
        at.setdefault(place, []).append(index)
    kept, variant_of = [], []
    for stored in training.variants:
        # Where two frames begin with one reading, both must train: the variant tells of both.
        own = [n for n, place in enumerate(stored.places) if place in at and trains.issuperset(at[place])]
        if own:
            kept.append(stored.values[np.array(own)])
            variant_of += [at[stored.places[n]][0] for n in own]
    return kept, variant_of


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


def _with_readings(training: TrainingData, time_steps: int) -> list[int]:
    lengths = {name: len(recording) for name, recording in training.recordings.items()}
    ends = training.first_reading + time_steps
    return [i for i, group in enumerate(training.groups) if ends[i] <= lengths.get(group, 0)]
