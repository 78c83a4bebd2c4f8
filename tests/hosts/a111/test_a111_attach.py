"""Our tabs in the real A111 app."""

from __future__ import annotations

from typing import Any

import pytest
from acconeer.exptool.app.old.data_processing import DataProcessing
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMainWindow, QMessageBox, QTabWidget

from exptool_ml_plugin.core.recipe import TriggerChoice
from exptool_ml_plugin.core.simulate import A111_SETUPS, record
from exptool_ml_plugin.hosts.a111.panel import SensorPanel
from exptool_ml_plugin.hosts.a111.tabs_in_host import TabsInHost
from exptool_ml_plugin.hosts.attach import WindowWatch, attach, call_when_attached, register
from exptool_ml_plugin.qt.tabs import TABS


def titles(window: Any) -> list[str]:
    tabs = window.centralWidget()
    return [tabs.tabText(index) for index in range(tabs.count())]


def is_in_its_place(window: Any) -> bool:
    """The host's own panel is where the host has it."""
    return bool(window.panel_scroll_area_widget.currentWidget() is window.main_sublayout_widget)


def test_the_hosts_content_becomes_the_first_of_our_tabs(host: Any) -> None:
    content = host.window.centralWidget()

    first = host.attach()

    assert isinstance(host.window.centralWidget(), QTabWidget)
    assert titles(host.window) == ["Exploration Tool", *(tab.title for tab in TABS)]
    assert host.window.centralWidget().currentWidget() is content
    assert content.isVisible()
    assert is_in_its_place(host.window)
    assert attach(host.window) is first
    assert titles(host.window).count("Exploration Tool") == 1


def test_the_hosts_own_panel_is_in_whichever_tab_is_in_view(host: Any) -> None:
    attached = host.attach()
    window = host.window

    for title in ("Collect", "Features", "Evaluate"):
        attached.tabs.show_tab(title)
        panel = attached.panel
        assert isinstance(panel, SensorPanel)
        assert window.main_sublayout_widget.parent() is panel
        host.wait(window.module_dd.isVisible)
    window.centralWidget().setCurrentIndex(0)

    assert is_in_its_place(window)
    assert window.module_dd.isVisible()
    assert list(attached.workbench.problems) == []


def test_letting_go_in_the_middle_of_our_tabs_leaves_the_host_as_it_was(host: Any) -> None:
    attached = host.attach()
    attached.tabs.show_tab("Collect")
    assert type(host.window.radar) is not DataProcessing

    attached.close()

    assert type(host.window.radar) is DataProcessing
    assert is_in_its_place(host.window)


def test_registering_any_number_of_times_adds_the_tabs_once_when_the_window_is_shown(host: Any) -> None:
    host.window.hide()
    added: list[Any] = []
    call_when_attached(added.append)
    register()
    register()

    host.window.show()

    host.wait(lambda: bool(added))
    assert len(host.window.findChildren(TabsInHost)) == 1
    host.wait(lambda: QCoreApplication.instance().findChildren(WindowWatch) == [])


def test_tabs_that_cannot_be_built_leave_the_host_as_it_was(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content = host.window.centralWidget()

    def broken(*_: Any) -> None:
        raise RuntimeError("no tabs today")

    monkeypatch.setattr("exptool_ml_plugin.hosts.host_tabs.WorkbenchTabs", broken)

    assert attach(host.window) is None

    assert host.window.centralWidget() is content
    assert content.isVisible()
    assert is_in_its_place(host.window)
    assert type(host.window.radar) is DataProcessing
    box = host.window.findChild(QMessageBox)
    assert "no tabs today" in box.text()
    box.close()


def test_a_window_that_is_built_in_another_way_is_refused(qtbot: Any) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)

    with pytest.raises(LookupError, match=r"radar, .*module_dd"):
        TabsInHost.open_in(window)


@pytest.mark.parametrize("answer", ["cancel", "discard"])
def test_unsaved_frames_are_asked_about_before_the_window_is_closed(host: Any, monkeypatch: Any, answer: str) -> None:
    attached = host.attach()
    attached.tabs.show_tab("Collect")
    monkeypatch.setattr("exptool_ml_plugin.qt.widgets.session_box.ask_about_unsaved", lambda *_: answer)
    setup = A111_SETUPS["sparse"]
    engine = attached.workbench.engine
    attached.workbench.set_setup(setup)
    attached.workbench.change_recipe(trigger=TriggerChoice("continuous"))
    attached.workbench.collecting.label = "push"
    engine.set_mode("collect")
    engine.begin(setup, source="test")
    for reading in record(setup, "push", 2.0, name="push"):
        engine.push(reading)
    engine.end()
    assert engine.wait()
    assert attached.workbench.session.unsaved

    host.window.close()

    assert host.window.isVisible() == (answer == "cancel")
    assert is_in_its_place(host.window) == (answer == "discard")


def test_closing_the_window_ends_everything_of_ours(host: Any) -> None:
    attached = host.attach()
    attached.tabs.show_tab("Collect")
    attached.scene.connect_host()
    host.start()
    host.wait(lambda: attached.workbench.measuring)
    host.stop()
    attached.workbench.engine.begin(A111_SETUPS["sparse"], source="test")

    host.window.close()

    assert not host.window.isVisible()
    assert not attached.workbench.measuring
    assert type(host.window.radar) is DataProcessing
    assert not any(problem.is_bug for problem in attached.workbench.problems)
