"""A host and a sensor for the tabs' tests, without any host; a tab in view, and its pictures drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qtpy.QtWidgets import QMainWindow, QSplitter

from exptool_ml_plugin.core.reading import SensorSetup
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.workbench.workbench import Workbench


class RecordedHost:
    """A host whose sensor is a recording: `play` hands its readings over as if they were measured now."""

    title = "Recorded host"
    invitation = "play the recording"

    def __init__(self, workbench: Workbench, recording: Recording) -> None:
        self.workbench = workbench
        self.recording = recording
        self.connected = True
        self.applied: list[SensorSetup] = []
        workbench.host = self
        workbench.set_setup(recording.setup)

    @property
    def can_start(self) -> bool:
        return self.connected and not self.workbench.measuring

    def start(self) -> None:
        attributes = self.recording.host_attributes
        self.workbench.engine.begin(self.recording.setup, source="recording", host_attributes=attributes)

    def stop(self) -> None:
        self.workbench.engine.end()

    def apply_setup(self, setup: SensorSetup) -> None:
        self.applied.append(setup)
        self.workbench.set_setup(setup)

    def cover_setup(self, setup: SensorSetup) -> None:
        self.apply_setup(setup)

    def play(self, start: int = 0, stop: int | None = None) -> None:
        """Hand over readings and wait until they are processed."""
        for number, reading in enumerate(self.recording.part(start, len(self.recording) if stop is None else stop)):
            self.workbench.engine.push(reading)
            if number % 100 == 99:  # faster than any sensor; a preview would skip readings
                assert self.workbench.engine.wait(30)
        assert self.workbench.engine.wait(30)


@contextmanager
def in_view(tab: Any, qtbot: Any) -> Iterator[Any]:
    """Keep a tab in view; its side panel, which the window would own, goes with it."""
    qtbot.addWidget(tab)
    qtbot.addWidget(tab.side)
    tab.shown()
    yield tab
    tab.hidden()


def draw(workbench: Workbench, tab: Any) -> None:
    """Poll twice: a snapshot is made when the one before was looked at."""
    tab.refresh()
    workbench.engine.wait()
    tab.refresh()


@contextmanager
def in_window(tab: Any, qtbot: Any) -> Iterator[QMainWindow]:
    """Put the tab into an active window, so that keys reach it and it has a size."""
    window = QMainWindow()
    qtbot.addWidget(window)
    splitter = QSplitter(window)
    splitter.addWidget(tab)
    splitter.addWidget(tab.side)
    window.setCentralWidget(splitter)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    tab.setFocus()
    try:
        yield window
    finally:
        for widget in (tab, tab.side):
            widget.setParent(None)
