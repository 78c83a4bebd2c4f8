"""`exptool-ml plugins`: what is installed, and what could not be loaded."""

from __future__ import annotations

import argparse
from typing import Any

from . import output

_KINDS = ("features", "triggers", "layers", "sources")


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "plugins",
        help="list what is installed",
        description="List the installed plugins, what they offer, and what could not be loaded and why.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Load all plugins and list them; a plugin that fails is part of the list, not an error."""
    from ..plugins import load_plugins

    plugins = load_plugins()
    document: dict[str, Any] = {"plugins": plugins.names}
    document.update({kind: list(getattr(plugins, kind)) for kind in _KINDS})
    document["problems"] = [{"plugin": p.plugin, "message": p.message} for p in plugins.problems]
    lines = [f"{name}: {', '.join(document[name]) or 'none'}" for name in ("plugins", *_KINDS)]
    lines += [f"could not be loaded: {p.plugin}: {p.message}" for p in plugins.problems]
    output.result(document, "\n".join(lines), as_json=options.json)
