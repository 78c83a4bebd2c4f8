"""The start-up file costs nothing, does its work when the host's app is imported, and goes without a trace."""

from __future__ import annotations

import os
import site
import statistics
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.hosts import startup

ROOT = Path(__file__).resolve().parents[2]

PROBE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QTabWidget

def register():
    QTimer.singleShot(0, look)

def look(tries=[0]):
    tries[0] += 1
    for window in QApplication.topLevelWidgets():
        tabs = getattr(window, "centralWidget", lambda: None)()
        if isinstance(tabs, QTabWidget) or (tries[0] > 200 and window.isVisible()):
            found = [tabs.tabText(i) for i in range(tabs.count())] if isinstance(tabs, QTabWidget) else []
            print("TABS", found, flush=True)
            window.close()
            return
    QTimer.singleShot(50, look)
"""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own that sees the packages of this one; returns its site-packages."""
    folder = tmp_path_factory.mktemp("scratch")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    packages = next(folder.glob("**/site-packages"))
    own = sysconfig.get_path("purelib")
    (packages / "these_too.pth").write_text(f"{own}\n{ROOT}\n", encoding="utf-8")
    (packages / "probe_for_tabs.py").write_text(PROBE, encoding="utf-8")
    return packages


def python_of(packages: Path) -> str:
    folder = next(parent for parent in packages.parents if (parent / "pyvenv.cfg").is_file())
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def run(packages: Path, *arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for name in ("HOME", "XDG_DATA_HOME") if home is not None else ():
        environment[name] = str(home)
    command = [python_of(packages), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment, check=False)


def test_enabling_and_disabling_say_what_they_did_and_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / startup.FILE_NAME

    assert str(path) in startup.enable(tmp_path)
    assert "already" in startup.enable(tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == [startup.FILE_NAME]
    assert "Removed" in startup.disable(tmp_path)
    assert "not enabled" in startup.disable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_is_renewed(tmp_path: Path) -> None:
    (tmp_path / startup.FILE_NAME).write_text("# older", encoding="utf-8")

    assert "now shown" in startup.enable(tmp_path)
    assert "ExptoolMlStart" in (tmp_path / startup.FILE_NAME).read_text(encoding="utf-8")


def test_the_file_says_what_it_is_and_how_to_be_rid_of_it(tmp_path: Path) -> None:
    startup.enable(tmp_path)
    lines = (tmp_path / startup.FILE_NAME).read_text(encoding="utf-8").splitlines()

    assert "exptool-ml disable" in " ".join(line for line in lines if line.startswith("#"))
    assert len([line for line in lines if not line.startswith("#")]) == 1


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        startup.enable(tmp_path / "nowhere")


def test_the_file_goes_where_the_host_is_installed() -> None:
    import acconeer.exptool

    assert startup.site_packages() in Path(acconeer.exptool.__file__).parents


def test_wrong_usage_is_told_from_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert startup.main([]) == 2
    assert startup.main(["destroy"]) == 2
    assert "enable, disable" in capsys.readouterr().err


def test_python_starts_as_fast_with_the_file_as_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds() -> float:
        """What Python does with the folder at its start."""
        finders = list(sys.meta_path)
        monkeypatch.setattr(sys, "meta_path", finders)
        begin = time.perf_counter()
        site.addsitedir(str(tmp_path), set())
        return time.perf_counter() - begin

    # Whole starts of Python differ by more than a millisecond among themselves, so only what differs is timed.
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "other.pth").write_text("import sys\n", encoding="utf-8")
    extra = []
    for _ in range(100):
        startup.disable(tmp_path)
        without = seconds()
        startup.enable(tmp_path)
        extra.append(seconds() - without)

    print(f"start-up file: {1e3 * statistics.median(extra):.3f} ms")
    assert sys.meta_path[0].__name__ == "ExptoolMlStart"  # type: ignore[union-attr]
    assert statistics.median(extra) < 1e-3


def test_an_import_of_something_else_is_not_slowed_and_brings_nothing_of_ours(scratch: Path) -> None:
    program = (
        "import json, sys, time, h5py\n"
        "finder = sys.meta_path[0]; assert finder.__name__ == 'ExptoolMlStart'\n"
        "begin = time.perf_counter()\n"
        "for _ in range(1000): finder.find_spec('acconeer.exptool.a121')\n"
        "assert time.perf_counter() - begin < 0.01, 'over 10 microseconds each'\n"
        "assert not [name for name in sys.modules if name.startswith(('exptool_ml', 'pluggy', 'PySide6'))]\n"
    )
    startup.enable(scratch)

    done = run(scratch, "-c", program)
    startup.disable(scratch)

    assert done.returncode == 0, done.stderr


def test_without_the_package_the_host_is_imported_as_ever(scratch: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['exptool_ml_plugin'] = None\n"  # as after `pip uninstall`
        "import importlib.util\n"
        "print(importlib.util.find_spec('acconeer.exptool.app.new.app').name)\n"
    )
    startup.enable(scratch)

    done = run(scratch, "-W", "ignore", "-c", program)
    startup.disable(scratch)

    assert done.stdout.strip() == "acconeer.exptool.app.new.app", done.stderr


@pytest.mark.parametrize("way", ["enabled", "plugin module", "neither"])
def test_the_host_started_in_its_usual_way_has_the_tabs_if_told_to(scratch: Path, tmp_path: Path, way: str) -> None:
    if way == "enabled":
        startup.enable(scratch)
    options = ["--plugin-module", "exptool_ml_plugin"] if way == "plugin module" else []
    options += ["--plugin-module", "probe_for_tabs"]

    done = run(scratch, "-m", "acconeer.exptool.app.new", *options, home=tmp_path)
    startup.disable(scratch)

    tabs = ["Exploration Tool", "Features", "Collect", "Inspect", "Model", "Train", "Evaluate"]
    assert f"TABS {[] if way == 'neither' else tabs}" in done.stdout, done.stderr
    assert done.returncode == 0


# The A111's app takes no plugin modules: this one looks from a timer made before it is started.
A111_PROBE = """
import sys
import probe_for_tabs
from PySide6.QtWidgets import QApplication

app = QApplication([])
probe_for_tabs.register()
sys.argv = ["app", "--no-config"]
from acconeer.exptool.app.old import main
main()
"""


def test_the_app_of_the_a111_has_the_tabs_if_told_to(scratch: Path, tmp_path: Path) -> None:
    startup.enable(scratch)

    done = run(scratch, "-W", "ignore", "-c", A111_PROBE, home=tmp_path)
    startup.disable(scratch)

    tabs = ["Exploration Tool", "Features", "Collect", "Inspect", "Model", "Train", "Evaluate"]
    assert f"TABS {tabs}" in done.stdout, done.stderr
    assert done.returncode == 0
