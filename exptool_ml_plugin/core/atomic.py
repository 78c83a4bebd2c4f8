"""Writing files so that a crash leaves the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import UserError


@contextmanager
def replacing(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give the path of a temporary file to write; at the end of the block it becomes `path` in one step.

    The temporary file lies in the same folder (a rename is atomic only within a file system), is flushed to the disk
    before it is renamed, and is removed if the block fails. Without `overwrite` an existing file is never replaced,
    not even one that appeared meanwhile. Raises `UserError` for existing files and for folders that cannot be
    written.
    """
    path = Path(path)
    if not overwrite and path.exists():
        raise _exists(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield temporary
        _flush(temporary)
        _put_in_place(temporary, path, overwrite=overwrite)
        _flush(path.parent)
    except OSError as error:
        raise UserError(
            f"Expected to write {path}. Received: {os.strerror(error.errno) if error.errno else error}.",
            "Check that the folder exists, may be written and has space, or choose another.",
        ) from error
    finally:
        with contextlib.suppress(OSError):  # where the folder is none, there is nothing to remove
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a whole file in one step; see `replacing`."""
    with replacing(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(data)


def _put_in_place(temporary: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(path)
        return
    try:
        os.link(temporary, path)  # fails if the file exists, in the same step; a rename would replace it
    except FileExistsError:
        raise _exists(path) from None
    except OSError:
        # A file system without hard links: the check just before is the best there is.
        if path.exists():
            raise _exists(path) from None
        temporary.rename(path)


def _flush(path: Path) -> None:
    # A folder cannot be opened on Windows, nor flushed on some file systems; the rename itself is still atomic.
    ignored = contextlib.suppress(OSError) if path.is_dir() else contextlib.nullcontext()
    with ignored:
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exists(path: Path) -> UserError:
    return UserError(f"Expected a new file. Received: {path} exists.", "Choose another name, or allow overwriting it.")
