"""Puts our tabs beside the host's own content, in the host's own window, when that window is shown."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

# The host's binding first: qtpy and pyqtgraph then take the same one.
from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from .host_tabs import HostTabs

HOSTS: Mapping[tuple[str, str], str] = {
    ("acconeer.exptool.app.new", "MainWindow"): "a121",
    ("acconeer.exptool.app.old", "GUI"): "a111",
}
"""The package and class of each host's window, and the package here that knows it: it has a `tabs_in_host`."""

log = logging.getLogger(__name__)

Then = Callable[["HostTabs"], object]

_then: list[Then] = []


def call_when_attached(then: Then) -> None:
    """Call a function with the tabs when they are next added to a window; may be said before there is one."""
    _then.append(then)


def register() -> None:
    """Add the tabs to a host's window as soon as it is shown; the A121 host's contract for plugin modules.

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
        self._window = next((w for w in shown if host_of(w) and isinstance(w, QMainWindow)), None)
        if self._window is not None:
            self.stop()
            QTimer.singleShot(self._MS_TO_REST, self._start_import)

    def _start_import(self) -> None:
        threading.Thread(target=self._import, name="exptool-ml import").start()

    def _import(self) -> None:
        # What goes wrong goes wrong again in `attach`, which tells; a watch deleted meanwhile waits for nothing.
        with contextlib.suppress(Exception):
            _tabs_in(host_of(self._window))
        with contextlib.suppress(RuntimeError):
            self._imported.emit()

    def _on_imported(self) -> None:
        window = self._window
        self.setParent(None)
        self.deleteLater()
        if window is not None and isValid(window):
            attach(window)


def host_of(candidate: object) -> str:
    """Return "a121" or "a111" for the main window of a host, "" for its other windows and everybody else's."""
    kind = type(candidate)
    found = (host for (package, name), host in HOSTS.items() if name == kind.__name__ and _is_in(kind, package))
    return next(found, "")


def _is_in(kind: type, package: str) -> bool:
    return kind.__module__ == package or kind.__module__.startswith(f"{package}.")


def _tabs_in(host: str) -> Any:
    """Return the class of the tabs in a host; its module imports the host."""
    return importlib.import_module(f"{__package__}.{host}.tabs_in_host").TabsInHost


def attach(window: QMainWindow) -> HostTabs | None:
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


def _call(then: Then, attached: HostTabs) -> None:
    try:
        then(attached)
    except Exception as error:  # noqa: BLE001 - called from Qt, whatever comes must stop here
        attached.workbench.report(error, "the start of the tabs")


def _attach(window: QMainWindow) -> HostTabs:
    host = host_of(window)
    if not host:
        raise LookupError(f"expected a window of the Exploration Tool, found {type(window).__name__}")
    kind = _tabs_in(host)
    found: Any = window.findChildren(kind)
    tabs: HostTabs = found[0] if found else kind.open_in(window)
    return tabs


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
