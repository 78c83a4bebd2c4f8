"""Saving the session without holding up the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from psygnal import Signal

from ..core.errors import UserError
from .background import Background
from .problems import UserProblem, as_problem


class Saving:
    """Writes one session file at a time in a thread; `problem` is what went wrong the last time, None if nothing.

    A fault of ours also goes to `report`, where its report can be copied. `changed` is emitted when writing begins
    and ends, from whatever thread that happens in.
    """

    changed = Signal()

    def __init__(self, report: Callable[[Exception, str], None]) -> None:
        self.problem: UserProblem | None = None
        self._report_fault = report
        self._background = Background(self._report)
        self._background.changed.connect(self.changed.emit)

    @property
    def busy(self) -> bool:
        """True while a file is being written."""
        return bool(self._background.doing)

    def begin(self, save: Callable[[], object], path: Path) -> None:
        """Begin to save and return; `UserError` while another file is being written."""
        before, self.problem = self.problem, None
        try:
            self._background.run(f"saving {path.name}", save)
        except UserError:
            self.problem = before
            raise

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the file is written."""
        self._background.wait(timeout_s)

    def _report(self, error: Exception, where: str) -> None:
        self.problem = as_problem(error, where)
        if self.problem.is_bug:
            self._report_fault(error, where)
