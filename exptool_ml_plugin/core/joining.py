"""Several sessions as one, and parts of a session as sessions of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .reading import sensor_kind
from .recording import Recording
from .session import LabelledFrames, Session


def joined(sessions: Sequence[Session]) -> Session:
    """Return one session with the frames of all, in their order; `UserError` where they cannot be compared.

    A recording that several of them hold (same name, same identity, same length) is there once; others of the same
    name get a number, so that splits by recording keep them apart.
    """
    if not sessions:
        raise UserError("Expected at least one session. Received: none.")
    first = sessions[0]
    result = Session(first.recipe)
    places: dict[tuple[str, str, int], int] = {}
    used: set[str] = set()
    parts = []
    for number, session in enumerate(sessions):
        _check_same(first, session)
        own = [_place(result, recording, f"{number}/{i}", places, used) for i, recording in _numbered(session)]
        frames = session.take(range(len(session)))
        parts.append(replace(frames, recording_of=np.array(own, dtype=np.int64)[frames.recording_of]))
    filled = [part for part in parts if len(part.labels)]
    if filled:
        together = _concatenated(filled)
        result.insert(together, range(len(together.labels)))
    result.unsaved = True
    return result


def part_of(session: Session, indices: Sequence[int]) -> Session:
    """Return a session of some frames with their labels, and only the recordings they came from."""
    frames = session.take(indices)
    kept = np.unique(frames.recording_of)
    recordings = [session.recordings[place] for place in kept]
    frames = replace(frames, recording_of=np.searchsorted(kept, frames.recording_of).astype(np.int64))
    part = Session(session.recipe, recordings=recordings, frames=frames)
    part.unsaved = True
    return part


def groups_by(session: Session, what: str) -> dict[str, NDArray[np.int64]]:
    """Return the indices of the frames of each label, recording, or value of a tag, by name and in order of names.

    Frames of recordings without the tag are under "".
    """
    if what == "label":
        names = session.labels
    elif what == "recording":
        names = [session.recordings[place].name for place in session.recording_of]
    else:
        names = [session.recordings[place].tags.get(what, "") for place in session.recording_of]
    all_names = np.asarray(names, dtype=object)
    return {name: np.flatnonzero(all_names == name) for name in sorted(set(names))}


def _numbered(session: Session) -> list[tuple[int, Recording]]:
    return list(enumerate(session.recordings))


def _place(
    result: Session, recording: Recording, fallback: str, places: dict[tuple[str, str, int], int], used: set[str]
) -> int:
    """Return the place of a recording in the result; it is added where it is not there yet."""
    key = (recording.name, recording.host_attributes.get("uuid") or fallback, len(recording))
    if key not in places:
        name, number = recording.name, 2
        while name in used:
            name, number = f"{recording.name} ({number})", number + 1
        used.add(name)
        places[key] = result.add_recording(replace(recording, name=name) if name != recording.name else recording)
    return places[key]


def _check_same(first: Session, other: Session) -> None:
    check_same_sensor(first, other)
    shapes = [session.values.shape[1:] for session in (first, other) if len(session)]
    if not other.recipe.same_frames_as(first.recipe) or len(set(shapes)) > 1:
        names = [_name(session) for session in (first, other)]
        raise UserError(
            "Expected sessions with the same sensor, features and frame length. Received: "
            f"{names[0]} and {names[1]}, which differ.",
            "Bring them to one recipe first: exptool-ml batch ... --recipe RECIPE.",
        )


def check_same_sensor(first: Session, other: Session) -> None:
    """Raise `UserError` for sessions of different sensors or services, whose frames cannot be compared."""
    kinds = [sensor_kind(session.recipe.sensor) for session in (first, other)]
    if all(kinds) and kinds[0] != kinds[1]:
        raise UserError(
            f"Expected frames of one sensor and service. Received: {kinds[0]} in {_name(first)} and {kinds[1]} in "
            f"{_name(other)}.",
            "Leave one of them out: what different sensors measure cannot be compared.",
        )


def _name(session: Session) -> str:
    return session.path.name if session.path else session.recipe.name


def _concatenated(parts: Sequence[LabelledFrames]) -> LabelledFrames:
    return LabelledFrames(
        values=np.concatenate([part.values for part in parts]),
        labels=[label for part in parts for label in part.labels],
        recording_of=np.concatenate([part.recording_of for part in parts]),
        first_reading=np.concatenate([part.first_reading for part in parts]),
        flags=np.concatenate([part.flags for part in parts]),
    )
