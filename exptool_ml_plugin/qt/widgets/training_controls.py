"""The side panel of the Train tab: train and stop, data, settings, where results go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ...workbench.training_launch import Beginning
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from ..file_dialogs import ask
from .model_info_box import ElidedLabel
from .training_data_box import TrainingDataBox
from .training_settings_form import TrainingSettingsForm

_TRAIN = "Train the network on the loaded data."


class TrainingControls(QWidget):
    """What the user does; `set_ready` says whether a training may start."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._ready = False
        self.data = TrainingDataBox(workbench, self)
        self.settings = TrainingSettingsForm(workbench, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for box in (self._make_training(), self.data, self.settings, self._make_output()):
            column.addWidget(box)
        column.addStretch(1)
        for signal in (workbench.training.changed, workbench.training_launch.changed, workbench.data_changed):
            connect(signal, self.refresh, self)
        connect(workbench.recipe_changed, self.refresh, self)
        connect(workbench.training_launch.background.changed, self.refresh, self)
        connect(workbench.comparing.work.changed, self.refresh, self)
        self.refresh()

    def set_ready(self, ready: bool) -> None:
        """Say whether everything that a training needs is there."""
        self._ready = bool(ready)
        self.refresh()

    def refresh(self) -> None:
        """Show what can be done now."""
        training, launch = self.workbench.training, self.workbench.training_launch
        waiting = bool(launch.background.doing)
        busy = training.busy or waiting
        comparing = bool(self.workbench.comparing.work.doing)
        self.train.setEnabled(self._ready and not busy and not comparing)
        self.train.setToolTip(_TRAIN if not comparing else f"{_TRAIN} Waits until the splits are compared.")
        self.stop.setEnabled(training.state in ("starting", "preparing", "training"))
        self.stop.setText("Stopping…" if training.state == "stopping" else "Stop")
        beginning = Beginning() if busy else launch.beginning()
        self._begins.setText("" if busy else _begins(beginning))
        self.afresh.setEnabled(beginning.kind != "fresh" and not busy)
        for widget in (self.data, self.settings, self.save_best, self.runs):
            widget.setEnabled(not busy)
        self.data.refresh()
        self._show_folders()

    def _make_training(self) -> QGroupBox:
        box = QGroupBox("Training", self)
        self.train = self._button("Train", _TRAIN, self._on_train)
        self.train.setDefault(True)
        self.stop = self._button("Stop", "Stop after the current batch.", self._on_stop)
        for button in (self.train, self.stop):
            button.setMinimumHeight(round(1.9 * self.fontMetrics().height()))
        self.keep_best = QRadioButton("best", box)
        self.keep_best.setToolTip("After Stop the model is that of the best epoch.")
        self.keep_best.setChecked(True)
        self.keep_last = QRadioButton("last", box)
        self.keep_last.setToolTip("After Stop the model is as it was at that moment.")
        self._begins = style.text_label("", box, color=style.MUTED, wrap=True)
        self.afresh = self._button(
            "Clear weights", "Forget what was learnt: the next training begins with random weights.", self._on_afresh
        )
        keep = QHBoxLayout()
        keep.addWidget(style.text_label("On Stop keep weights:", box))
        keep.addWidget(self.keep_best)
        keep.addWidget(self.keep_last)
        keep.addStretch(1)
        grid = QGridLayout(box)
        grid.addWidget(self.train, 0, 0)
        grid.addWidget(self.stop, 0, 1)
        grid.addLayout(keep, 1, 0, 1, 2)
        begins = QHBoxLayout()
        begins.addWidget(self._begins, 1)
        begins.addWidget(self.afresh, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(begins, 2, 0, 1, 2)
        return box

    def _make_output(self) -> QGroupBox:
        box = QGroupBox("Results", self)
        self.save_best = QCheckBox("Save best iteration", box)
        self.save_best.setToolTip("Save a model to a folder of your choice after each epoch that is better.")
        self.save_best.clicked.connect(self._on_save_best)
        self._best_folder = ElidedLabel(box, middle=True)
        self._runs_folder = ElidedLabel(box, middle=True)
        self.runs = self._button("Change…", "Choose where the folder of each training is made.", self._on_runs)
        grid = QGridLayout(box)
        grid.addWidget(self.save_best, 0, 0, 1, 2)
        grid.addWidget(self._best_folder, 1, 0, 1, 2)
        grid.addWidget(style.text_label("Folder of the trainings", box), 2, 0)
        grid.addWidget(self.runs, 2, 1)
        grid.addWidget(self._runs_folder, 3, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        return box

    def _show_folders(self) -> None:
        launch = self.workbench.training_launch
        self.save_best.setChecked(launch.save_best_to is not None)
        self._best_folder.setVisible(launch.save_best_to is not None)
        for label, folder in ((self._best_folder, launch.save_best_to), (self._runs_folder, launch.runs_folder)):
            if folder is not None and label.full_text != str(folder):
                style.set_text_color(label, style.MUTED)
                label.set_text(str(folder))

    def _button(self, text: str, tooltip: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    @guarded
    def _on_train(self) -> None:
        self.workbench.training_launch.train()

    @guarded
    def _on_stop(self) -> None:
        self.workbench.training.stop("best" if self.keep_best.isChecked() else "last")

    @guarded
    def _on_afresh(self) -> None:
        question = "Forget the weights learnt so far and the curves? Models and folders on disk stay."
        if ask(self, "Clear weights", question):
            self.workbench.training_launch.begin_afresh()

    @guarded
    def _on_save_best(self) -> None:
        launch = self.workbench.training_launch
        launch.save_best_to = None
        if self.save_best.isChecked():
            launch.save_best_to = self._ask_folder("Folder for the best models")
        self._show_folders()

    @guarded
    def _on_runs(self) -> None:
        folder = self._ask_folder("Folder of the trainings")
        if folder is not None:
            self.workbench.training_launch.runs_folder = folder
        self._show_folders()

    def _ask_folder(self, title: str) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self, title)
        return Path(chosen) if chosen else None


def _begins(beginning: Beginning) -> str:
    if beginning.kind == "resume":
        return f"Goes on exactly where it was, after epoch {beginning.epoch}."
    if beginning.kind == "model":
        return f"Begins with the weights of {Path(beginning.model).name}."
    return "Begins with random weights."
