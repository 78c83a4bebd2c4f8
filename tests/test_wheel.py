"""An installed wheel, away from the source tree, does its work. Run by `tox -e wheel` in a clean environment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import exptool_ml_plugin

PACKAGE = Path(exptool_ml_plugin.__file__).resolve().parent

pytestmark = pytest.mark.skipif(
    "site-packages" not in PACKAGE.parts, reason="needs the package installed from its wheel (tox -e wheel)"
)


def exptool_ml(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("exptool-ml")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_the_recipes_and_presets_ship_with_the_wheel() -> None:
    assert (PACKAGE / "resources" / "recipes" / "gesture.json").is_file()
    assert (PACKAGE / "resources" / "presets" / "1_gesture_near.json").is_file()


def test_what_ships_with_the_package_is_found_as_plugins(tmp_path: Path) -> None:
    done = exptool_ml("plugins", "--json", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert {"builtin", "a121"} <= set(answer["plugins"])
    assert answer["problems"] == []


def test_training_without_tensorflow_says_what_to_install(tmp_path: Path) -> None:
    done = exptool_ml("demo", "--out", str(tmp_path / "demo"), cwd=tmp_path)

    assert done.returncode == 1
    assert "exptool-ml-plugin[train]" in done.stderr
    assert "Traceback" not in done.stderr
