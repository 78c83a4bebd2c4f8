"""Sessions for other tools: arrays, tables, records of TensorFlow, pictures; see docs/import_export.md."""

from __future__ import annotations

import csv
import io
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .atomic import replacing
from .errors import UserError
from .file_names import file_names
from .frame_at import Step
from .parts import Parts
from .png import frame_png
from .row_maker import RowMaker
from .session import Session
from .tfrecord import records

FRAME_COLUMNS = ("frame", "recording", "first_reading", "flags", "label", "row")
"""The first columns of a CSV file, before the values of a row."""

_BLOCK = 256
_LEAST_PIXELS = 64


@dataclass(frozen=True)
class Format:
    """A kind of export: `suffix` is that of its file, "" for a folder."""

    text: str
    suffix: str
    write: Callable[[Session, Path, Sequence[slice], Step], None]


def export_session(
    session: Session, path: Path, kind: str, *, parts: Parts, overwrite: bool = False, step: Step | None = None
) -> None:
    """Write the frames of a session in one of `FORMATS`, in one step: a crash or a `step` that raises leaves nothing.

    A folder must be new. Raises `UserError` for a session without frames and for places that cannot be written.
    """
    if not len(session):
        raise UserError("Expected at least one labelled frame. Received: none.", "Collect or extract some first.")
    chosen = FORMATS.get(kind)
    if chosen is None:
        raise UserError(f"Expected one of {', '.join(FORMATS)}. Received: {kind}.")
    slices = row_parts(session, parts)
    new = replacing(path, overwrite=overwrite) if chosen.suffix else _new_folder(path)
    with new as temporary:
        chosen.write(session, temporary, slices, step or _no_step)


def row_parts(session: Session, parts: Parts) -> tuple[slice, ...]:
    """Return the parts of a row that its features make; one for all of it where they are not installed."""
    width = session.values.shape[2]
    setup = session.recipe.sensor
    try:
        slices = () if setup is None else RowMaker(session.recipe.features, setup, parts).slices
    except UserError:
        slices = ()
    return slices if slices and slices[-1].stop == width else (slice(0, width),)


def column_names(session: Session, slices: Sequence[slice]) -> list[str]:
    """Return a name for each value of a row: its feature's and its number, "value" where that is not known."""
    keys = [choice.key for choice in session.recipe.features if choice.enabled]
    keys = keys if len(keys) == len(slices) else ["value"] * len(slices)
    prefixes = [key if keys.count(key) == 1 else f"{key}_{n + 1}" for n, key in enumerate(keys)]
    pairs = zip(prefixes, slices, strict=True)
    return [f"{prefix}_{number}" for prefix, part in pairs for number in range(part.stop - part.start)]


def _write_npz(session: Session, path: Path, slices: Sequence[slice], step: Step) -> None:
    arrays = {
        "frames": np.asarray(session.values),
        "labels": np.array(session.labels, dtype=np.str_),
        "recording": session.recording_of,
        "first_reading": session.first_reading,
        "flags": session.flags,
        "names": np.array([recording.name for recording in session.recordings], dtype=np.str_),
        "columns": np.array(column_names(session, slices), dtype=np.str_),
        "recipe": np.array(session.recipe.to_json(), dtype=np.str_),
    }
    with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
        for done, (name, array) in enumerate(arrays.items()):
            step(done, len(arrays))
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _write_csv(session: Session, path: Path, slices: Sequence[slice], step: Step) -> None:
    names = [recording.name for recording in session.recordings]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*FRAME_COLUMNS, *column_names(session, slices)])
        for index, label in enumerate(session.labels):
            step(index, len(session))
            place = (names[session.recording_of[index]], session.first_reading[index], session.flags[index], label)
            lines = io.StringIO()
            np.savetxt(lines, session.values[index], fmt="%.9g", delimiter=",")  # 9 digits are a float32, exactly
            for row, values in enumerate(lines.getvalue().splitlines()):
                writer.writerow([index, *place, row, *values.split(",")])


def _write_tfrecord(session: Session, path: Path, slices: Sequence[slice], step: Step) -> None:
    names, label_names = [recording.name for recording in session.recordings], session.label_names()
    places = {label: place for place, label in enumerate(label_names)}
    labels, shape = session.labels, session.values.shape[1:]
    with path.open("wb") as file:
        for start in range(0, len(session), _BLOCK):
            step(start, len(session))
            block = range(start, min(start + _BLOCK, len(session)))
            details = [
                {
                    "label": labels[index],
                    "label_index": places[labels[index]],
                    "shape": shape,
                    "recording": names[session.recording_of[index]],
                    "first_reading": int(session.first_reading[index]),
                    "flags": int(session.flags[index]),
                }
                for index in block
            ]
            file.writelines(records(session.values[block.start : block.stop], details))


def _write_pictures(session: Session, folder: Path, slices: Sequence[slice], step: Step) -> None:
    """Write a picture of each frame to a folder per label, and `frames.csv`; each feature in its range over all."""
    labels = session.labels
    folders = file_names(session.label_names())
    files = file_names([recording.name for recording in session.recordings])
    ranges = [_range(session.values[:, :, part]) for part in slices]
    zoom = max(1, -(-_LEAST_PIXELS // min(session.values.shape[1:])))
    for name in folders.values():
        (folder / name).mkdir()
    with (folder / "frames.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["file", *FRAME_COLUMNS[:-1]])
        for index, label in enumerate(labels):
            step(index, len(session))
            recording = session.recordings[session.recording_of[index]].name
            name = f"{folders[label]}/{files[recording]}_{index:06d}.png"
            (folder / name).write_bytes(frame_png(_scaled(session.values[index], slices, ranges), zoom=zoom))
            first, flags = session.first_reading[index], session.flags[index]
            writer.writerow([name, index, recording, first, flags, label])


def _range(values: NDArray[np.float32]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _scaled(
    values: NDArray[np.float32], slices: Sequence[slice], ranges: Sequence[tuple[float, float]]
) -> NDArray[np.float32]:
    scaled = np.zeros_like(values)
    for part, (low, high) in zip(slices, ranges, strict=True):
        scaled[:, part] = np.nan_to_num((values[:, part] - low) / np.float32((high - low) or 1.0))
    return scaled


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill; at the end of the block it becomes `path`, if the block fails it is removed."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UserError(f"Expected a new or empty folder. Received: {path}.", "Choose another.")
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        temporary.mkdir()
        yield temporary
        if path.exists():
            path.rmdir()
        temporary.rename(path)
    except OSError as error:
        raise UserError(
            f"Expected to write {path}. Received: {error.strerror or error}.",
            "Check that the folder above it exists, may be written and has space, or choose another.",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _no_step(done: int, of: int) -> None:
    """Nobody wants to know."""


FORMATS = {
    "npz": Format("NumPy arrays", ".npz", _write_npz),
    "csv": Format("Table, a line for each row", ".csv", _write_csv),
    "tfrecord": Format("Records of TensorFlow", ".tfrecord", _write_tfrecord),
    "png": Format("Pictures, a folder for each label", "", _write_pictures),
}
"""The kinds of export by name."""
