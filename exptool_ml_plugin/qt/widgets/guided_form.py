"""The plan of a guided collection: labels, frames of each, and how they follow one another."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...workbench.guided import DONE, OFF, GuidedSettings, Quota
from ...workbench.workbench import Workbench
from ..bridge import connect, guarded
from .options_form import OptionsForm

_FRAMES = 20
_ROW, _SHOWN_ROWS = 28, 5


class PlanTable(QTableWidget):
    """Takes the keys of typing and removing to itself, which mean something else to the tab around it."""

    removing = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)

    def event(self, event: QEvent) -> bool:
        """Claim the keys that are the table's own."""
        if event.type() == QEvent.Type.ShortcutOverride and (_types(event) or _deletes(event)):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove a label with Del; begin to edit with anything that is typed."""
        if _deletes(event):
            self.removing.emit()
        else:
            super().keyPressEvent(event)


class GuidedForm(QGroupBox):
    """Edits the plan while it does not run, and starts it."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__("Guided collection", parent)
        self.workbench = workbench
        self._make_table()
        self._make_buttons()
        self.options = OptionsForm(GuidedSettings, self)
        self.options.set_value(workbench.collecting.guided.settings)
        self.options.changed.connect(self._on_settings_changed)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        rows = QVBoxLayout(self)
        rows.addWidget(self.table)
        rows.addLayout(buttons)
        rows.addWidget(self.options)
        rows.addWidget(self.start_button)
        self._show_plan()
        connect(workbench.collecting.guided.changed, self._show_phase, self)
        self._show_phase()

    def propose(self) -> None:
        """Fill an empty plan with the labels there are."""
        guided = self.workbench.collecting.guided
        if not guided.plan:
            guided.plan = tuple(Quota(label, _FRAMES) for label in self.workbench.collecting.known_labels)
            self._show_plan()

    def _make_table(self) -> None:
        self.table = PlanTable(self)
        self.table.removing.connect(self._on_remove)
        self.table.setHorizontalHeaderLabels(["Label", "Frames"])
        self.table.setToolTip("The labels to collect, and how many frames of each; click a label to change it")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.table.itemChanged.connect(self._on_plan_edited)

    def _make_buttons(self) -> None:
        self.add_button = QPushButton("Add label", self)
        self.add_button.setToolTip("Add a label to the plan")
        self.add_button.clicked.connect(self._on_add)
        self.remove_button = QPushButton("Remove label", self)
        self.remove_button.setToolTip("Take the chosen label, or the last one, out of the plan")
        self.remove_button.clicked.connect(self._on_remove)
        self.start_button = QPushButton("Start guided collection", self)
        self.start_button.setToolTip("Measure, and be told which label to do until each has its frames")
        self.start_button.clicked.connect(self._on_start)

    def _show_plan(self) -> None:
        blocked = self.table.blockSignals(True)
        self.table.setRowCount(0)
        for quota in self.workbench.collecting.guided.plan:
            self._append(quota)
        self.table.blockSignals(blocked)
        self.table.setFixedHeight((min(self.table.rowCount(), _SHOWN_ROWS) + 1) * _ROW + 8)

    def _append(self, quota: Quota) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        self.table.setItem(row, 0, QTableWidgetItem(quota.label))
        frames = QSpinBox(self.table)
        frames.setRange(1, 100_000)
        frames.setValue(quota.frames)
        frames.setFrame(False)
        frames.setToolTip("Frames wanted of this label")
        frames.valueChanged.connect(self._on_plan_edited)
        self.table.setCellWidget(row, 1, frames)

    def _show_phase(self) -> None:
        free = self.workbench.collecting.guided.phase in (OFF, DONE)
        for widget in (self.table, self.add_button, self.remove_button, self.options, self.start_button):
            widget.setEnabled(free)

    @guarded
    def _on_plan_edited(self, *_: Any) -> None:
        rows = range(self.table.rowCount())
        plan = [Quota(self.table.item(row, 0).text().strip(), self.table.cellWidget(row, 1).value()) for row in rows]
        self.workbench.collecting.guided.plan = tuple(plan)

    @guarded
    def _on_add(self) -> None:
        guided = self.workbench.collecting.guided
        planned = {quota.label for quota in guided.plan}
        known = (label for label in self.workbench.collecting.known_labels if label not in planned)
        frames = guided.plan[-1].frames if guided.plan else _FRAMES
        guided.plan = (*guided.plan, Quota(next(known, f"label_{len(planned) + 1}"), frames))
        self._show_plan()
        self.table.editItem(self.table.item(self.table.rowCount() - 1, 0))

    @guarded
    def _on_remove(self) -> None:
        guided = self.workbench.collecting.guided
        row = self.table.currentRow() if self.table.currentRow() >= 0 else self.table.rowCount() - 1
        guided.plan = tuple(quota for index, quota in enumerate(guided.plan) if index != row)
        self._show_plan()

    @guarded
    def _on_settings_changed(self, settings: GuidedSettings) -> None:
        self.workbench.collecting.guided.settings = settings

    @guarded
    def _on_start(self) -> None:
        self.setFocus()  # what is being typed is taken over first
        self.workbench.start_guided()


def _deletes(event: QKeyEvent) -> bool:
    return bool(event.key() == Qt.Key.Key_Delete)


def _types(event: QKeyEvent) -> bool:
    return bool(event.text().isprintable() and not event.modifiers() & Qt.KeyboardModifier.AltModifier)
