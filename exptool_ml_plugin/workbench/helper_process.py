"""Short work in a process of its own, so that the window keeps its rhythm and cancelling ends it at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..core.errors import UserError

_POLL_S = 0.1


def run_apart(module: str, arguments: Sequence[str], folder: Path, *, follow: Callable[[str], object]) -> None:
    """Run a module with arguments until it ends; `follow` is told all it has printed, ten times a second.

    What `follow` raises ends the process. `UserError` with its last words where it fails. What it prints goes to a file
    in `folder`.
    """
    told = folder / "told.txt"
    command = [sys.executable, "-m", module, *arguments]
    # One thread: the others are for the window and the radar.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with (
        told.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environment, creationflags=flags) as process,
    ):
        try:
            while process.poll() is None:
                follow(told.read_text())
                time.sleep(_POLL_S)
        finally:
            process.kill()
    if process.returncode:
        lines = told.read_text().strip().splitlines() or [f"exit code {process.returncode}"]
        raise UserError(f"Expected an end of {module}. Received: {lines[-1][:300]}.", "Try it again.")
