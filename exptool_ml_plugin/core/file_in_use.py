"""Says which window has a file open and may change it, so that a second one can be told; it never prevents anything.

Beside `session.h5` lies `.session.h5.lock` as long as a window has the file open. The system's own lock on it ends with
the process, so that one that was left by a killed process is recognised and taken over. Where a folder cannot be
written, nothing is noted; where a file system has no locks, what stands in the file is believed unless its process was
one of this computer and is gone.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .file_lock import FileLock

_LARGEST = 10_000


@dataclass(frozen=True)
class Holder:
    """Who has a file open: process number and name, user, computer, and since when, local time `HH:MM:SS` with day."""

    pid: int = 0
    program: str = ""
    user: str = ""
    host: str = ""
    since: str = ""

    @classmethod
    def this_process(cls) -> Holder:
        """Describe this process, from now on."""
        try:
            user = getpass.getuser()
        except (OSError, KeyError, ImportError):  # a user without a name
            user = ""
        script = Path(sys.argv[0])
        program = (script.parent if script.name == "__main__.py" else script).name or "python"
        return cls(os.getpid(), program, user, socket.gethostname(), time.strftime("%Y-%m-%d %H:%M:%S"))

    @property
    def is_here(self) -> bool:
        """True for a process of this computer."""
        return self.host == socket.gethostname()

    def in_words(self) -> str:
        """Say who it is, as the end of a sentence: "process 4711 (exptool-ml) of ada on this computer, since 14:03"."""
        if not self.pid:
            return "another program"
        day, _, clock = self.since.partition(" ")
        since = clock[:5] if day == time.strftime("%Y-%m-%d") else f"{day}, {clock[:5]}"
        user = f" of {self.user}" if self.user else ""
        where = "this computer" if self.is_here else self.host
        return f"process {self.pid} ({self.program}){user} on {where}, since {since}"


class FileClaim:
    """Notes that this process has a file open and may change it, as far as that can be noted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(_lock_path(path))
        self._noted = False

    @property
    def held(self) -> bool:
        """True while it is noted."""
        return self._lock.held or self._noted

    def take(self) -> Holder | None:
        """Note it, and return None; where somebody else has the file open, note nothing and return who."""
        if self.held:
            return None
        try:
            taken = self._lock.acquire()
        except OSError:  # a folder that cannot be written, a file system without locks
            holder = _believed(self._lock.path)
            if holder is None:
                with contextlib.suppress(OSError):
                    self._lock.path.write_bytes(_content())
                    self._noted = True
            return holder
        if not taken:
            return _written(self._lock.path)
        with contextlib.suppress(OSError):  # a full disk
            self._lock.write(_content())
        return None

    def release(self) -> None:
        """The file is no longer open here."""
        if self.held:
            self._lock.release(remove=True)
            self._noted = False


def holder_of(path: Path) -> Holder | None:
    """Return who has a file open and may change it, this process included; None for nobody."""
    if not _lock_path(path).exists():
        return None
    claim = FileClaim(path)
    holder = claim.take()
    claim.release()  # somebody had left it
    return holder


def _lock_path(path: Path) -> Path:
    real = path.resolve()  # the same file under another name has the same lock
    return real.with_name(f".{real.name}.lock")


def _content() -> bytes:
    return json.dumps(asdict(Holder.this_process())).encode()


def _written(path: Path) -> Holder:
    """Return what stands in a lock file; a holder without a number where that cannot be read."""
    try:
        with path.open("rb") as file:
            document: Any = json.loads(file.read(_LARGEST))
        pid, texts = int(document["pid"]), [str(document[name]) for name in ("program", "user", "host", "since")]
    except (OSError, ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return Holder()
    return Holder(pid, *texts)


def _believed(path: Path) -> Holder | None:
    """Return what stands in a lock file that tells nothing itself, None where its process is known to be gone."""
    try:
        if not path.is_file() or not path.stat().st_size:
            return None
    except OSError:
        return None
    found = _written(path)
    return None if found.is_here and not _runs(found.pid) else found


def _runs(pid: int) -> bool:
    if sys.platform == "win32" or pid <= 0:  # there, asking like this would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # one of another user
        return True
    return True
