"""What a user does with an open window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt

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
