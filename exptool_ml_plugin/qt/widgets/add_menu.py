"""A button that offers parts to add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QMenu, QPushButton, QWidget


class AddButton(QPushButton):
    """Opens a list of parts, each with its name and what it does; `chosen` carries the key of the one picked."""

    chosen = Signal(str)

    def __init__(self, text: str, parts: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for key, part in parts.items():
            action = menu.addAction(part.name)
            action.setToolTip(part.description)
            action.setData(key)
            action.triggered.connect(lambda *_, key=key: self.chosen.emit(key))
        self.setMenu(menu)
        self.setEnabled(bool(parts))


class PresetButton(QPushButton):
    """Opens a list of things to do, each with its function."""

    def __init__(self, text: str, actions: Mapping[str, Callable[[], None]], parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        menu = QMenu(self)
        for caption, action in actions.items():
            menu.addAction(caption).triggered.connect(action)
        self.setMenu(menu)
