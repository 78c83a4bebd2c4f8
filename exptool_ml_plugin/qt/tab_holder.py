"""The place of one page among our tabs, with what it shares with the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from ..workbench.workbench import Workbench
from . import style
from .bridge import report

SIDE_PART = 0.27
SIDE_WIDTHS = (320, 400)
"""The right-hand panel's part of the window, and its limits in pixels, before the user drags it."""

_SCROLL_BAR = 26
"""Room for a scroll bar in any theme: style sheets make them wider than they say."""


@dataclass(frozen=True)
class Tab:
    """One tab: its title, what it is for, and the function that builds its page for a workbench."""

    title: str
    tooltip: str
    make_page: Callable[[Workbench], Any]


class TabHolder(QWidget):
    """The place of one page: notice on top, the page above the model info box, side panels to the right."""

    def __init__(self, tab: Tab, workbench: Workbench) -> None:
        super().__init__()
        self.workbench = workbench
        self.page: Any = None
        self._tab = tab
        self._laid_out = False

    @property
    def shows_sensor(self) -> bool:
        """Whether the page wants the sensor panel beside it."""
        return bool(getattr(self.page, "shows_sensor", False))

    def build(self) -> None:
        """Build the page once; a fault is reported and leaves a text in its place, until the tab is shown again."""
        if self.page is not None:
            return
        try:
            self.page = self._tab.make_page(self.workbench)
        except Exception as error:  # noqa: BLE001 - one page that cannot be built must not take the host with it
            report(self, error, where=f"the tab {self._tab.title}")
        if not self._laid_out:
            self._laid_out = True
            self._make_layout()
        elif self.page is not None:
            self._left.replaceWidget(0, self.page).deleteLater()
            self.page.show()  # which Qt 5 leaves to us
            self._take_own_side()

    def call_page(self, method: str) -> None:
        """Tell the page that it is `shown` or `hidden`."""
        try:
            if self.page is not None:
                getattr(self.page, method)()
        except Exception as error:  # noqa: BLE001 - called from Qt, whatever comes must stop here
            report(self, error, where=f"{self._tab.title}.{method}")

    def take(self, notice: QWidget, info_box: QWidget, sensor_panel: QWidget | None) -> None:
        """Take the shared widgets from the tab that had them."""
        hidden = notice.isHidden()
        self._rows.insertWidget(0, notice)
        notice.setVisible(not hidden)
        self._left.addWidget(info_box)
        self._left.setStretchFactor(0, 1)
        self._left.setStretchFactor(1, 0)
        info_box.show()
        if sensor_panel is not None:
            self._side_column.addWidget(sensor_panel, 1)
            sensor_panel.show()
        self._side.setVisible(sensor_panel is not None or self._own_side is not None)

    def side_width(self) -> int:
        """Width of the side panel, to be the next tab's too; 0 without one."""
        return int(self._columns.sizes()[1]) if self._side.isVisible() else 0

    def set_side_width(self, side_width: int) -> None:
        """Give the side panel the width it had on the tab before; 0 for a part of the window."""
        width = max(self.width(), 800)
        side = side_width or min(max(SIDE_WIDTHS[0], round(SIDE_PART * width)), SIDE_WIDTHS[1])
        self._columns.setSizes([width - side, side])

    def _make_layout(self) -> None:
        self._own_side: QWidget | None = None
        content = self.page or style.text_label("This tab could not be built; see the report above.", self)
        self._left = QSplitter(Qt.Orientation.Vertical, self)
        self._left.addWidget(content)
        self._left.setCollapsible(0, False)
        self._columns = QSplitter(Qt.Orientation.Horizontal, self)
        self._columns.addWidget(self._left)
        self._columns.addWidget(self._make_side())
        self._columns.setStretchFactor(0, 1)
        self._columns.setStretchFactor(1, 0)
        self._columns.setChildrenCollapsible(False)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(6, 6, 6, 6)
        self._rows.addWidget(self._columns, 1)

    def _make_side(self) -> QScrollArea:
        inner = QWidget()
        self._side_column = QVBoxLayout(inner)
        self._side_column.setContentsMargins(4, 0, 4, 0)
        self._take_own_side()
        self._side_column.addStretch(0)
        self._side = SideArea(inner, self)
        return self._side

    def _take_own_side(self) -> None:
        self._own_side = getattr(self.page, "side", None)
        if self._own_side is not None:
            self._side_column.insertWidget(0, self._own_side)


class SideArea(QScrollArea):
    """Scrolls its content up and down; it is as wide as the content needs, so that nothing of it is cut off."""

    def __init__(self, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        """Room for the content and the scroll bar."""
        needed = self.widget().minimumSizeHint().width() + _SCROLL_BAR
        return QSize(max(SIDE_WIDTHS[0], int(needed)), 100)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for another width when the content needs one."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return bool(super().eventFilter(watched, event))
