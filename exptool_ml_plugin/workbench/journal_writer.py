"""Writes a journal in a thread of its own, so that nobody waits for the disk."""

from __future__ import annotations

import base64
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import UserError
from ..core.file_lock import FileLock
from ..core.frames import Frame
from ..core.journal_file import MAGIC, encode_event, encode_frame, encode_reading, frame_payload
from ..core.reading import Reading

SECONDS_TO_GATHER = 0.1
"""What came meanwhile is written together."""
SECONDS_TO_SYNC = 0.5
"""What was written is on the disk itself after this time, and the time the disk needs for it."""
MOST_WAITING_BYTES = 128 << 20
"""Of readings and frames that wait for a slow disk; with more the journal is given up."""

ENDING = ".journal"


@dataclass(frozen=True)
class LabelledFrame:
    """A frame with the label it got."""

    frame: Frame
    label: str


@dataclass(frozen=True)
class Event:
    """Something that happened, with what JSON can hold about it; see `core.journal_replay`."""

    what: str
    fields: dict[str, object]


@dataclass(frozen=True)
class PlacedFrame:
    """A frame that is put in at a place; `recording` is the number of its recording in the session."""

    frame: Frame
    label: str
    recording: int
    at: int


Item = Reading | LabelledFrame | PlacedFrame | Event


@dataclass(frozen=True)
class Adopted:
    """A journal that was found and is gone on with: `good_bytes` of it are kept."""

    path: Path
    lock: FileLock
    good_bytes: int


class JournalWriter:
    """One journal file; `put` and `end` return at once.

    The file is made by the thread, too. Where it cannot be made or written, `report` is called once, the rest is not
    written, and what is in the file stays there. `end(remove=True)` removes the file.
    """

    def __init__(self, path: Path, report: Callable[[UserError], None], *, adopted: Adopted | None = None) -> None:
        self.path = path if adopted is None else adopted.path
        self.failed = False
        self._report = report
        self._adopted = adopted
        self._lock = FileLock(lock_path(self.path)) if adopted is None else adopted.lock
        self._queue: deque[Item] = deque()
        self._waiting_bytes = 0
        self._count_lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._remove = False
        self._file: int | None = None
        self._thread = threading.Thread(target=self._run, name="exptool-ml journal", daemon=True)
        self._thread.start()

    def put(self, *items: Item) -> None:
        """Have something written."""
        if self.failed or self._ending.is_set():
            return
        with self._count_lock:
            self._waiting_bytes += sum(map(_size, items))
            too_many = self._waiting_bytes > MOST_WAITING_BYTES
            if not too_many:
                self._queue += items
        if too_many:
            self._fail("the disk is too slow for what is measured")
        elif not self._wake.is_set():
            self._wake.set()

    def end(self, *, remove: bool) -> None:
        """Write what is waiting and close the file, or remove it."""
        self._remove = remove
        self._ending.set()
        self._wake.set()

    @property
    def alive(self) -> bool:
        """True until the file is closed."""
        return self._thread.is_alive()

    def join(self, timeout_s: float = 5.0) -> None:
        """Wait for the end."""
        self._thread.join(timeout_s)

    def wait(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything put so far is written; False if it took longer."""
        deadline = time.monotonic() + timeout_s
        while self._waiting_bytes and not self.failed and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._waiting_bytes

    def _run(self) -> None:
        try:
            self._open()
            synced = time.monotonic()
            written = False
            while not self._ending.is_set() or (self._queue and not self._remove):
                self._wake.wait(SECONDS_TO_SYNC if written else None)
                self._wake.clear()
                self._ending.wait(SECONDS_TO_GATHER)
                written = self._write_waiting() or written
                if written and time.monotonic() - synced >= SECONDS_TO_SYNC - SECONDS_TO_GATHER:
                    self._sync()
                    synced, written = time.monotonic(), False
            if written and not self._remove:
                self._sync()
        except OSError as error:
            self._fail(error.strerror or str(error))
        except Exception as error:  # noqa: BLE001 - the end of the thread: who collects must hear of whatever comes
            self._fail(f"{type(error).__name__}: {error}")
        finally:
            self._ending.wait()
            self._close()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
        if self._adopted is not None:
            self._file = os.open(self.path, flags)
            os.ftruncate(self._file, self._adopted.good_bytes)
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self._lock.acquire():
            raise OSError(f"{self._lock.path} is in use")
        self._file = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        self._write(MAGIC)
        self._sync()
        _sync_folder(self.path.parent)

    def _write_waiting(self) -> bool:
        written = False
        while not self.failed:
            with self._count_lock:
                items = [self._queue.popleft() for _ in range(min(len(self._queue), 100))]
            if not items:
                break
            self._write(b"".join(_encoded(item) for item in items))
            with self._count_lock:
                self._waiting_bytes -= sum(_size(item) for item in items)
            written = True
        return written

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view and self._file is not None:
            view = view[os.write(self._file, view) :]

    def _sync(self) -> None:
        if self._file is not None:
            os.fsync(self._file)

    def _fail(self, reason: str) -> None:
        with self._count_lock:
            first, self.failed = not self.failed, True
            self._queue.clear()
            self._waiting_bytes = 0
        if first:
            self._report(
                UserError(
                    f"Expected to write what is collected to the disk at once, to {self.path.parent}. "
                    f"Received: {reason}.",
                    "Collecting goes on, the frames are kept in this window. Save the session soon: "
                    "until then they would be lost if the program or the computer broke down.",
                )
            )

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        made = self._file is not None
        if self._remove and made:
            try:
                self.path.unlink(missing_ok=True)
            except OSError as error:
                self._report(UserError(f"Expected to remove {self.path}. Received: {error.strerror}.", "Remove it."))
        self._lock.release(remove=self._remove or not made)


def lock_path(path: Path) -> Path:
    """Return the file that is locked while a journal is in use."""
    return path.with_suffix(path.suffix + ".lock")


def _encoded(item: Item) -> bytes:
    if isinstance(item, Reading):
        return encode_reading(item)
    if isinstance(item, LabelledFrame):
        return encode_frame(item.frame, item.label)
    if isinstance(item, PlacedFrame):
        text = base64.b85encode(frame_payload(item.frame, item.label)).decode()
        return encode_event("put_back", recording=item.recording, at=item.at, frame=text)
    return encode_event(item.what, **item.fields)


def _size(item: Item) -> int:
    if isinstance(item, Reading):
        return 64 + sum(matrix.nbytes for matrix in item.matrices)
    return 64 + item.frame.values.nbytes if isinstance(item, LabelledFrame | PlacedFrame) else 1024


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
