"""Work that would freeze a window, one piece at a time, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from psygnal import Signal

from ..core.errors import UserError


class Background:
    """Runs one piece of work at a time; `doing` says in words which, "" while there is none.

    `changed` is emitted when work begins and ends, from whatever thread that happens in. What the work raises goes
    to `report` with the words.
    """

    changed = Signal()

    def __init__(self, report: Callable[[Exception, str], None]) -> None:
        self.doing = ""
        self._report = report
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def run(self, doing: str, work: Callable[[], object]) -> None:
        """Begin the work and return; `UserError` while other work is in progress."""
        with self._lock:
            if self.doing:
                raise UserError(f"Expected nothing in progress. Received: {self.doing}", "Wait a moment.")
            self.doing = doing
            self._thread = threading.Thread(target=self._work, args=(doing, work), name="background", daemon=True)
        self.changed.emit()
        self._thread.start()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the work has ended."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            thread.join(timeout)

    def _work(self, doing: str, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the end of the thread: the user must see whatever comes
            self._report(error, doing)
        finally:
            self.doing = ""
            self.changed.emit()
