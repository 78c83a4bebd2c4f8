"""Loads every installed package that says it is a plugin of the host; itself a plugin module of the host.

The host takes plugin modules by name and reads no entry points. `exptool-ml app` and the start-up file name this one
module to it, which loads the entry points of the group `acconeer_exptool.plugins`: modules with `register()`.
"""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, entry_points

GROUP = "acconeer_exptool.plugins"

log = logging.getLogger(__name__)
_loaded: set[str] = set()


def register() -> None:
    """Register every plugin of the group, each once in a process; failures are shown and hide nobody else."""
    failures = [failure for entry_point in _found() if (failure := _register(entry_point))]
    for failure in failures:
        log.error(failure)
    if failures:
        _show(failures)


def _found() -> list[EntryPoint]:
    """Return those not loaded yet; an editable install is found twice."""
    found: dict[str, EntryPoint] = {}
    for entry_point in entry_points(group=GROUP):
        if entry_point.value not in _loaded:
            found.setdefault(entry_point.value, entry_point)
    return list(found.values())


def _register(entry_point: EntryPoint) -> str:
    """Register one plugin; return what went wrong, "" if nothing did."""
    _loaded.add(entry_point.value)
    try:
        entry_point.load().register()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a guest may raise anything, some libraries even exit
        package = entry_point.dist.name if entry_point.dist is not None else "an unknown package"
        return f"The plugin “{entry_point.name}” of {package} cannot be used: {type(error).__name__}: {error}"
    return ""


def _show(failures: list[str]) -> None:
    """Show failures when the window is there; stops nobody."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QMessageBox

    def show() -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "Plugins", "\n\n".join(failures))
        box.setInformativeText("Everything else works as usual. Update or remove the package.")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
        _boxes.append(box)

    QTimer.singleShot(0, show)


_boxes: list[object] = []
"""Message boxes without a parent live as long as somebody holds them."""
