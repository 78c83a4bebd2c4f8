"""Frames and labels from a CSV table.

The first line names the columns. `label` must be there; `recording`, `frame`, `first_reading`, `flags` and `row` may
be. Every other column is a value of a row, in the order of the columns. Lines one after another with the same `frame`
and `recording` are the rows of one frame; without a column `frame` each line is a frame of one row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from .errors import UserError

_KNOWN = ("frame", "recording", "first_reading", "flags", "label", "row")
_LINE_CHARACTERS = 1_000_000


@dataclass(frozen=True, eq=False)
class Table:
    """What a table holds: `frames` float32 `(n, rows, values)`, the rest one per frame; `names` those of recordings."""

    frames: NDArray[np.float32]
    labels: list[str]
    recording_of: NDArray[np.int64]
    names: list[str]
    first_reading: NDArray[np.int64] | None
    flags: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class _Line:
    number: int
    details: dict[str, str]
    values: NDArray[np.float32]

    @property
    def frame(self) -> tuple[str, ...]:
        return tuple(self.details.get(name, "") for name in ("recording", "frame"))


def read_table(path: Path) -> Table:
    """Read a table; `UserError` names the line that cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            frames = list(_frames(_lines(file, path)))
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"Expected a table as CSV. Received: {path} ({error}).") from error
    if not frames:
        raise UserError(f"Expected at least one line of values. Received: {path} without.")
    rows = len(frames[0])
    for frame in frames:
        _check(frame, rows, path)
    firsts = [frame[0] for frame in frames]
    names = list(dict.fromkeys(line.details.get("recording", path.stem) for line in firsts))
    places = {name: place for place, name in enumerate(names)}
    return Table(
        frames=np.stack([np.stack([line.values for line in frame]) for frame in frames]),
        labels=[line.details["label"] for line in firsts],
        recording_of=np.array([places[line.details.get("recording", path.stem)] for line in firsts], dtype=np.int64),
        names=names,
        first_reading=_numbers(firsts, "first_reading", path),
        flags=_flags(_numbers(firsts, "flags", path), len(frames)),
    )


def _lines(file: IO[str], path: Path) -> Iterator[_Line]:
    first = _limited_line(file, path)
    delimiter = max(",;\t", key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    known = {name.casefold(): place for place, name in enumerate(header) if name.casefold() in _KNOWN}
    values = [place for place in range(len(header)) if place not in known.values()]
    if "label" not in known or not values:
        raise UserError(
            f"Expected a column 'label' and columns of values. Received: columns {', '.join(header[:8])[:200]} in "
            f"{path}.",
            "The first line names the columns.",
        )
    texts = iter(lambda: _limited_line(file, path), "")
    for number, cells in enumerate(csv.reader(texts, delimiter=delimiter), start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise UserError(f"Expected {len(header)} columns. Received: {len(cells)} in line {number} of {path}.")
        yield _Line(
            number,
            {name: cells[place].strip() for name, place in known.items()},
            _values([cells[place] for place in values], number, path),
        )


def _limited_line(file: IO[str], path: Path) -> str:
    line = file.readline(_LINE_CHARACTERS)
    if len(line) == _LINE_CHARACTERS:
        raise UserError(f"Expected lines of less than {_LINE_CHARACTERS} characters. Received: a longer one in {path}.")
    return line


def _values(cells: list[str], number: int, path: Path) -> NDArray[np.float32]:
    try:
        with np.errstate(over="ignore"):
            return np.array([float(cell) for cell in cells], dtype=np.float32)
    except ValueError as error:
        raise UserError(
            f"Expected numbers with a decimal point. Received: {error} in line {number} of {path}.",
            "Other texts belong to columns named label or recording.",
        ) from error


def _frames(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    frame: list[_Line] = []
    for line in lines:
        if frame and ("frame" not in line.details or line.frame != frame[0].frame):
            yield frame
            frame = []
        frame.append(line)
    if frame:
        yield frame


def _check(frame: list[_Line], rows: int, path: Path) -> None:
    first = frame[0]
    if len(frame) != rows:
        raise UserError(
            f"Expected {rows} rows in every frame. Received: {len(frame)} in one from line {first.number} of {path}."
        )
    for line in frame:
        if not line.details["label"] or line.details["label"] != first.details["label"]:
            raise UserError(
                f"Expected one label for a frame. Received: '{line.details['label']}' in line {line.number} and "
                f"'{first.details['label']}' in line {first.number} of {path}."
            )


def _numbers(lines: list[_Line], name: str, path: Path) -> NDArray[np.int64] | None:
    if name not in lines[0].details:
        return None
    numbers = np.zeros(len(lines), dtype=np.int64)
    for place, line in enumerate(lines):
        text = line.details[name]
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 16):
            raise UserError(f"Expected a whole number as {name}. Received: '{text}' in line {line.number} of {path}.")
        numbers[place] = int(text)
    return numbers


def _flags(numbers: NDArray[np.int64] | None, count: int) -> NDArray[np.uint8]:
    return np.zeros(count, dtype=np.uint8) if numbers is None else (numbers & 0xFF).astype(np.uint8)
