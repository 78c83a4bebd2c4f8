"""Asks what recordings show: by their names, from a sheet, or typed file by file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...core.errors import UserError
from ...core.label_sheet import FileLabels, SheetRow, match, read_label_sheet
from .. import style
from ..bridge import guarded
from ..file_dialogs import ask_open

_SPANS = "by time, from the sheet"


class ImportDialog(QDialog):
    """A line for each recording with its label, which can be typed; `labels` is what they say in the end."""

    def __init__(self, files: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import recordings")
        self._files = list(files)
        self._sheet: dict[Path, FileLabels] = {}
        self._make_fields()
        self._make_table()
        self._note = style.text_label("", self, color=style.MUTED, wrap=True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Import…")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        self.resize(560, 480)
        self._say()

    @property
    def note(self) -> str:
        """What is to be said about the labels."""
        return str(self._note.text())

    def labels(self) -> dict[Path, FileLabels]:
        """Return the labels of the files that have any."""
        found = {}
        for row, path in enumerate(self._files):
            text = self.table.item(row, 1).text().strip()
            if text == _SPANS and path in self._sheet:
                found[path] = self._sheet[path]
            elif text:
                tags = self._sheet[path].tags if path in self._sheet else {}
                found[path] = FileLabels((SheetRow(0, path.name, text, tags=tags),))
        return found

    def use_sheet(self, path: Path) -> None:
        """Take the labels of a sheet; `UserError` where it cannot be used."""
        matched = match(read_label_sheet(path, label_column=self.column_field.text().strip()), self._files)
        self._sheet = dict(matched.labels)
        for file, labels in self._sheet.items():
            spans = any(row.is_span for row in labels.rows)
            self._set(self._files.index(file), _SPANS if spans else labels.rows[0].label)
        said = [f"{len(self._sheet)} of {len(self._files)} files are in the sheet."]
        said += [f"Doubtful: {row.file} ({row.label}): {row.comment}" for row in matched.doubtful[:5]]
        if len(matched.doubtful) > 5:
            said.append(f"{len(matched.doubtful) - 5} more rows of the sheet have comments.")
        if matched.without_file:
            said.append(f"Rows of the sheet about other files: {len(matched.without_file)}.")
        self._say("\n".join(said))

    def _make_fields(self) -> None:
        self.pattern_field = QLineEdit(self)
        self.pattern_field.setPlaceholderText("label_(.+)_idx")
        self.pattern_field.setToolTip(
            "Regular expression searched in each file\u2019s name; what its group (...) finds is the label"
        )
        self.pattern_field.textChanged.connect(self._on_pattern)
        self.column_field = QLineEdit(self)
        self.column_field.setPlaceholderText("label")
        self.column_field.setToolTip(
            "Name of the sheet\u2019s column with the labels, where it is not \u201clabel\u201d"
        )
        self.sheet_button = QPushButton("Labels from a sheet…", self)
        self.sheet_button.setToolTip(
            "Take the labels from a table (.csv, .ods) with a row for each file or span of time"
        )
        self.sheet_button.clicked.connect(self._on_sheet)

    def _make_table(self) -> None:
        self.table = QTableWidget(len(self._files), 2, self)
        self.table.setHorizontalHeaderLabels(["Recording", "Label"])
        self.table.setToolTip("Type a label, or leave it empty to leave the recording out")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for row, path in enumerate(self._files):
            name = QTableWidgetItem(path.name)
            name.setToolTip(str(path))
            name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.table.setItem(row, 0, name)
            self.table.setItem(row, 1, QTableWidgetItem(""))
        self.table.itemChanged.connect(self._on_typed)

    def _lay_out(self) -> None:
        sheet = QHBoxLayout()
        sheet.addWidget(self.column_field)
        sheet.addWidget(self.sheet_button)
        form = QFormLayout()
        form.addRow("Label in the name", self.pattern_field)
        form.addRow("Column of labels", sheet)
        rows = QVBoxLayout(self)
        rows.addLayout(form)
        rows.addWidget(self.table)
        rows.addWidget(self._note)
        rows.addWidget(self.buttons)

    def _set(self, row: int, label: str) -> None:
        blocked = self.table.blockSignals(True)
        self.table.item(row, 1).setText(label)
        self.table.blockSignals(blocked)

    def _say(self, text: str = "") -> None:
        missing = len(self._files) - len(self.labels())
        left_out = f"{missing} of {len(self._files)} recordings have no label and are left out." if missing else ""
        self._note.setText(f"{text}\n{left_out}".strip())
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(missing < len(self._files))

    @guarded
    def _on_typed(self) -> None:
        self._say()

    @guarded
    def _on_pattern(self) -> None:
        try:
            pattern = re.compile(self.pattern_field.text())
        except re.error:
            self._say("This is no regular expression yet.")
            return
        if pattern.groups != 1:
            self._say("One part of the name must stand in brackets (...).")
            return
        for row, path in enumerate(self._files):
            found = pattern.search(path.stem)
            self._set(row, (found.group(1) or "") if found else "")
        self._say()

    @guarded
    def _on_sheet(self) -> None:
        path = ask_open(self, "Labels from a sheet", "Sheets (*.csv *.ods)")
        if path is None:
            return
        try:
            self.use_sheet(path)
        except UserError as error:
            self._say(str(error))
