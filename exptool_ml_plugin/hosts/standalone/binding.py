"""Which Qt the window runs on: PySide6 or PyQt5. All that depends on it is here."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from typing import Any

from ...core.errors import UserError

BINDINGS = ("PySide6", "PyQt5")
"""The first that is there is taken, unless `QT_API` names one."""

_INSTALL = "Install one: pip install 'exptool-ml-plugin[pyqt5]', or 'exptool-ml-plugin[app]' for PySide6."


def choose_binding() -> str:
    """Make everything in this process use one binding, and return its name; `UserError` where there is none.

    Call this before anything else imports Qt.
    """
    asked = os.environ.get("QT_API", "")
    candidates = [name for name in BINDINGS if asked.lower() in ("", name.lower())]
    if not candidates:
        raise UserError(
            f"Expected QT_API=pyside6 or QT_API=pyqt5. Received: QT_API={asked}.", "Change it, or leave it unset."
        )
    failures = []
    for name in candidates:
        try:
            importlib.import_module(f"{name}.QtWidgets")
        except ImportError as error:
            failures.append(str(error))
        else:
            _settle_on(name)
            return name
    raise UserError(f"Expected {' or '.join(candidates)}. Received: {'; '.join(failures)}.", _INSTALL)


def _settle_on(name: str) -> None:
    os.environ["QT_API"] = name.lower()  # for qtpy
    os.environ["PYQTGRAPH_QT_LIB"] = name
    if name == "PyQt5":
        # The host's library imports PySide6 where it is installed, and two versions of Qt do not live in one process.
        sys.modules.setdefault("PySide6", None)  # type: ignore[arg-type]
    try:
        for module in ("qtpy", "pyqtgraph"):
            importlib.import_module(module)
    except ImportError as error:
        raise UserError(f"Expected qtpy and pyqtgraph beside {name}. Received: {error}.", _INSTALL) from error
    _import_library_without_its_warning()


def _import_library_without_its_warning() -> None:
    """Import the host's library, which prints that its own window needs PySide6 alone; this window does not."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        importlib.import_module("acconeer.exptool")
    if "conflicting Qt binding" not in said.getvalue():
        sys.stderr.write(said.getvalue())


def delete(window: Any) -> None:
    """Delete a window while the application still lives: left to the end of Python, the order would be anybody's."""
    from qtpy.QtCore import QCoreApplication, QEvent

    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def make_application(arguments: list[str]) -> Any:
    """Return the QApplication, sharp on screens of high resolution, which Qt 5 must be asked for."""
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QApplication

    for name in ("AA_EnableHighDpiScaling", "AA_UseHighDpiPixmaps"):
        if os.environ["QT_API"] == "pyqt5":
            QApplication.setAttribute(getattr(Qt, name))
    return QApplication(arguments)
