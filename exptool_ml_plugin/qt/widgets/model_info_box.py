"""What the work is about, under every tab: the model, the data, and the next sensible step."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from ..file_dialogs import ask, ask_open, ask_save

MODEL_FILES = "Models (*.keras)"
_FACTS = (
    ("model", "Model:", 0, 0),
    ("shape", "In/Out:", 1, 0),
    ("training", "Training data:", 0, 2),
    ("test", "Test data:", 1, 2),
    ("source", "Source:", 0, 4),
    ("settings", "Settings:", 1, 4),
)


class ModelInfoBox(QFrame):
    """Shows the workbench's model and data; loads, saves and removes the model."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.setObjectName("model_info_box")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._values: dict[str, ElidedLabel] = {}
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 6, 10, 6)
        rows.setSpacing(6)
        rows.addLayout(self._make_facts())
        rows.addLayout(self._make_bar())
        for signal in ("model", "data", "recipe", "session", "setup", "measuring"):
            connect(getattr(workbench, f"{signal}_changed"), self.refresh, self)
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
            "settings": self._settings()[0],
        }
        for name, text in facts.items():
            self._values[name].set_text(text)
        self._save.setEnabled(model is not None)
        self._remove.setEnabled(model is not None)
        style.set_text_color(self._values["settings"], self._settings()[1])

    def text(self, name: str) -> str:
        """The text of one fact: "model", "shape", "source", "settings", "training", "test" or "next"."""
        return self._values[name].full_text

    def _make_facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for name, caption, row, column in _FACTS:
            grid.addWidget(style.text_label(caption, self, color=style.MUTED), row, column)
            self._values[name] = ElidedLabel(self, middle=name == "source")
            grid.addWidget(self._values[name], row, column + 1)
        for column in (1, 3, 5):
            grid.setColumnStretch(column, 1)
        return grid

    def _make_bar(self) -> QHBoxLayout:
        self._values["next"] = ElidedLabel(self)
        style.set_text_color(self._values["next"], style.GOOD)
        self._load = self._button("Load model…", "Open a model to evaluate it or to train it further.", self._on_load)
        self._save = self._button("Save model…", "Save the model where you choose.", self._on_save)
        self._remove = self._button("Remove model", "Close the model; its file stays.", self._on_remove)
        bar = QHBoxLayout()
        bar.addWidget(style.text_label("Next:", self, color=style.MUTED))
        bar.addWidget(self._values["next"], 1)
        for button in (self._load, self._save, self._remove):
            bar.addWidget(button)
        return bar

    def _button(self, text: str, tooltip: str, slot: Any) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    def _settings(self) -> tuple[str, str]:
        model = self.workbench.model
        if model is None:
            return "Editable", ""
        if model.info.recipe.same_frames_as(self.workbench.recipe):
            return "Those of the model", style.GOOD
        return "Differ from the model's", style.ERROR

    @guarded
    def _on_load(self) -> None:
        path = ask_open(self, "Load model", MODEL_FILES)
        if path is not None:
            self.workbench.load_model(path)

    @guarded
    def _on_save(self) -> None:
        model = self.workbench.model
        if model is None:
            return
        path = ask_save(self, "Save model", model.path.name, MODEL_FILES)
        if path is not None:
            self.workbench.save_model(path, overwrite=True)

    @guarded
    def _on_remove(self) -> None:
        if ask(self, "Remove model", "Close this model? Its file stays where it is."):
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
