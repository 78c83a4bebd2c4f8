"""The data of a training: what is loaded, and how to load it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtWidgets import QFileDialog, QGridLayout, QGroupBox, QPushButton, QWidget

from ...core.errors import UserError
from ...core.recipe import TrainingSettings
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .data_set_bar import DataSetBar
from .leakage_meter import LeakageMeter
from .model_info_box import ElidedLabel
from .split_comparison_bar import SplitComparisonBar

SESSION_FILES = "Sessions (*.h5)"
_ROWS = (("training", "Training"), ("validation", "Validation"), ("test", "Test"))


class TrainingDataBox(QGroupBox):
    """Shows what is loaded for each subset, with buttons to load, take the session, and clear."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__("Data", parent)
        self.workbench = workbench
        self._texts: dict[str, ElidedLabel] = {}
        self.load: dict[str, QPushButton] = {}
        self._make_buttons()
        self._lay_out()
        connect(workbench.data_changed, self.refresh, self)
        connect(workbench.recipe_changed, self.refresh, self)
        connect(workbench.session_changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what is loaded."""
        files, settings = self.workbench.training_data, self.workbench.recipe.training
        for subset, _ in _ROWS:
            text = files.description(subset)
            if subset == "validation" and settings.validation == "split":
                text = _split_off(settings)
            elif subset == "validation" and settings.validation == "none":
                text = "None"
            names = "\n".join(files.names(subset))
            self._texts[subset].set_text(text)
            self._texts[subset].setToolTip(names or text)
        self.load["validation"].setEnabled(settings.validation == "files" and self.isEnabled())
        frames = len(self.workbench.session)
        self.use_session.setEnabled(bool(frames) and not files.uses_session)
        self.use_session.setText(f"Use current session ({frames:,})" if frames else "Use current session")
        self.clear.setEnabled(any(files.names(subset) for subset, _ in _ROWS))

    def ask_and_load(self, subset: str) -> None:
        """Ask for session files and load them without holding up the window."""
        title = f"Load {subset} data"
        chosen, _ = QFileDialog.getOpenFileNames(self, title, "", SESSION_FILES)
        if chosen:
            paths = [Path(name) for name in chosen]
            work = self.workbench.training_launch.background
            what = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
            work.run(f"Loading {what}…", lambda: self._load(paths, subset))

    def _load(self, paths: list[Path], subset: str) -> None:
        self.workbench.training_data.load(paths, subset)
        for warning in self.workbench.in_use.warnings(paths):
            self.workbench.report(UserError(warning, "Save it there and load it again, if that matters."), "the data")

    def _make_buttons(self) -> None:
        for subset, title in _ROWS:
            button = QPushButton("Load…", self)
            button.setToolTip(f"Load one or several session files as {title.lower()} data, in place of those there.")
            button.clicked.connect(getattr(self, f"_on_load_{subset}"))
            self.load[subset] = button
        self.use_session = self._button(
            "Use current session", "Train on the frames that are being collected, as they are then.", self._on_session
        )
        self.clear = self._button("Clear", "Let go of all data here; files stay as they are.", self._on_clear)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        for row, (subset, title) in enumerate(_ROWS):
            self._texts[subset] = ElidedLabel(self)
            self._texts[subset].setObjectName(subset)
            grid.addWidget(style.text_label(title, self), row, 0)
            grid.addWidget(self._texts[subset], row, 1)
            grid.addWidget(self.load[subset], row, 2)
        grid.addWidget(self.use_session, len(_ROWS), 0, 1, 2)
        grid.addWidget(self.clear, len(_ROWS), 2)
        self.leakage = LeakageMeter(self.workbench, self)
        grid.addWidget(self.leakage, len(_ROWS) + 1, 0, 1, 3)
        self.comparison = SplitComparisonBar(self.workbench, self)
        grid.addWidget(self.comparison, len(_ROWS) + 2, 0, 1, 3)
        self.sets = DataSetBar(self.workbench, self)
        grid.addWidget(self.sets, len(_ROWS) + 3, 0, 1, 3)
        grid.setColumnStretch(1, 1)

    def _button(self, text: str, tooltip: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    @guarded
    def _on_load_training(self) -> None:
        self.ask_and_load("training")

    @guarded
    def _on_load_validation(self) -> None:
        self.ask_and_load("validation")

    @guarded
    def _on_load_test(self) -> None:
        self.ask_and_load("test")

    @guarded
    def _on_session(self) -> None:
        self.workbench.training_data.use_session()

    @guarded
    def _on_clear(self) -> None:
        self.workbench.training_data.clear()


def _split_off(settings: TrainingSettings) -> str:
    """Say what of the training data validates."""
    if settings.holdout == "fold":
        return f"Fold {settings.fold} of {settings.folds}"
    if settings.holdout == "group":
        return f"Group {settings.fold} alone"
    return f"{100 * settings.validation_fraction:g} % split off"
