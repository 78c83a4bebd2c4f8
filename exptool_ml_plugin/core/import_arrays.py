"""Frames that other programs made, as sessions: NumPy arrays (`.npz`) and tables (`.csv`).

There are no readings behind such frames: each recording has none. They can be looked at, labelled, split, trained on
and exported; made anew with other features, or moved along their recording, they cannot be. docs/import_export.md
says what the files hold.
"""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .import_table import read_table
from .reading import Channel, SensorSetup
from .recipe import FrameSettings, Recipe
from .recording import Recording
from .session import LabelledFrames, Session

GENERATION = "arrays"
"""Of the sensor of frames that no known sensor measured."""

_NAMES = ("frames", "labels", "recording", "names", "first_reading", "flags", "recipe")
_ALWAYS_BYTES = 256_000_000
_MOST_TIMES = 100
"""Arrays may unpack to so many bytes whatever the file's size, or to so many times its size."""
_MOST_STEPS = 4096
_LARGEST_NUMBER = 2.0**53
"""Up to which every whole number is one as a float, too."""


def read_arrays(path: Path) -> Session:
    """Read a session of a file with one of `READERS`; `UserError` for any other file and for one that is broken."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"Expected a file that ends in {' or '.join(READERS)}. Received: {path.name}.")
    if not path.is_file():
        raise UserError(f"Expected a file. Received: {path} is not there.", "Check the name.")
    try:
        return reader(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UserError(f"Expected a complete {path.suffix} file. Received: {path} ({error}).") from error
    except (RuntimeError, MemoryError, OverflowError, SyntaxError, TypeError, tokenize.TokenError) as error:
        raise UserError(f"Expected a {path.suffix} file that can be read. Received: {path} ({error}).") from error


def _read_npz(path: Path) -> Session:
    arrays = _load(path)
    missing = [name for name in ("frames", "labels") if name not in arrays]
    if missing:
        raise UserError(
            f"Expected arrays 'frames' and 'labels'. Received: {path} without {' and '.join(missing)}.",
            "Save them with np.savez(path, frames=frames, labels=labels).",
        )
    frames = _frames(arrays["frames"], path)
    count = len(frames)
    recording = _whole(arrays.get("recording", np.zeros(count, dtype=np.int64)), "recording", count, path)
    highest = int(recording.max())
    names = _texts(arrays["names"], "names", path) if "names" in arrays else _numbered(path.stem, highest + 1)
    if recording.min() < 0 or highest >= len(names):
        raise UserError(f"Expected places in 'names' (0 to {len(names) - 1}). Received: recording={highest} in {path}.")
    first = arrays.get("first_reading", steps_of(recording, frames.shape[1]))
    labelled = LabelledFrames(
        values=frames,
        labels=_texts(arrays["labels"], "labels", path, count),
        recording_of=recording,
        first_reading=_whole(first, "first_reading", count, path),
        flags=_whole(arrays.get("flags", np.zeros(count)), "flags", count, path).astype(np.uint8),
    )
    return make_session(labelled, names, recipe=_recipe(arrays.get("recipe"), path, frames.shape[1]), name=path.stem)


def _read_csv(path: Path) -> Session:
    table = read_table(path)
    frames = _frames(table.frames, path)
    first = steps_of(table.recording_of, frames.shape[1]) if table.first_reading is None else table.first_reading
    labelled = LabelledFrames(frames, table.labels, table.recording_of, first, table.flags)
    return make_session(labelled, table.names or [path.stem], recipe=None, name=path.stem)


READERS: Mapping[str, Callable[[Path], Session]] = {".npz": _read_npz, ".csv": _read_csv}
"""What reads a file, by the end of its name."""


def make_session(labelled: LabelledFrames, names: Sequence[str], *, recipe: Recipe | None, name: str) -> Session:
    """Return a session of frames without readings, one empty recording for each of the names."""
    steps, width = labelled.values.shape[1:]
    setup = SensorSetup(GENERATION, (Channel(1, 0, 1, width, 0.0, 1.0),), reading_rate_hz=1.0)
    made = recipe or Recipe(name=name, sensor=setup, frame=FrameSettings(time_steps=steps))
    setup = made.sensor or setup
    empty = [Recording.from_readings([], name=one, setup=setup) for one in names]
    if not all(label.strip() for label in labelled.labels):
        raise UserError(f"Expected a label for every frame. Received: an empty one in {name}.", "Fill it in.")
    session = Session(replace(made, sensor=setup), recordings=empty, frames=labelled)
    session.unsaved = True
    return session


def steps_of(recording_of: NDArray[np.int64], time_steps: int) -> NDArray[np.int64]:
    """Return where frames begin that lie one after another in their recordings, none sharing readings; int64 `(n,)`."""
    first = np.zeros(len(recording_of), dtype=np.int64)
    for one in np.unique(recording_of):
        own = np.flatnonzero(recording_of == one)
        first[own] = np.arange(len(own)) * time_steps
    return first


def _load(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays we know, never more than their file can reasonably hold, and nothing that is pickled."""
    room = max(_ALWAYS_BYTES, _MOST_TIMES * path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        wanted = {name: members[name] for name in _NAMES if name in members}
        size = sum(info.file_size for info in wanted.values())
        if size > room:
            raise UserError(f"Expected arrays of at most {room:,} bytes in {path.name}. Received: {size:,}.")
        arrays = {}
        for name, info in wanted.items():
            with archive.open(info) as member:
                _check_header(member, info.file_size, f"{name} in {path}")
            with archive.open(info) as member:
                arrays[name] = np.lib.format.read_array(member, allow_pickle=False)
    return arrays


def _check_header(member: IO[bytes], size: int, what: str) -> None:
    """Refuse an array of objects, which is a pickle, and one that says it is larger than it is."""
    version = np.lib.format.read_magic(member)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(member)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(member)
    else:
        raise UserError(f"Expected an array of format 1.0 or 2.0. Received: {version} for {what}.")
    if dtype.hasobject:
        raise UserError(
            f"Expected numbers or texts. Received: Python objects (a pickle) for {what}.",
            "Save labels with np.array(labels, dtype=str).",
        )
    count = 1
    for length in shape:
        count *= length
    if count < 0 or count * dtype.itemsize != size - member.tell():
        raise UserError(f"Expected an array as large as its header says. Received: shape={shape} for {what}.")


def _frames(values: NDArray[Any], path: Path) -> NDArray[np.float32]:
    if values.ndim != 3 or 0 in values.shape or values.dtype.kind not in "fiu" or values.shape[1] > _MOST_STEPS:
        raise UserError(
            f"Expected frames as real numbers of shape (frames, time steps, width), at least one of each and at most "
            f"{_MOST_STEPS} time steps. Received: {values.dtype} of shape {values.shape} in {path}.",
            "Take the amplitude of complex values, and give frames of one row the shape (frames, 1, width).",
        )
    with np.errstate(over="ignore"):
        frames = np.ascontiguousarray(values, dtype=np.float32)
    if not np.isfinite(frames).all():
        bad = int(np.flatnonzero(~np.isfinite(frames).all(axis=(1, 2)))[0])
        raise UserError(f"Expected finite values. Received: frame {bad} of {path} with others.", "Leave it out.")
    return frames


def _whole(values: NDArray[Any], name: str, count: int, path: Path) -> NDArray[np.int64]:
    numbers = values.shape == (count,) and values.dtype.kind in "iufb"
    if not numbers or (values.dtype.kind == "f" and not (np.abs(values) < _LARGEST_NUMBER).all()):
        raise UserError(
            f"Expected a whole number per frame as '{name}'. Received: {values.dtype} of shape {values.shape} for "
            f"{count} frames in {path}."
        )
    return values.astype(np.int64)


def _texts(values: NDArray[Any], name: str, path: Path, count: int | None = None) -> list[str]:
    expected = values.shape if count is None else (count,)
    if values.ndim != 1 or values.shape != expected or values.dtype.kind not in "USiu":
        raise UserError(
            f"Expected '{name}' as one text each. Received: {values.dtype} of shape {values.shape} in {path}."
        )
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values.tolist()]


def _recipe(text: NDArray[Any] | None, path: Path, steps: int) -> Recipe | None:
    if text is None:
        return None
    if text.shape or text.dtype.kind != "U":
        raise UserError(f"Expected the recipe as one text. Received: {text.dtype} of shape {text.shape} in {path}.")
    recipe = Recipe.from_json(str(text), source=str(path))
    if recipe.frame.time_steps != steps:
        raise UserError(
            f"Expected frames of {recipe.frame.time_steps} time steps, as the recipe says. Received: {steps} in {path}."
        )
    return recipe


def _numbered(name: str, count: int) -> list[str]:
    if count > 100_000:
        raise UserError(f"Expected at most 100000 recordings. Received: {count} for {name}.")
    return [name] if count <= 1 else [f"{name} {number + 1}" for number in range(count)]
