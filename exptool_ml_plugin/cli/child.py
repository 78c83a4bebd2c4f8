"""A window in a process of its own, so that nothing of it is imported here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from . import output


def run_module(name: str, arguments: Sequence[str], *, closing: str) -> int:
    """Run a module and return its exit status; Ctrl-C goes to it, too, since it shares the terminal."""
    with subprocess.Popen([sys.executable, "-m", name, *arguments]) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                output.progress(f"Waiting for {closing} to close.")
