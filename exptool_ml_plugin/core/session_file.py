"""Session files: the host's own recording layout, and a part of ours.

The Exploration Tool and `a121.load_record` open the file as a recording; one of an A111 opens in the A111's app and
with `a111.recording.load`. Beside the host's data (`host_layout`, `a111_layout`) there is (`own_part`)

    exptool_ml                            attribute schema
    exptool_ml/recipe                     JSON text
    exptool_ml/frames/{values, labels, recording_of, first_reading, flags}
    exptool_ml/recordings/recording_<n>/{name, setup, tags, host_attributes}      texts, JSON but for the name
    exptool_ml/recordings/recording_<n>/{time_s, quality, marks}
    exptool_ml/recordings/recording_<n>/place       of an A111: first reading and end in the host's data
    exptool_ml/recordings/recording_<n>/matrix_<i>  where the host's layout does not hold the readings exactly

Recording `n` of an A121 is the host's `sessions/session_<n>`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from . import a111_layout
from .atomic import replacing
from .errors import UserError
from .frames import QualityWatch
from .host_layout import is_exact, read_matrices, with_host_texts, write_file_texts, write_recording
from .own_part import OwnPart
from .picked_frames import PickedFrames
from .reading import A121, Quality, SensorSetup
from .recipe import Recipe, setup_from_json, setup_to_json
from .recording import Recording, qualities
from .session import LabelledFrames, Session
from .stored_arrays import StoredArrays
from .writing_hdf5 import new_hdf5

SCHEMA = 1
_BYTES_AT_ONCE = 32 << 20
_QUALITY_TYPE = np.dtype(
    [("saturated", "?"), ("delayed", "?"), ("calibration_needed", "?"), ("lost_before", "<i4")],
)


def save_session(session: Session, path: Path, *, overwrite: bool = False) -> None:
    """Write the session in one step: a crash leaves the old file or the new one.

    An existing file is replaced only with `overwrite`. Readings with values that are not whole numbers of 16 bits
    (unrounded simulations) are rounded for the host of the A121 and kept exactly in our own part, so that nothing is
    lost. Raises `UserError` if the file cannot be written; the session then stays `unsaved`.
    """
    path = Path(path)
    with replacing(path, overwrite=overwrite) as temporary, new_hdf5(temporary) as file:
        _write(file, session)
    session.path = path
    session.unsaved = False


def load_session(path: Path) -> Session:
    """Read a session file; raise `UserError` for one that is broken, foreign or of a newer version.

    Frames and readings stay in the file until they are looked at (`StoredArrays`), whatever becomes of its name.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"Expected a session file. Received: {path} is not there.", "Check the name.")
    try:
        with h5py.File(path, "r") as file:
            return _read(_own_part(file, path), file, path)
    except UserError:
        raise
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RuntimeError, MemoryError) as error:
        raise UserError(
            f"Expected a complete session file. Received: {path} cannot be read ({error}).",
            "It may be cut short or not a session; take another copy of it.",
        ) from error


def is_session(path: Path) -> bool:
    """Tell whether a file is one of ours, however complete."""
    try:
        with h5py.File(path, "r") as file:
            return OwnPart.found_in(file) is not None
    except OSError:
        return False


def _write(file: h5py.File, session: Session) -> None:
    recordings = session.recordings
    of_a111 = a111_layout.can_hold(recordings)
    own = OwnPart(file, flat=of_a111)
    own.begin(session.recipe.to_json(), schema=SCHEMA)
    _write_values(own, session.values)
    own.write_texts("frames/labels", session.labels)
    own.write("frames/recording_of", session.recording_of)
    own.write("frames/first_reading", session.first_reading)
    own.write("frames/flags", session.flags)
    places = a111_layout.write_recordings(file, recordings) if of_a111 else [None] * len(recordings)
    for number, (recording, place) in enumerate(zip(recordings, places, strict=True)):
        where = f"recordings/recording_{number}"
        if place is not None:
            own.write(f"{where}/place", np.array(place, dtype=np.int64))
        elif of_a111 or not _write_a121(file, own, number, recording):
            for i, matrix in enumerate(recording.matrices):
                own.write(f"{where}/matrix_{i}", matrix)
        _describe(own, where, recording)


