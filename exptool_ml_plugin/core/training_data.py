"""The frames of several sessions together, as a training needs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .joining import check_same_sensor
from .recipe import Recipe
from .recording import Recording
from .session import Session
from .split_groups import FrameIndex, day_of


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Labelled frames of one recipe.

    `values` is float32 `(n, time_steps, width)`; `labels`, `groups` and `files` have one entry per frame: its
    label, the recording it came from (the same text for the same recording, whatever file it was in) and the
    session file. `first_reading` is int64 `(n,)`, counted in the recording; `flags` uint8 `(n,)`. `tags` holds under
    "person", "place" and "day" what is known of each frame's recording, "" for nothing; `recordings` the readings by
    group.
    """

    recipe: Recipe
    values: NDArray[np.float32]
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    files: tuple[str, ...]
    first_reading: NDArray[np.int64]
    flags: NDArray[np.uint8]
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    recordings: Mapping[str, Recording] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels that occur, sorted."""
        return tuple(sorted(set(self.labels)))

    @property
    def frame_shape(self) -> tuple[int, int]:
        """Time steps and width of every frame."""
        return self.values.shape[1], self.values.shape[2]

    def counts(self) -> dict[str, int]:
        """Return the number of frames of each label, sorted by label."""
        counted = Counter(self.labels)
        return {label: counted[label] for label in sorted(counted)}

    def codes(self, label_names: Sequence[str]) -> NDArray[np.int64]:
        """Return each frame's label as index in `label_names`, int64 `(n,)`; raise `UserError` for unknown labels."""
        unknown = sorted(set(self.labels) - set(label_names))
        if unknown:
            raise UserError(
                f"Expected labels among {', '.join(label_names)}. Received: {', '.join(unknown)}.",
                "Relabel these frames, or train a new model with them.",
            )
        places = {label: i for i, label in enumerate(label_names)}
        return np.array([places[label] for label in self.labels], dtype=np.int64)

    def take(self, kept: NDArray[np.int64]) -> TrainingData:
        """Return the frames with these indices, in their order."""
        return replace(
            self,
            values=self.values[kept],
            labels=tuple(self.labels[i] for i in kept),
            groups=tuple(self.groups[i] for i in kept),
            files=tuple(self.files[i] for i in kept),
            first_reading=self.first_reading[kept],
            flags=self.flags[kept],
            tags={name: tuple(values[i] for i in kept) for name, values in self.tags.items()},
        )

    def frame_index(self) -> FrameIndex:
        """Return what the split needs."""
        tags = {**self.tags, "session": self.files}
        return FrameIndex(self.labels, self.groups, self.first_reading, time_steps=self.frame_shape[0], tags=tags)


def gather(sessions: Sequence[Session]) -> TrainingData:
    """Put the frames of sessions together, in their order; raise `UserError` if they cannot be compared."""
    filled = [session for session in sessions if len(session)]
    if not filled:
        raise UserError("Expected at least one labelled frame. Received: none.", "Collect or extract some first.")
    for session in filled[1:]:
        _check_same(filled[0], session)
    keys = _recording_keys(filled)
    return TrainingData(
        recipe=filled[0].recipe,
        values=np.concatenate([session.values for session in filled]),
        labels=tuple(label for session in filled for label in session.labels),
        groups=tuple(own[i] for session, own in zip(filled, keys, strict=True) for i in session.recording_of),
        files=tuple(_name(session) for session in filled for _ in range(len(session))),
        first_reading=np.concatenate([session.first_reading for session in filled]),
        flags=np.concatenate([session.flags for session in filled]),
        tags={name: tuple(value for session in filled for value in _known(session, name)) for name in _TAGS},
        recordings=_longest(filled, keys),
    )


def _longest(sessions: Sequence[Session], keys: Sequence[Sequence[str]]) -> dict[str, Recording]:
    """Return each recording once; of one that two sessions hold, that with more readings."""
    found: dict[str, Recording] = {}
    for session, own in zip(sessions, keys, strict=True):
        for key, recording in zip(own, session.recordings, strict=True):
            if key not in found or len(recording) > len(found[key]):
                found[key] = recording
    return found


_TAGS = ("person", "place", "day")


def _known(session: Session, name: str) -> list[str]:
    """Return for each frame what its recording says of person, place or day."""
    recordings = session.recordings
    if name == "day":
        values = [day_of(recording.host_attributes.get("timestamp", "")) for recording in recordings]
    else:
        values = [recording.tags.get(name, "").strip() for recording in recordings]
    return [values[index] for index in session.recording_of]


def _check_same(first: Session, other: Session) -> None:
    check_same_sensor(first, other)
    hint = "Extract both again with one recipe, or load only one of them."
    shape, expected = other.values.shape[1:], first.values.shape[1:]
    if shape != expected:
        raise UserError(
            f"Expected frames of shape {expected} as in {_name(first)}. Received: shape={shape} in {_name(other)}.",
            hint,
        )
    if not first.recipe.same_frames_as(other.recipe):
        what = _difference(first.recipe, other.recipe)
        raise UserError(
            f"Expected frames made with one recipe. Received: {_name(first)} and {_name(other)} differ in {what}.",
            hint,
        )


def _difference(first: Recipe, other: Recipe) -> str:
    if first.features != other.features:
        return "their features"
    return "their frame length" if first.frame.time_steps != other.frame.time_steps else "their sensor settings"


def _recording_keys(sessions: Sequence[Session]) -> list[list[str]]:
    """Name every recording so that the same recording has the same name in all sessions, and others have another.

    Two recordings are the same if name and the host's identity are; without an identity a session's are its own.
    """
    known: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    keys = []
    for number, session in enumerate(sessions):
        own = []
        for index, recording in enumerate(session.recordings):
            identity = recording.host_attributes.get("uuid") or f"{number}/{index}"
            key = known.get((recording.name, identity))
            if key is None:
                key = _unused(recording.name, taken)
                known[recording.name, identity] = key
                taken.add(key)
            own.append(key)
        keys.append(own)
    return keys


def _unused(name: str, taken: set[str]) -> str:
    key, number = name, 2
    while key in taken:
        key, number = f"{name} ({number})", number + 1
    return key


def _name(session: Session) -> str:
    return session.path.name if session.path else "the open session"
