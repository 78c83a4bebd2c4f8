"""Undo and Redo, as two buttons and by the usual keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QShortcut, QWidget

from ..bridge import guarded


class Steps(Protocol):
    """What the user did, to be taken back."""

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""

    def undo(self) -> None:
        """Take back the last step."""

    def redo(self) -> None:
        """Do the step again that was taken back last."""


class UndoButtons(QWidget):
    """Takes steps back and does them again; the keys work wherever in `page` the keyboard is."""

    def __init__(self, steps: Steps, page: QWidget) -> None:
        super().__init__(page)
        self._steps = steps
        self.undo_button = self._button("Undo", "Take back the last change of the list (Ctrl+Z)", self._on_undo)
        self.redo_button = self._button("Redo", "Do the change again (Ctrl+Shift+Z)", self._on_redo)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button, key in ((self.undo_button, "Ctrl+Z"), (self.redo_button, "Ctrl+Shift+Z")):
            row.addWidget(button)
            shortcut = QShortcut(QKeySequence(key), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)
        self.refresh()

    def refresh(self) -> None:
        """Offer what can be done."""
        self.undo_button.setEnabled(self._steps.can_undo)
        self.redo_button.setEnabled(self._steps.can_redo)

    def _button(self, text: str, tooltip: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    @guarded
    def _on_undo(self) -> None:
        self._steps.undo()
        self.refresh()

    @guarded
    def _on_redo(self) -> None:
        self._steps.redo()
        self.refresh()
