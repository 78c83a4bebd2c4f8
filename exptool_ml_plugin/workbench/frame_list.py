"""Which frames of the session are in view, and in what order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.reading import GOOD_FLAGS
from ..core.session import Session
from ..core.variants import are_variants

SORTS: Mapping[str, str] = {
    "collected": "As collected",
    "time": "Recording and time",
    "confidence": "Least sure first",
    "distance": "Farthest from the mean of its label first",
}
"""Orders on offer."""

FLAGS: Mapping[str, str] = {
    "": "Flagged or not",
    "flagged": "Flagged",
    "good": "Not flagged",
    "originals": "No variants",
    "variants": "Variants",
}
PREDICTIONS: Mapping[str, str] = {"": "Any prediction", "right": "Predicted right", "wrong": "Predicted wrong"}


@dataclass(frozen=True)
class FrameFilter:
    """Which frames are shown; what is "" or None lets all through.

    `recording` is an index in the session's recordings, `tag` a name and a value as recordings have them, `flag` and
    `prediction` are keys of `FLAGS` and `PREDICTIONS`.
    """

    label: str = ""
    recording: int | None = None
    tag: tuple[str, str] | None = None
    flag: str = ""
    prediction: str = ""


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of the frames beside what the session holds.

    `predicted` are labels, "" where none is known; `confidence` float64 `(n,)`, the probability of that label, and
    `distance` float64 `(n,)`, that from the mean of the frame's label, are NaN where they are not known.
    """

    predicted: NDArray[np.object_]
    confidence: NDArray[np.float64]
    distance: NDArray[np.float64]

    @classmethod
    def unknown(cls, count: int) -> Facts:
        """Nothing is known of that many frames."""
        return cls(np.full(count, "", dtype=object), np.full(count, np.nan), np.full(count, np.nan))


def listed(session: Session, frames: FrameFilter, sort: str, facts: Facts) -> NDArray[np.int64]:
    """Return the numbers of the frames that pass the filter, int64, in the order of `sort`."""
    kept = np.flatnonzero(_passing(session, frames, facts))
    if sort == "time":
        kept = kept[np.lexsort((session.first_reading[kept], session.recording_of[kept]))]
    elif sort == "confidence":  # NaN stands last
        kept = kept[np.argsort(facts.confidence[kept], kind="stable")]
    elif sort == "distance":
        kept = kept[np.argsort(-facts.distance[kept], kind="stable")]
    return kept.astype(np.int64)


def tags_of(session: Session) -> list[tuple[str, str]]:
    """Return every tag of the recordings, name and value, sorted."""
    return sorted({item for recording in session.recordings for item in recording.tags.items()})


def _passing(session: Session, frames: FrameFilter, facts: Facts) -> NDArray[np.bool_]:
    passing = np.ones(len(session), dtype=bool)
    labels = np.array(session.labels, dtype=object) if frames.label or frames.prediction else None
    if frames.label and labels is not None:
        passing &= labels == frames.label
    if frames.recording is not None:
        passing &= session.recording_of == frames.recording
    if frames.tag is not None:
        name, value = frames.tag
        tagged = [nr for nr, recording in enumerate(session.recordings) if recording.tags.get(name) == value]
        passing &= np.isin(session.recording_of, tagged)
    if frames.flag in ("flagged", "good"):
        passing &= (session.flags & GOOD_FLAGS != 0) == (frames.flag == "flagged")
    elif frames.flag:
        passing &= are_variants(session.flags) == (frames.flag == "variants")
    if frames.prediction and labels is not None:
        right = facts.predicted == labels
        passing &= (facts.predicted != "") & (right if frames.prediction == "right" else ~right)
    return passing
