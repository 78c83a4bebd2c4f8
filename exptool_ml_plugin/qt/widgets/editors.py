"""One small editor per kind of setting, all with `value()`, `set_value()` and the signal `edited`.

`edited` comes from the user only: `set_value` is silent. None of them changes when the mouse wheel scrolls the page
over it. A number outside its limits is put to the nearest limit, and `note` says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ...core.options import OptionInfo
from ..bridge import guarded
from ..file_dialogs import ask_open
from .calm_combo_box import CalmComboBox
from .number_editors import NumberEditor, WholeNumberEditor, zero_text


class ChoiceEditor(CalmComboBox):
    """One of several values, each shown by its text."""

    edited = Signal()

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = list(info.choices or {})
        self._unknown: Any = info.default
        self.addItems([str(text) for text in (info.choices or {}).values()])
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda *_: self.edited.emit())

    def value(self) -> Any:
        """The value chosen, or the unknown one that was set."""
        index = self.currentIndex()
        return self._unknown if index < 0 else self._values[index]

    def set_value(self, value: Any) -> None:
        """Show a value without a signal; an unknown one shows as nothing chosen."""
        self._unknown = value
        self.setCurrentIndex(self._values.index(value) if value in self._values else -1)


class SwitchEditor(QCheckBox):
    """Yes or no."""

    edited = Signal()

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(lambda *_: self.edited.emit())

    def value(self) -> bool:
        """Whether it is ticked."""
        return bool(self.isChecked())

    def set_value(self, value: Any) -> None:
        """Show a value without a signal."""
        self.setChecked(bool(value))


class TextEditor(QLineEdit):
    """A line of text."""

    edited = Signal()

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.editingFinished.connect(self._on_finished)

    def value(self) -> str:
        """The text."""
        return str(self.text())

    def set_value(self, value: Any) -> None:
        """Show a text without a signal."""
        self._shown = str(value)
        if self._shown != self.text():
            self.setText(self._shown)

    def _on_finished(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
            self.edited.emit()


class PathEditor(QWidget):
    """The path of a file: a line of text and a button that opens a dialog."""

    edited = Signal()

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        self.line = TextEditor(info, self)
        self.line.setMinimumWidth(140)
        self.line.edited.connect(self.edited.emit)
        self.browse = QPushButton("Browse…", self)
        self.browse.setToolTip(f"Choose the file: {info.text}")
        self.browse.clicked.connect(self._on_browse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        self.setFocusProxy(self.line)

    def value(self) -> str:
        """The path, "" while none is chosen."""
        return self.line.value()

    def set_value(self, value: Any) -> None:
        """Show a path without a signal; one that is too long is in the tooltip."""
        self.line.set_value(value)
        self.line.setToolTip(str(value) or tooltip(self._info))

    @guarded
    def _on_browse(self) -> None:
        path = ask_open(self, self._info.text, self._info.files)
        if path is not None:
            self.choose(path)

    def choose(self, path: Path) -> None:
        """Take a path as the user's."""
        self.set_value(path)
        self.edited.emit()


def make_editor(info: OptionInfo, parent: QWidget | None = None) -> Any:
    """Make the editor that fits a setting, with its documentation as tooltip and its default shown."""
    kinds: dict[type, Any] = {bool: SwitchEditor, int: WholeNumberEditor, float: NumberEditor}
    kind: Any = ChoiceEditor if info.choices is not None else kinds.get(info.kind, TextEditor)
    editor = PathEditor(info, parent) if info.files else kind(info, parent)
    editor.setToolTip(tooltip(info))
    editor.set_value(info.default)
    return editor


def tooltip(info: OptionInfo) -> str:
    """Say what a setting does and what it may be."""
    unit = f" {info.unit}" if info.unit else ""
    lines = [info.doc]
    if info.minimum is not None and info.maximum is not None:
        lines.append(f"From {info.minimum:g} to {info.maximum:g}{unit}.")
    elif info.minimum is not None:
        lines.append(f"At least {info.minimum:g}{unit}.")
    elif info.maximum is not None:
        lines.append(f"At most {info.maximum:g}{unit}.")
    if info.kind in (int, float) and not info.choices:
        default = zero_text(info) if info.default == 0 else ""
        lines.append(f"Default: {default or f'{info.default:g}{unit}'}.")
    return "\n".join(lines)
