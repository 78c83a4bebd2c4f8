"""A recorder of the host that ends no measurement: readings go on where the disk does not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acconeer.exptool import a121

from ...core.errors import UserError


class PatientRecorder:
    """Writes a recording of the host, `a121.H5Recorder`; attach it to a client with `attach_recorder`.

    What goes wrong while readings come is told to `report` once; what was written until then stays, and nothing more is
    written. Raises `UserError` where the file cannot be made.
    """

    def __init__(self, path: Path, report: Callable[[Exception], None]) -> None:
        self.path = path
        self.count = 0
        self._report = report
        self._failed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._recorder = a121.H5Recorder(path)
        except OSError as error:
            raise UserError(
                f"Expected to write {path}. Received: {error}.",
                "Choose another folder for recordings, or switch recording off.",
            ) from error

    def close(self) -> None:
        """Finish the file; one without readings is removed."""
        self._try(self._recorder.close)
        with contextlib.suppress(Exception):  # a file that could not be written may not be closed properly, either
            self._recorder.file.close()
        if not self.count:
            self.path.unlink(missing_ok=True)

    # What a client calls, by the names of the host's `Recorder`.

    def _start(self, **information: Any) -> None:
        self._try(self._recorder._start, **information)

    def _start_session(self, **information: Any) -> None:
        self._try(self._recorder._start_session, **information)

    def _sample(self, results: Any) -> None:
        if self._try(self._recorder._sample, results):
            self.count += 1

    def _stop_session(self) -> None:
        self._try(self._recorder._stop_session)

    def _try(self, action: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
        if self._failed:
            return False
        try:
            action(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - called while measuring, which must go on whatever the disk does
            self._failed = True
            self._report(
                UserError(
                    f"Expected to record to {self.path}. Received: {error}.",
                    f"The measurement goes on; {self.count:,} readings of it may be in the file.",
                )
            )
            return False
        return True
