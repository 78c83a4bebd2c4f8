"""The host started by us: with all installed plugins, with a scene, and with words where it cannot be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest
from PySide6.QtWidgets import QMessageBox

from exptool_ml_plugin.hosts import host_plugins, launch

# Given to the host as one more plugin module: looks at every tab while the scene is measured, tells, and closes.
PROBE = """
import json, sys
import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

told = {}

def modules(*_):
    names = sorted({name.split(".")[0] for name in sys.modules})
    raise RuntimeError(json.dumps([name for name in names if name in ("tensorflow", "keras", "PySide6")]))

def register():
    QTimer.singleShot(100, wait_for_tabs)

def attached():
    for window in QApplication.topLevelWidgets():
        for child in window.children():
            if type(child).__name__ == "TabsInHost":
                return window, child
    return None, None

def wait_for_tabs():
    window, tabs = attached()
    if tabs is None or not tabs.scene.connected or not tabs.control.can_start:
        QTimer.singleShot(100, wait_for_tabs)
        return
    tabs.control.start()
    wait_for_readings()

def wait_for_readings():
    window, tabs = attached()
    if tabs.workbench.engine.latest().readings < 20:
        QTimer.singleShot(100, wait_for_readings)
        return
    told["scene"] = tabs.scene.name
    told["source"] = [tabs.workbench.measuring, tabs.workbench.setup.reading_rate_hz]
    show(0)

def show(index):
    window, tabs = attached()
    if index < tabs.tab_widget.count():
        tabs.tab_widget.setCurrentIndex(index)
        QTimer.singleShot(100, lambda: show(index + 1))
        return
    told["enabled"] = all(tabs.tab_widget.isTabEnabled(i) for i in range(index))
    tabs.control.stop()
    QTimer.singleShot(1000, ask_backend)

def ask_backend():
    window, tabs = attached()
    model = tabs.app_model
    model.disconnect_client()
    task = ("connect_client", {"client_factory": modules, "get_connection_warning": modules})
    model.put_task(task, on_error=backend_told)

def backend_told(error, _=None):
    window, tabs = attached()
    told["backend"] = json.loads(str(error).split("\\n", 1)[1])
    told["gui"] = sorted({name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "PySide6"})
    told["problems"] = [problem.message for problem in tabs.workbench.problems]
    told["children"] = [child.pid for child in psutil.Process().children(recursive=True)]
    print("TOLD " + json.dumps(told), flush=True)
    window.close()
"""


def test_the_app_measures_the_scene_without_keras_in_any_of_the_hosts_processes(tmp_path: Path) -> None:
    (tmp_path / "probe_in_app.py").write_text(PROBE, encoding="utf-8")
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "exptool_ml_plugin.hosts.launch", "app", "--simulated-scene", "swipe"]

    done = subprocess.run(
        [*command, "--plugin-module", "probe_in_app"],
        capture_output=True,
        text=True,
        timeout=250,
        env=environment,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "make demo" in done.stderr  # there is no window to be seen
    told = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("TOLD ")).removeprefix("TOLD "))
    assert told["scene"] == "swipe"
    assert told["source"] == [True, 50.0]
    assert told["enabled"]
    assert told["gui"] == ["PySide6"]
    assert set(told["backend"]) <= {"PySide6"}  # it is a fork of the window's process, or nothing at all
    assert told["problems"] == []
    assert [pid for pid in told["children"] if psutil.pid_exists(pid)] == []


# Run before our launcher; does in the A111 app what the probe does in the A121's.
A111_PROBE = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from exptool_ml_plugin.hosts import attach, launch

def attached(tabs):
    tabs.control.start()
    wait_for_readings(tabs)

def wait_for_readings(tabs):
    if tabs.workbench.engine.latest().readings < 20:
        QTimer.singleShot(100, lambda: wait_for_readings(tabs))
        return
    told["scene"] = [tabs.scene.name, tabs.scene.connected, tabs.workbench.setup.service]
    show(tabs, 0)

def show(tabs, index):
    if index < tabs.tab_widget.count():
        tabs.tab_widget.setCurrentIndex(index)
        QTimer.singleShot(100, lambda: show(tabs, index + 1))
        return
    told["gui"] = sorted({name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "PySide6"})
    told["bugs"] = [problem.report for problem in tabs.workbench.problems if problem.is_bug]
    tabs.gui.close()  # in the middle of a measurement
    print("TOLD " + json.dumps(told), flush=True)

told = {}
code = None
later = attach.call_when_attached
# The launcher's own wish, to connect to the scene, comes first.
attach.call_when_attached = lambda then: (later(then), later(attached))
code = launch.main(["--a111", "--simulated-scene", "swipe", "--no-config"])
sys.exit(code)
"""


