"""Work that takes long: what it is, how far it is, and a way to cancel it."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QProgressBar, QPushButton, QWidget

from ...workbench.long_work import LongWork
from .. import style
from ..bridge import connect, guarded

CANCEL_HINT = "End this work; nothing is changed by what was done so far"


class WorkBar(QWidget):
    """A line that is there while work is being done; between times it shows what came of it.

    In a `narrow` place the words stand above the bar and are wrapped. `cancel_hint` says what becomes of what was done.
    """

    def __init__(
        self, work: LongWork, parent: QWidget | None = None, *, narrow: bool = False, cancel_hint: str = CANCEL_HINT
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._message = ""
        self._shown_work = ""
        self._text = style.text_label("", self, color=style.MUTED, wrap=narrow)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 100)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setToolTip(cancel_hint)
        self.cancel_button.clicked.connect(self._on_cancel)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        if narrow:
            grid.addWidget(self._text, 0, 0, 1, 2)
            grid.addWidget(self.progress, 1, 0)
            grid.addWidget(self.cancel_button, 1, 1)
        else:
            self.progress.setMaximumWidth(240)
            for column, widget in enumerate((self._text, self.progress, self.cancel_button)):
                grid.addWidget(widget, 0, column)
            grid.setColumnStretch(3, 1)
        connect(work.changed, self.refresh, self)
        self.refresh()

    @property
    def text(self) -> str:
        """What is being done, or what came of it."""
        return str(self._text.text())

    def say(self, message: str) -> None:
        """Show a sentence until other work begins."""
        self._message = message
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is."""
        doing = self._work.doing
        # Only other work takes the words away: what came of this work is said before its thread has ended.
        if doing and doing != self._shown_work:
            self._message = ""
        self._shown_work = doing
        self._text.setText(f"{doing}…" if doing else self._message)
        self.progress.setValue(round(100 * self._work.progress))
        for widget in (self.progress, self.cancel_button):
            widget.setVisible(bool(doing))
        self.setVisible(bool(doing or self._message))

    @guarded
    def _on_cancel(self) -> None:
        self._work.cancel()
