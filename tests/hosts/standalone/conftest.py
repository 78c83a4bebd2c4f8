"""The stand-alone window as its command opens it; nothing of it survives a test."""

from __future__ import annotations

import gc
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opened_window import Opened
from qtpy.QtCore import QCoreApplication, QEvent
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.hosts.standalone.look import dress
from exptool_ml_plugin.hosts.standalone.sensor.control import SensorControl
from exptool_ml_plugin.hosts.standalone.window import SensorWindow
from exptool_ml_plugin.workbench.workbench import Workbench


@pytest.fixture
def open_window(qtbot: Any, tmp_path: Path, qapp: QApplication) -> Iterator[Callable[..., Opened]]:
    """Open windows; everything of them must be gone after the test."""
    threads, opened = set(threading.enumerate()), []
    style_sheet, palette = qapp.styleSheet(), qapp.palette()
    dress(qapp)

    def open_one(**options: Any) -> Opened:
        workbench = Workbench()
        control = SensorControl(workbench, **options)
        control.recordings.set_folder(tmp_path / "recordings")
        window = SensorWindow(workbench, control)
        window.show()
        opened.append(Opened(qtbot, window))
        return opened[-1]

    yield open_one
    for one in opened:
        one.control.close()
        one.workbench.engine.wait()
        one.workbench.new_session()  # what a test collected; nobody is there to be asked about it
        one.window.close()
        one.window.deleteLater()
    opened.clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet(style_sheet)
    qapp.setPalette(palette)
    gc.collect()
    left = [repr(thread) for thread in threading.enumerate() if thread not in threads]
    left += [repr(child) for child in multiprocessing.active_children()]
    assert not left, f"survived the test: {left}"


@pytest.fixture
def opened(open_window: Callable[..., Opened]) -> Opened:
    """One window."""
    return open_window()
