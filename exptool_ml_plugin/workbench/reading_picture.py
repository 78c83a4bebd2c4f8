"""The readings of a recording as a picture: amplitude over time and distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.reading import zero_of
from ..core.recording import Recording

_BLOCK = 1024
_RANGE_DB = 50.0


def amplitude_levels(recording: Recording, channel: int) -> NDArray[np.uint8]:
    """Return the picture of a channel's readings, uint8 `(readings, points)`: 255 the strongest, 0 at 50 dB below.

    The amplitude of a point is the mean over the sweeps of the reading, in decibels below the strongest of nearly all
    (the 99.9th percentile), or below the range the recording has, where that is smaller.
    """
    matrix, zero = recording.matrices[channel], np.float32(zero_of(recording.setup.service))
    mean = np.empty((len(matrix), matrix.shape[2]), dtype=np.float32)
    for start in range(0, len(matrix), _BLOCK):
        mean[start : start + _BLOCK] = np.abs(matrix[start : start + _BLOCK] - zero).mean(axis=1)
    if not mean.size:
        return mean.astype(np.uint8)
    level = 20 * np.log10(np.maximum(mean, 1e-6))
    high = float(np.percentile(level, 99.9))
    low = max(high - _RANGE_DB, float(np.percentile(level, 1.0)))
    scaled = 255 * (level - low) / max(high - low, 1e-6)
    return np.nan_to_num(scaled).clip(0, 255).astype(np.uint8)


def columns_of(levels: NDArray[np.uint8], start: int, stop: int, width: int) -> NDArray[np.uint8]:
    """Return readings `start` to `stop - 1` in at most `width` columns, each the strongest of its readings."""
    part = levels[start:stop]
    if len(part) <= width:
        return part
    edges = np.linspace(0, len(part), width, endpoint=False).astype(np.int64)
    return np.asarray(np.maximum.reduceat(part, edges, axis=0), dtype=np.uint8)
