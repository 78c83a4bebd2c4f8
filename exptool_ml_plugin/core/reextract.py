"""A session made anew with another recipe; labels follow the readings they were given to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .parts import Parts
from .pipeline import frames_of
from .recipe import Recipe
from .recording import Recording
from .session import Session
from .variants import without_variants

LEAST_OVERLAP = 0.5
"""Part of the shorter one, old frame or new, that must be shared for the label to be taken over."""


@dataclass(frozen=True, eq=False)
class Reextracted:
    """A session made anew, and what did not come along.

    `without_label` new frames lie where no old one did and were left out; `not_covered` old frames have no new one
    that took over their label.
    """

    session: Session
    without_label: int
    not_covered: int


def reextract(
    session: Session, recipe: Recipe, parts: Parts, *, step: Callable[[int, int], None] | None = None
) -> Reextracted:
    """Cut the frames of all recordings anew, each from the start of its recording, and label them by overlap.

    A new frame gets the label that most of its readings had, if these are at least `LEAST_OVERLAP` of its readings (of
    an old frame's, where these were fewer). Raises `UserError` for a recipe of another sensor configuration, and for
    frames without readings. Variants that the session keeps do not come along.
    """
    session = without_variants(session)
    setup = session.recipe.sensor or (session.recordings[0].setup if session.recordings else None)
    fitting = replace(recipe, sensor=recipe.sensor or setup)
    if not replace(fitting, sensor=setup).same_frames_as(fitting):
        raise UserError(
            f"Expected a recipe for the sensor configuration of the session. Received: '{recipe.name}', for another.",
            "Choose a recipe without a sensor configuration, or with the session's.",
        )
    result, without_label, not_covered = Session(fitting), 0, 0
    recording_of, first_reading = session.recording_of, session.first_reading
    labels = np.asarray(session.labels, dtype=object)
    for place, recording in enumerate(session.recordings):
        if step is not None:
            step(place, len(session.recordings))
        own = np.flatnonzero(recording_of == place)
        if len(own) and not len(recording):
            raise UserError(
                f"Expected readings to make frames of. Received: {len(own)} frames without any in '{recording.name}'.",
                "Imported frames cannot be made anew.",
            )
        old = _OldFrames(recording, first_reading[own], labels[own], session.recipe.frame.time_steps)
        result.add_recording(recording)
        for frame in frames_of(recording, fitting, parts):
            label = old.label_of(frame.first_reading, fitting.frame.time_steps)
            if label is None:
                without_label += 1
            else:
                result.add(frame, label, place)
        not_covered += old.not_covered
    return Reextracted(result, without_label, not_covered)


class _OldFrames:
    """What the frames of one recording said about its readings."""

    def __init__(
        self, recording: Recording, first: NDArray[np.int64], labels: NDArray[np.object_], time_steps: int
    ) -> None:
        self._first = first
        self._labels = labels
        self._steps = time_steps
        self._names: list[str] = sorted(set(labels.tolist()))
        self._taken = np.zeros(len(first), dtype=bool)
        # counts[l, i]: readings before i that a frame of label l covers
        self._counts = np.zeros((len(self._names), len(recording) + 1), dtype=np.int64)
        for row, name in enumerate(self._names):
            covered = np.zeros(len(recording) + 1, dtype=np.int64)
            own = first[labels == name]
            np.add.at(covered, np.clip(own, 0, len(recording)), 1)
            np.add.at(covered, np.clip(own + time_steps, 0, len(recording)), -1)
            self._counts[row, 1:] = np.cumsum(np.cumsum(covered[:-1]) > 0)

    @property
    def not_covered(self) -> int:
        """Old frames whose label no new frame took over."""
        return int((~self._taken).sum())

    def label_of(self, first_reading: int, time_steps: int) -> str | None:
        """Return the label of a new frame, None where the old ones say too little; notes which said it."""
        if not self._names:
            return None
        last = self._counts.shape[1] - 1
        start, stop = (min(max(0, place), last) for place in (first_reading, first_reading + time_steps))
        shared = self._counts[:, stop] - self._counts[:, start]
        best = int(np.argmax(shared))
        least = LEAST_OVERLAP * min(time_steps, self._steps)
        if shared[best] < least:
            return None
        overlap = np.minimum(self._first + self._steps, stop) - np.maximum(self._first, start)
        self._taken |= (overlap >= least) & (self._labels == self._names[best])
        return self._names[best]
