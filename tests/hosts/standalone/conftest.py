"""The stand-alone window as its command opens it, and what a user does with it."""

from __future__ import annotations

import gc
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from qtpy.QtCore import QCoreApplication, QEvent, Qt
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.hosts.standalone.look import dress
from exptool_ml_plugin.hosts.standalone.sensor.control import SensorControl
from exptool_ml_plugin.hosts.standalone.window import SensorWindow
from exptool_ml_plugin.workbench.workbench import Workbench


@dataclass
class Opened:
    """One open window."""

    qtbot: Any
    window: SensorWindow

    @property
    def workbench(self) -> Workbench:
        return self.window.workbench

    @property
    def control(self) -> SensorControl:
        return self.window.control

    @property
    def tab(self) -> Any:
        """The Sensor tab."""
        return self.window.tabs.page("Sensor")

    @property
    def problems(self) -> list[str]:
        return [f"{problem.message} {problem.hint} {problem.report}".strip() for problem in self.workbench.problems]

    @property
    def readings(self) -> int:
        return int(self.workbench.engine.latest().readings)

    def page(self, title: str) -> Any:
        self.window.tabs.show_tab(title)
        return self.window.tabs.page(title)

    def wait(self, condition: Callable[[], object], timeout_s: float = 30.0) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=int(1000 * timeout_s))

    def click(self, button: Any) -> None:
        self.wait(button.isEnabled)
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def type_number(self, editor: Any, text: str) -> None:
        """Type a number as a user does."""
        self.wait(editor.isEnabled)
        editor.setFocus()
        editor.selectAll()
        self.qtbot.keyClicks(editor, text)
        self.qtbot.keyClick(editor, Qt.Key.Key_Return)

    def connect(self) -> None:
        self.control.sensor.connect()
        self.wait(lambda: self.control.can_start)

    def measure(self, readings: int) -> None:
        """Measure so many readings at least, whatever the tab in view does with them."""
        before = self.control.feed.newest
        self.control.start()
        self.wait(lambda: self.control.feed.newest is not before and self._measured() >= readings)
        self.control.stop()
        self.wait(lambda: not self.control.busy)
        assert self.workbench.engine.wait(30)

    def _measured(self) -> int:
        newest = self.control.feed.newest
        return 0 if newest is None else 1 + round(newest.reading.time_s * newest.setup.reading_rate_hz)

    def open(self, path: Path) -> None:
        self.control.replay.open(path)
        self.wait(lambda: not self.control.replay.opening)

    def play(self) -> None:
        """Play the open recording to its end."""
        self.control.start()
        self.wait(lambda: not self.control.busy)
        assert self.workbench.engine.wait(30)


@pytest.fixture
def open_window(qtbot: Any, tmp_path: Path, qapp: QApplication) -> Iterator[Callable[..., Opened]]:
    """Open windows; everything of them must be gone after the test."""
    threads, opened = set(threading.enumerate()), []
    style_sheet, palette = qapp.styleSheet(), qapp.palette()
    dress(qapp)

    def open_one(**options: Any) -> Opened:
        workbench = Workbench()
        control = SensorControl(workbench, **options)
        control.recordings.set_folder(tmp_path / "recordings")
        window = SensorWindow(workbench, control)
        window.show()
        opened.append(Opened(qtbot, window))
        return opened[-1]

    yield open_one
    for one in opened:
        one.control.close()
        one.workbench.engine.wait()
        one.workbench.new_session()  # what a test collected; nobody is there to be asked about it
        one.window.close()
        one.window.deleteLater()
    opened.clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet(style_sheet)
    qapp.setPalette(palette)
    gc.collect()
    left = [repr(thread) for thread in threading.enumerate() if thread not in threads]
    left += [repr(child) for child in multiprocessing.active_children()]
    assert not left, f"survived the test: {left}"


@pytest.fixture
def opened(open_window: Callable[..., Opened]) -> Opened:
    """One window."""
    return open_window()
