"""Editors of numbers: what lies outside the limits is put to the nearest one, and `note` says so."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, QSize, Qt, Signal
from qtpy.QtGui import QKeyEvent, QKeySequence, QValidator, QWheelEvent
from qtpy.QtWidgets import QDoubleSpinBox, QLineEdit, QWidget

from ...core.features.ranges import START_DOC, STOP_DOC
from ...core.options import OptionInfo

_LIMIT = 2**31 - 1  # of Qt's whole numbers
_OWN_ENDS = {START_DOC: "sensor start", STOP_DOC: "sensor end"}


class NumberEditor(QDoubleSpinBox):
    """A number within its limits, with its unit; written as short as it can be (0.001, 1e-06).

    `noted` says that there may be another `note`.
    """

    edited = Signal()
    noted = Signal()
    possible = frozenset("+-0123456789.,eE")
    widest = 1e12

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._noted = ("", 0.0)
        self._pending: float | None = None
        self.setDecimals(12)
        low = -self.widest if info.minimum is None else max(-self.widest, float(info.minimum))
        high = self.widest if info.maximum is None else min(self.widest, float(info.maximum))
        self.setRange(low, high)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setSuffix(f" {info.unit}" if info.unit else "")
        if low == 0:
            self.setSpecialValueText(zero_text(info))
        self.setKeyboardTracking(False)  # a number is there when it is finished, not after its first digit
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.valueChanged.connect(lambda *_: self._on_value())
        self.editingFinished.connect(self._on_finished)

    @property
    def note(self) -> str:
        """Why the number is not the one that was typed; "" where it is."""
        text, kept = self._noted
        return text if kept == self.value() else ""

    def set_value(self, value: Any) -> None:
        """Show a value without a signal."""
        if value != self.value():
            blocked = self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(blocked)
            self.updateGeometry()

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
        inside = number is not None and self.minimum() <= number <= self.maximum()
        if inside or (text and text == self.specialValueText()):
            return QValidator.State.Acceptable, text, position
        possible = all(character in self.possible for character in bare)
        return QValidator.State.Intermediate if possible else QValidator.State.Invalid, text, position

    def fixup(self, text: str) -> str:
        """Put a number outside the limits to the nearest one, and say so."""
        number = _number(self._bare(text))
        if number is None:
            return str(self.text())
        kept = min(max(number, self.minimum()), self.maximum())
        unit = self.suffix()
        limits = f"{self.textFromValue(self.minimum())} to {self.textFromValue(self.maximum())}{unit}"
        words = f"Expected {limits}. Received: {number:g}{unit}. {self.textFromValue(kept)}{unit} is used."
        self._noted = (words, kept)
        self._pending = kept
        self.noted.emit()
        return f"{self.textFromValue(kept)}{unit}"

    def event(self, event: QEvent) -> bool:
        """Leave Undo and Redo to the page when there is nothing to take back in the field."""
        if event.type() == QEvent.Type.ShortcutOverride and _is_done(self.lineEdit(), event):
            event.ignore()
            return False
        return bool(super().event(event))

    def sizeHint(self) -> QSize:
        """Room for five digits and the unit."""
        return self._room("00000")

    def minimumSizeHint(self) -> QSize:
        """The same: a number is never cut."""
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the editor is in use."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_finished(self) -> None:
        """Take the nearest number where Qt has not: some versions of PySide6 ignore what `fixup` returns."""
        kept, self._pending = self._pending, None
        if kept is not None and kept != self.value():
            self.setValue(kept)

    def _on_value(self) -> None:
        self.updateGeometry()
        self.edited.emit()

    def _room(self, digits: str) -> QSize:
        metrics = self.fontMetrics()
        texts = (digits + self.suffix(), self.specialValueText())
        width = max(metrics.horizontalAdvance(text) for text in texts) + 32
        return QSize(width, super().sizeHint().height())

    def _bare(self, text: str) -> str:
        suffix = self.suffix()
        return text.removesuffix(suffix).strip() if suffix else text.strip()


class WholeNumberEditor(NumberEditor):
    """A whole number within its limits, with its unit."""

    possible = frozenset("+-0123456789")
    widest = float(_LIMIT)

    def __init__(self, info: OptionInfo, parent: QWidget | None = None) -> None:
        super().__init__(info, parent)
        self.setDecimals(0)
        self.setStepType(QDoubleSpinBox.StepType.DefaultStepType)

    def value(self) -> int:
        """The number."""
        value: float = super().value()
        return round(value)

    def textFromValue(self, value: float) -> str:
        """Write all digits."""
        return str(round(value))

    def sizeHint(self) -> QSize:
        """Room for what it holds and the unit, two digits at least."""
        return self._room("0" * max(2, len(str(self.value()))))


def zero_text(info: OptionInfo) -> str:
    """Say what 0 means where it is no number: by the setting itself, or because it is a range's own end."""
    return info.zero or next((text for doc, text in _OWN_ENDS.items() if doc in info.doc), "")


def _is_done(line: QLineEdit, event: QEvent) -> bool:
    if not isinstance(event, QKeyEvent):
        return False
    keys = QKeySequence.StandardKey
    undo = event.matches(keys.Undo) and not line.isUndoAvailable()
    return bool(undo or (event.matches(keys.Redo) and not line.isRedoAvailable()))


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
