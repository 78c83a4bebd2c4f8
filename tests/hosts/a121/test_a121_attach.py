"""Our tabs in the real host."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QMainWindow, QMessageBox, QTabWidget, QWidget

from exptool_ml_plugin.core.recipe import TriggerChoice
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, record
from exptool_ml_plugin.hosts import attach as attach_module
from exptool_ml_plugin.hosts.a121.tabs_in_host import TabsInHost, find_app_model
from exptool_ml_plugin.hosts.attach import WindowWatch, attach, call_when_attached, register
from exptool_ml_plugin.qt.tabs import TABS


def titles(window: Any) -> list[str]:
    tabs = window.centralWidget()
    return [tabs.tabText(index) for index in range(tabs.count())]


def test_the_hosts_content_becomes_the_first_of_our_tabs(host: Any) -> None:
    content = host.window.centralWidget()

    host.attach()

    assert isinstance(host.window.centralWidget(), QTabWidget)
    assert titles(host.window) == ["Exploration Tool", *(tab.title for tab in TABS)]
    assert host.window.centralWidget().currentWidget() is content
    assert content.isVisible()


def test_attaching_twice_changes_nothing(host: Any) -> None:
    first = host.attach()

    assert attach(host.window) is first
    assert titles(host.window).count("Exploration Tool") == 1


def test_registering_any_number_of_times_adds_the_tabs_once_when_the_window_is_shown(host: Any, qtbot: Any) -> None:
    host.window.hide()
    added: list[TabsInHost] = []
    call_when_attached(added.append)
    register()
    register()
    app = QCoreApplication.instance()
    assert len(app.findChildren(WindowWatch)) == 1

    host.window.show()

    qtbot.waitUntil(lambda: bool(added))
    assert len(host.window.findChildren(TabsInHost)) == 1
    qtbot.waitUntil(lambda: app.findChildren(WindowWatch) == [])


def test_a_window_that_is_gone_before_the_tabs_are_ready_is_left_alone(host: Any, qtbot: Any) -> None:
    host.window.hide()
    register()
    watch = QCoreApplication.instance().findChild(WindowWatch)
    other = QMainWindow()
    watch._window = other
    watch.stop()

    other.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    watch._start_import()

    qtbot.waitUntil(lambda: QCoreApplication.instance().findChildren(WindowWatch) == [])


def test_other_windows_are_left_alone(qtbot: Any, host: Any) -> None:
    host.window.hide()
    register()
    other = QMainWindow()
    qtbot.addWidget(other)
    other.setCentralWidget(QWidget())

    other.show()
    qtbot.wait(50)

    assert not isinstance(other.centralWidget(), QTabWidget)
    host.window.show()
    qtbot.waitUntil(lambda: isinstance(host.window.centralWidget(), QTabWidget))


def test_the_model_is_found_without_the_hosts_private_names(host: Any) -> None:
    assert find_app_model(host.window) is host.app_model


def test_a_host_we_cannot_attach_to_goes_on_and_is_told_why(qtbot: Any) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    content = QWidget()
    window.setCentralWidget(content)
    window.show()

    assert attach(window) is None

    assert window.centralWidget() is content
    box = window.findChild(QMessageBox)
    assert "QMainWindow" in box.text()
    assert "7.13 or newer" in box.informativeText()
    box.close()


def test_tabs_that_cannot_be_built_leave_the_host_as_it_was(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content = host.window.centralWidget()

    def broken(*_: Any) -> None:
        raise RuntimeError("no tabs today")

    monkeypatch.setattr("exptool_ml_plugin.hosts.host_tabs.WorkbenchTabs", broken)

    assert attach(host.window) is None

    assert host.window.centralWidget() is content
    assert content.isVisible()
    assert "no tabs today" in host.window.findChild(QMessageBox).text()


def test_without_an_application_registering_says_so(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    class NoApplication:
        @staticmethod
        def instance() -> None:
            return None

    monkeypatch.setattr(attach_module, "QCoreApplication", NoApplication)

    register()

    assert "QApplication" in caplog.text


@pytest.mark.parametrize("answer", ["cancel", "discard"])
def test_unsaved_frames_are_asked_about_before_the_window_is_closed(host: Any, monkeypatch: Any, answer: str) -> None:
    attached = host.attach()
    monkeypatch.setattr("exptool_ml_plugin.qt.widgets.session_box.ask_about_unsaved", lambda *_: answer)
    setup = DEFAULT_SETUP
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
    monkeypatch.setattr("exptool_ml_plugin.qt.widgets.session_box.ask_about_unsaved", lambda *_: "discard")
    host.window.close()


def test_a_file_that_is_being_written_is_waited_for_before_the_window_is_closed(host: Any, tmp_path: Path) -> None:
    attached = host.attach()
    written = threading.Event()
    attached.workbench.saving.begin(lambda: written.wait(30), tmp_path / "gestures.h5")
    QTimer.singleShot(0, written.set)  # runs only while the window is alive

    host.window.close()

    assert written.is_set()
    assert not host.window.isVisible()
    assert not attached.workbench.saving.busy


def test_closing_the_window_ends_everything_of_ours(host: Any) -> None:
    attached = host.attach()
    attached.workbench.engine.begin(DEFAULT_SETUP, source="test")

    host.window.close()

    assert not attached.workbench.measuring
    host.app_model.broadcast()  # nobody listens, nothing happens
    assert list(attached.workbench.problems) == []
