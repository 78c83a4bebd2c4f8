"""A list of parts that can be added to, moved, switched, edited and undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from .. import style
from ..bridge import guarded
from .part_card import BUTTONS_WIDTH, CARD_MARGINS, COLUMN_SPACING, TITLE_WIDTH, PartCard

_UNDO_STEPS = 100


class CardHeader(QWidget):
    """Captions over the columns of cards; `facts` are the captions and widths of the columns at the right."""

    def __init__(self, title: str, body: str, facts: Mapping[str, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(CARD_MARGINS[0], 0, CARD_MARGINS[2] + BUTTONS_WIDTH + COLUMN_SPACING + 5, 0)
        row.setSpacing(COLUMN_SPACING)
        first = style.text_label(title, self, color=style.MUTED)
        first.setFixedWidth(TITLE_WIDTH)
        row.addWidget(first)
        row.addWidget(style.text_label(body, self, color=style.MUTED), 1)
        for caption, width in facts.items():
            label = style.text_label(caption, self, color=style.MUTED)
            label.setFixedWidth(width)
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            row.addWidget(label)


class PartList(QScrollArea):
    """Shows a tuple of choices, one card each.

    `make_card` makes the card of a choice, `header` stays above them when they scroll. `changed` carries the new
    tuple and comes from the user only; every such change can be undone. `set_choices` is silent; a list that comes
    from elsewhere ends what can be undone.
    """

    changed = Signal(object)

    def __init__(
        self, make_card: Callable[[Any], PartCard], parent: QWidget | None = None, *, header: CardHeader | None = None
    ) -> None:
        super().__init__(parent)
        self._header = header
        self._make_card = make_card
        self._choices: tuple[Any, ...] = ()
        self._cards: list[PartCard] = []
        self._past: list[tuple[Any, ...]] = []
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(4)
        self._column.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(self._inner)
        if header is not None:
            header.setParent(self)
            self.setViewportMargins(0, header.sizeHint().height() + 2, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the header above the cards, however wide the scroll bar leaves them."""
        super().resizeEvent(event)
        if self._header is not None:
            viewport = self.viewport().geometry()
            height = self._header.sizeHint().height()
            self._header.setGeometry(viewport.left(), viewport.top() - height - 2, viewport.width(), height)

    @property
    def choices(self) -> tuple[Any, ...]:
        """The entries in their order."""
        return self._choices

    @property
    def cards(self) -> tuple[PartCard, ...]:
        """The cards in the order of the entries."""
        return tuple(self._cards)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change of the user's to take back."""
        return bool(self._past)

    def set_choices(self, choices: tuple[Any, ...]) -> None:
        """Show another list, without a signal."""
        if choices == self._choices:
            return
        self._past.clear()
        self._show(choices)

    def add(self, choice: Any, *, at: int | None = None) -> None:
        """Add an entry as the user does, at the end or in front of the entry `at`."""
        index = len(self._choices) if at is None else at
        self._change((*self._choices[:index], choice, *self._choices[index:]))
        self._inner.layout().activate()  # the new card has no place yet
        self.ensureWidgetVisible(self._cards[index])

    def replace_all(self, choices: tuple[Any, ...]) -> None:
        """Put another list in place, as the user does; it can be undone."""
        self._change(choices)

    def undo(self) -> None:
        """Take back the user's last change."""
        if self._past:
            self._show(self._past.pop())
            self.changed.emit(self._choices)

    def _change(self, choices: tuple[Any, ...]) -> None:
        if choices == self._choices:
            return
        self._past = [*self._past, self._choices][-_UNDO_STEPS:]
        self._show(choices)
        self.changed.emit(choices)

    def _show(self, choices: tuple[Any, ...]) -> None:
        self._choices = choices
        unused = list(self._cards)
        self._cards = [self._card_for(choice, unused) for choice in choices]
        for card in unused:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for index, (card, choice) in enumerate(zip(self._cards, choices, strict=True)):
            if self._column.indexOf(card) != index:
                self._column.removeWidget(card)
                self._column.insertWidget(index, card)
            card.set_choice(choice)
            card.set_place(index, len(choices))

    def _card_for(self, choice: Any, unused: list[PartCard]) -> PartCard:
        """Use a card again that shows the same entry, or one of its kind, so that editing keeps its cursor."""
        alike = [card for card in unused if card.key == choice.key]
        same = [card for card in alike if card.choice() == choice]
        if alike:
            card = (same or alike)[0]
            unused.remove(card)
            return card
        card = self._make_card(choice)
        card.edited.connect(lambda: self._on_edited(card))
        card.moved.connect(lambda step: self._on_moved(card, step))
        card.removed.connect(lambda: self._on_removed(card))
        return card

    @guarded
    def _on_edited(self, card: PartCard) -> None:
        index = self._cards.index(card)
        self._change((*self._choices[:index], card.choice(), *self._choices[index + 1 :]))
        card.set_choice(self._choices[index])  # it may have refused, as the last output to be ticked off

    @guarded
    def _on_moved(self, card: PartCard, step: int) -> None:
        index = self._cards.index(card)
        target = index + step
        if 0 <= target < len(self._choices):
            choices = list(self._choices)
            choices[index], choices[target] = choices[target], choices[index]
            self._change(tuple(choices))

    @guarded
    def _on_removed(self, card: PartCard) -> None:
        index = self._cards.index(card)
        self._change((*self._choices[:index], *self._choices[index + 1 :]))
