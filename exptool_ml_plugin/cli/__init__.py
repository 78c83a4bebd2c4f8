"""`exptool-ml`: the same work without a window.

Progress goes to stderr. With `--json` the last line of stdout is one JSON object. The exit status is 0 when the work is
done, 1 for what the user can mend (said in one sentence on stderr) and 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..core.errors import UserError
from . import app, batch, demo, evaluate, export, extract, import_, mark, output, predict, startup, train, window
from . import plugins as plugins_command

_WINDOWS = {"app": app.launch, "window": window.launch}
_COMMANDS = (
    extract,
    train,
    evaluate,
    predict,
    demo,
    mark,
    import_,
    export,
    batch,
    plugins_command,
    app,
    window,
    startup,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in _WINDOWS:
        return _WINDOWS[arguments[0]](arguments[1:])  # everything behind it is the window's, --help too
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UserError as error:
        output.complain(str(error))
        return 1
    except KeyboardInterrupt:
        output.complain("Stopped.")
        return 1
    except BrokenPipeError:
        # Whoever read our output has enough; what is still buffered must not fail a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="exptool-ml",
        description="Machine learning on radar recordings: the work of the tabs in the Exploration Tool, without them.",
        epilog="exptool-ml COMMAND --help says more about a command.",
    )
    parser.add_argument("--version", action="version", version=f"exptool-ml {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser
