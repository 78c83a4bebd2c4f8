"""Reads a pickle without running anything of it.

Python's own reader imports what a pickle names and calls it, so that opening a file of somebody else may do anything.
This one follows the operations by itself. It imports nothing and calls nothing that a file names: arrays of numbers,
ordered dictionaries and complex numbers are made by `pickled_values`, classes of the old tool become inert objects,
and every other name ends in a `UserError`. Sizes are limited, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import mmap
import re
from io import BytesIO
from pathlib import Path
from typing import Any

from .pickle_machine import PickleMachine
from .pickled_values import RefusedError, refused, whole

MAX_BYTES = 4 * 2**30
"""Largest file that is read."""

_MAX_HEADER = 10_000
_HEADER = re.compile(
    rb"\s*\{'descr': '(?P<descr>[^']{1,20})', 'fortran_order': (?:True|False), "
    rb"'shape': \((?P<shape>[\d, ]{0,200})\),? ?\}\s*"
)


def read_npy(path: Path) -> Any:
    """Return the object saved in a `.npy` file; `UserError` for a file that is broken, foreign or hostile."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise refused(path.name, f"{size:,} bytes, which is more than {MAX_BYTES:,}")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return _read_npy(mapped, path.name)
    except FileNotFoundError as error:
        raise refused(path.name, "nothing, for it does not exist") from error
    except (OSError, ValueError) as error:
        raise refused(path.name, f"what cannot be read ({error})") from error


def _read_npy(file: Any, source: str) -> Any:
    """Read the header by itself, for numpy's reader also accepts what no version of it wrote."""
    magic, version = file.read(6), file.read(2)
    header = b""
    if magic == b"\x93NUMPY" and version in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        size = file.read(2 if version[0] == 1 else 4)
        header = file.read(min(int.from_bytes(size, "little"), _MAX_HEADER))
    found = _HEADER.fullmatch(header)
    if not found:
        raise refused(source, "no header of a .npy file")
    if found["descr"] not in (b"|O", b"O") or found["shape"].strip():
        shape, kind = found["shape"].decode("latin-1"), found["descr"].decode("latin-1")
        raise refused(source, f"an array of shape ({shape}) and type {kind}")
    return read_pickle(file, source=source)


def read_pickle(file: Any, *, source: str) -> Any:
    """Return the object of a pickle, bytes or an open file: plain values, arrays, and `Inert` for other objects."""
    try:
        with whole(source):
            return PickleMachine().read(BytesIO(file) if isinstance(file, bytes) else file)
    except RefusedError as error:
        raise refused(source, str(error)) from error
