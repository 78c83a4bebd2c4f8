"""Colours and small helpers of appearance, so that all tabs look alike inside the host's light theme."""

from __future__ import annotations

from qtpy.QtGui import QColor
from qtpy.QtWidgets import QLabel, QWidget

ACCENT = "#0081db"
"""The host's own colour of what can be pressed."""
TEXT = "#4d5157"
MUTED = "#7b828c"
LINE = "#dadce0"
PAPER = "#ffffff"
ERROR = "#c62828"
WARNING = "#b26a00"
GOOD = "#2e7d32"

SERIES = (
    "#1f77b4",
    "#ff7f0e",
    "#2ca02c",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)
"""Ten colours that are told apart easily, for labels, features and curves, in the order they are given out."""


def series_color(index: int) -> str:
    """Return the colour of the `index`-th thing of a kind; it starts again after the tenth."""
    return SERIES[index % len(SERIES)]


def tint(color: str, amount: float) -> str:
    """Mix a colour into white: 0 is white, 1 the colour itself."""
    given = QColor(color)
    parts = (round(255 + (part - 255) * amount) for part in (given.red(), given.green(), given.blue()))
    return "#" + "".join(f"{part:02x}" for part in parts)


def text_label(
    text: str = "",
    parent: QWidget | None = None,
    *,
    color: str = "",
    bold: bool = False,
    size: int = 0,
    wrap: bool = False,
) -> QLabel:
    """Make a label; `size` is the change of the font's size in pixels."""
    label = QLabel(text, parent)
    set_text_color(label, color)
    font = label.font()
    font.setBold(bold)
    if size:
        font.setPixelSize(label.fontInfo().pixelSize() + size)
    label.setFont(font)
    label.setWordWrap(wrap)
    return label


def set_text_color(widget: QWidget, color: str) -> None:
    """Colour the text of one widget; "" gives it the colour of the theme back."""
    set_style(widget, f"color: {color};" if color else "")


def set_style(widget: QWidget, sheet: str) -> None:
    """Give a widget a style sheet, unless it has it: Qt works out the whole style anew with every call."""
    if widget.styleSheet() != sheet:
        widget.setStyleSheet(sheet)
