"""Asks what is to be done with many sessions."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ...core.recipe import Recipe
from ...workbench.batch import BALANCE, SPLITS, BatchPlan
from .. import style
from ..bridge import guarded
from .calm_combo_box import CalmComboBox


class BatchDialog(QDialog):
    """`plan()` is what was chosen."""

    def __init__(self, count: int, recipe: Recipe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Process sessions")
        self._recipe = recipe
        self._make_fields()
        self._problem = style.text_label("", self, color=style.ERROR, wrap=True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Process…")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(self.recipe_box)
        form.addRow("Change labels", self.relabel_field)
        form.addRow("Merge into", self.merge_field)
        form.addRow("Keep of each label", self.resample_box)
        form.addRow("", self.count_box)
        form.addRow("Split by", self.split_box)
        rows = QVBoxLayout(self)
        note = f"New sessions are made of {count} session{'' if count == 1 else 's'}, which stay as they are."
        rows.addWidget(style.text_label(note, self, color=style.MUTED, wrap=True))
        rows.addLayout(form)
        rows.addWidget(self._problem)
        rows.addWidget(self.buttons)

    def plan(self) -> BatchPlan:
        """Return what is to be done."""
        count = {"all": None, "number": self.count_box.value(), BALANCE: BALANCE}
        return BatchPlan(
            recipe=self._recipe if self.recipe_box.isChecked() else None,
            relabel=tuple(self._rules()),
            merge=self.merge_field.text().strip().removesuffix(".h5"),
            resample=count[str(self.resample_box.currentData())],
            split_by=str(self.split_box.currentData()),
        )

    def _make_fields(self) -> None:
        self.recipe_box = QCheckBox("Make the frames anew as they are set now", self)
        self.recipe_box.setToolTip(
            "Cut all frames anew with the features, frame length and trigger of the tabs; labels follow their readings"
        )
        self.relabel_field = QLineEdit(self)
        self.relabel_field.setPlaceholderText("tap_*=tap, wiggle=")
        self.relabel_field.setToolTip(
            "Old label = new label, separated by commas; * stands for any text, nothing after = removes the frames"
        )
        self.relabel_field.textChanged.connect(self._on_typed)
        self.merge_field = QLineEdit(self)
        self.merge_field.setPlaceholderText("a session each")
        self.merge_field.setToolTip("Name of one session for all; empty for a session each")
        self.merge_field.textChanged.connect(self._on_typed)
        self.resample_box = CalmComboBox(self)
        for text, data in (("All frames", "all"), ("As many as the rarest", BALANCE), ("At most", "number")):
            self.resample_box.addItem(text, data)
        self.resample_box.setToolTip("Frames to keep of each label, drawn at random")
        self.resample_box.currentIndexChanged.connect(self._on_resample)
        self.count_box = QSpinBox(self)
        self.count_box.setRange(1, 1_000_000)
        self.count_box.setValue(200)
        self.count_box.setToolTip("Frames to keep of each label")
        self.count_box.setEnabled(False)
        self.split_box = CalmComboBox(self)
        for text, name in (("Nothing", ""), *((name.capitalize(), name) for name in SPLITS)):
            self.split_box.addItem(text, name)
        self.split_box.setToolTip("Write a session for each recording, person, place or label")

    def _rules(self) -> list[tuple[str, str]]:
        parts = [part.partition("=") for part in self.relabel_field.text().split(",") if part.strip()]
        return [(old.strip(), new.strip()) for old, _, new in parts]

    @guarded
    def _on_resample(self) -> None:
        self.count_box.setEnabled(self.resample_box.currentData() == "number")

    @guarded
    def _on_typed(self) -> None:
        rules = [part for part in self.relabel_field.text().split(",") if part.strip()]
        problem = ""
        if not all("=" in part and part.partition("=")[0].strip() for part in rules):
            problem = "Write each change as old=new."
        elif any(character in self.merge_field.text() for character in '/\\:*?"<>|'):
            problem = 'A name holds none of / \\ : * ? " < > |'
        self._problem.setText(problem)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)
