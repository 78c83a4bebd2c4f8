"""`exptool-ml enable` and `disable`: our tabs also when the host is started in its usual way."""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

from ..core.errors import UserError
from . import output

_NAME = "exptool_ml_plugin.hosts.startup"  # by its name: the command line knows no host

_HELP = {
    "enable": "show the tabs however the Exploration Tool is started",
    "disable": "undo enable",
}


def add_parser(commands: Any) -> None:
    """Add both commands to the command line."""
    for action, text in _HELP.items():
        parser = commands.add_parser(
            action,
            help=text,
            description=f"{text.capitalize()}: adds or removes one small start-up file in this Python environment.",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
        parser.set_defaults(run=run, action=action)


def run(options: argparse.Namespace) -> None:
    """Add or remove the start-up file."""
    command = [sys.executable, "-m", _NAME, options.action]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout.strip()
    if done.returncode:
        problem = (done.stderr.strip() or said).splitlines()
        raise UserError(problem[-1] if problem else f"Expected to {options.action} the tabs. Received: no reason.")
    output.result({"action": options.action, "message": said}, said or f"{options.action}d.", as_json=options.json)
