"""`python -m exptool_ml_plugin.hosts.launch [options]`: the A121 Exploration Tool with our tabs.

All options are the host's own, but one: `--simulated-scene NAME` connects to a simulated scene.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence

from ..core.simulate import SCENES
from .display import missing_display

PLUGIN_MODULE = "exptool_ml_plugin.hosts.host_plugins"


def main(argv: Sequence[str] | None = None) -> int:
    """Start the host and return its exit status; 1 with a message where it cannot be started, 2 for wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["app"]:
        del arguments[0]
    parser = argparse.ArgumentParser(prog="exptool-ml app", add_help=False, allow_abbrev=False)
    parser.add_argument(
        "--simulated-scene", metavar="NAME", choices=SCENES, help="connect to a simulated hand: " + ", ".join(SCENES)
    )
    ours, theirs = parser.parse_known_args(arguments)
    if {"-h", "--help"} & set(theirs):
        sys.stdout.write(f"{parser.format_help()}\nAll other options are the Exploration Tool's own:\n\n")
        sys.stdout.flush()
    else:
        problem = missing_display("the Exploration Tool's window") or missing_host()
        if problem:
            sys.stderr.write(problem + "\n")
            return 1
    return run(theirs, scene=ours.simulated_scene)


def run(host_options: Sequence[str], *, scene: str | None = None) -> int:
    """Run the host with all installed plugins until its window is closed."""
    # The host's binding, before anybody imports qtpy.
    os.environ["QT_API"] = "pyside6"
    from acconeer.exptool.app.new import main as host_main

    from .a121 import attach

    if scene is not None:
        attach.call_when_attached(lambda attached: attached.measure_scene(scene))
    sys.argv = ["exptool-ml app", *host_options, "--plugin-module", PLUGIN_MODULE]
    try:
        host_main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def missing_host() -> str:
    """Say that the host's window is not installed, "" where it is."""
    if importlib.util.find_spec("PySide6") is not None and importlib.util.find_spec("qdarktheme") is not None:
        return ""
    return (
        "Expected the Exploration Tool's window. Received: an installation without it. "
        "Install it: pip install 'exptool-ml-plugin[app]'."
    )


if __name__ == "__main__":
    sys.exit(main())
