"""What every command has in common: exit status, where words go, and what is not imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import exptool_ml_plugin
from exptool_ml_plugin.cli import main, output

COMMANDS = ("extract", "train", "evaluate", "predict", "demo", "mark", "plugins", "app", "window", "enable", "disable")


def test_the_version_is_told(exptool_ml: Callable[..., Any]) -> None:
    assert exptool_ml("--version").out.strip() == f"exptool-ml {exptool_ml_plugin.__version__}"


def test_the_help_names_every_command(exptool_ml: Callable[..., Any]) -> None:
    text = exptool_ml("--help").out

    assert all(command in text for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["extract", "a.h5", "--recipe", "gesture", "--out", "s.h5"],
        ["extract", "a.h5", "--recipe", "gesture", "--out", "s.h5", "--label", "a", "--label-from", "(a)"],
        ["extract", "a.h5", "--recipe", "gesture", "--out", "s.h5", "--label-from", "no group"],
        ["extract", "a.h5", "--recipe", "gesture", "--out", "s.h5", "--label-from", "(two) (groups)"],
        ["extract", "a.h5", "--recipe", "gesture", "--out", "s.h5", "--label-from", "(open"],
        ["train", "s.h5", "--recipe", "gesture"],
        ["train", "--recipe", "gesture", "--out", "run"],
        ["train", "s.h5", "--out", "run"],
        ["train", "s.h5", "--recipe", "gesture", "--out", "run", "--validation", "2"],
        ["train", "s.h5", "--recipe", "gesture", "--out", "run", "--validation", "0.2", "--validate", "v.h5"],
        ["train", "s.h5", "--recipe", "gesture", "--out", "run", "--epochs", "0"],
        ["train", "s.h5", "--recipe", "gesture", "--out", "run", "--epochs", "many"],
        ["train", "--out", "run", "--resume", "--seed", "1"],
        ["evaluate", "m.keras"],
        ["predict", "m.keras"],
        ["predict", "m.keras", "a.h5", "--simulated", "push"],
        ["predict", "m.keras", "--usb", "--serial", "COM1"],
    ],
)
def test_wrong_usage_is_exit_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)

    assert exit_.value.code == 2
    assert "usage: exptool-ml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract", "none.h5", "--recipe", "demo", "--label", "a", "--out", "s.h5"],
        ["extract", "none.h5", "--recipe", "no_such_recipe", "--label", "a", "--out", "s.h5"],
        ["evaluate", "none.keras", "s.h5"],
        ["predict", "none.keras", "--simulated", "push"],
        ["train", "none.h5", "--recipe", "demo", "--out", "run"],
        ["train", "--out", "none", "--resume"],
    ],
)
def test_the_users_mistake_is_exit_status_1_and_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main([*arguments, "--json"]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("exptool-ml: Expected")
    assert list(tmp_path.iterdir()) == []


def test_starting_imports_nothing_heavy() -> None:
    script = (
        "import sys; from exptool_ml_plugin.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'h5py', 'tensorflow', 'keras', 'acconeer', 'PySide6', 'qtpy', 'ai_edge_litert'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "set()"


def test_json_is_always_one_line_that_every_reader_understands() -> None:
    assert (
        output.to_json({"a": [1.5, float("nan")], "b": {"c": float("inf")}}) == '{"a": [1.5, null], "b": {"c": null}}'
    )


def test_the_plugins_are_listed(exptool_ml: Callable[..., Any]) -> None:
    answer = exptool_ml("plugins", "--json").answer

    assert {"builtin", "a121"} <= set(answer["plugins"])
    assert {"presence", "continuous"} <= set(answer["triggers"])
    assert answer["problems"] == []


def test_the_app_is_started_by_name_with_the_hosts_options(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Process:
        def __init__(self, command: list[str]) -> None:
            started.append(command)

        def __enter__(self) -> Process:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def wait(self) -> int:
            return 7

    monkeypatch.setattr("exptool_ml_plugin.cli.app.subprocess.Popen", Process)

    assert main(["app", "--plugin-key", "sparse_iq", "--help"]) == 7
    assert started == [[sys.executable, "-m", "exptool_ml_plugin.hosts.launch", "--plugin-key", "sparse_iq", "--help"]]


def test_the_window_is_opened_by_name_with_its_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[list[str]] = []
    stand_in = ModuleType("stand_in")
    stand_in.main = lambda arguments: received.append(arguments) or 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "exptool_ml_plugin.hosts.standalone.launch", stand_in)

    assert main(["window", "--smoke-test", "--help"]) == 7
    assert received == [["--smoke-test", "--help"]]


@pytest.mark.parametrize("action", ["enable", "disable"])
def test_enable_and_disable_are_done_by_name(
    action: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        failed = action == "disable"
        assert command == [sys.executable, "-m", "exptool_ml_plugin.hosts.startup", action]
        return subprocess.CompletedProcess(command, int(failed), stdout="" if failed else "Done.\n", stderr="No.\n")

    monkeypatch.setattr("exptool_ml_plugin.cli.startup.subprocess.run", run)

    assert main([action]) == (1 if action == "disable" else 0)
    said = capsys.readouterr()
    assert (said.out, said.err) == (("", "exptool-ml: No.\n") if action == "disable" else ("Done.\n", ""))
