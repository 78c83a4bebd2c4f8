"""Uses the window once, as a check of an installation: measure, show every tab, close."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from qtpy.QtCore import QTimer

from .window import SensorWindow

_SECONDS = 60.0
_READINGS = 10
_SECONDS_PER_TAB = 0.2
_MS_BETWEEN_LOOKS = 20

Condition = Callable[[], bool]


class SmokeTest(QTimer):
    """Goes from step to step when what the last one waits for has come true; then it closes the window.

    `problem` says what went wrong, "" if nothing did.
    """

    def __init__(self, window: SensorWindow) -> None:
        super().__init__(window)
        self.problem = ""
        self._window = window
        self._steps = self._make_steps()
        self._waits_for: Condition = lambda: True
        self._until_s = time.monotonic() + _SECONDS
        self.timeout.connect(self._look)
        self.start(_MS_BETWEEN_LOOKS)

    def _make_steps(self) -> Iterator[Condition]:
        control, tabs = self._window.control, self._window.tab_widget
        yield lambda: control.can_start
        control.start()
        yield lambda: self._window.workbench.engine.latest().readings >= _READINGS
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            yield _after(_SECONDS_PER_TAB)
        control.stop()
        yield lambda: not control.busy

    def _look(self) -> None:
        problems = self._window.workbench.problems
        if problems:
            self._end(f"{problems[0].message} {problems[0].hint}\n{problems[0].report}".strip())
        elif time.monotonic() > self._until_s:
            self._end(f"Expected a window that measures within {_SECONDS:g} s. Received: none.")
        elif self._waits_for():
            step = next(self._steps, None)
            if step is None:
                self._end("")
            else:
                self._waits_for = step

    def _end(self, problem: str) -> None:
        self.problem = problem
        self.stop()
        self._window.close()


def _after(seconds: float) -> Condition:
    until_s = time.monotonic() + seconds
    return lambda: time.monotonic() > until_s
