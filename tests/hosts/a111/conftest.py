"""The A111 app as its own `main` builds it. It takes seconds to start: the tests of a file share one window."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its import switches off all warnings of the process
    from acconeer.exptool.app.old.app import GUI, LoadState
    from acconeer.exptool.app.old.elements.modules import MODULE_KEY_TO_MODULE_INFO_MAP

from exptool_ml_plugin.hosts.a111.tabs_in_host import TabsInHost
from exptool_ml_plugin.hosts.attach import attach
from exptool_ml_plugin.hosts.host_tabs import unwrap_central_widget


@dataclass
class Host:
    """The window, and what a user does with it."""

    qtbot: Any
    window: Any
    errors: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    """Names that the user types into the host's file dialogs, in this order."""

    def attach(self) -> TabsInHost:
        attached = attach(self.window)
        assert isinstance(attached, TabsInHost)
        return attached

    def choose(self, key: str) -> None:
        """Choose a service or a detector."""
        self.window.module_dd.setCurrentIndex(self.window.module_dd.findText(MODULE_KEY_TO_MODULE_INFO_MAP[key].label))

    def connect(self) -> None:
        """Connect to the host's own simulated sensor."""
        self.window.interface_dd.setCurrentIndex(self.window.interface_dd.findData("mock"))
        self.window.buttons["connect"].click()

    def start(self) -> None:
        self.window.buttons["start"].click()
        assert self.window.get_gui_state("scan_is_running")

    def stop(self) -> None:
        self.window.buttons["stop"].click()
        self.wait(lambda: not self.window.get_gui_state("scan_is_running"))

    def settle(self) -> None:
        """Let pass what is on its way: readings to us, pictures to the host, which does not change plots before."""
        self.qtbot.wait(50)
        self.wait(lambda: not self.window.plot_queue)

    def save(self, path: Path) -> None:
        self.files.append(path)
        self.window.buttons["save_scan"].click()

    def load(self, path: Path) -> None:
        self.files.append(path)
        self.window.buttons["load_scan"].click()

    def wait(self, condition: Any, timeout_s: float = 30.0) -> None:
        self.qtbot.waitUntil(lambda: bool(self.errors or condition()), timeout=int(1000 * timeout_s))
        assert self.errors == []


@pytest.fixture(scope="module")
def window(qapp: Any) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the library that reads the help of every setting
        gui = GUI(use_last_config=False)
    gui.begun = {key: config._dumps() for key, config in gui.module_label_to_sensor_config_map.items()}
    yield gui
    gui.close()
    gui.deleteLater()  # the app ends with its window; here its 4,000 widgets would slow down the tests of other hosts
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def host(window: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    host = Host(qtbot, window)
    # The host's boxes wait for a user; here they are noted, and a wait for something fails.
    monkeypatch.setattr(window, "error_message", lambda text, info_text=None: host.errors.append(text))
    name_of = {"getSaveFileName": "h5", "getOpenFileName": ""}
    for name, kind in name_of.items():
        monkeypatch.setattr(QFileDialog, name, lambda *_, kind=kind, **__: (str(host.files.pop(0)), kind))
    threads = set(threading.enumerate())
    yield host
    _clear_up(host)
    left = [repr(thread) for thread in threading.enumerate() if thread not in threads]
    assert not left, f"survived the test: {left}"


def _clear_up(host: Host) -> None:
    """Bring the window back to how it began."""
    window = host.window
    host.errors.clear()
    if window.get_gui_state("scan_is_running"):
        host.stop()
    for attached in window.findChildren(TabsInHost):
        attached.workbench.engine.end()
        attached.workbench.engine.wait()
        attached.workbench.new_session()
        attached.close()
        window.removeEventFilter(attached)
        unwrap_central_widget(window, attached.tab_widget)
        attached.deleteLater()
    if window.get_gui_state("server_connected"):
        window.connect_to_server()
    window.set_gui_state("load_state", LoadState.UNLOADED)
    window.module_dd.setCurrentIndex(0)
    for key, config in window.module_label_to_sensor_config_map.items():
        config._loads(window.begun[key])
    window.set_sensors([1])
    window.textboxes["sweep_buffer"].setText("1000")
    for box in [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox)]:
        box.close()
    window.show()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
