"""Writing HDF5 files so that a full disk is an error, not a crash."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py


@contextmanager
def new_hdf5(path: Path) -> Iterator[h5py.File]:
    """Give a new HDF5 file to write; `OSError` at the end of the block where not all of it could be written."""
    with _Sink(path, "w+") as sink:
        try:
            with h5py.File(sink, "w") as file:
                yield file
        except Exception as error:
            if sink.error is not None:
                raise sink.error from error
            raise
        if sink.error is not None:
            raise sink.error


class _Sink(io.FileIO):
    """A file that notes in `error` what could not be written, and goes on as if it had been.

    HDF5 cannot close a file whose last writes fail, and crashes later, so it must not learn of them.
    """

    error: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write all of the bytes, unless a write failed before."""
        view = memoryview(data).cast("B")
        done = 0
        try:
            while self.error is None and done < len(view):
                done += super().write(view[done:]) or 0
        except OSError as error:
            self.error = error
        return len(view)

    def truncate(self, size: int | None = None, /) -> int:
        """Set the size of the file."""
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0
