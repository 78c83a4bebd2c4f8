"""Recordings of measurements as files of the host: on or off, where, and which was the last."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psygnal import Signal


@dataclass(frozen=True)
class RecordedFile:
    """A recording that was written, and how many readings are in it."""

    path: Path
    readings: int


class Recordings:
    """Records every measurement while `enabled`, each to a new file in `folder` that is named by the time.

    Nothing is ever overwritten. `last` is the newest file of this window. `changed` is emitted, in any thread, when
    one of these changes.
    """

    changed = Signal()

    def __init__(self, folder: Path, report: Callable[[Exception, str], None]) -> None:
        self.enabled = False
        self.folder = folder
        self.last: RecordedFile | None = None
        self._report = report

    def set_enabled(self, enabled: bool) -> None:
        """Record the next measurements, or not."""
        self.enabled = enabled
        self.changed.emit()

    def set_folder(self, folder: Path) -> None:
        """Record the next measurements to another folder; it is made when it is needed."""
        self.folder = folder
        self.changed.emit()

    @contextmanager
    def of(self, client: Any) -> Iterator[None]:
        """Record what a client measures in the block, if enabled; `UserError` where the file cannot be made."""
        if not self.enabled:
            yield
            return
        from ...a121_library.recorder import PatientRecorder

        recorder = PatientRecorder(self._new_path(), lambda error: self._report(error, "the recording"))
        try:
            client.attach_recorder(recorder)
            yield
        finally:
            with contextlib.suppress(Exception):  # a client that was disconnected has let go of it already
                client.detach_recorder()
            recorder.close()
            if recorder.count:
                self.last = RecordedFile(recorder.path, recorder.count)
                self.changed.emit()

    def _new_path(self) -> Path:
        stem = datetime.now().strftime("%Y-%m-%d %H.%M.%S")
        names = itertools.chain([stem], (f"{stem} ({number})" for number in itertools.count(2)))
        return next(path for name in names if not (path := self.folder / f"{name}.h5").exists())
