"""The frames of several sessions together, as a training needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .joining import check_same_sensor
from .picked_frames import PickedFrames
from .recipe import Recipe
from .recording import Recording
from .session import Session
from .split_groups import FrameIndex, day_of
from .stacked_frames import StackedFrames
from .text_column import TextColumn
from .variants import without_variants


@dataclass(frozen=True, eq=False)
class KeptVariants:
    """Variants of frames of one session: `places` are group and first reading of the original of each."""

    values: PickedFrames
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Labelled frames of one recipe.

    `values` are the frames, which stay where they are; `labels`, `groups` and `files` have one entry per frame: its
    label, the recording it came from (the same text for the same recording, whatever file it was in) and the
    session file. `first_reading` is int64 `(n,)`, counted in the recording; `flags` uint8 `(n,)`. `tags` holds under
    "person", "place" and "day" what is known of each frame's recording, "" for nothing; `recordings` the readings by
    group. Variants that the sessions keep are not among the frames, but stand in `variants`.
    """

    recipe: Recipe
    values: StackedFrames
    labels: TextColumn
    groups: TextColumn
    files: TextColumn
    first_reading: NDArray[np.int64]
    flags: NDArray[np.uint8]
    tags: Mapping[str, TextColumn] = field(default_factory=dict)
    recordings: Mapping[str, Recording] = field(default_factory=dict)
    variants: tuple[KeptVariants, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels that occur, sorted."""
        return self.labels.used

    @property
    def frame_shape(self) -> tuple[int, int]:
        """Time steps and width of every frame."""
        return self.values.shape[1], self.values.shape[2]

    def counts(self) -> dict[str, int]:
        """Return the number of frames of each label, sorted by label."""
        return self.labels.counts()

    def codes(self, label_names: Sequence[str]) -> NDArray[np.int64]:
        """Return each frame's label as index in `label_names`, int64 `(n,)`; raise `UserError` for unknown labels."""
        unknown = sorted(set(self.label_names) - set(label_names))
        if unknown:
            raise UserError(
                f"Expected labels among {', '.join(label_names)}. Received: {', '.join(unknown)}.",
                "Relabel these frames, or train a new model with them.",
            )
        return self.labels.codes_among(label_names)

    def take(self, kept: NDArray[np.int64]) -> TrainingData:
        """Return the frames with these indices, in their order; their values are not copied."""
        return replace(
            self,
            values=self.values.take(kept),
            labels=self.labels.take(kept),
            groups=self.groups.take(kept),
            files=self.files.take(kept),
            first_reading=self.first_reading[kept],
            flags=self.flags[kept],
            tags={name: column.take(kept) for name, column in self.tags.items()},
        )

    def frame_index(self) -> FrameIndex:
        """Return what the split needs."""
        tags = {**self.tags, "session": self.files}
        return FrameIndex(self.labels, self.groups, self.first_reading, time_steps=self.frame_shape[0], tags=tags)


def gather(sessions: Sequence[Session]) -> TrainingData:
    """Put the frames of sessions together, in their order; raise `UserError` if they cannot be compared."""
    found = gather_subsets({"": sessions})
    if not found:
        raise UserError("Expected at least one labelled frame. Received: none.", "Collect or extract some first.")
    return found[""]


def gather_subsets(subsets: Mapping[str, Sequence[Session]]) -> dict[str, TrainingData]:
    """Put the frames of each subset's sessions together; a subset without any is left out.

    The same recording has the same name in all of them. `UserError` if they cannot be compared.
    """
    originals = {name: map(without_variants, sessions) for name, sessions in subsets.items()}
    filled = {name: [session for session in sessions if len(session)] for name, sessions in originals.items()}
    together = [session for sessions in filled.values() for session in sessions]
    for session in together[1:]:
        _check_same(together[0], session)
    keys = _recording_keys(together)
    start, found = 0, {}
    for name, sessions in filled.items():
        if sessions:
            found[name] = _together(sessions, keys[start : start + len(sessions)])
        start += len(sessions)
    return found


def _together(sessions: Sequence[Session], keys: Sequence[Sequence[str]]) -> TrainingData:
    pairs = list(zip(sessions, keys, strict=True))
    return TrainingData(
        recipe=sessions[0].recipe,
        values=StackedFrames([session.values for session in sessions]),
        labels=TextColumn.joined([TextColumn.of(session.labels) for session in sessions]),
        groups=TextColumn.joined([TextColumn.picked(own, session.recording_of) for session, own in pairs]),
        files=TextColumn.joined([TextColumn.picked([_name(s)], np.zeros(len(s), np.int8)) for s in sessions]),
        first_reading=np.concatenate([session.first_reading for session in sessions]),
        flags=np.concatenate([session.flags for session in sessions]),
        tags={name: TextColumn.joined([_known(session, name) for session in sessions]) for name in _TAGS},
        recordings=_longest(sessions, keys),
        variants=tuple(_kept(session, own) for session, own in pairs if session.variants),
    )


def _kept(session: Session, keys: Sequence[str]) -> KeptVariants:
    frames = session.variants
    assert frames is not None  # `gather` asks for those of sessions that have some
    firsts = frames.first_reading.tolist()
    places = tuple((keys[number], first) for number, first in zip(frames.recording_of.tolist(), firsts, strict=True))
    return KeptVariants(PickedFrames.of(frames.values), places)


def _longest(sessions: Sequence[Session], keys: Sequence[Sequence[str]]) -> dict[str, Recording]:
    """Return each recording once; of one that two sessions hold, that with more readings."""
    found: dict[str, Recording] = {}
    for session, own in zip(sessions, keys, strict=True):
        for key, recording in zip(own, session.recordings, strict=True):
            if key not in found or len(recording) > len(found[key]):
                found[key] = recording
    return found


_TAGS = ("person", "place", "day")


def _known(session: Session, name: str) -> TextColumn:
    """Return for each frame what its recording says of person, place or day."""
    recordings = session.recordings
    if name == "day":
        values = [day_of(recording.host_attributes.get("timestamp", "")) for recording in recordings]
    else:
        values = [recording.tags.get(name, "").strip() for recording in recordings]
    return TextColumn.picked(values, session.recording_of)


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
    if first.frame.time_steps != other.frame.time_steps:
        return "their frame length"
    return "their calibration frames" if first.calibration != other.calibration else "their sensor settings"


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
