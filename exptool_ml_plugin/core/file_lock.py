"""A lock that ends with the process that holds it, however that process ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


class FileLock:
    """Locks a small file; whoever else tries, in this process or another, finds it taken.

    What stands in the file can be read by everybody, also where a locked byte cannot.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """True while this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> bool:
        """Take the lock and return True, or return False where somebody has it; `OSError` where neither is possible."""
        while self._descriptor is None:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                taken = _lock(descriptor)
                # Whoever had it may just have removed the file: a lock of that is one of nothing.
                there = taken and _is_at(descriptor, self.path)
            except OSError:
                os.close(descriptor)
                raise
            if there:
                self._descriptor = descriptor
            else:
                os.close(descriptor)
            if not taken:
                return False
        return True

    def write(self, content: bytes) -> None:
        """Put this in the file, which must be locked."""
        if self._descriptor is not None:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.truncate(self._descriptor, 0)
            os.write(self._descriptor, content)

    def release(self, *, remove: bool = False) -> None:
        """Give the lock back; `remove` its file where the thing it guards is gone."""
        descriptor, self._descriptor = self._descriptor, None
        if remove and os.name != "nt":  # while it is still locked, so that nobody loses a new one of this name
            self._remove()
        if descriptor is not None:
            os.close(descriptor)
        if remove and os.name == "nt":  # an open file cannot be removed there
            self._remove()

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30
    """A byte that is locked cannot be read by others: one far behind the end is."""

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