def test_the_app_of_the_a111_measures_the_scene_without_keras_and_ends_with_its_window(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", A111_PROBE],
        capture_output=True,
        text=True,
        timeout=250,
        env=environment,
        check=False,
    )

    assert "TOLD " in done.stdout, done.stderr
    told = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("TOLD ")).removeprefix("TOLD "))
    assert told == {"scene": ["swipe", True, "sparse"], "gui": ["PySide6"], "bugs": []}
    assert done.returncode == 0, done.stderr


def test_without_a_display_the_demo_is_offered(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")

    assert launch.main([]) == 1

    said = capsys.readouterr().err
    assert "display" in said
    assert "make demo" in said
    assert "exptool-ml demo" in said


def test_without_the_hosts_window_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda name: None)

    assert launch.main([]) == 1

    assert "exptool-ml-plugin[app]" in capsys.readouterr().err


def test_an_unknown_scene_is_wrong_usage(capsys: Any) -> None:
    with pytest.raises(SystemExit) as end:
        launch.main(["--simulated-scene", "dance"])

    assert end.value.code == 2
    assert "push" in capsys.readouterr().err


def test_help_names_our_option_and_goes_on_to_the_hosts(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    received: list[Any] = []
    monkeypatch.setattr(launch, "run", lambda options, *, scene, a111: received.append((options, scene, a111)) or 0)

    assert launch.main(["--help", "--plugin-key", "sparse_iq"]) == 0
    assert launch.main(["--help", "--a111", "--purge-config"]) == 0

    said = capsys.readouterr().out
    assert "--simulated-scene" in said
    assert "--a111" in said
    assert received == [
        (["--help", "--plugin-key", "sparse_iq"], None, False),
        (["--help", "--purge-config"], None, True),
    ]


class Plugins:
    """Modules that stand for installed packages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.called: list[str] = []
        self._entries: list[EntryPoint] = []
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(host_plugins, "entry_points", lambda group: self._entries)
        monkeypatch.setattr(host_plugins, "_loaded", set())

    def add(self, name: str, error: BaseException | None = None) -> None:
        module = ModuleType(f"stand_in_{name}")

        def register() -> None:
            self.called.append(name)
            if error is not None:
                raise error

        module.register = register  # type: ignore[attr-defined]
        self._monkeypatch.setitem(sys.modules, module.__name__, module)
        self._entries.append(EntryPoint(name, module.__name__, host_plugins.GROUP))


def test_one_failing_plugin_hides_no_other_and_is_shown(qtbot: Any, monkeypatch: Any, caplog: Any) -> None:
    plugins = Plugins(monkeypatch)
    plugins.add("first", SystemExit(1))
    plugins.add("second", RuntimeError("broken inside"))
    plugins.add("third")

    host_plugins.register()

    assert plugins.called == ["first", "second", "third"]
    assert "broken inside" in caplog.text
    qtbot.waitUntil(lambda: bool(host_plugins._boxes))
    box = host_plugins._boxes.pop()
    assert isinstance(box, QMessageBox)
    assert "“first”" in box.text()
    assert "“second”" in box.text()
    assert "“third”" not in box.text()
    box.close()


def test_a_plugin_is_registered_once_however_often_it_is_found_and_asked_for(monkeypatch: Any) -> None:
    plugins = Plugins(monkeypatch)
    plugins.add("only")
    plugins.add("only")

    host_plugins.register()
    host_plugins.register()

    assert plugins.called == ["only"]


def test_our_own_package_is_a_plugin_of_the_host(monkeypatch: Any) -> None:
    from importlib.metadata import entry_points

    found = {entry_point.value for entry_point in entry_points(group=host_plugins.GROUP)}

    assert "exptool_ml_plugin" in found
