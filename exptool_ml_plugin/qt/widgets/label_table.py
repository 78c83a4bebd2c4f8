"""The labels of a training with the frames each subset has of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import QModelIndex, QRect, Qt
from qtpy.QtGui import QColor, QPainter
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from .. import style
from .colors import TRAINING, VALIDATION

COLUMNS = (("Training", "training"), ("Validation", "validation"), ("Test", "test"))
_LABEL_WIDTH = 60
_WIDEST_LABEL = 120
_BAR_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_BAR_COLORS = {"training": TRAINING, "validation": VALIDATION, "test": style.ACCENT}


class LabelTable(QTableWidget):
    """A row per label, a column per subset with a bar behind each number, the totals in the last row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 1 + len(COLUMNS), parent)
        self._counts: Mapping[str, Mapping[str, int]] | None = None
        self.setHorizontalHeaderLabels(["Label", *(title for title, _ in COLUMNS)])
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.setItemDelegate(_BarDelegate(self))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        width = self.fontMetrics().horizontalAdvance("Validation") + 12
        for column in range(1, 1 + len(COLUMNS)):
            self.setColumnWidth(column, width)
            self.setColumnHidden(column, column > 1)
        self._number_width = width
        self.setMinimumWidth(width + _WIDEST_LABEL)
        self.horizontalHeaderItem(0).setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def set_counts(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Show frames per label and subset, `counts["push"]["training"]`."""
        if counts == self._counts:
            return
        self._counts = counts
        self.setRowCount(len(counts) + 1 if counts else 0)
        most = max((value for row in counts.values() for value in row.values()), default=0)
        for row, (label, values) in enumerate(counts.items()):
            self._set_text(row, label)
            for column, (_, subset) in enumerate(COLUMNS):
                self._set_number(row, column + 1, values.get(subset, 0), most, _BAR_COLORS[subset])
        if counts:
            self._set_totals(len(counts), counts)
        used = 0
        for column, (_, subset) in enumerate(COLUMNS):
            has_any = subset == "training" or any(values.get(subset, 0) for values in counts.values())
            self.setColumnHidden(column + 1, not has_any)
            used += has_any
        widest = max((self.fontMetrics().horizontalAdvance(label) for label in counts), default=0) + 16
        room = min(max(widest, _LABEL_WIDTH), _WIDEST_LABEL)
        self.setMinimumWidth(used * self._number_width + room + 2 * self.frameWidth())

    def _set_totals(self, row: int, counts: Mapping[str, Mapping[str, int]]) -> None:
        self._set_text(row, "All" if len(counts) != 1 else "1 label", total=True)
        for column, (_, subset) in enumerate(COLUMNS):
            total = sum(values.get(subset, 0) for values in counts.values())
            self._set_number(row, column + 1, total, 0, "", total=True)

    def _set_text(self, row: int, text: str, *, total: bool = False) -> None:
        item = QTableWidgetItem(text)
        item.setToolTip(text)
        self._set_item(row, 0, item, total)

    def _set_number(self, row: int, column: int, value: int, most: int, color: str, *, total: bool = False) -> None:
        item = QTableWidgetItem(f"{value:,}" if value else "–")
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if most and value:
            item.setData(_BAR_ROLE, (value / most, color))
        self._set_item(row, column, item, total)

    def _set_item(self, row: int, column: int, item: QTableWidgetItem, total: bool) -> None:
        font = item.font()
        font.setBold(total)
        item.setFont(font)
        self.setItem(row, column, item)


class _BarDelegate(QStyledItemDelegate):
    """Paints a pale bar behind a number."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint bar and number."""
        bar: Any = index.data(_BAR_ROLE)
        if bar is not None:
            part, color = bar
            rect = option.rect
            shade = QColor(color)
            shade.setAlpha(60)
            width = max(2, round(part * (rect.width() - 4)))
            painter.fillRect(QRect(rect.right() - width - 1, rect.top() + 2, width, rect.height() - 4), shade)
        super().paint(painter, option, index)
