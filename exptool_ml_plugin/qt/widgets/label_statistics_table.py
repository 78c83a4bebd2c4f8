"""How many frames each label has, how many are flagged, from how many recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ...workbench.collecting import KEYS
from ...workbench.label_statistics import LabelCount
from ..bridge import guarded

_HEADERS = {
    "": "Number key that gives frames this label",
    "Label": "Click a label to go to its next frame",
    "Frames": "Frames of this label, and variants of them that the session keeps",
    "Flags": "Frames with a reading that was saturated, late, lost or asks for a calibration",
    "Rec.": "Recordings the frames come from; a label of one recording only cannot be tested honestly",
}


class LabelStatisticsTable(QTableWidget):
    """A line per label with its number key; `chosen` carries a label that was clicked."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADERS), parent)
        self.setHorizontalHeaderLabels(list(_HEADERS))
        for column, tooltip in enumerate(_HEADERS.values()):
            self.horizontalHeaderItem(column).setToolTip(tooltip)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        for column in range(len(_HEADERS)):
            stretched = column == 1
            mode = QHeaderView.ResizeMode.Stretch if stretched else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.cellClicked.connect(self._on_clicked)

    def set_counts(self, counts: Sequence[LabelCount], keyed: Sequence[str], colors: Mapping[str, str]) -> None:
        """Show the labels; the first of `keyed` have the number keys, also those without frames."""
        of_label = {count.label: count for count in counts}
        names = [*(label for label in keyed if label in of_label), *(la for la in of_label if la not in keyed)]
        self.setRowCount(len(names))
        for row, label in enumerate(names):
            count = of_label[label]
            key = keyed.index(label) + 1 if label in keyed else KEYS + 1
            cells = [str(key) if key <= KEYS else "", label, *_numbers(count)]
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(f"Go to the next frame of “{label}”")
                if column == 0 and label in colors:
                    item.setForeground(QColor(colors[label]))
                self.setItem(row, column, item)

    @guarded
    def _on_clicked(self, row: int, column: int) -> None:
        item = self.item(row, 1)
        if item is not None:
            self.chosen.emit(item.text())


def _numbers(count: LabelCount) -> tuple[str, str, str]:
    variants = f" + {count.variants:,}" if count.variants else ""
    return f"{count.frames:,}{variants}", f"{count.flagged:,}", f"{count.recordings:,}"
