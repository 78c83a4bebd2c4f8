"""Asking how much a random split would flatter: a button, how far the two trainings are, and what came of them."""

from __future__ import annotations

from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from ..file_dialogs import ask
from .work_bar import WorkBar

_WHAT = (
    "Train twice in the background, with this split and with frames held out at random, and say both accuracies. "
    "The training, its curves and the model in use stay as they are."
)
_QUESTION = (
    "Two networks are trained with the settings of now, one after the other, which takes about as long as two "
    "trainings. The training, its curves and the model in use stay as they are. Begin?"
)
_CANCEL = "End the comparison; nothing of it is kept"


class SplitComparisonBar(QWidget):
    """Begins the comparison of a workbench and shows it."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.button = QPushButton("Compare with a random split…", self)
        self.button.clicked.connect(self._on_clicked)
        self.result = style.text_label("", self, wrap=True)
        self.bar = WorkBar(workbench.comparing.work, self, narrow=True, cancel_hint=_CANCEL)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.button, self.bar, self.result):
            column.addWidget(widget)
        comparing, training = workbench.comparing, workbench.training
        for signal in (comparing.changed, comparing.work.changed, training.changed):
            connect(signal, self.refresh, self)
        for signal in (workbench.data_changed, workbench.recipe_changed):
            connect(signal, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what came of the comparison, and whether another may begin."""
        comparing, settings = self.workbench.comparing, self.workbench.recipe.training
        split_off = settings.validation == "split"
        idle = not comparing.work.doing and not self.workbench.training.busy
        self.button.setEnabled(idle and split_off and self.workbench.training_data.frames("training") > 0)
        self.button.setToolTip(_WHAT if split_off else f"{_WHAT} It needs “Split off a part” under Validation.")
        found = comparing.result
        self.result.setText("" if found is None else found.in_words())
        self.result.setToolTip("" if found is None else f"Validation frames of each split. {found.details()}")
        self.result.setVisible(found is not None)

    @guarded
    def _on_clicked(self) -> None:
        if ask(self, "Compare with a random split", _QUESTION):
            self.workbench.comparing.begin()
