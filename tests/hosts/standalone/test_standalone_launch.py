"""The window as its command starts it: which Qt it takes, what its options do, and words where it cannot be opened."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opened_window import Opened
from qtpy import API_NAME

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.hosts.standalone import binding, launch
from exptool_ml_plugin.hosts.standalone.sensor.addresses import Address
from exptool_ml_plugin.hosts.standalone.smoke_test import SmokeTest

# Ends the window's process as an environment without the named packages would.
WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Wall(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1].split(","):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return None

sys.meta_path.insert(0, Wall())
from exptool_ml_plugin.hosts.standalone.launch import main
sys.exit(main([]))
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    complete = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment}
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env=complete, timeout=120, check=False
    )


def test_the_smoke_test_says_the_binding_and_the_seconds_in_one_line() -> None:
    done = run("-m", "exptool_ml_plugin.cli", "window", "--smoke-test", "--simulated-scene", "swipe")

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"exptool-ml window: {API_NAME}, \d+\.\d s\n", done.stdout)
    assert "Traceback" not in done.stderr


def test_without_any_qt_it_is_said_what_to_install() -> None:
    done = run("-c", WITHOUT, "PySide6,PyQt5", QT_API="")

    assert done.returncode == 1
    assert "Expected PySide6 or PyQt5." in done.stderr
    assert "exptool-ml-plugin[pyqt5]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_qt_without_what_plots_is_not_enough() -> None:
    done = run("-c", WITHOUT, "pyqtgraph", QT_API="")

    assert done.returncode == 1
    assert f"Expected qtpy and pyqtgraph beside {API_NAME}." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_binding_that_is_not_supported_is_refused_in_words() -> None:
    done = run("-m", "exptool_ml_plugin.hosts.standalone", QT_API="pyqt6")

    assert done.returncode == 1
    assert "Received: QT_API=pyqt6." in done.stderr


def test_without_a_display_the_demo_is_offered(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")

    assert launch.main([]) == 1

    said = capsys.readouterr().err
    assert "Expected a display for the window. Received: none." in said
    assert "exptool-ml demo" in said


def test_an_unknown_scene_and_two_sensors_at_once_are_wrong_usage(capsys: Any) -> None:
    for arguments in (["--simulated-scene", "dance"], ["--usb", "--socket", "10.0.0.1"]):
        with pytest.raises(SystemExit) as end:
            launch.main(arguments)
        assert end.value.code == 2
    assert "push" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("installed", "asked", "taken"),
    [
        (("PySide6", "PyQt5"), "", "PySide6"),
        (("PySide6", "PyQt5"), "pyqt5", "PyQt5"),
        (("PySide6", "PyQt5"), "PySide6", "PySide6"),
        (("PyQt5",), "", "PyQt5"),
        (("PySide6",), "pyqt5", ""),
    ],
)
def test_pyside6_comes_first_and_qt_api_is_respected(
    installed: tuple[str, ...], asked: str, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def import_module(name: str) -> None:
        if name.partition(".")[0] in set(binding.BINDINGS) - set(installed):
            raise ImportError(f"No module named {name}")

    monkeypatch.setattr(binding.importlib, "import_module", import_module)
    monkeypatch.setenv("QT_API", asked)
    monkeypatch.setenv("PYQTGRAPH_QT_LIB", "")
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    if not taken:
        with pytest.raises(UserError, match=r"Expected PyQt5\. Received: No module named PyQt5"):
            binding.choose_binding()
        return
    assert binding.choose_binding() == taken
    assert (os.environ["QT_API"], os.environ["PYQTGRAPH_QT_LIB"]) == (taken.lower(), taken)


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["--serial", "COM5"], Address("serial", "COM5")),
        (["--usb"], Address("usb", "")),
        (["--usb", "12345"], Address("usb", "12345")),
        (["--socket", "10.0.0.1"], Address("socket", "10.0.0.1")),
    ],
)
def test_a_sensor_named_on_the_command_line_is_connected(
    opened: Opened, arguments: list[str], address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[Address] = []
    sensor = opened.control.sensor
    monkeypatch.setattr(sensor, "connect", lambda: connected.append(sensor.address))

    launch._begin(opened.window, launch._parser().parse_args(arguments))

    assert connected == [address]


def test_a_recording_and_a_scene_named_on_the_command_line_are_opened(opened: Opened, shared_data: Path) -> None:
    path = shared_data / "a121_gesture" / "conf.h5"

    launch._begin(opened.window, launch._parser().parse_args([str(path), "--simulated-scene", "circle"]))
    opened.wait(lambda: opened.control.replays and opened.control.sensor.connected)

    assert opened.control.replay.path == path
    assert opened.control.sensor.scene == "circle"


def test_a_smoke_test_that_meets_a_problem_fails_with_it(opened: Opened) -> None:
    opened.control.sensor.connect()
    opened.workbench.report(UserError("Expected this. Received: that.", "Do so."), "the test")

    test = SmokeTest(opened.window)
    opened.wait(lambda: not opened.window.isVisible())

    assert test.problem == "Expected this. Received: that. Do so."
