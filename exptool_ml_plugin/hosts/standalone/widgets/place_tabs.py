"""A row of tabs to which more can be added."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QTabBar, QToolButton, QWidget


class PlaceTabs(QWidget):
    """Tabs with a button that adds one and a button that takes the one in view away.

    `chosen` tells that another is in view, `removed` that it is to be taken away; what `add_button` does is the owner's
    matter.
    """

    chosen = Signal()
    removed = Signal()

    def __init__(self, thing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QTabBar(self)
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(True)
        self.bar.currentChanged.connect(lambda *_: self.chosen.emit())
        self.add_button = QToolButton(self)
        self.add_button.setText("+")
        self.add_button.setToolTip(f"Measure one more {thing}")
        self.remove_button = QToolButton(self)
        self.remove_button.setText("–")
        self.remove_button.setToolTip(f"Take away the {thing} in view")
        self.remove_button.clicked.connect(lambda *_: self.removed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.bar, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)

    @property
    def index(self) -> int:
        """Number of the tab in view."""
        return max(0, int(self.bar.currentIndex()))

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show these tabs, without a signal; the one in view stays in view where there is still one at its place."""
        if titles != [self.bar.tabText(index) for index in range(self.bar.count())]:
            blocked = self.bar.blockSignals(True)
            while self.bar.count() > len(titles):
                self.bar.removeTab(self.bar.count() - 1)
            for index, title in enumerate(titles):
                if index < self.bar.count():
                    self.bar.setTabText(index, title)
                else:
                    self.bar.addTab(title)
            self.bar.blockSignals(blocked)
        self.remove_button.setEnabled(len(titles) > 1)
