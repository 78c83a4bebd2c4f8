"""`python -m exptool_ml_plugin.hosts.launch [options]`: the Exploration Tool with our tabs.

`--a111` starts the app of the A111 instead of the A121's; `--simulated-scene NAME` connects to a simulated scene. All
other options are the host's own.
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
    parser.add_argument("--a111", action="store_true", help="start the app of the A111 instead of the A121's")
    ours, theirs = parser.parse_known_args(arguments)
    if {"-h", "--help"} & set(theirs):
        sys.stdout.write(f"{parser.format_help()}\nAll other options are the Exploration Tool's own:\n\n")
        sys.stdout.flush()
    else:
        problem = missing_display("the Exploration Tool's window") or missing_host()
        if problem:
            sys.stderr.write(problem + "\n")
            return 1
    return run(theirs, scene=ours.simulated_scene, a111=ours.a111)


def run(host_options: Sequence[str], *, scene: str | None = None, a111: bool = False) -> int:
    """Run the host until its window is closed; that of the A121 with all installed plugins."""
    # The host's binding, before anybody imports qtpy.
    os.environ["QT_API"] = "pyside6"
    from . import attach

    if scene is not None:
        attach.call_when_attached(lambda attached: attached.measure_scene(scene))
    sys.argv = ["exptool-ml app", *host_options]
    try:
        _run_a111() if a111 else _run_a121()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _run_a121() -> None:
    from acconeer.exptool.app.new import main

    sys.argv += ["--plugin-module", PLUGIN_MODULE]
    main()


def _run_a111() -> None:
    from acconeer.exptool.app.old import main

    from .startup_hook import with_tabs

    with_tabs(main)()


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
