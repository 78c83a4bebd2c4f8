"""Asks by how many rows frames are to be shifted, and which."""

from __future__ import annotations

import re

from qtpy.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from ...workbench.inspecting import Inspecting
from .. import style
from ..bridge import guarded
from .frame_scope import FrameScope

_DEFAULT = "-15, -10, 10, 15"


class AugmentDialog(QDialog):
    """`offsets` are the rows, `scope` holds the frames."""

    def __init__(self, inspecting: Inspecting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add shifted copies")
        self.field = QLineEdit(_DEFAULT, self)
        self.field.setToolTip("Rows by which the copies begin later, or earlier with a minus; separated by commas")
        self._problem = style.text_label("", self, color=style.ERROR, wrap=True)
        self.scope = FrameScope(inspecting, self, tooltip="Frames that copies are made of")
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Add copies")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.addWidget(QLabel("Shift by, rows", self))
        rows.addWidget(self.field)
        rows.addWidget(self._problem)
        rows.addWidget(self.scope)
        note = (
            "The copies are made from the readings, with all that came before them, have the labels of their "
            "originals and belong to their recordings."
        )
        rows.addWidget(style.text_label(note, self, color=style.MUTED, wrap=True))
        rows.addWidget(self.buttons)
        self.field.textChanged.connect(self._on_typed)

    @property
    def offsets(self) -> list[int]:
        """The rows that were typed, none where the text says something else."""
        parts = [part for part in re.split(r"[\s,;]+", self.field.text().replace("\N{MINUS SIGN}", "-")) if part]
        if not all(re.fullmatch(r"[+-]?\d{1,6}", part) for part in parts):
            return []
        return sorted({int(part) for part in parts} - {0})

    @guarded
    def _on_typed(self) -> None:
        good = bool(self.offsets)
        self._problem.setText("" if good else "Expected whole numbers separated by commas, as -10, 10.")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(good)
