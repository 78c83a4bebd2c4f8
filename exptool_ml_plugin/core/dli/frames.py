"""Stored frames of the Deep Learning Interface as ours, each compared with what our features make of its readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..parts import Parts
from ..pipeline import block_size
from ..recording import Recording
from ..row_maker import RowMaker
from ..session import LabelledFrames
from .features import Imported

TOLERANCE = 1e-5
"""Largest difference that counts as equal, as a share of the frame's largest value: frames are kept as float32."""


@dataclass(frozen=True, eq=False)
class OldFrame:
    """A stored frame: float64 `(time_steps, width)`, oldest row first, and the possible places of its first reading.

    The old tool noted a place that is one too small, or that of the frame it was copied from; the readings tell.
    """

    values: NDArray[np.float64]
    label: str
    places: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Compared:
    """The frames, and how many of them our features make of the readings, too; None where they could not try."""

    frames: LabelledFrames
    equal: int | None
    notes: tuple[str, ...]


def old_frames(listed: Any, *, one_dimensional: bool) -> tuple[list[OldFrame], list[str]]:
    """Return the frames of the shape that most of them have, and what was left out."""
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    usable = [entry for entry in entries if _is_map(entry.get("feature_map"))]
    shapes = Counter(entry["feature_map"].shape for entry in usable)
    shape = shapes.most_common(1)[0][0] if shapes else (0, 0)
    kept = [entry for entry in usable if entry["feature_map"].shape == shape]
    notes = []
    if len(kept) < len(entries):
        notes.append(f"{len(entries) - len(kept)} frames are left out: they are empty or of another shape.")
    return [_old_frame(entry, one_dimensional=one_dimensional) for entry in kept], notes


def _is_map(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind in "iuf" and value.size > 0


def _old_frame(entry: Mapping[str, Any], *, one_dimensional: bool) -> OldFrame:
    stored = np.asarray(entry["feature_map"], dtype=np.float64)
    steps = stored.shape[1]
    # In the old frames a column is a reading, the newest first; values of 1D features are those of the newest.
    values = np.ascontiguousarray(stored[:, ::-1].T)
    places = []
    if isinstance(entry.get("sweep_number"), int):
        places.append(entry["sweep_number"] - steps + 1)
    if isinstance(entry.get("frame_marker"), int):
        places += [entry["frame_marker"] + 1, entry["frame_marker"]]
    if one_dimensional and places:
        places = places[:1]
    label = entry.get("label")
    known = label.strip() if isinstance(label, str) else ""
    return OldFrame(values, known or "unlabelled", tuple(dict.fromkeys(places)) or (0,))


def compare(frames: Sequence[OldFrame], recording: Recording, imported: Sequence[Imported], parts: Parts) -> Compared:
    """Place the frames on the recording; values become ours in unit and order."""
    steps, width = frames[0].values.shape if frames else (1, 1)
    scale, held, rows, notes = np.ones(width), np.zeros(width, dtype=bool), None, []
    try:
        maker = RowMaker(tuple(one.choice for one in imported), recording.setup, parts)
        if maker.width == width and not any(one.across for one in imported):
            rows = _rows(maker, recording)
            for one, place in zip(imported, maker.slices, strict=True):
                scale[place], held[place] = one.scale, one.held
        else:
            notes.append(_another_width(maker.width, width, imported))
    except UserError as error:
        notes.append(f"The frames are kept as they are, but cannot be made of readings here. {error}")
    values, firsts, equal = [], [], 0
    for frame in frames:
        own = frame.values / scale
        matching = [] if rows is None else [p for p in frame.places if _is_equal(own, rows, p, maker, held)]
        equal += bool(matching)
        first = (matching or frame.places)[0]
        firsts.append(max(0, min(first, len(recording) - steps)))
        values.append(own)
    if frames and min(frame.places[0] for frame in frames) < 0:
        notes.append("Frames from before the first reading begin with rows of zeros, as they did.")
    return Compared(_labelled(frames, values, firsts, (steps, width)), None if rows is None else equal, tuple(notes))


def _another_width(ours: int, theirs: int, imported: Sequence[Imported]) -> str:
    if any(one.across for one in imported):
        return "The frames are kept as they are: integrated and y-profile outputs lay across the time axis there."
    return f"The frames are kept as they are, with {theirs} values per row; the same features make {ours} here."


def _rows(maker: RowMaker, recording: Recording) -> NDArray[np.float32]:
    block = block_size(recording)
    starts = range(0, len(recording), block)
    return np.concatenate([maker.rows(recording.part(start, start + block).matrices) for start in starts])


def _is_equal(
    stored: NDArray[np.float64], rows: NDArray[np.float32], first: int, maker: RowMaker, held: NDArray[np.bool_]
) -> bool:
    """Compare a frame with the rows from `first` on, but for rows of zeros: the oldest one mostly was never filled."""
    steps = len(stored)
    missing = max(0, -first)
    made = rows[max(0, first) : first + steps]
    if missing >= steps or len(made) != steps - missing:
        return False
    # Rows before the first reading are zeros.
    window = np.concatenate([np.zeros((missing, rows.shape[1]), dtype=np.float32), made])
    expected = maker.finish(window).astype(np.float64)
    filled = np.asarray(stored.any(axis=1), dtype=np.bool_)
    filled[:missing] = False
    difference: NDArray[np.float64] = np.abs(stored - expected)
    difference[~filled] = 0.0
    difference[:-1, held] = 0.0
    return bool(filled.any() and (difference <= TOLERANCE * float(np.abs(stored).max())).all())


def _labelled(
    frames: Sequence[OldFrame], values: list[NDArray[np.float64]], firsts: list[int], shape: tuple[int, int]
) -> LabelledFrames:
    stacked = np.stack(values) if values else np.zeros((0, *shape))
    return LabelledFrames(
        values=stacked.astype(np.float32),
        labels=[frame.label for frame in frames],
        recording_of=np.zeros(len(frames), dtype=np.int64),
        first_reading=np.array(firsts, dtype=np.int64),
        flags=np.zeros(len(frames), dtype=np.uint8),
    )
