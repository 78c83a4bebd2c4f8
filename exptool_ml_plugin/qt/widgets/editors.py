"""One small editor per kind of setting, all with `value()`, `set_value()` and the signal `edited`.

`edited` comes from the user only: `set_value` is silent. None of them changes when the mouse wheel scrolls the page
over it.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QFontMetrics, QValidator, QWheelEvent
from qtpy.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from ...core.options import OptionInfo

_LIMIT = 2**31 - 1  # of Qt's whole numbers


class WholeNumberEditor(QSpinBox):
    """A whole number within its limits, with its unit."""

    edited = Signal()

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        low = -_LIMIT if info.minimum is None else max(-_LIMIT, int(info.minimum))
        high = _LIMIT if info.maximum is None else min(_LIMIT, int(info.maximum))
        self.setRange(low, high)
        self.setSuffix(f" {info.unit}" if info.unit else "")
        _tame(self)
        self.valueChanged.connect(self._on_value)

    def set_value(self, value: Any) -> None:
        """Show a value without a signal."""
        if value != self.value():
            blocked = self.blockSignals(True)
            self.setValue(int(value))
            self.blockSignals(blocked)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for what it holds and the unit, two digits at least."""
        digits = max(2, len(str(self.value())))
        return _hint(super().sizeHint(), self.fontMetrics(), "0" * digits + self.suffix())

    def minimumSizeHint(self) -> QSize:
        """The same: a number is never cut."""
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the editor is in use."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_value(self) -> None:
        self.updateGeometry()
        self.edited.emit()


class NumberEditor(QDoubleSpinBox):
    """A number within its limits, with its unit; written as short as it can be (0.001, 1e-06)."""

    edited = Signal()

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(12)
        self.setRange(
            -1e12 if info.minimum is None else float(info.minimum),
            1e12 if info.maximum is None else float(info.maximum),
        )
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setSuffix(f" {info.unit}" if info.unit else "")
        _tame(self)
        self.valueChanged.connect(lambda *_: self.edited.emit())

    def set_value(self, value: Any) -> None:
        """Show a value without a signal."""
        if value != self.value():
            blocked = self.blockSignals(True)
            self.setValue(float(value))
            self.blockSignals(blocked)

    def textFromValue(self, value: float) -> str:
        """Write a number with up to six digits that count."""
        return f"{value:.6g}"

    def valueFromText(self, text: str) -> float:
        """Read a number; a comma is as good as a point."""
        number = _number(self._bare(text))
        return float(self.value()) if number is None else number

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept numbers within the limits, and what may become one."""
        bare = self._bare(text)
        number = _number(bare)
        if number is not None and self.minimum() <= number <= self.maximum():
            return QValidator.State.Acceptable, text, position
        possible = all(character in "+-0123456789.,eE" for character in bare)
        return QValidator.State.Intermediate if possible else QValidator.State.Invalid, text, position

    def sizeHint(self) -> QSize:
        """Room for five digits and the unit."""
        return _hint(super().sizeHint(), self.fontMetrics(), "00000" + self.suffix())

    def minimumSizeHint(self) -> QSize:
        """The same: a number is never cut."""
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the editor is in use."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _bare(self, text: str) -> str:
        suffix = self.suffix()
        return text.removesuffix(suffix).strip() if suffix else text.strip()


class ChoiceEditor(QComboBox):
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

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the editor is in use."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


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


def make_editor(info: OptionInfo, parent: QWidget | None = None) -> Any:
    """Make the editor that fits a setting, with its documentation as tooltip and its default shown."""
    kinds: dict[type, Any] = {bool: SwitchEditor, int: WholeNumberEditor, float: NumberEditor}
    kind: Any = ChoiceEditor if info.choices is not None else kinds.get(info.kind, TextEditor)
    editor = kind(info, parent)
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
        lines.append(f"Default: {info.default:g}{unit}.")
    return "\n".join(lines)


def _tame(box: QSpinBox | QDoubleSpinBox) -> None:
    box.setKeyboardTracking(False)  # a number is there when it is finished, not after its first digit
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)


def _hint(given: QSize, metrics: QFontMetrics, text: str) -> QSize:
    return QSize(metrics.horizontalAdvance(text) + 32, given.height())


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
