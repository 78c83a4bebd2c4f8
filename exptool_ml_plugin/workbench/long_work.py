"""Work that takes long, with its progress, and that can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable

from psygnal import Signal

from ..core.frame_at import Step
from .background import Background


class _CancelledError(Exception):
    """The user does not want the work any more."""


class LongWork:
    """One piece of work at a time in a thread of its own; `doing` says which, "" while there is none.

    `progress` is the part that is done, 0 to 1. `changed` is emitted, in any thread, when work begins, gets a per cent
    further, and ends. What it raises goes to `report`.
    """

    changed = Signal()

    def __init__(self, report: Callable[[Exception, str], None]) -> None:
        self.progress = 0.0
        self._background = Background(report)
        self._background.changed.connect(self.changed.emit)
        self._cancelled = threading.Event()

    @property
    def doing(self) -> str:
        """What is being done, in words."""
        return self._background.doing

    def run(self, doing: str, work: Callable[[Step], object]) -> None:
        """Begin the work and return; `UserError` while other work is in progress.

        The work calls what it is given with how much of how much is done; that raises where it is cancelled.
        """
        if not self.doing:
            self.progress = 0.0
            self._cancelled.clear()
        self._background.run(doing, lambda: self._until_cancelled(work))

    def cancel(self) -> None:
        """End the work at its next step."""
        self._cancelled.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the work has ended."""
        self._background.wait(timeout_s)

    def _until_cancelled(self, work: Callable[[Step], object]) -> None:
        try:
            work(self._step)
        except _CancelledError:
            return

    def _step(self, done: int, of: int) -> None:
        if self._cancelled.is_set():
            raise _CancelledError
        progress = done / max(1, of)
        if progress - self.progress >= 0.01 or progress < self.progress:
            self.progress = progress
            self.changed.emit()
