"""What the package says of itself is true."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def test_every_folder_with_python_files_is_in_the_wheel() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    named = set(config["options"]["packages"].split()) - {"exptool_ml_plugin.resources"}
    folders = {path.parent for path in (ROOT / "exptool_ml_plugin").rglob("*.py")}
    found = {".".join(folder.relative_to(ROOT).parts) for folder in folders}

    assert named == found


@pytest.mark.parametrize(
    ("machine", "asked_for"), [("x86_64", True), ("aarch64", True), ("armv7l", False), ("armv8l", False)]
)
def test_litert_is_asked_for_where_there_is_one(machine: str, asked_for: bool) -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    lines = [line for line in config["options"]["install_requires"].splitlines() if line]
    (litert,) = [line for line in map(Requirement, lines) if line.name == "ai-edge-litert"]

    assert litert.marker is not None
    assert litert.marker.evaluate({"platform_machine": machine}) is asked_for


def test_pyqt5_is_installed_only_where_it_is_asked_for() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = config["options.extras_require"]
    with_pyqt5 = {name for name in extras if "pyqt5" in extras[name].lower()}

    assert with_pyqt5 == {"pyqt5"}
    assert "pyqt5" not in config["options"]["install_requires"].lower()
    assert not {"pyside6", "acconeer-exptool[app]"} & set(extras["pyqt5"].lower().split())
