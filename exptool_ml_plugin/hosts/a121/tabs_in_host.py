"""Our tabs in one window of the host, from being added to the window's end."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QMainWindow, QTabWidget, QWidget

from ...qt.bridge import guarded, report
from ...qt.tabs import WorkbenchTabs
from ...workbench.workbench import Workbench
from .control import A121Control
from .scene import SimulatedScene
from .tap import Tap

FIRST_TAB = "Exploration Tool"


class TabsInHost(QObject):
    """One workbench with its tabs, its ears at the host and its hands on it; a child of the window."""

    def __init__(self, window: QMainWindow, app_model: Any) -> None:
        super().__init__(window)
        self.app_model = app_model
        self.workbench = Workbench()
        self.control = A121Control(app_model)
        self.workbench.host = self.control
        self.scene = SimulatedScene(app_model, self.workbench, control=self.control, parent=self)
        self.tap = Tap(app_model, self.workbench, self)
        self._closed = False
        self._let_go = False
        self.tab_widget = wrap_central_widget(window)
        try:
            self.tabs = WorkbenchTabs(self.tab_widget, self.workbench, self.make_sensor_panel)
        except Exception:
            unwrap_central_widget(window, self.tab_widget)
            self.close()
            self.setParent(None)
            raise
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._on_quit)
        window.installEventFilter(self)

    def make_sensor_panel(self, parent: QWidget) -> QWidget:
        """Build the right-hand panel out of the host's widgets."""
        from .panel import SensorPanel

        return SensorPanel(self.app_model, self.workbench, control=self.control, scene=self.scene, parent=parent)

    def measure_scene(self, name: str) -> None:
        """Connect to a simulated scene; `UserError` for a name that is none."""
        self.scene.choose(name)
        self.scene.connect_host()

    def close(self) -> None:
        """Stop listening, and stop all threads and processes of ours; further calls do nothing."""
        if self._closed:
            return
        self._closed = True
        self.tap.close()
        self.scene.close()
        self.workbench.close(discard=self._let_go)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask about unsaved frames before the window is closed; then end with it."""
        if event.type() == QEvent.Type.Close:
            if not self._may_close():
                event.ignore()
                return True
            self._on_quit()
        return False

    def _may_close(self) -> bool:
        try:
            if self._closed or not (self.workbench.session.unsaved or self.workbench.saving.busy):
                return True
            self._let_go = bool(self.tabs.page("Collect").session_box.may_drop())
            return self._let_go
        except Exception as error:  # noqa: BLE001 - called from Qt; a fault of ours must not keep the window open
            report(self, error, where="the question about unsaved frames")
            return True

    @guarded
    def _on_quit(self) -> None:
        self.close()


def wrap_central_widget(window: QMainWindow) -> QTabWidget:
    """Make the window's content the first tab of a tab widget."""
    tabs = QTabWidget(window)
    tabs.setDocumentMode(True)
    content = window.takeCentralWidget()
    tabs.addTab(content, FIRST_TAB)
    window.setCentralWidget(tabs)
    tabs.show()
    return tabs


def unwrap_central_widget(window: QMainWindow, tabs: QTabWidget) -> None:
    """Put the window's own content back."""
    content = tabs.widget(0)
    if content is not None:
        content.setParent(None)
        window.setCentralWidget(content)  # deletes the tab widget
        content.show()
