"""What the commands ask of their arguments, the same in all of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from ..core.errors import UserError


def positive(text: str) -> int:
    """Read a whole number from 1, for `argparse`."""
    return whole(text, minimum=1)


def whole(text: str, *, minimum: int = 0) -> int:
    """Read a whole number from `minimum` below 2**31, for `argparse`."""
    try:
        number = int(text)
    except ValueError:
        number = minimum - 1
    if not minimum <= number < 2**31:
        raise argparse.ArgumentTypeError(f"expected a whole number from {minimum}; received {text}")
    return number


def new_file(name: str, *, inputs: Iterable[Path], force: bool) -> Path:
    """Return the file to write; `UserError` before any work is done if it cannot be written, or is one that is read.

    `force` allows another file to be replaced, but never one of the `inputs`.
    """
    path = Path(name)
    if path.is_dir():
        raise UserError(f"Expected the name of a file to write. Received: the folder {path}.", "Name a file in it.")
    if not path.resolve().parent.is_dir():
        raise UserError(f"Expected a folder that exists for {path.name}. Received: {path.parent}.", "Make it first.")
    if not path.exists():
        return path
    if any(source.exists() and path.samefile(source) for source in inputs):
        raise UserError(f"Expected a file of its own to write. Received: {path}, which is read.", "Choose another.")
    if not force:
        raise UserError(f"Expected a new file. Received: {path} exists.", "Choose another, or add --force.")
    return path
