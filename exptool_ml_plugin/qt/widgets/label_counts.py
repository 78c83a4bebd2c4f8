"""How many frames each label has."""

from __future__ import annotations

from collections.abc import Mapping

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget


class LabelCounts(QTableWidget):
    """A table of labels and frames, with the total in the last row.

    `chosen` carries a label that was clicked; `tooltip` says what that does.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, tooltip: str = "") -> None:
        super().__init__(0, 2, parent)
        self._tooltip = tooltip
        self._counts: dict[str, int] | None = None
        self._current = ""
        self.setHorizontalHeaderLabels(["Label", "Frames"])
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumWidth(150)
        self.cellClicked.connect(self._on_clicked)

    def set_counts(self, counts: Mapping[str, int], current: str = "") -> None:
        """Show frames per label; `current` is the label that is being collected."""
        if counts == self._counts and current == self._current:
            return
        self._counts, self._current = dict(counts), current
        self.setRowCount(len(counts) + 1 if counts else 0)
        for row, (label, frames) in enumerate(sorted(counts.items())):
            self._fill(row, label, frames, bold=label == current)
        if counts:
            self._fill(len(counts), f"{len(counts)} labels", sum(counts.values()), total=True)

    def _fill(self, row: int, label: str, frames: int, *, bold: bool = False, total: bool = False) -> None:
        for column, text in enumerate((label, f"{frames:,}")):
            item = QTableWidgetItem(text)
            font = item.font()
            font.setBold(bold)
            font.setItalic(total)
            item.setFont(font)
            item.setToolTip("" if total else self._tooltip)
            if not total:
                item.setData(Qt.ItemDataRole.UserRole, label)
            self.setItem(row, column, item)

    def _on_clicked(self, row: int, _column: int) -> None:
        item = self.item(row, 0)
        label = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        if label:
            self.chosen.emit(label)
