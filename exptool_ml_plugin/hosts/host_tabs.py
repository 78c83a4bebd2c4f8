"""Our tabs in one window of a host, from being added to the window's end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QTabWidget, QWidget

from ..qt.bridge import guarded, report
from ..qt.tabs import WorkbenchTabs
from ..workbench.workbench import Workbench

FIRST_TAB = "Exploration Tool"


class HostTabs(QObject):
    """One workbench with its tabs; a child of the window.

    A host's own class makes its ears at the host and its hands on it, then calls `show_in`; `let_go` is called once,
    at the end. `measure_scene` connects to a simulated scene by name.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.workbench = Workbench()
        self._closed = False
        self._discard = False

    def show_in(self, window: QMainWindow, make_sensor_panel: Callable[[QWidget], QWidget]) -> None:
        """Put the tabs beside the window's content; where that fails the window is left as it was."""
        self.tab_widget = wrap_central_widget(window)
        try:
            self.tabs = WorkbenchTabs(self.tab_widget, self.workbench, make_sensor_panel)
        except Exception:
            self.close()
            unwrap_central_widget(window, self.tab_widget)
            self.setParent(None)
            raise
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._on_quit)
        self._ask_before_closing(window)

    def measure_scene(self, name: str) -> None:
        """Connect to a simulated scene; `UserError` for a name that is none."""
        raise NotImplementedError

    def let_go(self) -> None:
        """Stop listening to the host, and leave it as it was."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop listening, and stop all threads and processes of ours; further calls do nothing."""
        if self._closed:
            return
        self._closed = True
        self.let_go()
        self.workbench.close(discard=self._discard)

    def _ask_before_closing(self, window: Any) -> None:
        """Ask about unsaved frames before the window is closed; then end with it.

        Not by an event filter: one in Python is asked about every event of the window, some hundred a second while the
        host draws, and takes it several per cent of its pictures.
        """
        close = window.closeEvent

        def close_if_allowed(event: QCloseEvent) -> None:
            if self._may_close():
                self._on_quit()
                close(event)
            else:
                event.ignore()

        window.closeEvent = close_if_allowed

    def _may_close(self) -> bool:
        try:
            if self._closed or not (self.workbench.session.unsaved or self.workbench.saving.busy):
                return True
            may_close = bool(self.tabs.page("Collect").session_box.may_drop(closing=True))
            self._discard = may_close and self.workbench.session.unsaved
            return may_close
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
        tabs.setCurrentIndex(0)
        content.setParent(None)
        window.setCentralWidget(content)  # deletes the tab widget
        content.show()
