"""Says that a model locks the sensor settings beside our tabs, and unlocks them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ..qt import style
from ..qt.bridge import connect, guarded
from ..workbench.workbench import Workbench


class SettingsLock(QWidget):
    """Keeps the sensor settings of our panel from being edited while a model locks them, and says so.

    `show_locked` is called with whether they are, at every change. The host's own tab is the user's: what is set there
    is said where it differs from what the model was trained with.
    """

    def __init__(self, workbench: Workbench, show_locked: Callable[[bool], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._show_locked = show_locked
        self._text = style.text_label("", self, wrap=True)
        self.button = QPushButton("Unlock", self)
        self.button.setToolTip("Edit sensor settings, features and frame length, here and in the Features tab")
        self.button.clicked.connect(self._on_clicked)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addWidget(self._text, 1)
        columns.addWidget(self.button)
        for signal in (workbench.lock.changed, workbench.recipe_changed):
            connect(signal, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show whether the settings are locked, and by which model."""
        lock = self.workbench.lock
        self.setVisible(lock.locked)
        self._text.setText(f"Sensor settings locked by model {lock.model_name}.")
        self._show_locked(lock.locked)

    @guarded
    def _on_clicked(self) -> None:
        self.workbench.lock.unlock()
