"""Which frames come when, and how much each counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def epoch_order(indices: Indices, *, seed: int, epoch: int) -> Indices:
    """Return the frames in the order of one epoch: a function of seed and epoch alone, so that it can be resumed."""
    return np.random.default_rng([seed, epoch]).permutation(indices)


def batches_of(indices: Indices, batch_size: int) -> Iterator[Indices]:
    """Cut into batches; the last may be shorter."""
    for start in range(0, len(indices), batch_size):
        yield indices[start : start + batch_size]


def frame_weights(labels: NDArray[np.int32], training: Indices, *, balanced: bool) -> NDArray[np.float32]:
    """Return how much each frame counts: float32, as long as `labels`.

    Balanced: training frames / (labels that occur x training frames with this label), so that every label counts
    alike and the mean weight is 1.
    """
    weights = np.ones(len(labels), dtype=np.float32)
    if balanced and len(training):
        counts = np.bincount(labels[training])
        used = counts > 0
        per_label = np.zeros(len(counts))
        per_label[used] = len(training) / (used.sum() * counts[used])
        weights[training] = per_label[labels[training]]
    return weights
