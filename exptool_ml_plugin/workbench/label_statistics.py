"""What the frames of each label have in common, and how far each frame is from that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.frame_at import Step
from ..core.reading import GOOD_FLAGS
from ..core.session import Session
from ..core.variants import are_variants

_CHUNK = 256


@dataclass(frozen=True)
class LabelCount:
    """How many frames a label has, how many of them are flagged, and from how many recordings they come.

    Variants that the session keeps are counted apart.
    """

    label: str
    frames: int
    flagged: int
    recordings: int
    variants: int = 0


@dataclass(frozen=True, eq=False)
class LabelMean:
    """Mean and spread (standard deviation) of the frames of a label, float32 `(time_steps, width)` each."""

    frames: int
    mean: NDArray[np.float32]
    spread: NDArray[np.float32]


def label_counts(session: Session) -> list[LabelCount]:
    """Count the frames of each label, sorted by label."""
    names, codes = _label_codes(session)
    varied, recordings = are_variants(session.flags), session.recording_of
    flagged = (session.flags & GOOD_FLAGS != 0) & ~varied
    found = []
    for code, name in enumerate(names):
        own = codes == code
        frames, variants = int((own & ~varied).sum()), int((own & varied).sum())
        found.append(LabelCount(name, frames, int(flagged[own].sum()), len(np.unique(recordings[own])), variants))
    return found


def label_means(session: Session, *, step: Step | None = None) -> dict[str, LabelMean]:
    """Return mean and spread of every label; goes through the frames once, a few at a time."""
    names, codes = _label_codes(session)
    shape = (len(names), *session.values.shape[1:])
    sums, squares = np.zeros(shape), np.zeros(shape)
    shifts = session.values[0].astype(np.float64) if len(session) else 0.0  # keeps small spreads of large values
    for start in range(0, len(session), _CHUNK):
        part = session.values[start : start + _CHUNK].astype(np.float64) - shifts
        own_codes = codes[start : start + _CHUNK]
        for code in np.unique(own_codes):
            own = part[own_codes == code]
            sums[code] += own.sum(axis=0)
            squares[code] += np.square(own).sum(axis=0)
        if step is not None:
            step(start + len(part), len(session))
    means = {}
    for code, name in enumerate(names):
        count = int((codes == code).sum())
        mean = sums[code] / count
        spread = np.sqrt(np.maximum(squares[code] / count - mean**2, 0.0))
        means[name] = LabelMean(count, (mean + shifts).astype(np.float32), spread.astype(np.float32))
    return means


def distances(session: Session, means: dict[str, LabelMean], *, step: Step | None = None) -> NDArray[np.float64]:
    """Return how far each frame is from the mean of its label, float64 `(n,)`.

    The root of the mean squared difference, each position of the row in units of its spread within the labels, so
    that features with units of their own count alike; about 1 for a frame like the others of its label.
    """
    found = np.empty(len(session))
    if not len(session):
        return found
    total = sum(mean.frames for mean in means.values())
    within = sum(mean.frames / total * np.square(mean.spread.astype(np.float64)) for mean in means.values())
    scale = np.sqrt(np.mean(within, axis=0))
    scale[scale <= 0.0] = 1.0
    labels = session.labels
    for start in range(0, len(session), _CHUNK):
        part = session.values[start : start + _CHUNK]
        middle = np.stack([means[label].mean for label in labels[start : start + len(part)]])
        found[start : start + len(part)] = np.sqrt(np.mean(np.square((part - middle) / scale), axis=(1, 2)))
        if step is not None:
            step(start + len(part), len(session))
    return found


def _label_codes(session: Session) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the labels in use, sorted, and the place of each frame's among them, int64 `(n,)`."""
    labels, names = session.labels, session.label_names()
    places = {name: place for place, name in enumerate(names)}
    return names, np.fromiter((places[label] for label in labels), dtype=np.int64, count=len(labels))
