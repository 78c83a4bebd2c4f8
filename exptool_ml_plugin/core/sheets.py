"""Tables of texts from files people write by hand: CSV, and the sheets of LibreOffice (ODS).

A sheet is read as a stream and never beyond the limits below, whatever the file says of itself: a zip that unpacks to
gigabytes, an XML entity or a cell repeated a million times ends in a `UserError`.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from .errors import UserError

MAX_BYTES = 32_000_000
"""Size of a CSV file, and of the unpacked content of an ODS file, in bytes."""
MAX_ROWS = 100_000
MAX_COLUMNS = 256

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_READ_BYTES = 65536
_HINT = "Save the sheet again as CSV or ODS."


def read_sheet(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file, or of the first sheet of an ODS file, as texts without blanks around them.

    Empty rows are left out, and so are empty cells at the end of a row. Raises `UserError` for a file that is missing,
    empty, damaged or beyond the limits.
    """
    if not path.is_file():
        raise UserError(f"Expected a sheet (.csv or .ods). Received: {path} is not there.", "Check the name.")
    try:
        rows = _read_ods(path) if zipfile.is_zipfile(path) else _read_csv(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"Expected a sheet (.csv or .ods). Received: {path} ({error}).", _HINT) from error
    kept = [row for row in map(_trimmed, rows) if row]
    if not kept:
        raise UserError(f"Expected a sheet with rows. Received: {path}, which is empty.", _HINT)
    return kept


def _trimmed(row: list[str]) -> list[str]:
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _read_csv(path: Path) -> list[list[str]]:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_large(path)
    if b"\0" in data:
        raise UserError(f"Expected a sheet as text, or an ODS file. Received: {path}, which is neither.", _HINT)
    text = data.decode("utf-8-sig")
    rows: list[list[str]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
        if len(rows) == MAX_ROWS or len(row) > MAX_COLUMNS:
            raise _too_large(path)
        rows.append(row)
    return rows


def _delimiter(text: str) -> str:
    """Return what separates the columns in the first line: spreadsheets of other countries write semicolons."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _read_ods(path: Path) -> list[list[str]]:
    reader = _OdsReader(path)
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
            received = 0
            while data := content.read(_READ_BYTES):
                received += len(data)
                if received > MAX_BYTES:
                    raise _too_large(path)
                reader.feed(data)
            reader.feed(b"", end=True)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UserError(f"Expected an ODS sheet. Received: {path} ({error}).", _HINT) from error
    except expat.ExpatError as error:
        raise UserError(f"Expected an ODS sheet of well-formed XML. Received: {path} ({error}).", _HINT) from error
    return reader.rows


def _too_large(path: Path) -> UserError:
    return UserError(
        f"Expected a sheet of at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and {MAX_BYTES // 10**6} MB unpacked. "
        f"Received: {path}, which is larger.",
        "Keep only the rows and columns that are needed.",
    )


class _OdsReader:
    """Collects the rows of the first table while the XML goes by; `rows` holds them."""

    def __init__(self, path: Path) -> None:
        self.rows: list[list[str]] = []
        self._path = path
        self._row: list[str] = []
        self._texts: list[str] = []
        self._value = ""
        self._in_text = self._comments = self._tables = 0
        self._cell_repeats = self._row_repeats = 1
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, data: bytes, *, end: bool = False) -> None:
        """Take the next bytes of the XML."""
        self._parser.Parse(data, end)

    def _refuse_doctype(self, *_: object) -> None:
        # Entities are declared in a document type; ODS files have none.
        raise UserError(f"Expected an ODS sheet. Received: {self._path}, with a document type inside.", _HINT)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_TABLE} table":
            self._tables += 1
        elif name == f"{_TABLE} table-row":
            self._row, self._row_repeats = [], _repeats(attributes, "rows")
        elif name in (f"{_TABLE} table-cell", f"{_TABLE} covered-table-cell"):
            self._texts, self._cell_repeats = [], _repeats(attributes, "columns")
            self._value = attributes.get(f"{_OFFICE} value", "")
        elif name == f"{_OFFICE} annotation":
            self._comments += 1
        elif name == f"{_TEXT} p" and not self._comments:
            self._in_text += 1
            if self._texts:
                self._texts.append(" ")

    def _end(self, name: str) -> None:
        if name == f"{_TABLE} table-row":
            self._add_row()
        elif name in (f"{_TABLE} table-cell", f"{_TABLE} covered-table-cell"):
            self._add_cell("".join(self._texts) or self._value)
        elif name == f"{_OFFICE} annotation":
            self._comments -= 1
        elif name == f"{_TEXT} p" and not self._comments:
            self._in_text -= 1

    def _characters(self, text: str) -> None:
        if self._in_text:
            self._texts.append(text)

    def _add_cell(self, text: str) -> None:
        # Sheets end in cells repeated to the last column there could be, all empty.
        room = MAX_COLUMNS - len(self._row)
        if text.strip() and self._cell_repeats > room:
            raise _too_large(self._path)
        self._row += [text] * min(self._cell_repeats, room)

    def _add_row(self) -> None:
        if self._tables != 1 or not any(cell.strip() for cell in self._row):
            return
        if len(self.rows) + self._row_repeats > MAX_ROWS:
            raise _too_large(self._path)
        self.rows += [list(self._row) for _ in range(self._row_repeats)]


def _repeats(attributes: dict[str, str], what: str) -> int:
    text = attributes.get(f"{_TABLE} number-{what}-repeated", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1
