"""The button that learns a threshold from nothing happening."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from ...workbench.threshold_learning import LearnedThreshold
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from ..file_dialogs import ask_open

_SECONDS = (10, 30, 60)


class LearnThreshold(QWidget):
    """Learns the threshold of the recipe's trigger, sets it and says what was found; cancels while it learns."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._found: LearnedThreshold | None = None
        self.menu = QMenu(self)
        self._last = [self._add_last(seconds) for seconds in _SECONDS]
        self.menu.addAction("A recording…").triggered.connect(self._on_recording)
        self.button = QPushButton("Learn threshold", self)
        self.button.setToolTip("Set the threshold from a time in which nothing happens")
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setToolTip("Stop learning and leave the threshold as it is")
        self.words = style.text_label("", self, color=style.MUTED, wrap=True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        for widget in (self.button, self.cancel_button, self.words):
            rows.addWidget(widget)
        self.button.setMenu(self.menu)
        self.cancel_button.clicked.connect(self._on_cancel)
        self._connect()
        self._show()

    def _connect(self) -> None:
        workbench = self.workbench
        connect(workbench.threshold_learning.learned, self._on_learned, self)
        connect(workbench.threshold_learning.changed, self._show, self)
        connect(workbench.measuring_changed, self._show, self)
        connect(workbench.recipe_changed, self._show, self)

    def _add_last(self, seconds: int) -> Any:
        action = self.menu.addAction(f"The last {seconds} s of this measurement")
        action.triggered.connect(lambda *_: self._on_last(seconds))
        return action

    def _show(self) -> None:
        busy = bool(self.workbench.threshold_learning.busy)
        self.button.setVisible(not busy)
        self.cancel_button.setVisible(busy)
        for action in self._last:
            action.setEnabled(bool(self.workbench.measuring))
        found = self._found
        if found is not None and self.workbench.recipe.trigger != found.after:
            found = self._found = None  # what was found is no longer what is set
        text = "Going through the recording…" if busy else "" if found is None else found.words
        self.words.setText(text)
        self.words.setVisible(bool(text))

    def _on_learned(self, found: LearnedThreshold) -> None:
        if self.workbench.recipe.trigger == found.before:
            self.workbench.change_recipe(trigger=found.after)
        self._found = found
        self._show()

    @guarded
    def _on_last(self, seconds: int) -> None:
        self.workbench.threshold_learning.from_last(seconds)

    @guarded
    def _on_recording(self) -> None:
        path = ask_open(self, "A recording in which nothing happens", "Recordings (*.h5 *.npz)")
        if path is not None:
            self.workbench.threshold_learning.from_recording(path)

    @guarded
    def _on_cancel(self) -> None:
        self.workbench.threshold_learning.cancel()
