"""Mean and standard deviation of the rows of the training frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.stacked_frames import chunks

_STILL = 1e-12
"""About the square of how exact float32 numbers are, with some room."""


@dataclass(frozen=True, eq=False)
class Normalisation:
    """Float64 `(width,)` each: what is taken off a row, and the variance whose root it is divided by."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


def measure(
    values: NDArray[np.float32],
    indices: NDArray[np.int64],
    *,
    kind: str = "standard",
    feature_widths: Sequence[int] = (),
) -> Normalisation | None:
    """Measure the rows of the frames `values[indices]`, float32 `(frames, time_steps, width)`.

    `kind` is one of `core.normalisations.NORMALISATIONS`; None for one that needs no measuring. "feature" takes the
    values of each feature together, whose numbers of values are `feature_widths` (empty: all are one feature's). A
    position that hardly changes beside those of its own feature keeps variance 1: dividing by its rounding would blow
    up whatever appears there later.
    """
    if kind not in ("standard", "feature", "log"):
        return None
    mean, variance = _moments(values, indices, logarithmic=kind == "log")
    if kind == "feature":
        mean, variance = _pooled(mean, variance, feature_widths)
    widths = feature_widths if sum(feature_widths) == len(variance) else (len(variance),)
    largest = [part.max(initial=0.0) for part in np.split(variance, np.cumsum(widths)[:-1])]
    scale = np.maximum(np.square(mean), np.repeat(largest, widths))
    still = variance <= _STILL * scale + np.finfo(np.float32).tiny
    return Normalisation(mean=mean, variance=np.where(still, 1.0, variance))


def _moments(
    values: NDArray[np.float32], indices: NDArray[np.int64], *, logarithmic: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of each position of the row.

    Two passes, because the variance as a difference of squares loses all digits where the mean is large.
    """

    def frames() -> Iterator[NDArray[np.float32]]:
        for chunk in chunks(values, indices):
            yield np.sign(chunk) * np.log1p(np.abs(chunk)) if logarithmic else chunk

    rows = len(indices) * values.shape[1]
    mean = sum(chunk.sum(axis=(0, 1), dtype=np.float64) for chunk in frames()) / rows
    variance = sum(np.square(chunk - mean).sum(axis=(0, 1), dtype=np.float64) for chunk in frames()) / rows
    return np.asarray(mean), np.asarray(variance)


def _pooled(
    mean: NDArray[np.float64], variance: NDArray[np.float64], widths: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of all values of each feature, at every one of its positions.

    The variance of a union of equally large groups is the mean of their variances plus the variance of their means.
    """
    if sum(widths) != len(mean) or min(widths, default=0) < 1:
        raise UserError(
            f"Expected the widths of the features of a row of {len(mean)} values. Received: {list(widths)}.",
            "Start a new training, or choose another normalisation.",
        )
    ends = np.cumsum(widths)[:-1]
    means, variances = np.split(mean, ends), np.split(variance, ends)
    pooled = [np.mean(v) + np.var(m) for m, v in zip(means, variances, strict=True)]
    return np.repeat([np.mean(m) for m in means], widths), np.repeat(pooled, widths)
