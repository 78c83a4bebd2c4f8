"""What the curves say, in words: one quiet line, more on request."""

from __future__ import annotations

import html
from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ...core.diagnosis import MIN_EPOCHS, Finding
from .. import style


class DiagnosisView(QWidget):
    """A headline that opens into what is seen, its likely cause and what to try.

    It opens by itself while there is a finding, and stays as the user leaves it once they have clicked.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings: tuple[Finding, ...] = ()
        self._touched = False
        self._open = False
        self.head = QToolButton(self)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setAutoRaise(True)
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.head.setToolTip("What the curves show, by documented rules; click for causes and remedies.")
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setContentsMargins(8, 2, 8, 6)
        self._body = QScrollArea(self)
        self._body.setFrameShape(QFrame.Shape.NoFrame)
        self._body.setWidgetResizable(True)
        self._body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._body.setWidget(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._body, 1)
        self.head.clicked.connect(self._on_clicked)
        self.reset()

    @property
    def is_open(self) -> bool:
        """Whether more than the headline is shown."""
        return self._open

    @property
    def text(self) -> str:
        """The headline."""
        return str(self.head.text())

    def reset(self) -> None:
        """Begin with a new training: nothing to say yet, closed."""
        self._touched = self._open = False
        self.show_findings((), epochs=0)

    def show_findings(self, findings: Sequence[Finding], *, epochs: int) -> None:
        """Show what was found after so many epochs; nothing found is said too."""
        self._findings = tuple(findings)
        if findings:
            rest = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
            self.head.setText(f"Diagnosis: {findings[0].title}{rest}")
        else:
            judged = epochs >= MIN_EPOCHS
            text = "the curves look healthy" if judged else f"after {MIN_EPOCHS} epochs"
            self.head.setText(f"Diagnosis: {text}")
        style.set_text_color(self.head, style.WARNING if findings else style.MUTED)
        self._text.setText("".join(_paragraph(finding) for finding in findings) or _nothing(epochs))
        if not self._touched:
            self._open = bool(findings)
        self._show_body()

    def _show_body(self) -> None:
        is_open = self._open
        self._body.setVisible(is_open)
        self.head.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding if is_open else QSizePolicy.Policy.Fixed
        )

    def _on_clicked(self) -> None:
        self._touched = True
        self._open = not self._open
        self._show_body()


def _paragraph(finding: Finding) -> str:
    tries = "".join(f"<li>{html.escape(text)}</li>" for text in finding.suggestions)
    return (
        f"<p style='margin:4px 0 2px 0'><b>{html.escape(finding.title)}</b></p>"
        f"<p style='margin:0'>{html.escape(finding.evidence)}</p>"
        f"<p style='margin:3px 0 0 0'><i>Likely cause:</i> {html.escape(finding.likely_cause)}</p>"
        f"<p style='margin:3px 0 0 0'><i>Try:</i></p>"
        f"<ul style='margin:0 0 4px 0; -qt-list-indent:0; margin-left:14px'>{tries}</ul>"
    )


def _nothing(epochs: int) -> str:
    if epochs >= MIN_EPOCHS:
        return "<p>None of the four typical problems is seen in the curves so far.</p>"
    return "<p>Once there are some epochs, the typical problems of a training are looked for here.</p>"
