"""How far the training is: a headline, a thin bar, and facts in one line."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ...workbench.training_words import Status
from .. import style
from .model_info_box import ElidedLabel

COLORS = {"idle": style.MUTED, "failed": style.ERROR, "training": style.GOOD}
_MOST_FACTS = 6


class TrainingStatus(QWidget):
    """Shows a `Status`; the facts keep their places while their numbers change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ""
        self._dot = style.text_label("●", self, size=2)
        self._headline = ElidedLabel(self)
        font = self._headline.font()
        font.setBold(True)
        self._headline.setFont(font)
        self._best = _fact_label(self)
        self._facts = [_fact_label(self) for _ in range(_MOST_FACTS)]
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setRange(0, 1000)
        self._make_layout()

    @property
    def headline(self) -> str:
        """The headline shown."""
        return self._headline.full_text

    @property
    def facts(self) -> str:
        """The facts shown, as rich text."""
        return " ".join(label.text() for label in (*self._facts, self._best) if label.text())

    def show_status(self, status: Status, state: str) -> None:
        """Show a status; `state` is that of the training and gives the dot its colour."""
        if state != self._state:
            self._state = state
            style.set_text_color(self._dot, COLORS.get(state, style.WARNING))
            for label in self._facts:
                label.setMinimumWidth(0)
        if status.headline != self._headline.full_text:
            self._headline.set_text(status.headline)
        self._show_facts(status)
        busy = state not in ("idle", "failed")
        self.bar.setVisible(busy)
        unknown = busy and status.part is None
        self.bar.setRange(0, 0 if unknown else 1000)
        if not unknown:
            self.bar.setValue(int(1000.0 * (status.part or 0.0)) if busy else 0)

    def _show_facts(self, status: Status) -> None:
        best = [fact for fact in status.facts if fact[0].startswith("Best")]
        others = [fact for fact in status.facts if not fact[0].startswith("Best")]
        _set_fact(self._best, best[0] if best else None)
        for index, label in enumerate(self._facts):
            _set_fact(label, others[index] if index < len(others) else None)
            # Never narrower again while this goes on, so that nothing moves when a number gets shorter.
            label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))

    def _make_layout(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(self._dot)
        first.addWidget(self._headline, 1)
        first.addWidget(self._best)
        second = QHBoxLayout()
        second.setSpacing(18)
        for label in self._facts:
            second.addWidget(label)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addWidget(self.bar)
        column.addLayout(second)


def _fact_label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.RichText)
    return label


def _set_fact(label: QLabel, fact: tuple[str, str] | None) -> None:
    text = ""
    if fact is not None:
        caption, value = (part.replace(" ", "&nbsp;") for part in fact)
        text = f'<span style="color:{style.MUTED}">{caption}</span>&nbsp; <b>{value}</b>'
    if text != label.text():
        label.setText(text)
    label.setVisible(bool(text))
