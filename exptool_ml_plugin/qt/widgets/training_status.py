"""How far the training is: a headline, a thin bar, and facts in one line."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ...workbench.training_words import Status
from .. import style
from .model_info_box import ElidedLabel
from .text_line import Piece, TextLine

COLORS = {"idle": style.MUTED, "failed": style.ERROR, "training": style.GOOD}


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
        self._best = TextLine(self, align_right=True)
        self._facts = TextLine(self, steady=True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setRange(0, 1000)
        # A bar that comes and goes would move all that is below it, and have it all painted again.
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self._make_layout()

    @property
    def headline(self) -> str:
        """The headline shown."""
        return self._headline.full_text

    @property
    def facts(self) -> str:
        """The facts shown."""
        return f"{self._facts.text}  {self._best.text}".strip()

    def show_status(self, status: Status, state: str) -> None:
        """Show a status; `state` is that of the training and gives the dot its colour."""
        if state != self._state:
            self._state = state
            style.set_text_color(self._dot, COLORS.get(state, style.WARNING))
            self._facts.release()
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
        self._best.set_groups([_pieces(*fact) for fact in best])
        self._facts.set_groups([_pieces(*fact) for fact in others])

    def _make_layout(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(self._dot)
        first.addWidget(self._headline, 1)
        first.addWidget(self._best, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addWidget(self.bar)
        column.addWidget(self._facts)


def _pieces(caption: str, value: str) -> tuple[Piece, ...]:
    return (Piece(f"{caption}  ", style.MUTED), Piece(value, bold=True))
