"""Opening and saving what is loaded for training as a data set, and bringing its files to one recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from qtpy.QtWidgets import QGridLayout, QPushButton, QWidget

from ...core.frame_at import Step
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from ..file_dialogs import ask, ask_open, ask_save
from .work_bar import WorkBar

DATA_SETS = "Data sets (*.json)"
_LISTED = 12
"""Files that are listed before asking; of more, the rest is counted."""


class DataSetBar(QWidget):
    """Three buttons, and a line that says how far the work is and what came of it."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._said: list[str] = []
        self.open = self._button(
            "Open data set…",
            "Load the files of a data set, each in its role, in place of what is here.",
            self._on_open,
        )
        self.save = self._button(
            "Save data set…", "Note which files are loaded here, and in which role, in a small file.", self._on_save
        )
        self.together = self._button(
            "One recipe…",
            "Cut the frames of files that were made with another recipe anew from their readings; the files stay.",
            self._on_together,
        )
        self.bar = WorkBar(workbench.data_sets.work, self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for column, button in enumerate((self.open, self.save, self.together)):
            grid.addWidget(button, 0, column)
        grid.addWidget(self.bar, 1, 0, 1, 3)
        connect(workbench.data_changed, self.refresh, self)
        connect(workbench.data_sets.work.changed, self._on_work, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what can be done now."""
        sets, files = self.workbench.data_sets, self.workbench.training_data
        working = bool(sets.work.doing)
        loaded = any(files.names(subset) for subset in files.subsets())
        self.open.setEnabled(not working)
        self.save.setEnabled(loaded and not working)
        self.together.setEnabled(not working and bool(sets.plan()))

    def _button(self, text: str, tooltip: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    @guarded
    def _on_open(self) -> None:
        path = ask_open(self, "Open data set", DATA_SETS)
        if path is not None:
            self.workbench.data_sets.work.run(f"Opening {path.name}", lambda step: self._open(path, step))

    def _open(self, path: Path, step: Step) -> None:
        notes = self.workbench.data_sets.open(path, step=step)
        loaded = [item.session.path for items in self.workbench.training_data.subsets().values() for item in items]
        notes += self.workbench.in_use.warnings([file for file in loaded if file is not None])
        self._said = notes or [f"{path.name} is open."]
        if self.workbench.training_data.names("validation"):
            self.workbench.change_recipe(training=replace(self.workbench.recipe.training, validation="files"))

    @guarded
    def _on_save(self) -> None:
        path = ask_save(self, "Save data set", "data_set.json", DATA_SETS)
        if path is not None:
            self.workbench.data_sets.work.run(f"Saving {path.name}", lambda _step: self._save(path))

    def _save(self, path: Path) -> None:
        self.workbench.data_sets.save(path, overwrite=True)
        self._said = [f"{path.name} is saved."]

    @guarded
    def _on_together(self) -> None:
        sets = self.workbench.data_sets
        plan = [planned.in_words() for planned in sets.plan()]
        more = [f"and {len(plan) - _LISTED} more"] if len(plan) > _LISTED else []
        begin = "The frames of these files are cut anew with the first file's recipe. The files themselves stay."
        question = "\n".join([begin, "", *plan[:_LISTED], *more])
        if plan and ask(self, "One recipe", question):
            sets.work.run("Cutting the frames anew", self._bring_together)

    def _bring_together(self, step: Step) -> None:
        self._said = self.workbench.data_sets.bring_together(step=step)

    def _on_work(self) -> None:
        if not self.workbench.data_sets.work.doing and self._said:
            self.bar.say("\n".join(self._said[:_LISTED]))
            self._said = []
        self.refresh()
