"""Asks by how many rows frames are to be shifted, and which."""

from __future__ import annotations

import re

from qtpy.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from .. import style
from ..bridge import guarded

_DEFAULT = "-15, -10, 10, 15"


class AugmentDialog(QDialog):
    """`offsets` are the rows, `scope` is "this", "selected" or "all"."""

    def __init__(self, parent: QWidget | None, *, selected: int, total: int) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add shifted copies")
        self.field = QLineEdit(_DEFAULT, self)
        self.field.setToolTip("Rows by which the copies begin later, or earlier with a minus; separated by commas")
        self._problem = style.text_label("", self, color=style.ERROR, wrap=True)
        self._scopes = {
            "this": QRadioButton("This frame", self),
            "selected": QRadioButton(f"The {selected:,} selected frames", self),
            "all": QRadioButton(f"All {total:,} frames of the session", self),
        }
        for button in self._scopes.values():
            button.setToolTip("Frames that copies are made of")
        self._scopes["selected"].setVisible(selected > 0)
        self._scopes["selected" if selected else "all"].setChecked(True)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Add copies")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.addWidget(QLabel("Shift by, rows", self))
        rows.addWidget(self.field)
        rows.addWidget(self._problem)
        for button in self._scopes.values():
            rows.addWidget(button)
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

    @property
    def scope(self) -> str:
        """Which frames copies are made of."""
        return next(scope for scope, button in self._scopes.items() if button.isChecked())

    @guarded
    def _on_typed(self) -> None:
        good = bool(self.offsets)
        self._problem.setText("" if good else "Expected whole numbers separated by commas, as -10, 10.")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(good)
