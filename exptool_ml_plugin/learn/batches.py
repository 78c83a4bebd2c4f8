"""Which frames come when, and how much each counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

WINDOW_BYTES = 256 << 20
"""Frames that are shuffled at random together. What is larger would be read from anywhere in a file that no memory
holds, and every frame would cost the disk a search."""
BLOCK_BYTES = 256 << 10
"""Neighbouring frames that come into the same window: a window is put together of about a thousand such blocks."""


def epoch_order(indices: Indices, *, seed: int, epoch: int, frame_bytes: int = 0) -> Indices:
    """Return the frames in the order of one epoch: a function of seed and epoch alone, so that it can be resumed.

    At random where all frames, of so many bytes each, make one window; else blocks at random, and within each window
    of them the frames at random.
    """
    random = np.random.default_rng([seed, epoch])
    window, block = (max(1, size // max(1, frame_bytes)) for size in (WINDOW_BYTES, BLOCK_BYTES))
    if len(indices) <= window:
        return random.permutation(indices)
    starts = random.permutation(np.arange(0, len(indices), block))
    order = np.concatenate([indices[start : start + block] for start in starts])
    for start in range(0, len(order), window):
        random.shuffle(order[start : start + window])
    return order


def shown_frames(order: Indices, variant_of: Indices, *, frames: int, seed: int, epoch: int) -> Indices:
    """Return the frame that is shown in place of each of `order`: itself or one of its variants, all equally likely.

    The last of the `frames` frames are the variants; `variant_of` says of which frame each is one. Like the order a
    function of seed and epoch alone.
    """
    if not len(variant_of):
        return order
    by_frame = np.argsort(variant_of, kind="stable")
    first = np.searchsorted(variant_of[by_frame], order, side="left")
    count = np.searchsorted(variant_of[by_frame], order, side="right") - first
    pick = np.random.default_rng([seed, epoch, 1]).integers(0, count + 1)
    variant = by_frame[np.minimum(first + np.maximum(pick, 1) - 1, len(by_frame) - 1)]
    return np.where(pick == 0, order, frames - len(variant_of) + variant)


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
