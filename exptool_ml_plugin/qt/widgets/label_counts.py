"""How many frames each label has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QHeaderView, QMenu, QTableWidget, QTableWidgetItem, QWidget

from ...workbench.collecting import KEYS
from .. import style

_KEY = 2
"""The column of the number keys; it stands first."""


class LabelCounts(QTableWidget):
    """A table of labels and frames, with the total in the last row.

    `chosen` carries a label that was clicked; `tooltip` says what that does. Labels with a number key have it beside
    them, in the label's colour; a right click offers to take one without frames off the list: `forgotten`.
    """

    chosen = Signal(str)
    forgotten = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, tooltip: str = "") -> None:
        super().__init__(0, 3, parent)
        self._tooltip = tooltip
        self._counts: dict[str, int] | None = None
        self._current = ""
        self._keyed: tuple[str, ...] = ()
        self.setHorizontalHeaderLabels(["Label", "Frames", "Key"])
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
        header.setSectionResizeMode(_KEY, QHeaderView.ResizeMode.ResizeToContents)
        header.moveSection(_KEY, 0)
        self.setColumnHidden(_KEY, True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumWidth(150)
        self.cellClicked.connect(self._on_clicked)

    def set_counts(self, counts: Mapping[str, int], current: str = "", *, keyed: Sequence[str] = ()) -> None:
        """Show frames per label; `current` is the label that is being collected.

        The labels that are `keyed` come first, in the order of their number keys, also without frames.
        """
        keyed = tuple(keyed)
        if (counts, current, keyed) == (self._counts, self._current, self._keyed):
            return
        self._counts, self._current, self._keyed = dict(counts), current, keyed
        labels = [*keyed, *sorted(set(counts).difference(keyed))]
        self.setColumnHidden(_KEY, not keyed)
        self.setRowCount(len(labels) + 1 if labels else 0)
        for row, label in enumerate(labels):
            self._fill(row, label, counts.get(label, 0), bold=label == current)
            self._fill_key(row, label)
        if labels:
            total = f"{len(labels)} label{'' if len(labels) == 1 else 's'}"
            self._fill(len(labels), total, sum(counts.values()), total=True)
            self._fill_key(len(labels), "")

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

    def _fill_key(self, row: int, label: str) -> None:
        place = self._keyed.index(label) if label in self._keyed else KEYS
        item = QTableWidgetItem(str(place + 1) if place < KEYS else "")
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        item.setToolTip(f"The key {place + 1} switches to this label" if place < KEYS else "")
        if label in self._keyed:
            item.setBackground(QColor(style.tint(style.series_color(self._keyed.index(label)), 0.35)))
        self.setItem(row, _KEY, item)

    def contextMenuEvent(self, event: Any) -> None:
        """Offer to take a label without frames off the list."""
        item = self.item(self.rowAt(event.pos().y()), 0)
        label = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        if label not in self._keyed or (self._counts or {}).get(label):
            return
        menu = QMenu(self)
        menu.addAction(f"Take “{label}” off the list").triggered.connect(lambda *_: self.forgotten.emit(label))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _on_clicked(self, row: int, _column: int) -> None:
        item = self.item(row, 0)
        label = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        if label:
            self.chosen.emit(label)
