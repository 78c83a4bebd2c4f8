"""What the work is about, under every tab: the model, the data, and the next sensible step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QMessageBox, QPushButton, QWidget

from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded

MODEL_FILES = "Models (*.keras)"
_ROWS = (
    ("model", "Model:", 0, 0),
    ("shape", "In/Out:", 1, 0),
    ("source", "Source:", 2, 0),
    ("training", "Training data:", 0, 2),
    ("test", "Test data:", 1, 2),
    ("next", "Next:", 2, 2),
)


class ModelInfoBox(QFrame):
    """Shows the workbench's model and data; loads, saves and removes the model."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.setObjectName("model_info_box")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._values: dict[str, ElidedLabel] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(16)
        row.addLayout(self._make_facts(), 1)
        row.addLayout(self._make_buttons())
        for signal in ("model_changed", "data_changed", "recipe_changed", "session_changed", "setup_changed"):
            connect(getattr(workbench, signal), self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show the state of the workbench."""
        model, data = self.workbench.model, self.workbench.training_data
        facts = {
            "model": "Not initialised" if model is None else f"Ready: {model.path.name}",
            "shape": "N/A" if model is None else shape_text(model.info.frame_shape, len(model.info.labels)),
            "source": "N/A" if model is None else str(model.path),
            "training": data.description("training"),
            "test": data.description("test"),
            "next": self.workbench.next_step,
        }
        for name, text in facts.items():
            self._values[name].set_text(text)
        self._save.setEnabled(model is not None)
        self._remove.setEnabled(model is not None)
        self._show_lock()

    def text(self, name: str) -> str:
        """The text of one fact: "model", "shape", "source", "training", "test" or "next"."""
        return self._values[name].full_text

    def _make_facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for name, caption, row, column in _ROWS:
            grid.addWidget(style.text_label(caption, self, color=style.MUTED), row, column)
            value = ElidedLabel(self, middle=name == "source")
            value.setObjectName(name)
            if name == "next":
                style.set_text_color(value, style.GOOD)
            self._values[name] = value
            grid.addWidget(value, row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        return grid

    def _make_buttons(self) -> QGridLayout:
        self._lock = style.text_label("", self)
        self._lock.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._load = self._button("Load model…", "Open a model to evaluate it or to train it further.", self._on_load)
        self._save = self._button("Save model…", "Save the model where you choose.", self._on_save)
        self._remove = self._button("Remove model", "Close the model; its file stays.", self._on_remove)
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.addWidget(self._lock, 0, 0, 1, 3)
        for column, button in enumerate((self._load, self._save, self._remove)):
            grid.addWidget(button, 1, column)
        return grid

    def _button(self, text: str, tooltip: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    def _show_lock(self) -> None:
        text, color = self._lock_state()
        self._lock.setText(text)
        style.set_text_color(self._lock, color)

    def _lock_state(self) -> tuple[str, str]:
        model = self.workbench.model
        if model is None:
            return "Settings editable", style.MUTED
        if model.info.recipe.same_frames_as(self.workbench.recipe):
            return "Settings are those of the model", style.GOOD
        return "Settings differ from the model's", style.ERROR

    @guarded
    def _on_load(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Load model", "", MODEL_FILES)
        if chosen:
            self.workbench.load_model(Path(chosen))

    @guarded
    def _on_save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save model", self.workbench.model.path.name, MODEL_FILES)
        if chosen:
            self.workbench.save_model(Path(chosen).with_suffix(".keras"))

    @guarded
    def _on_remove(self) -> None:
        question = "Close this model? Its file stays, and the settings become those of a new network."
        if QMessageBox.question(self, "Remove model", question) == QMessageBox.StandardButton.Yes:
            self.workbench.remove_model()


class ElidedLabel(QLabel):
    """A line of text that is cut with "…" where it does not fit; the tooltip has all of it."""

    def __init__(self, parent: QWidget | None = None, *, middle: bool = False) -> None:
        super().__init__(parent)
        self.full_text = ""
        self._mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(60)

    def set_text(self, text: str) -> None:
        """Show a text."""
        self.full_text = text
        self.setToolTip(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self.full_text, self._mode, self.width()))


def shape_text(frame_shape: tuple[int, ...], labels: int) -> str:
    """Write what goes in and what comes out: "34 × 48 → 5 labels"."""
    return f"{' × '.join(str(length) for length in frame_shape)} → {labels} label{'s' if labels != 1 else ''}"
