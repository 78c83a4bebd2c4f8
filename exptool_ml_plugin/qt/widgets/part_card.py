"""One entry of a list of parts: a feature or a layer, with its settings, what it makes, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ...core.issues import Issue, Severity
from .. import style
from .drag_handle import DragHandle
from .issue_label import IssueLabel
from .options_form import OptionsForm

TITLE_WIDTH = 140
"""Width of the column of names, in pixels."""
BUTTONS_WIDTH = 112
COLUMN_SPACING = 8
STRIPE_WIDTH = 6
HANDLE_WIDTH = 14
CARD_MARGINS = (22, 5, 4, 5)


class PartCard(QFrame):
    """A card with a coloured edge, a name, a body, facts at its right, and what it is switched, moved and removed by.

    Subclasses fill `body` and keep `_choice` and `_form`; they emit `edited` when the user has changed it. `moved`
    carries -1 (up) or 1 (down), `dragged` the place on the screen the card is held at. `fact_widths` are the widths
    of the columns at the right, in pixels, `switch_hint` says what the tick means. The body stands beside the name,
    or below it when `stacked`.
    """

    edited = Signal()
    moved = Signal(int)
    duplicated = Signal()
    removed = Signal()
    dragged = Signal(QPoint)
    dropped = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        switch_hint: str,
        fact_widths: tuple[int, ...],
        stacked: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.title = ""
        self._choice: Any = None
        self._form: OptionsForm | None = None
        self._given: list[Issue] = []
        self._color = style.MUTED
        self._has_error = False
        self.body = QWidget(self)
        self._title = style.text_label("", self, bold=True, size=-1, wrap=True)
        self._subtitle = style.text_label("", self, color=style.MUTED, size=-2)
        self._issues = IssueLabel(self)
        self._facts = [self._make_fact(width) for width in fact_widths]
        self._switch = QCheckBox(self)
        self._switch.setToolTip(switch_hint)
        self._switch.clicked.connect(lambda *_: self.edited.emit())
        self._up = self._button("▲", "Move up", lambda: self.moved.emit(-1))
        self._down = self._button("▼", "Move down", lambda: self.moved.emit(1))
        self._duplicate = self._button("❐", "Duplicate", self.duplicated.emit)
        self._remove = self._button("✕", "Remove", self.removed.emit)
        self._handle = DragHandle(self)
        self._handle.dragged.connect(self.dragged.emit)
        self._handle.dropped.connect(self.dropped.emit)
        self._lay_out(stacked)

    @property
    def key(self) -> str:
        """The key of the part, by which a card can be used again."""
        return str(self._choice.key)

    def choice(self) -> Any:
        """The entry as it stands on the card."""
        raise NotImplementedError

    def set_choice(self, choice: Any) -> None:
        """Show an entry, without a signal."""
        raise NotImplementedError

    def set_place(self, index: int, count: int) -> None:
        """Say where in the list the card stands, so that it cannot be moved out of it."""
        self._up.setEnabled(index > 0)
        self._down.setEnabled(index < count - 1)

    def set_title(self, title: str, *, subtitle: str = "", tooltip: str = "") -> None:
        """Name the part; the tooltip says what it does."""
        self.title = title
        self._title.setText(re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "\u200b", title))  # may be broken there
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        self._title.setToolTip(tooltip)

    def set_color(self, color: str) -> None:
        """Colour the edge."""
        self._color = color
        self._restyle()

    def set_facts(self, *texts: str) -> None:
        """Show what the part makes, one text for each column."""
        for label, text in zip(self._facts, texts, strict=True):
            label.setText(text)

    def set_active(self, active: bool) -> None:
        """Show whether the part is in use; one that is not is greyed."""
        self._switch.setChecked(bool(active))
        for widget in (self.body, self._title, *self._facts):
            widget.setEnabled(bool(active))

    @property
    def active(self) -> bool:
        """Whether the part is in use."""
        return bool(self._switch.isChecked())

    def set_issues(self, issues: Iterable[Issue]) -> None:
        """Show in words what is wrong with the part, under it, and at which field."""
        self._given = list(issues)
        self._show_issues()

    def _show_issues(self) -> None:
        notes = [] if self._form is None else self._form.notes()
        issues = [*self._given, *notes]
        self._issues.set_issues(issues)
        if self._form is not None:
            self._form.mark_issues(issues)
        self._has_error = any(issue.severity is Severity.ERROR for issue in issues)
        self._restyle()

    def _take_form(self, form: OptionsForm) -> None:
        """Follow the form of the part's settings."""
        self._form = form
        form.changed.connect(lambda *_: self.edited.emit())
        form.noted.connect(self._show_issues)

    def _lay_out(self, stacked: bool) -> None:
        self._stripe = QFrame(self)
        self._stripe.setFixedWidth(STRIPE_WIDTH)
        grid = QGridLayout()
        left, top, right, bottom = CARD_MARGINS
        grid.setContentsMargins(left - STRIPE_WIDTH - HANDLE_WIDTH, top, right, bottom)
        grid.setHorizontalSpacing(COLUMN_SPACING)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        grid.addLayout(self._make_title(stacked), 0, 0)
        for column, label in enumerate(self._facts, start=2):
            grid.addWidget(label, 0, column)
        last = 3 + len(self._facts)
        grid.addWidget(self._make_tools(), 0, last - 1)
        if stacked:
            grid.addWidget(self.body, 1, 0, 1, last)
        else:
            grid.addWidget(self.body, 0, 1)
        grid.addWidget(self._issues, 2, 0, 1, last)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self._stripe)
        columns.addWidget(self._handle, 0, Qt.AlignmentFlag.AlignTop)
        columns.addLayout(grid, 1)

    def _make_title(self, stacked: bool) -> QVBoxLayout:
        title = QVBoxLayout()
        title.setSpacing(0)
        title.addWidget(self._title)
        title.addWidget(self._subtitle)
        if not stacked:
            self._title.setFixedWidth(TITLE_WIDTH)
            title.addStretch(1)
        return title

    def _make_tools(self) -> QWidget:
        tools = QWidget(self)
        tools.setFixedWidth(BUTTONS_WIDTH)
        buttons = QHBoxLayout(tools)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(0)
        for widget in (self._switch, self._up, self._down, self._duplicate, self._remove):
            buttons.addWidget(widget)
        return tools

    def _make_fact(self, width: int) -> QLabel:
        label = style.text_label("", self)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setFixedWidth(width)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _button(self, text: str, tooltip: str, slot: Any) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tooltip)
        button.setAutoRaise(True)
        button.clicked.connect(lambda *_: slot())
        return button

    def _restyle(self) -> None:
        line = style.ERROR if self._has_error else style.LINE
        paper = style.tint(style.ERROR, 0.04) if self._has_error else style.PAPER
        style.set_style(self._stripe, f"background: {self._color}; border: 0;")
        style.set_style(
            self,
            f"QFrame#card {{ background: {paper}; border: 1px solid {line}; border-radius: 0; }}"
            ".QWidget, OptionsForm, TickRow { background: transparent; }",
        )
