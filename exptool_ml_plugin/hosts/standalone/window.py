"""The window: the Sensor tab, our tabs, and what happens when it is closed."""

from __future__ import annotations

from typing import Any

from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import QApplication, QMainWindow, QTabWidget, QWidget

from ...qt.bridge import report
from ...qt.tab_holder import Tab
from ...qt.tabs import WorkbenchTabs
from ...workbench.workbench import Workbench
from .sensor.control import SensorControl
from .sensor_panel import SensorPanel

SENSOR = "Sensor"
_SIZE = (1400, 900)


class SensorWindow(QMainWindow):
    """One workbench with its sensor; it ends with the window."""

    def __init__(self, workbench: Workbench, control: SensorControl) -> None:
        super().__init__()
        self.workbench = workbench
        self.control = control
        self._ended = False
        self.setWindowTitle("Radar machine learning")
        self.tab_widget = QTabWidget(self)
        self.tab_widget.setDocumentMode(True)
        self.setCentralWidget(self.tab_widget)
        sensor = Tab(SENSOR, "Connect and set the sensor, measure, record, replay", self._make_sensor_tab)
        self.tabs = WorkbenchTabs(self.tab_widget, workbench, self._make_sensor_panel, before=(sensor,))
        available = QApplication.primaryScreen().availableSize()
        self.resize(min(_SIZE[0], available.width()), min(_SIZE[1], available.height()))

    def end(self, *, discard: bool = False) -> None:
        """Stop all threads and processes; unsaved frames stay in their journal, or are let go with `discard`.

        Further calls do nothing.
        """
        if self._ended:
            return
        self._ended = True
        self.tabs.close()
        self.control.close()
        self.workbench.close(discard=discard)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved frames first."""
        let_go = False
        if self.workbench.session.unsaved or self.workbench.saving.busy:
            try:
                if not self.tabs.page("Collect").session_box.may_drop(closing=True):
                    event.ignore()
                    return
                let_go = self.workbench.session.unsaved
            except Exception as error:  # noqa: BLE001 - called from Qt; a fault of ours must not keep the window open
                report(self, error, where="the question about unsaved frames")
        self.end(discard=let_go)
        event.accept()

    def _make_sensor_tab(self, workbench: Workbench) -> Any:
        from .sensor_tab import SensorTab

        return SensorTab(self.control)

    def _make_sensor_panel(self, parent: QWidget) -> QWidget:
        return SensorPanel(self.control, parent)


def open_window() -> SensorWindow:
    """Make a window with a workbench and a sensor of its own; whoever calls this shows it."""
    workbench = Workbench()
    return SensorWindow(workbench, SensorControl(workbench))
