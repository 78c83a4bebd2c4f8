"""Variants of the training frames, put behind the frames of a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..core.augmentation import variants
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
