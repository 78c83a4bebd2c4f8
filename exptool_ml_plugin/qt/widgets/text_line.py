"""A line of text that changes many times a second, at the cost of its own few pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from qtpy.QtCore import QEvent, QPointF, QSize, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from qtpy.QtWidgets import QSizePolicy, QWidget

_GAP = 18


class Piece(NamedTuple):
    """Some text in one colour; none for that of the theme."""

    text: str
    color: str = ""
    bold: bool = False


class TextLine(QWidget):
    """Groups of coloured text beside each other, cut with "…" where they do not fit.

    A label tells its layout about every new text, and the layout has the whole window painted again: a hundred times
    the cost of the text. This widget is as high as its font and takes the width it is given, whatever it shows. With
    `steady` a group keeps the width of its longest text until `release`, so that nothing moves with the numbers.
    """

    def __init__(self, parent: QWidget | None = None, *, align_right: bool = False, steady: bool = False) -> None:
        super().__init__(parent)
        self._align_right = align_right
        self._steady = steady
        self._groups: tuple[tuple[Piece, ...], ...] = ()
        self._widths: list[int] = []
        self._fonts: dict[bool, tuple[QFont, QFontMetrics]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The texts without their colours, groups apart by two blanks."""
        return "  ".join("".join(piece.text for piece in group) for group in self._groups)

    def set_groups(self, groups: Sequence[Sequence[Piece]]) -> None:
        """Show other texts."""
        new = tuple(tuple(group) for group in groups if group)
        if new == self._groups:
            return
        self._groups = new
        widths = [self._width(group) for group in new]
        if self._steady:
            kept = [*self._widths, *[0] * len(widths)]
            widths = [max(pair) for pair in zip(widths, kept, strict=False)]
        self._widths = widths
        self.update()

    def release(self) -> None:
        """Let the groups have their own widths again."""
        self._widths = [self._width(group) for group in self._groups]
        self.update()

    def width_needed(self, groups: Sequence[Sequence[Piece]]) -> int:
        """Return how wide the line must be to show all of the groups, pixels."""
        return sum(self._width(group) for group in groups) + _GAP * max(0, len(groups) - 1)

    def sizeHint(self) -> QSize:
        """Return the height of the font."""
        return QSize(0, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Return the height of the font."""
        return self.sizeHint()

    def paintEvent(self, event: Any) -> None:
        """Paint group by group."""
        painter = QPainter(self)
        x = 0
        if self._align_right:
            x = max(0, self.width() - sum(self._widths) - _GAP * max(0, len(self._widths) - 1))
        for group, width in zip(self._groups, self._widths, strict=True):
            self._paint(painter, group, x)
            x += width + _GAP
        painter.end()

    def _paint(self, painter: QPainter, group: tuple[Piece, ...], x: int) -> None:
        for piece in group:
            font, metrics = self._font(piece)
            painter.setFont(font)
            painter.setPen(self._color(piece))
            room = self.width() - x
            fits = metrics.horizontalAdvance(piece.text) <= room  # Qt would cut what fits but for a part of a pixel
            text = piece.text if fits else metrics.elidedText(piece.text, Qt.TextElideMode.ElideRight, room)
            top = (self.height() - metrics.height()) // 2
            painter.drawText(QPointF(x, top + metrics.ascent()), text)
            x += metrics.horizontalAdvance(piece.text)

    def _color(self, piece: Piece) -> Any:
        return QColor(piece.color) if piece.color else self.palette().color(QPalette.ColorRole.WindowText)

    def changeEvent(self, event: Any) -> None:
        """Measure anew with another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fonts.clear()
            self.release()

    def _font(self, piece: Piece) -> tuple[QFont, QFontMetrics]:
        if piece.bold not in self._fonts:
            font = QFont(self.font())
            font.setBold(piece.bold)
            self._fonts[piece.bold] = (font, QFontMetrics(font))
        return self._fonts[piece.bold]

    def _width(self, group: Sequence[Piece]) -> int:
        return sum(self._font(piece)[1].horizontalAdvance(piece.text) for piece in group)
