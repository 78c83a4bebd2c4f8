"""Says what does not fit and offers the mend, where it happens."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from .. import style


class OfferBar(QFrame):
    """A sentence with one button per way out."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("offer")
        self.setStyleSheet(
            f"QFrame#offer {{ background: {style.tint(style.WARNING, 0.1)}; border-left: 4px solid {style.WARNING}; }}"
        )
        self._text = style.text_label(text, self, wrap=True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 4, 6, 4)
        self._row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence."""
        return str(self._text.text())

    def set_text(self, text: str) -> None:
        """Show another sentence."""
        if text != self._text.text():
            self._text.setText(text)

    def add_button(self, text: str, tooltip: str) -> QPushButton:
        """Add a way out."""
        button = QPushButton(text, self)
        button.setToolTip(tooltip)
        self._row.addWidget(button)
        return button


class MisfitBar(OfferBar):
    """The session's frames were made, or measured, with other settings than the next ones would be."""

    new_session = Signal()
    use_settings = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.new_button = self.add_button("New session", "Begin an empty session with the settings as they are now")
        self.new_button.clicked.connect(lambda *_: self.new_session.emit())
        self.use_button = self.add_button("Use the session's settings", "Go back to the settings of the session")
        self.use_button.clicked.connect(lambda *_: self.use_settings.emit())

    def show_misfit(self, *, fits: bool, differences: tuple[str, ...]) -> None:
        """Say that new frames cannot join those of the session, or in what they were measured differently."""
        if not fits:
            self.set_text(
                "The frames of this session were made with other features, frame length or sensor settings. "
                "New frames cannot join them."
            )
        elif differences:
            self.set_text(f"New frames join others that were measured differently. {' '.join(differences)}")
        self.setVisible(not fits or bool(differences))
