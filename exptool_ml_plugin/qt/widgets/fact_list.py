"""A short list of facts, each a caption and a text."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from .. import style


class FactList(QWidget):
    """Shows captions with texts below them; a caption without a text is not shown."""

    def __init__(self, captions: Iterable[str], parent: QWidget | None = None, *, width: int | None = 210) -> None:
        super().__init__(parent)
        if width is not None:
            self.setFixedWidth(width)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(1)
        self._labels: dict[str, tuple[QLabel, QLabel]] = {}
        for caption in captions:
            name = style.text_label(caption, self, color=style.MUTED, size=-2)
            text = style.text_label("", self, wrap=True)
            text.setContentsMargins(0, 0, 0, 6)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._labels[caption] = (name, text)
            for label in (name, text):
                label.hide()
                column.addWidget(label)

    def set(self, caption: str, text: str) -> None:
        """Show a fact."""
        name, label = self._labels[caption]
        if text != label.text():
            label.setText(text)
            for item in (name, label):
                item.setVisible(bool(text))

    def text(self, caption: str) -> str:
        """The text of a fact."""
        return str(self._labels[caption][1].text())
