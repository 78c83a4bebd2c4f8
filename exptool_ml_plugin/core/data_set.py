"""A data set: which session files train, validate and test, as a small project file.

    {"schema": 1, "kind": "exptool-ml data set", "name": "…",
     "files": [{"path": "monday/ada.h5", "role": "training", "blake2b": "…", "bytes": 123, "tags": {"person": "Ada"}}]}

Paths are relative to the project file, with slashes on every system. `blake2b` is the digest (32 bytes, hexadecimal) of
the file's bytes: a file that was saved again counts as changed even where only a label differs, since that is a change.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from .atomic import write_bytes
from .errors import UserError
from .run_data import SUBSETS

SCHEMA = 1
KIND = "exptool-ml data set"
_BLOCK = 2**20
_LARGEST = 2**24
"""Bytes of a project file that are read; more is no project file."""
_SEARCHED = 10_000
"""Session files that are looked through at most for one that was moved."""


@dataclass(frozen=True)
class DataSetFile:
    """One session file: `path` relative to the project file, `role` one of `run_folder.SUBSETS`.

    `tags` ("person", "place") are noted with all its recordings, over what the file says; the file stays as it is.
    """

    path: str
    role: str
    blake2b: str
    bytes: int
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSet:
    """The session files of a data set, in their order."""

    files: tuple[DataSetFile, ...]
    name: str = ""

    def to_json(self) -> str:
        """Return the project file's text."""
        document = {"schema": SCHEMA, "kind": KIND, "name": self.name, "files": [asdict(file) for file in self.files]}
        return json.dumps(document, indent=1)


@dataclass(frozen=True)
class Located:
    """Where a file of a data set was found; `path` is None where it was not.

    `note` says in words that it was moved or changed, "" where it is where and what it was.
    """

    file: DataSetFile
    path: Path | None
    note: str = ""


def describe_file(path: Path, *, project: Path, role: str, tags: Mapping[str, str] | None = None) -> DataSetFile:
    """Describe a session file for a data set whose project file is, or will be, `project`."""
    try:
        relative = os.path.relpath(path.resolve(), project.resolve().parent)
    except ValueError:  # another drive
        relative = str(path.resolve())
    return DataSetFile(Path(relative).as_posix(), role, digest(path), path.stat().st_size, dict(tags or {}))


def save_data_set(data_set: DataSet, path: Path, *, overwrite: bool = False) -> None:
    """Write the project file in one step; an existing one only with `overwrite`."""
    write_bytes(path, data_set.to_json().encode(), overwrite=overwrite)


def load_data_set(path: Path) -> DataSet:
    """Read a project file; `UserError` for one that is broken, foreign or of a newer version."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
        document = json.loads(text[:_LARGEST])
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"Expected a data set. Received: {path} cannot be read ({error}).") from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise UserError(f"Expected a data set. Received: {path}, which is something else.", "Choose another file.")
    if document.get("schema") != SCHEMA:
        raise UserError(
            f"Expected a data set of schema {SCHEMA}. Received: schema={document.get('schema')!r} in {path}.",
            "Update exptool-ml-plugin.",
        )
    files, name = document.get("files"), document.get("name", "")
    if not isinstance(files, list) or not isinstance(name, str):
        raise UserError(f"Expected a name and a list of files in {path}. Received: something else.")
    return DataSet(tuple(_file(entry, f"{path}: file {number}") for number, entry in enumerate(files, start=1)), name)


def locate(data_set: DataSet, project: Path) -> list[Located]:
    """Find the files: where they should be, else by name beside the project file, else by content below its folder."""
    search = _Search(project.resolve().parent)
    return [search.locate(file) for file in data_set.files]


def digest(path: Path) -> str:
    """Return the BLAKE2b digest of a file's bytes, 32 bytes in hexadecimal."""
    hashed = hashlib.blake2b(digest_size=32)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
    return hashed.hexdigest()


class _Search:
    """Looks for files below a folder; lists it once, and only when something is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._below: list[tuple[int, Path]] | None = None

    def locate(self, file: DataSetFile) -> Located:
        try:
            return self._locate(file)
        except (OSError, ValueError) as error:  # a path that no system knows, a folder that may not be read
            return Located(file, None, f"cannot be read ({error})")

    def _locate(self, file: DataSetFile) -> Located:
        expected = self._folder / file.path
        if expected.is_file():
            return Located(file, expected, "" if _is(expected, file) else "has changed")
        beside = self._folder / PurePosixPath(file.path).name
        if beside.is_file() and _is(beside, file):
            return Located(file, beside, f"was moved to {beside.name}")
        for size, path in self._all():
            if size == file.bytes and _is(path, file):
                return Located(file, path, f"was moved to {path.relative_to(self._folder).as_posix()}")
        if beside.is_file():
            return Located(file, beside, f"was moved to {beside.name} and has changed")
        return Located(file, None, "is missing")

    def _all(self) -> list[tuple[int, Path]]:
        if self._below is None:
            self._below = []
            for folder, _, names in os.walk(self._folder):
                paths = [Path(folder) / name for name in sorted(names) if name.endswith((".h5", ".hdf5"))]
                self._below += [(path.stat().st_size, path) for path in paths]
                if len(self._below) > _SEARCHED:
                    break
        return self._below


def _is(path: Path, file: DataSetFile) -> bool:
    return path.stat().st_size == file.bytes and digest(path) == file.blake2b


def _file(entry: Any, where: str) -> DataSetFile:
    if not isinstance(entry, dict):
        raise UserError(f"Expected an object at {where}. Received: {type(entry).__name__}.")
    texts = {name: entry.get(name) for name in ("path", "role", "blake2b")}
    for name, text in texts.items():
        if not isinstance(text, str) or not text:
            raise UserError(f"Expected a text at {where}. Received: {name}={str(text)[:80]!r}.")
    if texts["role"] not in SUBSETS:
        raise UserError(f"Expected a role among {', '.join(SUBSETS)} at {where}. Received: role={texts['role']!r}.")
    size, tags = entry.get("bytes"), entry.get("tags", {})
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise UserError(f"Expected a number of bytes at {where}. Received: bytes={str(size)[:80]}.")
    if not isinstance(tags, dict) or not all(isinstance(text, str) for text in tags.values()):
        raise UserError(f"Expected tags that are texts at {where}. Received: others.")
    return DataSetFile(str(texts["path"]), str(texts["role"]), str(texts["blake2b"]), size, tags)
