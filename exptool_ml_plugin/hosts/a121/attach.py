"""Puts our tabs beside the host's own content, in the host's own window, when that window is shown."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

# The host's binding first: qtpy and pyqtgraph then take the same one.
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from .tabs_in_host import TabsInHost

log = logging.getLogger(__name__)

Then = Callable[["TabsInHost"], object]

_then: list[Then] = []


def call_when_attached(then: Then) -> None:
    """Call a function with the tabs when they are next added to a window; may be said before there is one."""
    _then.append(then)


def register() -> None:
    """Add the tabs to the host's window as soon as it is shown; the host's contract for plugin modules.

    May be called several times, the tabs are added once.
    """
    os.environ.setdefault("QT_API", "pyside6")
    app = QCoreApplication.instance()
    if app is None:
        log.error("The machine learning tabs need a QApplication, and there is none yet. Start the host as usual.")
        return
    if app.findChild(WindowWatch) is None:
        WindowWatch(app)


class WindowWatch(QTimer):
    """Looks for the host's window until it is shown, then adds the tabs without the host's start getting slower.

    The host shows its window before it runs its event loop, so the first look finds it. (A filter for the event of
    being shown would find it, too, but pass each of 24,000 events through Python until then.) When the window has
    come to rest, our modules are imported in a thread, so that the window does not freeze meanwhile.
    """

    _MS_BETWEEN_LOOKS = 50
    _MS_TO_REST = 200
    _imported = Signal()

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        self._window: QMainWindow | None = None
        self.timeout.connect(self._look)
        self._imported.connect(self._on_imported)
        self.start(0)

    def _look(self) -> None:
        self.setInterval(self._MS_BETWEEN_LOOKS)
        shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
        self._window = next((widget for widget in shown if is_host_window(widget)), None)
        if self._window is not None:
            self.stop()
            QTimer.singleShot(self._MS_TO_REST, self._start_import)

    def _start_import(self) -> None:
        threading.Thread(target=self._import, name="exptool-ml import").start()

    def _import(self) -> None:
        # What goes wrong goes wrong again in `attach`, which tells; a watch deleted meanwhile waits for nothing.
        with contextlib.suppress(Exception):
            importlib.import_module(f"{__package__}.tabs_in_host")
        with contextlib.suppress(RuntimeError):
            self._imported.emit()

    def _on_imported(self) -> None:
        window = self._window
        self.setParent(None)
        self.deleteLater()
        if window is not None and isValid(window):
            attach(window)


def is_host_window(candidate: QWidget) -> TypeGuard[QMainWindow]:
    """Tell the host's main window from its other windows and everybody else's."""
    kind = type(candidate)
    named = kind.__name__ == "MainWindow" and kind.__module__.startswith("acconeer.exptool.app.new")
    return named and isinstance(candidate, QMainWindow)


def attach(window: QMainWindow) -> TabsInHost | None:
    """Wrap the window's content as the first of our tabs; what is there already is returned.

    Whatever goes wrong is said in a message box, and the host is left as it was.
    """
    try:
        attached = _attach(window)
    except Exception as error:
        log.exception("The machine learning tabs could not be added")
        tell(window, f"The machine learning tabs could not be added: {error}", hint_for(error))
        return None
    while _then:
        _call(_then.pop(0), attached)
    return attached


def _call(then: Then, attached: TabsInHost) -> None:
    try:
        then(attached)
    except Exception as error:  # noqa: BLE001 - called from Qt, whatever comes must stop here
        attached.workbench.report(error, "the start of the tabs")


def _attach(window: QMainWindow) -> TabsInHost:
    from .tabs_in_host import TabsInHost  # imports the host, which is loaded by now

    found: Any = window.findChildren(TabsInHost)
    if found:
        there: TabsInHost = found[0]
        return there
    app_model = find_app_model(window)
    if app_model is None:
        raise LookupError("expected the window's AppModel, found none")
    return TabsInHost(window, app_model)


def find_app_model(window: QMainWindow) -> Any:
    """Return the host's model: whatever widget of the window has it, nearest first; None if none has."""
    waiting: deque[QObject] = deque([window])
    while waiting:
        widget = waiting.popleft()
        model = getattr(widget, "app_model", None)
        if model is not None and hasattr(model, "sig_message_plot_plugin"):
            return model
        waiting.extend(child for child in widget.children() if isinstance(child, QWidget))
    return None


def hint_for(error: Exception) -> str:
    """Say what to do about tabs that cannot be added."""
    from acconeer.exptool import __version__ as version

    if isinstance(error, (LookupError, ImportError, AttributeError, TypeError)):
        return f"They need the Exploration Tool 7.13 or newer; this is {version}. Everything else works as usual."
    return "Everything else works as usual."


def tell(window: QWidget, message: str, hint: str) -> None:
    """Show a message box that stops nobody."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Machine learning tabs", message, parent=window)
    box.setInformativeText(hint)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
