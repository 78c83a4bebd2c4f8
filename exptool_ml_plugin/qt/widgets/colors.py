"""Colours of training results, the same in every plot and table."""

from __future__ import annotations

import math

from qtpy.QtGui import QColor, QPalette

TRAINING = "#ff7f0e"
VALIDATION = "#2ca02c"

INK = "#1b1b1b"
"""Text on the pastel cells of `heat`, readable on all of them in light and dark themes."""


def heat(part: float, *, right: bool) -> QColor | None:
    """Return the background of a cell of the confusion matrix, None for cells that stay plain.

    `part` is the cell's part of its row, 0 to 1. A cell of right predictions goes from red over yellow to green,
    a cell of errors from pale orange to red; errors that never happened and rows without frames stay plain.
    """
    if math.isnan(part) or (part == 0.0 and not right):
        return None
    if right:
        return QColor.fromHsvF(part / 3.0, 0.42, 0.93)
    strength = min(1.0, part) ** 0.5
    return QColor.fromHsvF((1.0 - strength) * 0.11, 0.14 + 0.5 * strength, 0.99)


def faint(palette: QPalette) -> QColor:
    """Return the colour of text that stands back: half way between text and background."""
    text, base = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base)
    return QColor((text.red() + base.red()) // 2, (text.green() + base.green()) // 2, (text.blue() + base.blue()) // 2)
