"""Problems in words, where the user looks: a strip above the page, never a box in the way."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from ..workbench.problems import UserProblem
from ..workbench.workbench import Workbench
from . import style
from .bridge import connect, guarded


class Notice(QFrame):
    """Shows what went wrong last, until it is dismissed.

    What the user can mend stands there with its hint, until the next change of the settings. A fault of ours comes
    with a report that can be copied.
    """

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._report = ""
        self._earlier = 0
        self.setObjectName("notice")
        self._make_widgets()
        self.hide()
        connect(workbench.problem, self.show_problem, self)
        connect(workbench.recipe_changed, self._on_recipe_changed, self)
        for fault in workbench.plugins.problems:
            hint = "The rest works without it. Mend or remove that package, then start again."
            self.show_text(f"The plugin “{fault.plugin}” cannot be used: {fault.message}", hint)
        for problem in workbench.problems:  # from before there was a tab to show them
            self.show_problem(problem)

    def show_problem(self, problem: UserProblem) -> None:
        """Show a `UserProblem` of the workbench."""
        self.show_text(problem.message, problem.hint, report=problem.report)

    def show_text(self, message: str, hint: str = "", *, report: str = "") -> None:
        """Show a message, what to do about it, and offer the report if there is one."""
        if not self.isHidden() and message != self._message.text():
            self._earlier += 1
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._count.setText(f"{self._earlier} earlier" if self._earlier else "")
        self._report = report
        self._copy.setText("Copy report")
        self._copy.setVisible(bool(report))
        color = style.ERROR if report else style.WARNING
        self.setStyleSheet(
            f"QFrame#notice {{ background: {style.tint(color, 0.08)}; border: 0; border-left: 4px solid {color}; }}"
        )
        self.show()

    def _make_widgets(self) -> None:
        self._message = style.text_label("", self, bold=True, wrap=True)
        self._hint = style.text_label("", self, wrap=True)
        for label in (self._message, self._hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._count = style.text_label("", self, color=style.MUTED)
        self._copy = QPushButton("Copy report", self)
        self._copy.setToolTip("Copy the technical report of this fault, to send it to the developers.")
        self._copy.clicked.connect(self._on_copy)
        self._dismiss = QToolButton(self)
        self._dismiss.setText("×")
        self._dismiss.setToolTip("Dismiss")
        self._dismiss.setAutoRaise(True)
        self._dismiss.clicked.connect(self._on_dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(12)
        row.addWidget(self._message, 3)
        row.addWidget(self._hint, 4)
        row.addWidget(self._count)
        row.addWidget(self._copy)
        row.addWidget(self._dismiss)

    def _on_recipe_changed(self) -> None:
        """Take away what the user may just have mended; if it is still wrong, it comes again."""
        if not self._report:
            self._on_dismiss()

    @guarded
    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self._report)
        self._copy.setText("Copied")

    @guarded
    def _on_dismiss(self) -> None:
        self._earlier = 0
        self.hide()
