"""What the package says of itself is true."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_folder_with_python_files_is_in_the_wheel() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    named = set(config["options"]["packages"].split()) - {"exptool_ml_plugin.resources"}
    folders = {path.parent for path in (ROOT / "exptool_ml_plugin").rglob("*.py")}
    found = {".".join(folder.relative_to(ROOT).parts) for folder in folders}

    assert named == found
