"""`exptool-ml export`: the frames of a session for other tools."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from . import output
from .arguments import new_file

KINDS = ("npz", "csv", "tfrecord", "png")


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "export",
        help="write the frames of a session for other tools",
        description="Write the labelled frames of a session as NumPy arrays, a table, records of TensorFlow, or "
        "pictures in a folder for each label.",
    )
    parser.add_argument("session", metavar="SESSION", help="session file (.h5)")
    parser.add_argument("--to", required=True, choices=KINDS, help="what to write")
    parser.add_argument("--out", required=True, metavar="PATH", help="file to write; for png a new folder")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Read the session, write the frames and say how many."""
    from ..core.exports import export_session
    from ..core.session_file import load_session
    from ..plugins import load_plugins

    source = Path(options.session)
    out = Path(options.out) if options.to == "png" else new_file(options.out, inputs=[source], force=options.force)
    session = load_session(source)
    progress = output.Percent(f"Exporting {source.name}")
    parts = load_plugins().parts
    export_session(session, out, options.to, parts=parts, overwrite=options.force, step=progress.step)
    counts = session.counts()
    document = {"out": str(out), "format": options.to, "frames": len(session), "frames_per_label": counts}
    listed = ", ".join(f"{label} {count}" for label, count in counts.items())
    output.result(document, f"{len(session)} frames ({listed}) written to {out}.", as_json=options.json)
