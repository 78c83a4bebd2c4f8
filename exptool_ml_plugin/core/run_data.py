"""What a training learns from and is judged by, and the files of its folder that hold it."""

from __future__ import annotations

import hashlib
import json
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .atomic import replacing, write_bytes
from .errors import UserError
from .stacked_frames import FrameValues, chunks
from .text_column import TextColumn
from .writing_npy import link_frames, save_frames

SCHEMA = 2
SUBSETS = ("training", "validation", "test")
FRAMES = "frames.npy"
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RunData:
    """What a training learns from and is judged by.

    `values` are float32 `(frames, time_steps, width)`; `labels` is int64 `(frames,)`, indices into `label_names`;
    `recordings` names the recording each frame came from. `training`, `validation` and `test` are int64 indices of
    frames, ascending and without overlap; `kind` says how they were chosen ("recording", "random", "files", "none")
    and `notes` what is to be said about it. `feature_widths` are the numbers of values each feature adds to a row,
    empty where nothing depends on them. The last frames may be variants (augmentation), in no subset themselves:
    `variant_of` is int64, the training frame in whose place each may be shown.
    """

    values: FrameValues
    labels: Indices
    label_names: tuple[str, ...]
    recordings: Sequence[str]
    training: Indices
    validation: Indices
    test: Indices
    kind: str = "recording"
    notes: tuple[str, ...] = ()
    feature_widths: tuple[int, ...] = ()
    variant_of: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def subset(self, name: str) -> Indices:
        """Return the indices of "training", "validation" or "test"."""
        if name not in SUBSETS:
            raise ValueError(f"Expected one of {', '.join(SUBSETS)}. Received: subset={name!r}.")
        indices: Indices = getattr(self, name)
        return indices


def write_data(folder: Path, data: RunData, *, like: Path | None = None) -> None:
    """Write the data into a new folder; `UserError` if they do not fit together or cannot be written.

    `like` is the folder of another training: frames that are the same as there are not written again, but linked.
    """
    _check(data)
    folder.mkdir(parents=True, exist_ok=True)
    frames = None if like is None else link_frames(folder / FRAMES, data.values, like / FRAMES)
    if frames is None:
        shape = (data.values.shape[1], data.values.shape[2])
        frames = save_frames(folder / FRAMES, chunks(data.values), shape)
    recordings = TextColumn.of(data.recordings)
    arrays: dict[str, NDArray[Any]] = {
        "labels": data.labels.astype(np.int64),
        "recording_of": recordings.codes,
        "subset_of": _subset_of(data),
        "variant_of": data.variant_of.astype(np.int64),
    }
    for name, array in arrays.items():
        with replacing(folder / f"{name}.npy") as temporary, temporary.open("wb") as file:
            np.save(file, array, allow_pickle=False)
    write_bytes(folder / "recordings.json", _json(recordings.names))
    hashes = {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()}
    document = {
        "schema": SCHEMA,
        "kind": data.kind,
        "notes": data.notes,
        "feature_widths": data.feature_widths,
        "label_names": data.label_names,
        "frames": {name: len(data.subset(name)) for name in SUBSETS},
        "sha256": {"frames": frames, **hashes},
    }
    write_bytes(folder / "split.json", _json(document))


def read_data(folder: Path) -> RunData:
    """Read the data of a training; the frames stay on disk and are mapped into memory."""
    split = read_json(folder / "split.json")
    schema = split.get("schema") if isinstance(split, dict) else None
    if schema not in (1, SCHEMA):
        raise UserError(
            f"Expected a run of schema 1 or {SCHEMA} in {folder}. Received: schema={schema!r}.",
            "Update exptool-ml-plugin.",
        )
    try:
        data = RunData(
            values=np.load(folder / FRAMES, mmap_mode="r", allow_pickle=False),
            labels=_array(folder, "labels"),
            label_names=tuple(split["label_names"]),
            kind=split["kind"],
            notes=tuple(split["notes"]),
            feature_widths=tuple(split.get("feature_widths", ())),
            **(_parts(folder) if schema == SCHEMA else _parts_of_first_schema(folder, split)),
        )
        _check(data)
    except MISFITS as error:
        raise UserError(f"Expected the data of a run in {folder}. Received: {error}.") from error
    return data


MISFITS = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError),
    *(SyntaxError, tokenize.TokenError),
)
"""What reading a damaged file may raise; NumPy reads the heads of its files as Python."""


def read_json(path: Path) -> Any:
    """Read a JSON file; raise `UserError` where it cannot be read."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"Expected a readable {path.name} in {path.parent}. Received: {error}.") from error


def _parts(folder: Path) -> dict[str, Any]:
    subset_of = _array(folder, "subset_of")
    recording_of = _array(folder, "recording_of")
    if len(recording_of) and recording_of.min() < 0:
        raise ValueError("a frame of no recording")
    names = [str(name) for name in read_json(folder / "recordings.json")]
    return {
        "recordings": TextColumn.picked(names, recording_of),
        **{name: np.flatnonzero(subset_of == number) for number, name in enumerate(SUBSETS, start=1)},
        "variant_of": _array(folder, "variant_of"),
    }


def _parts_of_first_schema(folder: Path, split: dict[str, Any]) -> dict[str, Any]:
    """Return what was written as lists of numbers and names, one entry per frame."""
    return {
        "recordings": TextColumn.of([str(name) for name in read_json(folder / "recordings.json")]),
        **{name: np.array(split[name], dtype=np.int64) for name in SUBSETS},
        "variant_of": np.array(split.get("variant_of", ()), dtype=np.int64),
    }


def _array(folder: Path, name: str) -> NDArray[Any]:
    # Mapped first: an array that says it is larger than its file is refused before memory is taken for it.
    return np.array(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))


def _subset_of(data: RunData) -> NDArray[np.uint8]:
    """Return for each frame 0, or the place of its subset in `SUBSETS` from 1."""
    found = np.zeros(len(data.values), dtype=np.uint8)
    for number, name in enumerate(SUBSETS, start=1):
        found[data.subset(name)] = number
    return found


def _check(data: RunData) -> None:
    """Refuse data that do not fit together."""
    frames = len(data.values)
    if data.values.ndim != 3 or len(data.labels) != frames or len(data.recordings) != frames:
        raise UserError(
            "Expected frames (frames, time_steps, width) with a label and a recording each. Received: "
            f"values={data.values.shape}, labels={len(data.labels)}, recordings={len(data.recordings)}."
        )
    used = np.zeros(frames, dtype=bool)
    for name in SUBSETS:
        _check_subset(data.subset(name), used)
    first_variant = frames - len(data.variant_of)
    if first_variant < 0 or used[first_variant:].any() or not np.isin(data.variant_of, data.training).all():
        raise UserError("Expected variants of training frames only, behind all other frames. Received: others.")
    if len(data.labels) and not (data.labels.min() >= 0 and data.labels.max() < len(data.label_names)):
        raise UserError(f"Expected labels among {', '.join(data.label_names)}. Received: a label outside.")


def _check_subset(indices: Indices, used: NDArray[np.bool_]) -> None:
    """Note the frames of a subset as used; refuse those that are used already or do not exist."""
    outside = len(indices) and not (indices.min() >= 0 and indices.max() < len(used))
    if outside or (np.diff(indices) <= 0).any() or used[indices].any():
        raise UserError(
            f"Expected each of {len(used)} frames in one subset at most, in their order. "
            f"Received: {len(indices)} entries."
        )
    used[indices] = True


def _json(document: object) -> bytes:
    return json.dumps(document, indent=1).encode()
