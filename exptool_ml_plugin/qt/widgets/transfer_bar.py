"""How far an import or export is, a way to cancel it, and what came of it, in a narrow box."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QProgressBar, QPushButton, QWidget

from ...workbench.long_work import LongWork
from .. import style
from ..bridge import connect, guarded


class TransferBar(QWidget):
    """There while work is being done, and afterwards with what came of it."""

    def __init__(self, work: LongWork, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._message = ""
        self._text = style.text_label("", self, color=style.MUTED, wrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 100)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.setToolTip("End the import or export; nothing is written then")
        self.cancel_button.clicked.connect(self._on_cancel)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self._text, 0, 0, 1, 2)
        grid.addWidget(self.progress, 1, 0)
        grid.addWidget(self.cancel_button, 1, 1)
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
