"""The frames of all loaded sessions together, as far as they fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.stacked_frames import chunks
from ..core.training_data import TrainingData, gather_subsets
from .readiness import Loaded


@dataclass(frozen=True, eq=False)
class Gathered:
    """Frames per subset; `faulty` tells for each of them, bool `(n,)`, whether it holds something that is no number."""

    data: Mapping[str, TrainingData]
    faulty: Mapping[str, NDArray[np.bool_]]

    @property
    def broken(self) -> dict[str, int]:
        """How many frames of each subset hold something that is no number."""
        return {subset: int(faulty.sum()) for subset, faulty in self.faulty.items()}


def gather_loaded(subsets: Mapping[str, Sequence[Loaded]]) -> Gathered:
    """Return the frames of each subset that has any; sessions that do not fit the first of all are left out."""
    filled = {name: [item.session for item in loaded if len(item.session)] for name, loaded in subsets.items()}
    first = next((sessions[0] for sessions in filled.values() if sessions), None)
    if first is None:
        return Gathered({}, {})
    fitting = {
        name: [
            session
            for session in sessions
            if session.values.shape[1:] == first.values.shape[1:] and session.recipe.same_frames_as(first.recipe)
        ]
        for name, sessions in filled.items()
    }
    data = gather_subsets(fitting)
    return Gathered(data, {subset: _faulty(part) for subset, part in data.items()})


def without_flagged(gathered: Gathered) -> Gathered:
    """Return the frames that have no flag; a subset of which nothing is left is not among them."""
    kept = {subset: np.flatnonzero(data.flags == 0) for subset, data in gathered.data.items()}
    kept = {subset: indices for subset, indices in kept.items() if len(indices)}
    data = {subset: gathered.data[subset].take(indices) for subset, indices in kept.items()}
    return Gathered(data, {subset: gathered.faulty[subset][indices] for subset, indices in kept.items()})


def left_out(everything: Gathered, used: Gathered) -> dict[str, int]:
    """Return how many frames of each subset are not used."""
    left = {subset: len(data) - len(used.data.get(subset, ())) for subset, data in everything.data.items()}
    return {subset: count for subset, count in left.items() if count}


def _faulty(data: TrainingData) -> NDArray[np.bool_]:
    # A sum is no number, or endless, if one of its terms is.
    return np.concatenate([~np.isfinite(chunk.sum(axis=(1, 2))) for chunk in chunks(data.values)])
