"""`exptool-ml app`: the Exploration Tool with our tabs. The host's own options go through to it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from . import output

_NAME = "exptool_ml_plugin.hosts.launch"  # by its name: the command line knows no host


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "app",
        add_help=False,
        help="start the Exploration Tool with the machine learning tabs; takes the host's options",
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER)


def launch(arguments: Sequence[str]) -> int:
    """Start the host and return its exit status; Ctrl-C goes to the host, which shares the terminal."""
    with subprocess.Popen([sys.executable, "-m", _NAME, *arguments]) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                output.progress("Waiting for the Exploration Tool to close.")
