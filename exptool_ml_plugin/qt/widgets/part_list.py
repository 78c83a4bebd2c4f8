"""A list of parts that can be added to, moved, doubled, switched and edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from .. import style
from ..bridge import guarded
from .part_card import BUTTONS_WIDTH, CARD_MARGINS, COLUMN_SPACING, TITLE_WIDTH, PartCard


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
    tuple and comes from the user only; `set_choices` is silent.
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
        self._target: int | None = None
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(4)
        self._column.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(self._inner)
        self._mark = QFrame(self._inner)
        self._mark.setStyleSheet(f"background: {style.ACCENT}; border: 0;")
        self._mark.hide()
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

    def set_choices(self, choices: tuple[Any, ...]) -> None:
        """Show another list, without a signal."""
        if choices != self._choices:
            self._show(choices)

    def add(self, choice: Any, *, at: int | None = None) -> None:
        """Add an entry as the user does, at the end or in front of the entry `at`."""
        index = len(self._choices) if at is None else at
        self._change((*self._choices[:index], choice, *self._choices[index:]))
        self._inner.layout().activate()  # the new card has no place yet
        self.ensureWidgetVisible(self._cards[index])

    def _change(self, choices: tuple[Any, ...]) -> None:
        if choices != self._choices:
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
        card.dragged.connect(lambda place: self._on_dragged(card, place))
        card.dropped.connect(lambda: self._on_dropped(card))
        card.duplicated.connect(lambda: self._on_duplicated(card))
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
        if 0 <= index + step < len(self._choices):
            self._move(index, index + step)

    def _move(self, index: int, target: int) -> None:
        choices = list(self._choices)
        choices.insert(target, choices.pop(index))
        self._change(tuple(choices))

    @guarded
    def _on_dragged(self, card: PartCard, place: QPoint) -> None:
        """Mark the gap the card would come into, and bring it into view."""
        y = self._inner.mapFromGlobal(place).y()
        gap = sum(y > other.geometry().center().y() for other in self._cards)
        index = self._cards.index(card)
        self._target = gap if gap <= index else gap - 1
        top = self._cards[gap].y() if gap < len(self._cards) else self._cards[-1].geometry().bottom() + 5
        self._mark.setGeometry(0, max(0, top - 4), self._inner.width(), 3)
        self._mark.setVisible(self._target != index)
        self._mark.raise_()
        self.ensureVisible(0, y, 0, 30)

    @guarded
    def _on_dropped(self, card: PartCard) -> None:
        self._mark.hide()
        target, self._target = self._target, None
        index = self._cards.index(card)
        if target is not None and target != index:
            self._move(index, target)

    @guarded
    def _on_duplicated(self, card: PartCard) -> None:
        index = self._cards.index(card)
        self.add(self._choices[index], at=index + 1)

    @guarded
    def _on_removed(self, card: PartCard) -> None:
        index = self._cards.index(card)
        self._change((*self._choices[:index], *self._choices[index + 1 :]))
