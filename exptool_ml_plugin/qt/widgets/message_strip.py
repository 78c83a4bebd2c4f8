"""Messages above the plots, each with a button that does something about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from .. import style

_SHOWN = 3


@dataclass(frozen=True)
class StripRow:
    """One message: its colour, and text and action of its button ("" for none)."""

    text: str
    color: str = style.WARNING
    button: str = ""
    action: Callable[[], None] | None = None


class MessageStrip(QFrame):
    """Shows rows below each other, quiet ones and those after the third on request only; hidden without any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[StripRow, ...] = ()
        self._all = False
        self.setObjectName("messages")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 4, 6, 4)
        self._column.setSpacing(2)
        self._lines: list[QWidget] = []
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """All messages, the hidden ones too."""
        return tuple(row.text for row in self._rows)

    def button(self, text: str) -> QPushButton | None:
        """Return the button with this text, None if there is none."""
        found = (button for line in self._lines for button in line.findChildren(QPushButton))
        return next((button for button in found if button.text() == text), None)

    def show_rows(self, rows: Sequence[StripRow]) -> None:
        """Show messages, the most important first."""
        if _looks(rows) == _looks(self._rows) and self._lines:
            self._rows = tuple(rows)
            return
        self._rows = tuple(rows)
        self._all = False
        self._rebuild()

    def _rebuild(self) -> None:
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = []
        loud = sum(row.color != style.MUTED for row in self._rows)
        count = len(self._rows) if self._all else max(1, min(loud, _SHOWN))
        for index, row in enumerate(self._rows[:count]):
            self._add_line(index, row)
        if len(self._rows) > count or self._all:
            self._add_more(len(self._rows) - count)
        color = self._rows[0].color if self._rows else style.MUTED
        self.setStyleSheet(
            f"QFrame#messages {{ background: {style.tint(color, 0.08)}; border: 0; border-left: 4px solid {color}; }}"
        )
        self.setVisible(bool(self._rows))

    def _add_line(self, index: int, row: StripRow) -> None:
        line = QWidget(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        label = style.text_label(row.text, line, color=row.color, wrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(label, 1)
        if row.button:
            button = QPushButton(row.button, line)
            button.clicked.connect(lambda *_: self._act(index))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addWidget(line)
        self._lines.append(line)

    def _add_more(self, hidden: int) -> None:
        """Put the button that shows the rest at the end of the last line."""
        more = QToolButton(self._lines[-1])
        more.setAutoRaise(True)
        more.setText(f"{hidden} more" if hidden else "Fewer")
        more.clicked.connect(self._on_more)
        self._lines[-1].layout().addWidget(more, 0, Qt.AlignmentFlag.AlignTop)

    def _act(self, index: int) -> None:
        action = self._rows[index].action
        if action is not None:
            action()

    def _on_more(self) -> None:
        self._all = not self._all
        self._rebuild()


def _looks(rows: Sequence[StripRow]) -> list[tuple[str, str, str]]:
    return [(row.text, row.color, row.button) for row in rows]
