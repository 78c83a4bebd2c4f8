"""Work that takes long: what it is, how far it is, and a way to cancel it."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from ...workbench.long_work import LongWork
from .. import style
from ..bridge import connect, guarded


class WorkBar(QWidget):
    """A line that is there while work is being done; between times it shows what came of it."""

    def __init__(self, work: LongWork, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._text = style.text_label("", self, color=style.MUTED)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 100)
        self.progress.setMaximumWidth(240)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setToolTip("End this work; nothing is changed by what was done so far")
        self.cancel_button.clicked.connect(self._on_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text)
        row.addWidget(self.progress)
        row.addWidget(self.cancel_button)
        row.addStretch(1)
        self._message = ""
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
        if doing:
            self._message = ""
        self._text.setText(f"{doing}…" if doing else self._message)
        self.progress.setValue(round(100 * self._work.progress))
        for widget in (self.progress, self.cancel_button):
            widget.setVisible(bool(doing))
        self.setVisible(bool(doing or self._message))

    @guarded
    def _on_cancel(self) -> None:
        self._work.cancel()
