"""`exptool-ml app`: the Exploration Tool with our tabs. The host's own options go through to it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from .child import run_module

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
    """Start the host and return its exit status."""
    return run_module(_NAME, arguments, closing="the Exploration Tool")
