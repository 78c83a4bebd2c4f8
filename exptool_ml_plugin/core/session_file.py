"""Session files: the host's own recording layout, and one group of ours.

The Exploration Tool and `a121.load_record` open the file as a recording. Beside the host's groups (`host_layout`)
there is

    exptool_ml                            attribute schema
    exptool_ml/recipe                     JSON text
    exptool_ml/frames/{values, labels, recording_of, first_reading, flags}
    exptool_ml/recordings/recording_<n>/{name, setup, tags, host_attributes}      texts, JSON but for the name
    exptool_ml/recordings/recording_<n>/{time_s, quality, marks}
    exptool_ml/recordings/recording_<n>/matrix_<i>                                see `_write_recording`

Recording `n` is the host's `sessions/session_<n>`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .atomic import replacing
from .errors import UserError
from .frames import QualityWatch
from .host_layout import is_exact, read_matrices, with_host_texts, write_file_texts, write_recording
from .picked_frames import PickedFrames
from .reading import Quality
from .recipe import Recipe, setup_from_json, setup_to_json
from .recording import Recording, qualities
from .session import LabelledFrames, Session
from .stored_arrays import StoredArrays
from .writing_hdf5 import new_hdf5

SCHEMA = 1
_GROUP = "exptool_ml"
_TEXT = h5py.string_dtype()
_BYTES_AT_ONCE = 32 << 20
_QUALITY_TYPE = np.dtype(
    [("saturated", "?"), ("delayed", "?"), ("calibration_needed", "?"), ("lost_before", "<i4")],
)


def save_session(session: Session, path: Path, *, overwrite: bool = False) -> None:
    """Write the session in one step: a crash leaves the old file or the new one.

    An existing file is replaced only with `overwrite`. Readings with values that are not whole numbers of 16 bits
    (other sensors, unrounded simulations) are rounded for the host and kept exactly in our own group, so that
    nothing is lost. Raises `UserError` if the file cannot be written; the session then stays `unsaved`.
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
            return _read(_own_group(file, path), file, path)
    except UserError:
        raise
    except (OSError, LookupError, ValueError, TypeError, AttributeError, RuntimeError, MemoryError) as error:
        raise UserError(
            f"Expected a complete session file. Received: {path} cannot be read ({error}).",
            "It may be cut short or not a session; take another copy of it.",
        ) from error


def _write(file: h5py.File, session: Session) -> None:
    group = file.create_group(_GROUP)
    group.attrs["schema"] = SCHEMA
    group.create_dataset("recipe", data=session.recipe.to_json(), dtype=_TEXT)
    frames = group.create_group("frames")
    _write_values(frames, session.values)
    frames.create_dataset("labels", data=np.array(session.labels, dtype=object), dtype=_TEXT)
    frames["recording_of"] = session.recording_of
    frames["first_reading"] = session.first_reading
    frames["flags"] = session.flags
    for number, recording in enumerate(session.recordings):
        _write_recording(file, group.create_group(f"recordings/recording_{number}"), number, recording)


