"""`exptool-ml window`: the tabs in a window of their own. Its options are read there."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from typing import Any

_NAME = "exptool_ml_plugin.hosts.standalone.launch"  # by its name: the command line knows no host


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "window",
        add_help=False,
        help="open the tabs in a window of their own, without the Exploration Tool's; PySide6 or PyQt5",
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER)


def launch(arguments: Sequence[str]) -> int:
    """Show the window until it is closed and return its exit status."""
    status: int = importlib.import_module(_NAME).main(arguments)
    return status
