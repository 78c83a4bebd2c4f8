"""Signals of the workbench become calls in the GUI thread, and errors end here."""

from __future__ import annotations

import gc
import threading

import pytest
from psygnal import Signal
from qtpy.QtCore import QCoreApplication, QObject
from qtpy.QtWidgets import QPushButton, QWidget

from exptool_ml_plugin.qt import bridge


class Source:
    """Something with signals, as the workbench is."""

    changed = Signal()
    batch = Signal(int, str)


class Reports:
    """Collects what a workbench would be told."""

    def __init__(self) -> None:
        self.got: list[tuple[Exception, str]] = []

    def report(self, error: Exception, where: str) -> None:
        self.got.append((error, where))


class Page(QWidget):
    """A page as the tabs have them."""

    def __init__(self) -> None:
        super().__init__()
        self.workbench = Reports()


def in_thread(action: object) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


def test_a_slot_runs_at_once_when_the_signal_comes_from_the_gui_thread(qtbot):
    page, source, got = Page(), Source(), []
    qtbot.addWidget(page)
    bridge.connect(source.batch, lambda number, text: got.append((number, text)), page)
    source.batch.emit(3, "three")
    assert got == [(3, "three")]


def test_a_slot_runs_in_the_gui_thread_when_the_signal_comes_from_another(qtbot):
    page, source, got = Page(), Source(), []
    qtbot.addWidget(page)
    bridge.connect(source.batch, lambda number: got.append((number, threading.current_thread())), page)
    in_thread(lambda: source.batch.emit(7, ""))
    assert got == []
    qtbot.waitUntil(lambda: bool(got), timeout=1000)
    assert got == [(7, threading.main_thread())]


def test_emissions_from_another_thread_keep_their_order(qtbot):
    page, source, got = Page(), Source(), []
    qtbot.addWidget(page)
    bridge.connect(source.batch, lambda number: got.append(number), page)
    in_thread(lambda: [source.batch.emit(number, "") for number in range(200)])
    qtbot.waitUntil(lambda: len(got) == 200, timeout=1000)
    assert got == list(range(200))


def test_an_error_in_a_slot_is_reported_and_never_reaches_the_emitter(qtbot):
    page, source = Page(), Source()
    qtbot.addWidget(page)
    bridge.connect(source.changed, lambda: 1 / 0, page)
    source.changed.emit()
    in_thread(source.changed.emit)
    qtbot.waitUntil(lambda: len(page.workbench.got) == 2, timeout=1000)
    assert all(isinstance(error, ZeroDivisionError) for error, _ in page.workbench.got)


def test_the_connection_ends_with_its_owner(qtbot):
    page, source, got = Page(), Source(), []
    qtbot.addWidget(page)
    owner = QObject(page)
    bridge.connect(source.changed, lambda: got.append(1), owner)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, 52)
    assert len(source.changed) == 0
    source.changed.emit()
    in_thread(source.changed.emit)
    assert got == []


def test_a_connection_keeps_no_widget_alive(qtbot):
    class Listener(QWidget):
        def on_changed(self) -> None: ...

    source = Source()
    listener = Listener()
    bridge.connect(source.changed, listener.on_changed, listener)
    del listener
    gc.collect()
    QCoreApplication.sendPostedEvents(None, 52)
    assert len(source.changed) == 0


def test_owners_may_die_while_another_thread_emits(qtbot):
    page, source, stop = Page(), Source(), threading.Event()
    qtbot.addWidget(page)

    def emit() -> None:
        while not stop.is_set():
            source.changed.emit()

    thread = threading.Thread(target=emit)
    thread.start()
    for _ in range(200):
        owner = QObject(page)
        bridge.connect(source.changed, lambda: None, owner)
        owner.deleteLater()
        QCoreApplication.sendPostedEvents(owner, 52)
    stop.set()
    thread.join()
    QCoreApplication.processEvents()
    assert len(source.changed) == 0
    assert page.workbench.got == []


def test_a_guarded_slot_reports_its_error_and_takes_only_the_arguments_it_wants(qtbot):
    class Buttons(Page):
        clicks = 0

        @bridge.guarded
        def on_clicked(self) -> None:
            self.clicks += 1
            raise ValueError("broken")

    page = Buttons()
    qtbot.addWidget(page)
    button = QPushButton(page)
    button.clicked.connect(page.on_clicked)
    button.click()
    assert page.clicks == 1
    assert "broken" in str(page.workbench.got[0][0])
    assert page.workbench.got[0][1].endswith("Buttons.on_clicked")


def test_an_error_that_nobody_takes_is_logged(qtbot, caplog):
    lonely = QWidget()
    qtbot.addWidget(lonely)
    bridge.report(lonely, ValueError("lost"), where="here")
    assert "here" in caplog.text
    caplog.clear()


def test_a_plot_timer_calls_at_its_rate_until_stopped(qtbot):
    page, calls = Page(), []
    qtbot.addWidget(page)
    timer = bridge.PlotTimer(page, 100, lambda: calls.append(1))
    timer.start()
    qtbot.waitUntil(lambda: len(calls) >= 3, timeout=2000)
    timer.stop()
    seen = len(calls)
    qtbot.wait(50)
    assert len(calls) == seen


def test_a_plot_timer_stops_at_its_first_error_and_reports_it_once(qtbot):
    page = Page()
    qtbot.addWidget(page)
    timer = bridge.PlotTimer(page, 100, lambda: 1 / 0)
    timer.start()
    qtbot.waitUntil(lambda: not timer.isActive(), timeout=2000)
    qtbot.wait(50)
    assert len(page.workbench.got) == 1


@pytest.mark.parametrize("hz", [1000, 30, 0.5])
def test_a_plot_timer_accepts_any_rate(qtbot, hz):
    page = Page()
    qtbot.addWidget(page)
    assert bridge.PlotTimer(page, hz, lambda: None).interval() == round(1000 / hz)
