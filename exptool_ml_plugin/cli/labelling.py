"""Where the labels of recordings come from: one for all, the names of the files, or a sheet."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from ..core.label_sheet import FileLabels, Matched, SheetRow, match, read_label_sheet
from . import output

if TYPE_CHECKING:
    from ..core.recording import Recording


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where labels come from."""
    label = parser.add_mutually_exclusive_group(required=True)
    label.add_argument("--label", type=_label_text, help="label of all frames")
    label.add_argument(
        "--label-from",
        type=_pattern,
        metavar="REGEX",
        help="regular expression searched in the file's name; its group is the label",
    )
    label.add_argument(
        "--labels", metavar="SHEET", help="sheet (.csv, .ods) with a row per file, or per span of time of a file"
    )
    parser.add_argument("--label-column", default="", metavar="NAME", help="column of the sheet with the labels")
    parser.add_argument("--file-column", default="", metavar="NAME", help="column of the sheet with the files' names")


class Labelling:
    """Says for each file whether it is read, and for each of its frames what it shows.

    `outside` counts frames that lie in no span of the sheet and were left out.
    """

    def __init__(self, options: argparse.Namespace, files: Sequence[Path]) -> None:
        self._label: str | None = options.label
        self._pattern: re.Pattern[str] | None = options.label_from
        self._sheet: Matched | None = None
        self.outside = 0
        if options.labels is not None:
            columns = {"file_column": options.file_column, "label_column": options.label_column}
            self._sheet = match(read_label_sheet(Path(options.labels), **columns), files)
            if not self._sheet.labels:
                raise UserError(
                    f"Expected rows about the files. Received: {options.labels}, which names none of them.",
                    "Choose the column with the files' names with --file-column.",
                )
        elif options.label_column or options.file_column:
            raise UserError("Expected a sheet with its columns. Received: columns only.", "Name it with --labels.")
        self.files: list[Path] = [file for file in files if self._sheet is None or file in self._sheet.labels]

    def whole(self, path: Path) -> str | None:
        """Return the label of all frames of a file, None where spans of time have labels of their own."""
        if self._sheet is not None:
            rows = self._sheet.labels[path].rows
            return None if any(row.is_span for row in rows) else rows[0].label
        return self._label if self._pattern is None else _label(self._pattern, path)

    def of_frame(self, path: Path, recording: Recording, first_reading: int, time_steps: int) -> str | None:
        """Return the label of a frame of a file with spans, None for a frame outside of them, which is counted."""
        label = self._rows(path).label_of(recording, first_reading, time_steps)
        self.outside += label is None
        return label

    def tagged(self, path: Path, recording: Recording) -> Recording:
        """Return the recording with what the sheet says about it."""
        if self._sheet is None:
            return recording
        return replace(recording, tags={**recording.tags, **self._rows(path).tags})

    def report(self) -> dict[str, Any]:
        """Say on stderr what in the sheet asks for a second look, and return it for JSON; empty without a sheet."""
        if self._sheet is None:
            return {}
        for file in self._sheet.without_row:
            output.progress(f"Left out: {file} has no row in the sheet.")
        for row in self._sheet.without_file:
            output.progress(f"No such file: row {row.number} of the sheet ({row.file}, '{row.label}').")
        for row in self._sheet.doubtful:
            output.progress(f"Doubtful: row {row.number} of the sheet ({row.file}, '{row.label}'): {row.comment}")
        if self.outside:
            output.progress(f"Left out: {self.outside} frames outside of all spans of the sheet.")
        sheet = {
            "files_without_row": [str(file) for file in self._sheet.without_row],
            "rows_without_file": [_described(row) for row in self._sheet.without_file],
            "doubtful": [{**_described(row), "comment": row.comment} for row in self._sheet.doubtful],
            "frames_outside": self.outside,
        }
        return {"sheet": sheet}

    def _rows(self, path: Path) -> FileLabels:
        assert self._sheet is not None
        return self._sheet.labels[path]


def _described(row: SheetRow) -> dict[str, Any]:
    return {"row": row.number, "file": row.file, "label": row.label}


def _label(pattern: re.Pattern[str], path: Path) -> str:
    found = pattern.search(path.stem)
    label = found and found.group("label" if "label" in pattern.groupindex else 1)
    if not label:
        raise UserError(
            f"Expected a label in the file's name by --label-from {pattern.pattern!r}. Received: {path.name}.",
            "Change the expression, or leave the file out.",
        )
    return label


def _label_text(text: str) -> str:
    label = text.strip()
    if not label:
        raise argparse.ArgumentTypeError("expected a label, received an empty one")
    return label


def _pattern(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"no regular expression: {error}") from error
    if "label" not in pattern.groupindex and pattern.groups != 1:
        raise argparse.ArgumentTypeError(f"expected one group (...) or a group (?P<label>...), found {pattern.groups}")
    return pattern
