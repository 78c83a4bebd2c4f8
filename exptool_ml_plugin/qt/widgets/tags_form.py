"""Who and where: what is noted with the recordings."""

from __future__ import annotations

from qtpy.QtWidgets import QComboBox, QGridLayout, QGroupBox, QLabel, QWidget

from ...workbench.tags import NAMES
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from .calm_combo_box import CalmComboBox

_TEXTS = {
    "person": ("Person", "Who moves in front of the sensor"),
    "place": ("Place", "Where the sensor is"),
    "note": ("Note", "Anything else worth knowing later"),
}


class TagsForm(QGroupBox):
    """Edits the tags of the running recording and of those after it; each field offers what it held before."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__("Recording", parent)
        self.workbench = workbench
        self.boxes: dict[str, QComboBox] = {}
        grid = QGridLayout(self)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(NAMES):
            text, tooltip = _TEXTS[name]
            box = self.boxes[name] = CalmComboBox(self)
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setToolTip(f"{tooltip}. Saved with the running recording and those after it.")
            box.lineEdit().setPlaceholderText("Not noted")
            box.lineEdit().editingFinished.connect(self._on_edited)
            box.activated.connect(self._on_edited)
            grid.addWidget(QLabel(text, self), row, 0)
            grid.addWidget(box, row, 1)
        connect(workbench.collecting.tags.changed, self._show, self)
        self._show()

    def _show(self) -> None:
        tags = self.workbench.collecting.tags
        for name, box in self.boxes.items():
            blocked = box.blockSignals(True)
            box.clear()
            box.addItems(list(tags.history(name)))
            box.setEditText(tags.get(name))
            box.blockSignals(blocked)

    @guarded
    def _on_edited(self) -> None:
        # All texts first: what is set shows all of them anew.
        texts = {name: str(box.currentText()) for name, box in self.boxes.items()}
        for name, text in texts.items():
            self.workbench.collecting.tags.set(name, text)
