"""`exptool-ml mark`: tell the Exploration Tool that something happens now."""

from __future__ import annotations

import argparse
from typing import Any

from ..core.errors import UserError
from ..core.marker import LOCALHOST, PORT, send_mark
from . import output


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "mark",
        help="trigger a frame in a running Exploration Tool",
        description="Send a marker: the next reading becomes a trigger where the trigger Single is chosen and listens.",
    )
    parser.add_argument("--port", type=int, default=PORT, metavar="P", help=f"UDP port it listens on (default: {PORT})")
    parser.add_argument("--host", default=LOCALHOST, metavar="H", help=f"where it runs (default: {LOCALHOST})")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Send the marker and say what came of it."""
    if not send_mark(port=options.port, host=options.host):
        raise UserError("Expected a running measurement. Received: none.", "Start one, then send the marker.")
    output.result({"marked": True, "host": options.host, "port": options.port}, "Marked.", as_json=options.json)
