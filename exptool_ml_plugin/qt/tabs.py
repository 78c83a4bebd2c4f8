"""Our tabs beside the host's own: built when first shown, sharing one model info box and one sensor panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qtpy.QtCore import QObject, Qt
from qtpy.QtWidgets import QTabWidget, QWidget

from ..workbench.workbench import Workbench
from .bridge import guarded, report
from .reporting import Notice
from .tab_holder import Tab, TabHolder
from .widgets.model_info_box import ModelInfoBox


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
    where there are none. `before` are tabs of the host that stand before ours and are looked after in the same way.
    Nothing raises into the tab widget's owner: faults are shown in the tab.
    """

    def __init__(
        self,
        tab_widget: QTabWidget,
        workbench: Workbench,
        make_sensor_panel: Callable[[QWidget], QWidget] | None = None,
        *,
        before: Sequence[Tab] = (),
    ) -> None:
        super().__init__(tab_widget)
        self.workbench = workbench
        self._tab_widget = tab_widget
        self._make_sensor_panel = make_sensor_panel
        self._shared: _Shared | None = None
        self._current: TabHolder | None = None
        self._holders: dict[str, TabHolder] = {}
        for tab in (*before, *TABS):
            holder = TabHolder(tab, workbench)
            self._holders[tab.title] = holder
            index = tab_widget.addTab(holder, tab.title)
            tab_widget.setTabToolTip(index, tab.tooltip)
        tab_widget.setElideMode(Qt.TextElideMode.ElideNone)
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
            self._shared.side_widths[holder.shows_sensor] = holder.side_width()
            holder.call_page("hidden")

    def _enter(self, holder: TabHolder) -> None:
        self._current = holder
        if self._shared is None:  # first of all, because it shows what goes wrong in building the page
            self._shared = _Shared(self.workbench, holder)
        holder.build()
        sensor = self._sensor_panel(holder) if holder.shows_sensor else None
        holder.take(self._shared.notice, self._shared.info_box, sensor)
        holder.set_side_width(self._shared.side_widths.get(holder.shows_sensor, 0))
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
        self.side_widths: dict[bool, int] = {}  # by whether the sensor panel is shown, which needs more
