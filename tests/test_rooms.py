"""The rooms that must live without Qt, Keras, TensorFlow or acconeer really do: the imports are blocked and tried."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import exptool_ml_plugin

PACKAGE = Path(exptool_ml_plugin.__file__).parent

BLOCK_AND_IMPORT = """
import importlib, importlib.abc, pkgutil, sys

class Wall(importlib.abc.MetaPathFinder):
    def __init__(self, names):
        self.names = names
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.names:
            raise ImportError(f"{name} is behind the wall")
        return None

rooms, blocked = sys.argv[1].split(","), sys.argv[2].split(",")
sys.meta_path.insert(0, Wall(blocked))
for room in rooms:
    module = importlib.import_module(f"exptool_ml_plugin.{room}")
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), module.__name__ + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
print(len([name for name in sys.modules if name.startswith("exptool_ml_plugin")]))
"""

QT = "PySide6,PyQt5,qtpy,pyqtgraph"
KERAS = "tensorflow,keras"


@pytest.mark.parametrize(
    ("rooms", "blocked"),
    [
        ("core,hookspecs", f"{QT},{KERAS},acconeer,yaml,psygnal,ai_edge_litert"),
        ("plugins,runtime,workbench,cli", f"{QT},{KERAS},acconeer,ai_edge_litert"),
    ],
)
def test_a_room_lives_without_what_it_must_not_know(rooms: str, blocked: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK_AND_IMPORT, rooms, blocked], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1


def test_the_wall_is_a_wall() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK_AND_IMPORT, "core", "numpy"], capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "behind the wall" in done.stderr


def test_one_small_file_knows_which_qt_binding_it_is() -> None:
    telling = re.compile(
        r"^\s*(?:from|import) (?:PyQt5|PySide6)|\b(?:API_NAME|PYQT5|PYSIDE6|QT_API|QT_LIB)\b", re.MULTILINE
    )
    both_bindings = [*(PACKAGE / "qt").rglob("*.py"), *(PACKAGE / "hosts" / "standalone").rglob("*.py")]
    knowing = [path for path in both_bindings if telling.search(path.read_text(encoding="utf-8"))]

    assert [path.name for path in knowing] == ["binding.py"]
    assert len(knowing[0].read_text(encoding="utf-8").splitlines()) < 100
