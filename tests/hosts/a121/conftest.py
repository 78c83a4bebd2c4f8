"""The A121 app as its own `main` builds it: backend process, model, window."""

from __future__ import annotations

import inspect
import multiprocessing
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from acconeer.exptool.app.new import AppModel, ConnectionState, PluginGeneration, PluginState, storage
from acconeer.exptool.app.new.backend import MpBackend
from acconeer.exptool.app.new.plugin_loader import load_default_plugins
from acconeer.exptool.app.new.ui.main_window import MainWindow
from acconeer.exptool.app.new.ui.misc import ExceptionWidget
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from exptool_ml_plugin.hosts.a121.tabs_in_host import TabsInHost
from exptool_ml_plugin.hosts.attach import attach


@dataclass
class Host:
    """One running host, and what a user does with it."""

    qtbot: Any
    app_model: Any
    window: Any
    errors: list[BaseException] = field(default_factory=list)

    def attach(self) -> TabsInHost:
        attached = attach(self.window)
        assert attached is not None
        return attached

    def load(self, key: str) -> None:
        self.app_model.load_plugin(self.app_model.find_plugin(key, PluginGeneration.A121))
        self.wait(lambda: self.app_model.plugin_state is PluginState.LOADED_IDLE)
        self.wait(lambda: self.app_model.backend_plugin_state is not None)

    def connect(self) -> None:
        from acconeer.exptool.app.new import ConnectionInterface

        self.app_model.set_connection_interface(ConnectionInterface.SIMULATED)
        self.app_model.connect_client()
        self.wait(lambda: self.app_model.connection_state is ConnectionState.CONNECTED)

    def configure(self, config: Any) -> None:
        self.app_model.put_task(("update_session_config", {"session_config": config}))
        self.wait(lambda: self.app_model.backend_plugin_state.session_config == config)

    def start(self, *, record: bool = False) -> None:
        self.app_model.put_task(("start_session", {"with_recorder": record}))
        self.wait(lambda: self.app_model.plugin_state is PluginState.LOADED_BUSY)

    def stop(self) -> None:
        self.app_model.put_task(("stop_session", {}))
        self.wait(lambda: self.app_model.plugin_state is PluginState.LOADED_IDLE)

    def wait(self, condition: Any, timeout_s: float = 30.0) -> None:
        def met() -> bool:
            assert self.errors == []
            return bool(condition())

        self.qtbot.waitUntil(met, timeout=int(1000 * timeout_s))


@pytest.fixture
def host(qtbot: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setattr(storage, "ET_DIR", tmp_path / "et", raising=False)
    monkeypatch.setattr(storage, "_config_dir", lambda: tmp_path / "et" / "config", raising=False)
    monkeypatch.setattr(storage, "CONFIG_DIR", tmp_path / "et" / "config", raising=False)  # of the oldest host
    monkeypatch.setattr(storage, "TEMP_DIR", tmp_path / "et" / "temp", raising=False)
    popups: list[BaseException] = []
    # The host's error boxes wait for a user; here the test fails instead.
    monkeypatch.setattr(ExceptionWidget, "__init__", lambda self, *_, exc, **__: popups.append(exc))
    for show in ("exec", "open"):
        monkeypatch.setattr(ExceptionWidget, show, lambda self: None)
    threads = set(threading.enumerate())
    backend = MpBackend()
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # the backend process inherits the filter; its warnings are the host's own
        backend.start()
    arguments = {"use_port_updater": False} if "use_port_updater" in inspect.signature(AppModel).parameters else {}
    app_model = AppModel(backend, load_default_plugins(), **arguments)
    host = Host(qtbot, app_model, None, errors=popups)
    app_model.start()
    host.window = MainWindow(app_model)
    host.window.show()
    app_model.broadcast()
    yield host
    _take_down(host, backend)
    left = [repr(thread) for thread in threading.enumerate() if thread not in threads and not _is_queue_feeder(thread)]
    left += [repr(child) for child in multiprocessing.active_children()]
    assert not left, f"survived the test: {left}"


def _take_down(host: Host, backend: Any) -> None:
    host.app_model.stop()
    host.app_model.blockSignals(True)  # what still comes would find the host's widgets deleted
    for attached in host.window.findChildren(TabsInHost):
        attached.workbench.engine.end()
        attached.workbench.engine.wait()
        attached.workbench.new_session()  # what a test collected; nobody is there to be asked about it
    host.window.close()
    for attached in host.window.findChildren(TabsInHost):
        attached.close()
    backend.stop()
    for box in [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox)]:
        box.close()
    host.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _is_queue_feeder(thread: threading.Thread) -> bool:
    """The host's queues end their threads when they are collected."""
    return thread.name.startswith("QueueFeederThread")
