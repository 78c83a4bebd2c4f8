"""Session files of the Deep Learning Interface become sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..frames import QualityWatch
from ..parts import Parts
from ..recipe import Recipe
from ..recording import Recording
from ..session import LabelledFrames, Session
from .features import choices_of, frame_columns, frame_settings, imported_features, listed, one_dimensional, trigger
from .frames import compare, old_frames
from .pickled_values import whole
from .restricted_pickle import read_npy
from .sensor import recording_of


@dataclass(frozen=True, eq=False)
class ImportedSession:
    """A session made of old files, and how well that went.

    `equal` is the number of frames that our features make of the readings, too, None where they could not try;
    `notes` are sentences about what is not as it was.
    """

    session: Session
    equal: int | None
    notes: tuple[str, ...]


def is_session(document: Any) -> bool:
    """Tell whether what an old file holds is a session."""
    return isinstance(document, dict) and "feature_list" in document and "sweep_data" in document


def read_session(path: Path, parts: Parts) -> ImportedSession:
    """Read a session file; `UserError` for one that is broken, hostile, or no session."""
    return session_of(read_npy(path), name=path.stem, parts=parts)


def session_of(document: Any, *, name: str, parts: Parts) -> ImportedSession:
    """Make a session of what an old session file holds; `name` becomes that of its recording."""
    if not is_session(document):
        raise UserError(f"Expected a session of the Deep Learning Interface. Received: {name}, which holds none.")
    with whole(name):
        return _session_of(document, name, parts)


def _session_of(document: Mapping[str, Any], name: str, parts: Parts) -> ImportedSession:
    settings = _settings(document.get("frame_settings"))
    record = _settings(document["sweep_data"])
    if "sensor_config_dump" not in record and document.get("sensor_config") is not None:
        record = {**record, "sensor_config_dump": document["sensor_config"]}
    recording = recording_of(record, settings, name=name)
    features = listed(document["feature_list"])
    flat = one_dimensional(features)
    stored, notes = old_frames(_frame_list(document), one_dimensional=flat)
    columns = frame_columns(settings, recording.setup.reading_rate_hz)
    if stored and not flat:
        columns = len(stored[0].values)
    imported = imported_features(features, recording.setup, columns=columns)
    steps = len(stored[0].values) if stored else (1 if flat else columns)
    compared = compare(stored, recording, imported, parts)
    recipe = Recipe(
        name=name,
        sensor=recording.setup,
        features=choices_of(imported),
        frame=frame_settings(settings, steps),
        trigger=trigger(settings, columns),
    )
    if settings.get("calibration") is not None:
        notes.append("The old frames were divided by a calibration frame; frames made of the readings here are not.")
    frames = replace(compared.frames, flags=_flags(compared.frames, recording, steps))
    session = Session(recipe, recordings=[recording], frames=frames)
    session.unsaved = True
    return ImportedSession(session, compared.equal, (*notes, *compared.notes))


def merged(sessions: Sequence[ImportedSession]) -> ImportedSession:
    """Return one session of several; `UserError` where their frames cannot be compared."""
    first = sessions[0]
    for other in sessions[1:]:
        if not other.session.recipe.same_frames_as(first.session.recipe):
            raise UserError(
                "Expected sessions with the same sensor, features and frame length. Received: "
                f"{first.session.recipe.name} and {other.session.recipe.name}, which differ.",
                "Import them into files of their own.",
            )
    if len(sessions) == 1:
        return first
    session = Session(first.session.recipe)
    for one in sessions:
        offset = len(session.recordings)
        for recording in one.session.recordings:
            session.add_recording(recording)
        for index, label in enumerate(one.session.labels):
            frame, recording_index = one.session.frame(index)
            session.add(frame, label, recording_index + offset)
    session.unsaved = True
    counts = [one.equal for one in sessions]
    equal = None if None in counts else sum(count for count in counts if count is not None)
    return ImportedSession(session, equal, tuple(dict.fromkeys(note for one in sessions for note in one.notes)))


def _settings(value: Any) -> Mapping[str, Any]:
    return {str(name): item for name, item in value.items()} if isinstance(value, dict) else {}


def _frame_list(document: Mapping[str, Any]) -> Any:
    """Return the stored frames, which lie in the data of the last plot."""
    data = _settings(document.get("frame_data"))
    return _settings(data.get("ml_frame_data", data)).get("frame_list")


def _flags(frames: LabelledFrames, recording: Recording, steps: int) -> Any:
    flags = np.zeros(len(frames.labels), dtype=np.uint8)
    if all(quality.good for quality in recording.quality):
        return flags
    for index, first in enumerate(frames.first_reading):
        watch = QualityWatch()
        for quality in recording.quality[int(first) : int(first) + steps]:
            watch.push(quality)
        flags[index] = watch.flags_since(0)
    return flags
