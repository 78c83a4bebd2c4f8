"""Problems with settings, in words, where the setting is."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QWidget

from ...core.issues import Issue, Severity
from .. import style

_COLORS = {Severity.ERROR: style.ERROR, Severity.WARNING: style.WARNING, Severity.INFO: style.MUTED}


class IssueLabel(QLabel):
    """Shows issues one below the other in the colour of the worst; takes no room without any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()

    def set_issues(self, issues: Iterable[Issue]) -> None:
        """Show these issues, and only these."""
        ordered = sorted(issues, key=lambda issue: list(_COLORS).index(issue.severity))
        self.setText("\n".join(issue.message for issue in ordered))
        if ordered:
            style.set_text_color(self, _COLORS[ordered[0].severity])
        self.setVisible(bool(ordered))
