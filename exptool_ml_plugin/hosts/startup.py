"""`python -m exptool_ml_plugin.hosts.startup enable|disable`: our tabs however the host is started.

The host reads no entry points, so `enable` puts one small file into the environment. Python runs it at every start: it
registers a finder that compares names, and does its work when, and only when, the host's app is imported.
"""

from __future__ import annotations

import site
import sys
import sysconfig
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..core.atomic import write_bytes
from ..core.errors import UserError

FILE_NAME = "exptool_ml_plugin_start.pth"

_FINDER = """
class ExptoolMlStart:
    waiting = {"acconeer.exptool.app.new.app", "acconeer.exptool.app.old.app"}

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in cls.waiting:
            return None
        cls.waiting.discard(name)
        try:
            from exptool_ml_plugin.hosts.startup_hook import spec_of_app
        except ImportError:
            return None
        return spec_of_app(name)

sys.meta_path.insert(0, ExptoolMlStart)
"""
"""Knows only `sys`. Without exptool-ml-plugin, uninstalled by then, it does nothing at all."""

_TEXT = f"""\
# Shows the machine learning tabs (and every package with an entry point in acconeer_exptool.plugins) in the Acconeer
# Exploration Tool, however it is started. Written by `exptool-ml enable`, removed by `exptool-ml disable`.
# Does nothing until acconeer.exptool.app.new or .old is imported: the line below registers a finder for their names.
import sys; exec({_FINDER!r}, {{"sys": sys}})
"""


def enable(folder: Path | None = None) -> str:
    """Write the start-up file and say so; `UserError` where it cannot be written."""
    path = (folder or site_packages()) / FILE_NAME
    if path.is_file() and path.read_text(encoding="utf-8") == _TEXT:
        return f"The tabs are shown however the Exploration Tool is started, already: {path} is there."
    write_bytes(path, _TEXT.encode(), overwrite=True)
    return f"The tabs are now shown however the Exploration Tool is started. Written: {path}."


def disable(folder: Path | None = None) -> str:
    """Remove the start-up file and say so; `UserError` where it cannot be removed."""
    path = (folder or site_packages()) / FILE_NAME
    try:
        path.unlink()
    except FileNotFoundError:
        return f"The tabs were not enabled: {path} is not there."
    except OSError as error:
        raise UserError(f"Expected to remove {path}. Received: {error}.", "Remove it by hand.") from error
    return f"The tabs are no longer shown, except with `exptool-ml app`. Removed: {path}."


def site_packages() -> Path:
    """Return the folder for the file: where the host is installed, if Python runs start-up files from there."""
    purelib = Path(sysconfig.get_path("purelib"))
    try:
        installed = Path(str(distribution("acconeer-exptool").locate_file("")))
    except PackageNotFoundError:
        return purelib
    run_at_start = [*site.getsitepackages(), site.getusersitepackages()]
    return installed if str(installed) in run_at_start else purelib


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the one argument says; 0 done, 1 said why not, 2 wrong usage."""
    actions = {"enable": enable, "disable": disable}
    arguments = list(sys.argv[1:] if argv is None else argv)
    if len(arguments) != 1 or arguments[0] not in actions:
        sys.stderr.write(f"Expected one of {', '.join(actions)}. Received: {' '.join(arguments) or 'nothing'}.\n")
        return 2
    try:
        sys.stdout.write(actions[arguments[0]]() + "\n")
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
