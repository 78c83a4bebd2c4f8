"""Mean and standard deviation of each position of the row, over the training frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHUNK = 1024
"""Frames read at a time, so that data larger than the memory work too."""


@dataclass(frozen=True, eq=False)
class Normalisation:
    """Float64 `(width,)` each: what is taken off a row, and the variance whose root it is divided by."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


def measure(values: NDArray[np.float32], indices: NDArray[np.int64]) -> Normalisation:
    """Measure the rows of the frames `values[indices]`, float32 `(frames, time_steps, width)`.

    Two passes, because the variance as a difference of squares loses all digits where the mean is large. A position
    that hardly changes keeps variance 1: dividing by its noise would blow up whatever appears there later.
    """
    chunks = [np.sort(indices[start : start + CHUNK]) for start in range(0, len(indices), CHUNK)]
    rows = len(indices) * values.shape[1]
    mean = sum(values[chunk].sum(axis=(0, 1), dtype=np.float64) for chunk in chunks) / rows
    variance = sum(np.square(values[chunk] - mean).sum(axis=(0, 1), dtype=np.float64) for chunk in chunks) / rows
    scale = np.maximum(np.square(mean), variance.max(initial=0.0))
    still = variance <= 1e-12 * scale + np.finfo(np.float32).tiny
    return Normalisation(mean=mean, variance=np.where(still, 1.0, variance))
