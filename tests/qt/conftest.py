"""No widget, timer, thread or child process survives a test, and no slot's error goes unseen."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import threading
import warnings
from collections.abc import Iterator

import pytest

with warnings.catch_warnings():
    # The older host warns of its own use of old Python functions when it is imported.
    warnings.simplefilter("ignore")
    import acconeer.exptool.a121  # noqa: F401 - what reads recordings would import it in the middle of a test

from qtpy.QtCore import QCoreApplication, QTimer
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.workbench.workbench import Workbench

DEFERRED_DELETE = 52  # QEvent.DeferredDelete, which the two bindings spell differently


@pytest.fixture(autouse=True)
def nothing_survives(qtbot: object, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves something behind."""
    threads = set(threading.enumerate())
    # The objects, not their ids: Python's end of a widget that nobody holds is made anew each time.
    widgets = QApplication.topLevelWidgets()
    yield
    request.node.funcargs.clear()  # pytest's own references to the fixtures' widgets
    QCoreApplication.sendPostedEvents(None, DEFERRED_DELETE)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, DEFERRED_DELETE)
    left = [repr(widget) for widget in QApplication.topLevelWidgets() if widget not in widgets]
    left += [repr(timer) for timer in _active_timers()]
    left += [repr(thread) for thread in threading.enumerate() if thread not in threads]
    left += [repr(child) for child in multiprocessing.active_children()]
    assert not left, f"survived the test: {left}"
    unseen = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not unseen, f"errors that were only logged: {unseen}"


@pytest.fixture
def workbench(nothing_survives: None) -> Iterator[Workbench]:
    """Give a workbench of its own to a test, without threads left behind."""
    bench = Workbench()
    yield bench
    bench.close()


def _active_timers() -> list[QTimer]:
    timers = []
    for item in gc.get_objects():
        # type(), because isinstance would touch the __class__ of every lazy module and proxy there is
        if issubclass(type(item), QTimer):
            try:
                active = item.isActive()
            except RuntimeError:  # Qt has deleted it already
                continue
            if active:
                timers.append(item)
    return timers
