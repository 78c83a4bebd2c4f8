"""Labels of recordings from a sheet: one row per file, or several with a span of time each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from .errors import UserError
from .sheets import read_sheet

if TYPE_CHECKING:
    from .recording import Recording

_FILE = ("file", "filename", "file name", "recording", "name", "id")
_LABEL = ("label", "class", "target")
_START = ("start_s", "start")
_STOP = ("stop_s", "stop", "end_s", "end")
_COMMENT = ("comment", "comments", "doubt")
_TAGS = ("person", "place", "note")


@dataclass(frozen=True)
class SheetRow:
    """What a row says: the frames of `file` between `start_s` and `stop_s` (seconds from its start) show `label`.

    `comment` is what somebody wrote beside it; such rows are worth a second look. `number` is the row's place among
    those with content, the header counted, from 1.
    """

    number: int
    file: str
    label: str
    start_s: float = 0.0
    stop_s: float = math.inf
    tags: dict[str, str] = field(default_factory=dict)
    comment: str = ""

    @property
    def is_span(self) -> bool:
        """Tell whether the row is about a part of the file."""
        return self.start_s > 0.0 or math.isfinite(self.stop_s)


@dataclass(frozen=True)
class FileLabels:
    """The rows about one file; either one about all of it, or spans that do not overlap."""

    rows: tuple[SheetRow, ...]

    @property
    def tags(self) -> dict[str, str]:
        """What the rows say about the whole recording."""
        return {name: text for row in self.rows for name, text in row.tags.items()}

    def label_at(self, time_s: float) -> str | None:
        """Return the label at a time of the recording, None outside of all spans."""
        return next((row.label for row in self.rows if row.start_s <= time_s < row.stop_s), None)

    def label_of(self, recording: Recording, first_reading: int, time_steps: int) -> str | None:
        """Return the label of a frame of a recording: that of the span its middle lies in, None for none."""
        last = min(first_reading + time_steps, len(recording)) - 1
        times_s = recording.time_s
        return self.label_at(float(times_s[max(0, first_reading)] + times_s[max(0, last)]) / 2.0)


@dataclass(frozen=True)
class Matched:
    """A sheet and the files that are there, brought together; nothing is dropped without being named.

    `labels` has an entry for each file a row speaks of. `without_row` are files no row speaks of, `without_file` rows
    whose file is not there, `doubtful` rows used though somebody wrote a comment beside them.
    """

    labels: dict[Path, FileLabels]
    without_row: tuple[Path, ...]
    without_file: tuple[SheetRow, ...]
    doubtful: tuple[SheetRow, ...]


def read_label_sheet(path: Path, *, file_column: str = "", label_column: str = "") -> list[SheetRow]:
    """Read the rows of a label sheet, its first row being the names of the columns.

    `file_column` and `label_column` name columns that are called otherwise than usual. Raises `UserError` for columns
    that are missing, times that are no numbers, and rows with a file but no label.
    """
    header, *rows = read_sheet(path)
    columns = _Columns(path, header)
    file, label = columns.find("file", _FILE, file_column), columns.find("label", _LABEL, label_column)
    found = [_row(path, columns, number, cells, file, label) for number, cells in enumerate(rows, start=2)]
    kept = [row for row in found if row is not None]
    if not kept:
        raise UserError(f"Expected rows with a file and a label. Received: {path} without any.", "Fill in the sheet.")
    return kept


def match(rows: Sequence[SheetRow], files: Iterable[Path]) -> Matched:
    """Find the rows for each file; `UserError` where several rows contradict each other.

    A cell names a file by its path's end, its name, or its name without the suffix; case does not matter.
    """
    by_name: dict[str, list[SheetRow]] = {}
    for row in rows:
        by_name.setdefault(_key(row.file), []).append(row)
    labels: dict[Path, FileLabels] = {}
    without_row = []
    used: set[int] = set()
    for file in files:
        own = next((by_name[name] for name in _names(file) if name in by_name), None)
        if own is None:
            without_row.append(file)
            continue
        _refuse_contradictions(own)
        labels[file] = FileLabels(tuple(own))
        used |= {row.number for row in own}
    without_file = tuple(row for row in rows if row.number not in used)
    doubtful = tuple(row for row in rows if row.number in used and row.comment)
    return Matched(labels, tuple(without_row), without_file, doubtful)


class _Columns:
    """Where the columns of a sheet are."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._path = path
        self._header = header
        self._places: dict[str, int] = {}
        for place, name in enumerate(header):
            self._places.setdefault(name.casefold(), place)

    def find(self, what: str, usual: Sequence[str], chosen: str) -> int:
        """Return where a column is; `UserError` where it is not."""
        names = (chosen.strip(),) if chosen else usual
        place = self.find_any(names)
        if place is None:
            wanted = f"'{chosen}'" if chosen else f"{what} ({', '.join(names)})"
            raise UserError(
                f"Expected a column {wanted}. Received: columns {', '.join(self._header)} in {self._path}.",
                f"Name the column with --{what}-column.",
            )
        return place

    def find_any(self, names: Sequence[str]) -> int | None:
        """Return where the first column with one of these names is."""
        return next((self._places[name.casefold()] for name in names if name.casefold() in self._places), None)


def _row(path: Path, columns: _Columns, number: int, cells: Sequence[str], file: int, label: int) -> SheetRow | None:
    def text(place: int | None) -> str:
        return cells[place] if place is not None and place < len(cells) else ""

    if not text(file):
        return None  # a heading or a remark between the rows
    if not text(label):
        raise UserError(
            f"Expected a label in every row with a file. Received: none in row {number} ({text(file)}) of {path}.",
            "Fill it in, or take the row out.",
        )
    start_s = _seconds(path, number, text(columns.find_any(_START)), 0.0)
    stop_s = _seconds(path, number, text(columns.find_any(_STOP)), math.inf)
    if start_s >= stop_s:
        raise UserError(
            f"Expected a span that ends after its start. Received: {start_s:g} s to {stop_s:g} s in row {number} of "
            f"{path}.",
            "Correct the times.",
        )
    tags = {name: text(columns.find_any((name,))) for name in _TAGS}
    comment = text(columns.find_any(_COMMENT))
    tags["note"] = tags["note"] or comment
    kept = {name: value for name, value in tags.items() if value}
    return SheetRow(number, text(file), text(label), start_s, stop_s, kept, comment)


def _seconds(path: Path, number: int, text: str, missing: float) -> float:
    if not text:
        return missing
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        seconds = -1.0
    if not (seconds >= 0.0 and math.isfinite(seconds)):
        raise UserError(
            f"Expected a time in seconds from the start of the recording. Received: {text!r} in row {number} of {path}."
        )
    return seconds


def _refuse_contradictions(rows: Sequence[SheetRow]) -> None:
    ordered = sorted(rows, key=lambda row: (row.start_s, row.stop_s))
    for one, other in itertools.pairwise(ordered):
        if other.start_s < one.stop_s:
            raise UserError(
                f"Expected one row per file, or spans that do not overlap. Received: rows {one.number} and "
                f"{other.number}, both about {one.file}.",
                "Correct one of them, or take it out.",
            )


def _key(text: str) -> str:
    return text.replace("\\", "/").strip("/").casefold()


def _names(file: Path) -> list[str]:
    """Return how a sheet may name a file, the longest first."""
    parts = PurePath(file).parts
    whole = ["/".join(parts[start:]) for start in range(len(parts))]
    return [_key(name) for path in whole for name in (path, path.removesuffix(file.suffix))]