def _write_values(own: OwnPart, values: PickedFrames) -> None:
    """Write the frames piece by piece: those of a changed session do not lie in one."""
    dataset = own.room("frames/values", values.shape, values.dtype)
    size = max(1, _BYTES_AT_ONCE // max(1, values[:1].nbytes))
    for start in range(0, len(values), size):
        dataset[start : start + size] = values[start : start + size]


def _write_a121(file: h5py.File, own: OwnPart, number: int, recording: Recording) -> bool:
    """Write the readings for the host of the A121; False where it does not hold them exactly."""
    texts = with_host_texts(recording)
    own.write_text(f"recordings/recording_{number}/host_texts", json.dumps({"metadata": texts["metadata"]}))
    if recording.setup.generation != A121:
        return False
    if "generation" not in file:
        write_file_texts(file, texts)
    write_recording(file, number, recording, texts)
    return is_exact(recording)


def _describe(own: OwnPart, where: str, recording: Recording) -> None:
    described = {
        "name": recording.name,
        "setup": setup_to_json(recording.setup),
        "tags": json.dumps(recording.tags),
        "host_attributes": json.dumps(recording.host_attributes),
    }
    for name, text in described.items():
        own.write_text(f"{where}/{name}", text)
    own.write(f"{where}/time_s", recording.time_s)
    own.write(f"{where}/marks", np.array(recording.marks, dtype=np.int64))
    quality = [(q.saturated, q.delayed, q.calibration_needed, q.lost_before) for q in recording.quality]
    own.write(f"{where}/quality", np.array(quality, dtype=_QUALITY_TYPE))


def _own_part(file: h5py.File, path: Path) -> OwnPart:
    own = OwnPart.found_in(file)
    if own is None:
        raise UserError(
            f"Expected a session file. Received: {path} holds no labelled frames.",
            "If it is a recording, make a session of it with 'exptool-ml extract'.",
        )
    schema = int(own.schema)
    if schema != SCHEMA:
        raise UserError(
            f"Expected a session file of schema {SCHEMA}. Received: schema={schema} in {path}.",
            "Update exptool-ml-plugin.",
        )
    return own


def _read(own: OwnPart, file: h5py.File, path: Path) -> Session:
    arrays = StoredArrays(file)
    count = own.count("recordings/recording", "name")
    recordings = [_read_recording(file, own, n, arrays) for n in range(count)]
    labelled = LabelledFrames(
        values=arrays.array(own["frames/values"], np.float32),
        labels=arrays.texts(own["frames/labels"]),
        recording_of=arrays.array(own["frames/recording_of"], np.int64),
        first_reading=arrays.array(own["frames/first_reading"], np.int64),
        flags=_read_flags(own, recordings, arrays),
    )
    recipe = Recipe.from_json(arrays.text(own["recipe"]), source=str(path))
    return Session(recipe, recordings=recordings, frames=labelled, path=path)


def _read_flags(own: OwnPart, recordings: list[Recording], arrays: StoredArrays) -> NDArray[np.uint8]:
    """Return the flags; files of version 0.1 only say that there are any, their readings say which."""
    if "frames/flags" in own:
        return arrays.array(own["frames/flags"], np.uint8)
    count, steps = own["frames/values"].shape[:2]
    flags = np.zeros(count, dtype=np.uint8)
    numbers = arrays.array(own["frames/recording_of"], np.int64).tolist()
    firsts = arrays.array(own["frames/first_reading"], np.int64).tolist()
    for index, (number, first) in enumerate(zip(numbers, firsts, strict=True)):
        watch = QualityWatch()
        for quality in recordings[number].quality[first : first + steps]:
            watch.push(quality)
        flags[index] = watch.flags_since(0)
    return flags


def _read_recording(file: h5py.File, own: OwnPart, number: int, arrays: StoredArrays) -> Recording:
    where = f"recordings/recording_{number}"
    setup = setup_from_json(arrays.text(own[f"{where}/setup"]), source=f"recording {number}")
    matrices, shapes = _read_matrices(file, own, number, setup, arrays)
    arrays.check(own[f"{where}/quality"])
    marks = f"{where}/marks"
    recording = Recording(
        name=arrays.text(own[f"{where}/name"]),
        setup=setup,
        time_s=arrays.array(own[f"{where}/time_s"], np.float64),
        matrices=matrices,
        quality=_read_quality(own[f"{where}/quality"][()]),
        tags=_texts_by_name(own[f"{where}/tags"], arrays),
        host_attributes=_texts_by_name(own[f"{where}/host_attributes"], arrays),
        marks=tuple(arrays.array(own[marks], np.int64).tolist()) if marks in own else (),
    )
    _check_lengths(recording, shapes)
    return recording


def _read_matrices(
    file: h5py.File, own: OwnPart, number: int, setup: SensorSetup, arrays: StoredArrays
) -> tuple[Sequence[NDArray[np.complex64]], Sequence[tuple[int, ...]]]:
    """Return the matrices and their shapes, which may be asked for without making any matrix."""
    where = f"recordings/recording_{number}"
    if f"{where}/matrix_0" in own:
        paths = [f"{where}/matrix_{i}" for i in range(len(setup.channels))]
        kept = tuple(arrays.array(own[path], np.complex64) for path in paths)
        return kept, [matrix.shape for matrix in kept]
    if f"{where}/place" in own:
        start, stop = arrays.array(own[f"{where}/place"], np.int64).tolist()
        lazy = a111_layout.read_matrices(file, (start, stop), setup.channels, arrays=arrays)
    else:
        texts = json.loads(arrays.text(own[f"{where}/host_texts"]))
        lazy = read_matrices(file[f"sessions/session_{number}"], texts, setup.channels, arrays=arrays)
    return lazy, lazy.shapes


def _read_quality(stored: NDArray[np.void]) -> tuple[Quality, ...]:
    saturated, delayed, calibration_needed, lost_before = (stored[name] for name in _QUALITY_TYPE.names or ())
    return qualities(saturated, delayed, calibration_needed, lost_before)


def _check_lengths(recording: Recording, shapes: Sequence[tuple[int, ...]]) -> None:
    for channel, shape in zip(recording.setup.channels, shapes, strict=True):
        expected = (len(recording.time_s), channel.sweeps, channel.points)
        if shape != expected or len(recording.quality) != expected[0]:
            raise UserError(
                f"Expected readings of shape {expected} in recording '{recording.name}'. "
                f"Received: shape={shape}, {len(recording.quality)} quality flags."
            )


def _texts_by_name(dataset: Any, arrays: StoredArrays) -> dict[str, str]:
    texts = json.loads(arrays.text(dataset))
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError(f"{dataset.name} holds no texts by name")
    return texts
