"""A drop-down list that the mouse wheel leaves as it is."""

from __future__ import annotations

from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QComboBox


class CalmComboBox(QComboBox):
    """A drop-down list in a page that scrolls: a wheel over it moves the page, not what is chosen."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page; the open list scrolls as usual."""
        event.ignore()
