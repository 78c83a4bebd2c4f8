"""The confusion matrix with its subset, accuracy and ways out: copy, CSV, picture."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...core.atomic import write_bytes
from ...core.errors import UserError
from ...core.metrics import ConfusionMatrix
from ...core.run_data import SUBSETS
from .. import style
from ..bridge import guarded
from ..file_dialogs import ask_save
from .confusion_table import ConfusionTable, percent_text
from .model_info_box import ElidedLabel


class ConfusionPanel(QWidget):
    """Shows one of the matrices that are known; `count_wanted` asks for that of the chosen subset."""

    count_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrices: dict[str, ConfusionMatrix] = {}
        self._can_count: frozenset[str] = frozenset()
        self._chosen = False
        self.table = ConfusionTable(self)
        self._make_head()
        self._make_empty()
        self._make_layout()
        self._show()

    @property
    def subset(self) -> str:
        """The subset chosen: "training", "validation" or "test"."""
        return next(name for name, button in self.subsets.items() if button.isChecked())

    @property
    def summary(self) -> str:
        """The line above the matrix."""
        return self._summary.full_text

    def set_matrices(self, matrices: Mapping[str, ConfusionMatrix]) -> None:
        """Show these matrices: of those there are the most telling, validation first, until the user chooses one."""
        self._matrices = dict(matrices)
        self._chosen = self._chosen and bool(matrices)
        if matrices and not self._chosen:
            best = next(name for name in ("validation", "test", "training") if name in matrices)
            self.subsets[best].setChecked(True)
        self._show()

    def set_can_count(self, subsets: Collection[str]) -> None:
        """Say of which subsets a matrix can be counted now."""
        self._can_count = frozenset(subsets)
        self._show_buttons()

    def set_progress(self, what: str, done: int, total: int) -> None:
        """Show that counting is under way; "" ends it."""
        self.bar.setVisible(bool(what))
        self.bar.setRange(0, max(total, 0))
        self.bar.setValue(min(done, total))
        self.bar.setToolTip(what)
        if what and self.subset not in self._matrices:
            self._empty.setText(what)

    def save_csv(self, path: Path) -> None:
        """Write the matrix shown as comma-separated text; replaces the file."""
        write_bytes(path, self._shown().to_csv().encode(), overwrite=True)

    def save_picture(self, path: Path) -> None:
        """Write the matrix shown as a PNG picture; replaces the file."""
        self._shown()
        if not self.table.picture().save(str(path), "PNG"):
            raise UserError(f"Expected a file that can be written. Received: {path}.", "Choose another folder.")

    def _shown(self) -> ConfusionMatrix:
        matrix = self._matrices.get(self.subset)
        if matrix is None:
            raise UserError("Expected a confusion matrix. Received: none for this subset.", "Count it first.")
        return matrix

    def _make_head(self) -> None:
        self.subsets = {name: _toggle(name.capitalize(), f"Frames used for {name}.", self) for name in SUBSETS}
        self._group = QButtonGroup(self)
        for button in self.subsets.values():
            self._group.addButton(button)
        self.subsets["validation"].setChecked(True)
        self._group.buttonClicked.connect(self._on_chosen)
        self._summary = ElidedLabel(self)
        style.set_text_color(self._summary, style.MUTED)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setVisible(False)
        self.count = self._button("Validate", "Let the open model judge these frames, and count.", self._on_count)
        self.copy = self._button("Copy", "Copy the matrix for a spreadsheet.", self._on_copy)
        self.csv = self._button("CSV…", "Save the matrix as comma-separated text.", self._on_csv)
        self.png = self._button("PNG…", "Save the matrix as a picture.", self._on_png)

    def _make_empty(self) -> None:
        self._empty = style.text_label("", self, color=style.MUTED, wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)

    def _make_layout(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(style.text_label("Confusion matrix", self, bold=True))
        head.addStretch(1)
        for button in (self.copy, self.csv, self.png):
            head.addWidget(button)
        tools = QHBoxLayout()
        tools.setSpacing(4)
        for button in self.subsets.values():
            tools.addWidget(button)
        tools.addSpacing(6)
        tools.addWidget(self._summary, 1)
        tools.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addLayout(tools)
        column.addWidget(self._stack, 1)

    def _button(self, text: str, tooltip: str, slot: Any) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setAutoRaise(True)
        button.setToolTip(tooltip)
        button.clicked.connect(slot)
        return button

    @guarded
    def _on_chosen(self, _button: object) -> None:
        self._chosen = True
        self._show()

    def _show(self) -> None:
        matrix = self._matrices.get(self.subset)
        self.table.set_matrix(matrix)
        self._stack.setCurrentIndex(0 if matrix is None else 1)
        if matrix is None:
            self._summary.set_text("")
            self._empty.setText(
                f"No matrix for the {self.subset} data yet.\nIt is counted when a training ends, or with Validate."
            )
        elif math.isnan(matrix.accuracy):
            self._summary.set_text("No frames.")
        else:
            right = int(matrix.counts.trace())
            self._summary.set_text(f"{percent_text(matrix.accuracy)} right, {right:,} of {matrix.total:,}")
            self._summary.setToolTip("Percent in the cells are of the true label, the row.")
        self._show_buttons()

    def _show_buttons(self) -> None:
        known = self.subset in self._matrices
        for button in (self.copy, self.csv, self.png):
            button.setEnabled(known)
        self.count.setEnabled(self.subset in self._can_count)

    @guarded
    def _on_count(self) -> None:
        self.count_wanted.emit(self.subset)

    @guarded
    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self._shown().to_text())

    @guarded
    def _on_csv(self) -> None:
        path = ask_save(self, "Save confusion matrix", f"confusion_{self.subset}.csv", "Comma-separated (*.csv)")
        if path is not None:
            self.save_csv(path)

    @guarded
    def _on_png(self) -> None:
        path = ask_save(self, "Save confusion matrix", f"confusion_{self.subset}.png", "Pictures (*.png)")
        if path is not None:
            self.save_picture(path)


def _toggle(text: str, tip: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button
