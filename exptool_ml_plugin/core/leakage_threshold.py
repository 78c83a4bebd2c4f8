"""How alike two frames must be to count as the same: as alike as frames that share nothing hardly ever are.

No number fits all features: the nearest of a few hundred frames of another recording of the same gesture differs in a
third of what a Doppler spectrum shows, in a fifth of what a range segment shows, and in a thousandth of what a phase
shows (docs/data_sets.md has the figures). The limit is therefore taken from the training frames themselves. Frames of
one recording that lie further apart than one frame length cannot be duplicates of each other, however alike they are:
of them, no more than one in a thousand may count as alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_ALIKE = 0.25
"""The limit where frames that share nothing differ by more: a correlation of 0.75, whatever the features."""

UNKNOWN = 0.003
"""The limit where a set has too few frames to tell: the smallest that was found in recorded gestures and grounds."""

COUNTED = 2000
"""Training frames that the limit is taken from at most; of more, so many are drawn."""

_ONE_IN = 1000
_ENOUGH = 50


def alike_below(
    flat: NDArray[np.float32], recordings: NDArray[np.int32], first_reading: NDArray[np.int64], *, apart: int
) -> float:
    """Return the normalised distance (`leakage`) below which two frames count as the same.

    `flat` is float32 `(n, values)`, frames as they are compared, `recordings` int32 `(n,)` the number of each one's
    recording and `first_reading` int64 its begin. Frames `apart` readings or more from each other in one recording
    share nothing.
    """
    nearest = [_nearest_apart(flat[own], first_reading[own], apart) for own in _groups(recordings)]
    known = np.concatenate([np.zeros(0), *nearest])
    if len(known) < _ENOUGH:
        return UNKNOWN
    return float(min(MOST_ALIKE, np.quantile(known, 1 / _ONE_IN)))


def _groups(recordings: NDArray[np.int32]) -> list[NDArray[np.int64]]:
    _, group = np.unique(recordings, return_inverse=True)
    return [np.flatnonzero(group == number) for number in range(group.max(initial=-1) + 1)]


def _nearest_apart(flat: NDArray[np.float32], first: NDArray[np.int64], apart: int) -> NDArray[np.float64]:
    """Return the distance of each frame from the nearest of its recording that shares nothing with it."""
    lengths = np.einsum("ij,ij->i", flat, flat, dtype=np.float64)
    sums = np.maximum(lengths[:, None] + lengths, 1e-9)
    distances = np.maximum(1.0 - 2.0 * (flat @ flat.T) / sums, 0.0)
    distances[np.abs(first[:, None] - first) < apart] = np.inf
    # Frames in which nothing changes are alike in nothing.
    distances[:, lengths <= 0.0] = np.inf
    nearest = distances.min(axis=1, initial=np.inf)
    return np.asarray(nearest[np.isfinite(nearest) & (lengths > 0.0)], dtype=np.float64)
