"""How the window tells the simulated sensor its scene: through a small file.

The sensor lives in the host's backend process, where the host's own simulated sensor lives, too; a file works however
that process was started.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from ..a121_library.scene_client import SceneClient


class SceneFile:
    """The name of the scene in a file: written by the window, read by the client."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = ""

    def write(self, name: str) -> None:
        """Choose a scene; takes effect at the next reading."""
        temporary = self.path.with_suffix(".new")
        temporary.write_text(name, encoding="utf-8")
        temporary.replace(self.path)

    def read(self) -> str:
        """Return the scene's name; the last one where the file is gone."""
        # Read every time: file times are too coarse to tell two changes apart, and it costs 20 microseconds.
        with contextlib.suppress(OSError):
            self._name = self.path.read_text(encoding="utf-8")
        return self._name


def open_scene_client(scene_file: Path) -> SceneClient:
    """Make a client, in the process that will use it."""
    return SceneClient(SceneFile(scene_file).read)


def no_warning(server_version: object) -> None:
    """A simulated sensor has no server that could be too old."""
