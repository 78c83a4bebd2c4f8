"""Our tabs beside the host's own: built when first shown, sharing one model info box and one sensor panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QFrame, QScrollArea, QSplitter, QTabWidget, QVBoxLayout, QWidget

from ..workbench.workbench import Workbench
from . import style
from .bridge import guarded, report
from .reporting import Notice
from .widgets.model_info_box import ModelInfoBox

SIDE_PART = 0.27
SIDE_WIDTHS = (320, 400)
"""The right-hand panel's part of the window, and its limits in pixels, before the user drags it."""


@dataclass(frozen=True)
class Tab:
    """One tab: its title, what it is for, and the function that builds its page for a workbench."""

    title: str
    tooltip: str
    make_page: Callable[[Workbench], Any]


def _features(workbench: Workbench) -> Any:
    from .features_tab import FeaturesTab

    return FeaturesTab(workbench)


def _collect(workbench: Workbench) -> Any:
    from .collect_tab import CollectTab

    return CollectTab(workbench)


def _inspect(workbench: Workbench) -> Any:
    from .inspect_tab import InspectTab

    return InspectTab(workbench)


def _model(workbench: Workbench) -> Any:
    from .model_tab import ModelTab

    return ModelTab(workbench)


def _train(workbench: Workbench) -> Any:
    from .train_tab import TrainTab

    return TrainTab(workbench)


def _evaluate(workbench: Workbench) -> Any:
    from .evaluate_tab import EvaluateTab

    return EvaluateTab(workbench)


# The pages are imported when they are shown: the host must start as fast as without us.
TABS = (
    Tab("Features", "Choose what is computed from each radar reading", _features),
    Tab("Collect", "Turn radar data into labelled frames", _collect),
    Tab("Inspect", "Look through the frames, correct their labels, save them", _inspect),
    Tab("Model", "Build the network layer by layer", _model),
    Tab("Train", "Train the network and see how it does", _train),
    Tab("Evaluate", "Try a model on the sensor or on a recording", _evaluate),
)


class WorkbenchTabs(QObject):
    """Adds our tabs to a tab widget and looks after them; lives as long as the tab widget.

    `make_sensor_panel` builds the host's connection, recording and control widgets for the right-hand panel, None
    where there are none. Nothing raises into the tab widget's owner: faults are shown in the tab.
    """

    def __init__(
        self,
        tab_widget: QTabWidget,
        workbench: Workbench,
        make_sensor_panel: Callable[[QWidget], QWidget] | None = None,
    ) -> None:
        super().__init__(tab_widget)
        self.workbench = workbench
        self._tab_widget = tab_widget
        self._make_sensor_panel = make_sensor_panel
        self._shared: _Shared | None = None
        self._current: TabHolder | None = None
        self._holders: dict[str, TabHolder] = {}
        for tab in TABS:
            holder = TabHolder(tab, workbench)
            self._holders[tab.title] = holder
            index = tab_widget.addTab(holder, tab.title)
            tab_widget.setTabToolTip(index, tab.tooltip)
        tab_widget.currentChanged.connect(self._on_current_changed)
        self._on_current_changed()

    def page(self, title: str) -> Any:
        """The page of a tab, built if it was not yet; None if it cannot be built."""
        holder = self._holders[title]
        holder.build()
        return holder.page

    def show_tab(self, title: str) -> None:
        """Go to a tab."""
        self._tab_widget.setCurrentWidget(self._holders[title])

    def close(self) -> None:
        """Stop what the page in view is doing; the tabs may be removed afterwards."""
        self._tab_widget.currentChanged.disconnect(self._on_current_changed)
        self._leave()

    @guarded
    def _on_current_changed(self) -> None:
        self._leave()
        holder = self._tab_widget.currentWidget()
        if isinstance(holder, TabHolder):
            self._enter(holder)

    def _leave(self) -> None:
        holder, self._current = self._current, None
        if holder is not None and self._shared is not None:
            self._shared.side_width = holder.side_width() or self._shared.side_width
            holder.call_page("hidden")

    def _enter(self, holder: TabHolder) -> None:
        self._current = holder
        if self._shared is None:  # first of all, because it shows what goes wrong in building the page
            self._shared = _Shared(self.workbench, holder)
        holder.build()
        sensor = self._sensor_panel(holder) if holder.shows_sensor else None
        holder.take(self._shared.notice, self._shared.info_box, sensor)
        holder.set_side_width(self._shared.side_width)
        holder.call_page("shown")

    def _sensor_panel(self, holder: TabHolder) -> QWidget | None:
        shared = self._shared
        if shared is None or self._make_sensor_panel is None:
            return None
        if shared.sensor_panel is None:
            try:
                shared.sensor_panel = self._make_sensor_panel(holder)
            except Exception as error:  # noqa: BLE001 - built by a host of any version; the tab goes on without it
                self._make_sensor_panel = None
                report(self, error, where="the sensor panel")
        return shared.sensor_panel


class _Shared:
    """What all tabs have in common and the tab in view holds."""

    def __init__(self, workbench: Workbench, parent: QWidget) -> None:
        self.notice = Notice(workbench, parent)
        self.info_box = ModelInfoBox(workbench, parent)
        self.sensor_panel: QWidget | None = None
        self.side_width = 0


class TabHolder(QWidget):
    """The place of one page: notice on top, the page above the model info box, side panels to the right."""

    def __init__(self, tab: Tab, workbench: Workbench) -> None:
        super().__init__()
        self.workbench = workbench
        self.page: Any = None
        self._tab = tab
        self._built = False

    @property
    def shows_sensor(self) -> bool:
        """Whether the page wants the sensor panel beside it."""
        return bool(getattr(self.page, "shows_sensor", False))

    def build(self) -> None:
        """Build the page, the first time only; a fault is reported and leaves a text in its place."""
        if self._built:
            return
        self._built = True
        try:
            self.page = self._tab.make_page(self.workbench)
        except Exception as error:  # noqa: BLE001 - one page that cannot be built must not take the host with it
            report(self, error, where=f"the tab {self._tab.title}")
        self._make_layout()

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
        self._own_side: QWidget | None = getattr(self.page, "side", None)
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
        if self._own_side is not None:
            self._side_column.addWidget(self._own_side)
        self._side_column.addStretch(0)
        self._side = QScrollArea(self)
        self._side.setFrameShape(QFrame.Shape.NoFrame)
        self._side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._side.setWidgetResizable(True)
        self._side.setMinimumWidth(SIDE_WIDTHS[0])
        self._side.setWidget(inner)
        return self._side
