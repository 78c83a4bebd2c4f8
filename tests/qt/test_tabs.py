"""Our tabs stand beside the host's own, are built when shown, and never hurt the host."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from qtpy.QtWidgets import QLabel, QTabWidget, QWidget

from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.plugins import PluginProblem
from exptool_ml_plugin.qt import tabs
from exptool_ml_plugin.qt.tabs import TABS, Tab, WorkbenchTabs


class Page(QWidget):
    """Notes what it is told."""

    built: ClassVar[list[str]] = []

    def __init__(self, name: str, *, shows_sensor: bool = False, own_side: bool = False) -> None:
        super().__init__()
        Page.built.append(name)
        self.shows_sensor = shows_sensor
        self.side = QLabel("side", self) if own_side else None
        self.calls: list[str] = []

    def shown(self) -> None:
        self.calls.append("shown")

    def hidden(self) -> None:
        self.calls.append("hidden")


def broken(workbench):
    raise RuntimeError("cannot be built")


@pytest.fixture
def few_tabs(monkeypatch):
    Page.built = []
    few = (
        Tab("Live", "", lambda workbench: Page("Live", shows_sensor=True, own_side=True)),
        Tab("Plain", "", lambda workbench: Page("Plain")),
        Tab("Broken", "", broken),
        Tab("Live too", "", lambda workbench: Page("Live too", shows_sensor=True)),
    )
    monkeypatch.setattr(tabs, "TABS", few)


@pytest.fixture
def host(qtbot):
    widget = QTabWidget()
    widget.addTab(QLabel("the host's own content"), "Exploration Tool")
    qtbot.addWidget(widget)
    widget.resize(1200, 800)
    widget.show()
    return widget


def sensor_panel(parent):
    return QLabel("sensor", parent)


@pytest.fixture
def added(few_tabs, host, workbench):
    return WorkbenchTabs(host, workbench, sensor_panel)


def titles(host):
    return [host.tabText(index) for index in range(host.count())]


def test_the_six_tabs_stand_behind_the_hosts_own(host, workbench):
    WorkbenchTabs(host, workbench)
    assert titles(host) == ["Exploration Tool", "Features", "Collect", "Inspect", "Model", "Train", "Evaluate"]
    assert host.currentIndex() == 0


def test_tabs_of_the_host_stand_before_ours_and_are_looked_after_in_the_same_way(few_tabs, host, workbench):
    own = Tab("Own", "", lambda workbench: Page("Own", own_side=True))
    added = WorkbenchTabs(host, workbench, sensor_panel, before=(own,))

    assert titles(host) == ["Exploration Tool", "Own", "Live", "Plain", "Broken", "Live too"]
    added.show_tab("Own")
    added.show_tab("Live")
    assert added.page("Own").calls == ["shown", "hidden"]
    assert added.page("Live").calls == ["shown"]


def test_nothing_is_built_before_a_tab_is_shown(added, host):
    assert Page.built == []
    host.setCurrentIndex(2)
    assert Page.built == ["Plain"]
    host.setCurrentIndex(0)
    host.setCurrentIndex(2)
    assert Page.built == ["Plain"]


def test_a_page_is_told_when_it_comes_into_view_and_when_it_leaves(added, host):
    added.show_tab("Plain")
    added.show_tab("Live")
    host.setCurrentIndex(0)
    assert added.page("Plain").calls == ["shown", "hidden"]
    assert added.page("Live").calls == ["shown", "hidden"]


def test_model_info_and_sensor_panel_move_to_the_tab_in_view(added, host, qtbot):
    for title, with_sensor in (("Live", True), ("Plain", False), ("Live too", True), ("Live", True)):
        added.show_tab(title)
        shared = added._shared
        qtbot.waitUntil(shared.info_box.isVisible, timeout=2000)
        qtbot.wait(20)
        assert shared.sensor_panel.isVisible() == with_sensor
    assert added.page("Live").side.isVisible()


def test_a_problem_from_before_the_first_tab_is_no_window_of_its_own(few_tabs, host, workbench, qtbot):
    workbench.plugins.problems.append(PluginProblem("guest", "broken"))
    added = WorkbenchTabs(host, workbench)
    added.show_tab("Plain")
    notice = added._shared.notice
    qtbot.waitUntil(notice.isVisible, timeout=2000)
    assert notice.window() is host


def test_a_tab_without_side_panel_takes_the_whole_width(added, host, qtbot):
    added.show_tab("Plain")
    qtbot.waitUntil(lambda: added.page("Plain").width() > host.width() - 60, timeout=2000)


def test_the_width_of_the_side_panel_is_kept_from_tab_to_tab(added, host):
    added.show_tab("Live")
    added._current._columns.setSizes([700, 490])
    width = added._current.side_width()
    added.show_tab("Plain")
    added.show_tab("Live too")
    assert abs(added._current.side_width() - width) <= 2


def test_nothing_of_the_side_panel_is_cut_off(few_tabs, host, workbench, qtbot):
    def wide_panel(parent):
        panel = QLabel("wide", parent)
        panel.setMinimumWidth(470)
        return panel

    added = WorkbenchTabs(host, workbench, wide_panel)
    added.show_tab("Live")
    qtbot.waitUntil(lambda: added._current.side_width() >= 470, timeout=2000)
    assert not added._current._side.horizontalScrollBar().isVisible()


def test_a_page_that_cannot_be_built_is_reported_and_the_others_work(added, host, workbench):
    added.show_tab("Broken")
    assert added.page("Broken") is None
    assert "cannot be built" in workbench.problems[-1].message
    assert not added._shared.notice.isHidden()
    added.show_tab("Live")
    assert added.page("Live").calls == ["shown"]


def test_a_page_that_could_not_be_built_is_tried_again_when_its_tab_is_shown(
    few_tabs, host, workbench, monkeypatch, qtbot
):
    well: list[bool] = []

    def make(workbench):
        if not well:
            raise RuntimeError("not yet")
        return Page("Later", own_side=True)

    monkeypatch.setattr(tabs, "TABS", (Tab("Later", "", make), *tabs.TABS))
    added = WorkbenchTabs(host, workbench)
    added.show_tab("Later")
    assert added.page("Later") is None
    host.setCurrentIndex(0)
    well.append(True)
    added.show_tab("Later")
    page = added.page("Later")
    qtbot.waitUntil(lambda: page.isVisible() and page.side.isVisible(), timeout=2000)
    assert page.calls == ["shown"]


def test_a_guest_whose_check_fails_takes_no_tab_away(host, workbench):
    class Failing(Feature):
        key, name, description, outputs = "failing", "Failing", "", {"value": "Value"}
        width = 1

        def row(self, matrices):
            return np.ones(1)

        @classmethod
        def check(cls, options, channels):
            raise ValueError("the check of a guest fails")

    workbench.plugins.features["failing"] = Failing
    workbench.set_setup(DEFAULT_SETUP)
    workbench.change_recipe(features=(FeatureChoice("range_segment"), FeatureChoice("failing")))
    added = WorkbenchTabs(host, workbench)
    for title in ("Features", "Collect", "Evaluate"):
        assert added.page(title) is not None, title


def test_a_fault_on_coming_into_view_is_reported_and_not_raised(added, host, workbench):
    page = added.page("Plain")
    page.shown = lambda: 1 / 0
    added.show_tab("Plain")
    assert "ZeroDivisionError" in workbench.problems[-1].report


def test_a_sensor_panel_that_cannot_be_built_is_reported_once_and_left_out(few_tabs, host, workbench):
    def no_panel(parent):
        raise AttributeError("another version of the host")

    added = WorkbenchTabs(host, workbench, no_panel)
    added.show_tab("Live")
    added.show_tab("Live too")
    assert len(workbench.problems) == 1
    assert added.page("Live").calls == ["shown", "hidden"]


def test_closing_stops_the_page_in_view(added, host):
    added.show_tab("Live")
    added.close()
    assert added.page("Live").calls == ["shown", "hidden"]
    host.setCurrentIndex(2)
    assert Page.built == ["Live"]


@pytest.mark.parametrize("title", [tab.title for tab in TABS])
def test_every_tab_can_be_shown_left_and_shown_again(host, workbench, title):
    added = WorkbenchTabs(host, workbench, sensor_panel)
    added.show_tab(title)
    host.setCurrentIndex(0)
    added.show_tab(title)
    added.close()
    assert added.page(title) is not None
    assert list(workbench.problems) == []


def test_tabs_may_be_taken_down_and_built_again_on_the_same_workbench(qtbot, workbench):
    for _ in range(2):
        widget = QTabWidget()
        added = WorkbenchTabs(widget, workbench)
        added.show_tab("Features")
        added.show_tab("Model")
        added.close()
        widget.close()
        widget.deleteLater()
        qtbot.wait(10)
    assert list(workbench.problems) == []