def _write_values(group: h5py.Group, values: PickedFrames) -> None:
    """Write the frames piece by piece: those of a changed session do not lie in one."""
    dataset = group.create_dataset("values", shape=values.shape, dtype=values.dtype)
    size = max(1, _BYTES_AT_ONCE // max(1, values[:1].nbytes))
    for start in range(0, len(values), size):
        dataset[start : start + size] = values[start : start + size]


def _write_recording(file: h5py.File, own: h5py.Group, number: int, recording: Recording) -> None:
    """Write the readings for the host where it can hold them exactly, else also as they are."""
    texts = with_host_texts(recording)
    if recording.setup.generation == "a121":
        if "generation" not in file:
            write_file_texts(file, texts)
        write_recording(file, number, recording, texts)
    if recording.setup.generation != "a121" or not is_exact(recording):
        for i, matrix in enumerate(recording.matrices):
            own[f"matrix_{i}"] = matrix
    described = {
        "name": recording.name,
        "setup": setup_to_json(recording.setup),
        "tags": json.dumps(recording.tags),
        "host_attributes": json.dumps(recording.host_attributes),
        "host_texts": json.dumps({"metadata": texts["metadata"]}),
    }
    for name, text in described.items():
        own.create_dataset(name, data=text, dtype=_TEXT)
    own["time_s"] = recording.time_s
    own["marks"] = np.array(recording.marks, dtype=np.int64)
    own["quality"] = np.array(
        [(q.saturated, q.delayed, q.calibration_needed, q.lost_before) for q in recording.quality],
        dtype=_QUALITY_TYPE,
    )


def _own_group(file: h5py.File, path: Path) -> h5py.Group:
    if _GROUP not in file:
        raise UserError(
            f"Expected a session file. Received: {path} holds no labelled frames.",
            "If it is a recording, make a session of it with 'exptool-ml extract'.",
        )
    group = file[_GROUP]
    schema = int(group.attrs.get("schema", 0))
    if schema != SCHEMA:
        raise UserError(
            f"Expected a session file of schema {SCHEMA}. Received: schema={schema} in {path}.",
            "Update exptool-ml-plugin.",
        )
    return group


def _read(group: h5py.Group, file: h5py.File, path: Path) -> Session:
    arrays = StoredArrays(file)
    count = len(group["recordings"]) if "recordings" in group else 0
    recordings = [_read_recording(file, group[f"recordings/recording_{n}"], n, arrays) for n in range(count)]
    frames = group["frames"]
    labelled = LabelledFrames(
        values=arrays.array(frames["values"], np.float32),
        labels=arrays.texts(frames["labels"]),
        recording_of=arrays.array(frames["recording_of"], np.int64),
        first_reading=arrays.array(frames["first_reading"], np.int64),
        flags=_read_flags(frames, recordings, arrays),
    )
    recipe = Recipe.from_json(arrays.text(group["recipe"]), source=str(path))
    return Session(recipe, recordings=recordings, frames=labelled, path=path)


def _read_flags(frames: h5py.Group, recordings: list[Recording], arrays: StoredArrays) -> NDArray[np.uint8]:
    """Return the flags; files of version 0.1 only say that there are any, their readings say which."""
    if "flags" in frames:
        return arrays.array(frames["flags"], np.uint8)
    steps = frames["values"].shape[1]
    flags = np.zeros(len(frames["values"]), dtype=np.uint8)
    numbers = arrays.array(frames["recording_of"], np.int64).tolist()
    firsts = arrays.array(frames["first_reading"], np.int64).tolist()
    for index, (number, first) in enumerate(zip(numbers, firsts, strict=True)):
        watch = QualityWatch()
        for quality in recordings[number].quality[first : first + steps]:
            watch.push(quality)
        flags[index] = watch.flags_since(0)
    return flags


def _read_recording(file: h5py.File, own: h5py.Group, number: int, arrays: StoredArrays) -> Recording:
    setup = setup_from_json(arrays.text(own["setup"]), source=f"recording {number}")
    matrices: Sequence[NDArray[np.complex64]]
    if "matrix_0" in own:
        matrices = tuple(arrays.array(own[f"matrix_{i}"], np.complex64) for i in range(len(setup.channels)))
        shapes = [matrix.shape for matrix in matrices]
    else:
        texts = json.loads(arrays.text(own["host_texts"]))
        matrices = read_matrices(file[f"sessions/session_{number}"], texts, setup.channels, arrays=arrays)
        shapes = matrices.shapes
    arrays.check(own["quality"])
    recording = Recording(
        name=arrays.text(own["name"]),
        setup=setup,
        time_s=arrays.array(own["time_s"], np.float64),
        matrices=matrices,
        quality=_read_quality(own["quality"][()]),
        tags=_texts_by_name(own["tags"], arrays),
        host_attributes=_texts_by_name(own["host_attributes"], arrays),
        marks=tuple(arrays.array(own["marks"], np.int64).tolist()) if "marks" in own else (),
    )
    _check_lengths(recording, shapes)
    return recording


def _read_quality(stored: NDArray[np.void]) -> tuple[Quality, ...]:
    saturated, delayed, calibration_needed, lost_before = (stored[name] for name in _QUALITY_TYPE.names or ())
    return qualities(saturated, delayed, calibration_needed, lost_before)


def _check_lengths(recording: Recording, shapes: list[tuple[int, ...]]) -> None:
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
