"""How much of what judges a model it has met in training: the share of frames that leak.

Whether two frames look like one is decided by their normalised distance `|a - b|^2 / (|a|^2 + |b|^2)` of what changes
within them: each value less its mean over the frame's time steps, over the standard deviation of such values in the
training frames. It is 0 for equal frames, about 1 for frames that have nothing to do with each other. What stands
still is taken off: frames of a quiet scene differ in their noise only. `leakage_threshold` says how small it must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .leakage_threshold import COUNTED, alike_below
from .stacked_frames import FrameValues, chunks
from .text_column import TextColumn

COMPARED = 2000
"""Frames that are compared at most; of more, so many are drawn."""

_DIRECTIONS = 32
_CANDIDATES = 5
_CHUNK = 2048
_MEASURED = 2048
"""Training frames from which mean and standard deviation are taken."""


@dataclass(frozen=True)
class Leakage:
    """What was found for the `frames` of one subset.

    `sharing` have readings in common with a training frame, `near` lie within one frame length of one (those that
    share included). Of the others `compared` were compared with all training frames, and `alike` look like one.
    """

    frames: int
    sharing: int
    near: int
    compared: int
    alike: int

    @property
    def sampled(self) -> bool:
        """True where not all frames were compared."""
        return self.compared < self.frames - self.near

    @property
    def share(self) -> float:
        """Part of the frames that leak, 0 to 1; what was found in a sample is taken to hold for the others."""
        others = (self.frames - self.near) * self.alike / self.compared if self.compared else 0.0
        return (self.near + others) / self.frames if self.frames else 0.0

    def in_words(self) -> str:
        """Say what the share is made of."""
        sample = f" of {self.compared:,} compared" if self.sampled else ""
        return (
            f"{self.share:.1%} of {self.frames:,} frames leak: {self.sharing:,} share readings with training frames, "
            f"{self.near - self.sharing:,} lie within one frame length of one, {self.alike:,}{sample} look like one."
        )


@dataclass(frozen=True, eq=False)
class Judged:
    """Frames and where they come from: `recordings` and `first_reading` have one entry per frame.

    `values` are float32 `(n, time_steps, width)`; they are looked at a few at a time.
    """

    values: FrameValues
    recordings: Sequence[str]
    first_reading: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first_reading)


def measure_leakage(training: Judged, judged: Judged, *, seed: int = 0) -> Leakage:
    """Measure how much of the judged frames the training frames hold; a few seconds for 100,000 frames."""
    steps = judged.values.shape[1]
    nearest = _nearest_begin(training, judged)
    near = nearest < 2 * steps
    others = np.flatnonzero(~near)
    if len(others) > COMPARED:
        others = np.sort(np.random.default_rng(seed).choice(others, COMPARED, replace=False))
    alike = _alike(training, judged.values[others], seed=seed) if len(training) else 0
    sharing = int((nearest < steps).sum())
    return Leakage(len(judged), sharing, int(near.sum()), compared=len(others), alike=alike)


def _nearest_begin(training: Judged, judged: Judged) -> NDArray[np.float64]:
    """Return for each judged frame the readings to the begin of the nearest training frame, inf in other recordings."""
    train, other = TextColumn.of(training.recordings), TextColumn.of(judged.recordings)
    codes = other.codes_among(train.names)
    nearest = np.full(len(other), np.inf)
    for place in np.intersect1d(train.codes, codes).tolist():
        begins = np.sort(training.first_reading[train.codes == place]).astype(np.float64)
        padded = np.concatenate([[-np.inf], begins, [np.inf]])
        own = np.flatnonzero(codes == place)
        first = judged.first_reading[own]
        after = np.searchsorted(begins, first) + 1
        nearest[own] = np.minimum(padded[after] - first, first - padded[after - 1])
    return nearest


def _alike(training: Judged, judged: NDArray[np.float32], *, seed: int) -> int:
    """Count the judged frames that look like a training frame.

    Distances in a few random directions find the candidates (Johnson and Lindenstrauss, 1984), the whole frames decide.
    """
    if not len(judged):
        return 0
    scale = _Scale(training, seed=seed)
    wanted, wanted_norms = scale.project(judged)
    rows, lengths = np.arange(len(judged)), np.square(wanted).sum(axis=1)[:, None]
    candidates = np.zeros((len(judged), _CANDIDATES), dtype=np.int64)
    at = np.full(candidates.shape, np.inf, dtype=np.float32)
    start = 0
    for chunk in chunks(training.values, at_most=_CHUNK):
        projected, norms = scale.project(chunk)
        distances = wanted @ (-2 * projected.T)
        distances += np.square(projected).sum(axis=1)
        distances += lengths
        distances /= np.maximum(wanted_norms[:, None] + norms, 1e-9)
        nearest = distances.argmin(axis=1)  # of every chunk its nearest: many are never near
        found, furthest = distances[rows, nearest], at.argmax(axis=1)
        better = np.flatnonzero(found < at[rows, furthest])
        candidates[better, furthest[better]] = nearest[better] + start
        at[better, furthest[better]] = found[better]
        start += len(chunk)
    known = [own[np.isfinite(distance)] for own, distance in zip(candidates, at, strict=True)]
    limit = _limit(training, scale, apart=2 * judged.shape[1], seed=seed)
    return sum(scale.are_alike(frame, training.values[own], limit) for frame, own in zip(judged, known, strict=True))


def _limit(training: Judged, scale: _Scale, *, apart: int, seed: int) -> float:
    """Return the distance below which frames are alike, from those of the training frames that share nothing."""
    random = np.random.default_rng(seed)
    drawn = np.sort(random.choice(len(training), min(len(training), COUNTED), replace=False))
    recordings = TextColumn.of(training.recordings).take(drawn).codes
    flat = scale.standardised(training.values[drawn])
    return alike_below(flat, recordings, training.first_reading[drawn], apart=apart)


class _Scale:
    """What changes within frames, standardised, as flat vectors that are seen from a few random directions."""

    def __init__(self, training: Judged, *, seed: int) -> None:
        random = np.random.default_rng(seed)
        drawn = np.sort(random.choice(len(training), min(len(training), _MEASURED), replace=False))
        flat = _changes(training.values[drawn])
        spread = flat.std(axis=0)
        # What never changes says nothing; divided by its rounding errors it would decide.
        still = spread <= 1e-6 * np.abs(training.values[drawn]).max(initial=0.0) + 1e-30
        self._factor = np.where(still, 0.0, 1.0 / np.where(still, 1.0, spread)).astype(np.float32)
        shape = (flat.shape[1], _DIRECTIONS)
        self._directions = (random.standard_normal(shape) / np.sqrt(_DIRECTIONS)).astype(np.float32)

    def project(self, frames: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return float32 `(n, directions)` and the squared lengths `(n,)` of the standardised frames."""
        flat = self.standardised(frames)
        return flat @ self._directions, np.einsum("ij,ij->i", flat, flat)

    def are_alike(self, frame: NDArray[np.float32], candidates: NDArray[np.float32], limit: float) -> bool:
        """Tell whether a frame is nearer than the limit to one of the candidates."""
        one, others = self.standardised(frame[None]), self.standardised(candidates)
        sums = np.square(one).sum() + np.square(others).sum(axis=1)
        distances = np.square(others - one).sum(axis=1)
        return bool((distances < limit * sums).any())

    def standardised(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what changes within frames, float32 `(n, values)`, in standard deviations."""
        flat = _changes(frames)
        flat *= self._factor
        return flat


def _changes(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 `(n, values)`: each value less its mean over the frame's time steps."""
    return np.asarray((frames - frames.mean(axis=1, keepdims=True)).reshape(len(frames), -1))
