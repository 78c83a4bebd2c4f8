"""`python -m exptool_ml_plugin.hosts.standalone [options]`: the window, or a sentence for why it cannot be opened."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from ...core.errors import UserError
from ...core.simulate import SCENES
from ..display import missing_display
from .binding import choose_binding, delete, make_application
from .sensor.addresses import SIMULATED, Address

if TYPE_CHECKING:
    from .window import SensorWindow


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window until it is closed; 0, or 1 with a sentence where it cannot be opened, 2 for wrong usage."""
    began_s = time.monotonic()
    options = _parser().parse_args(argv)
    try:
        problem = missing_display("the window")
        if problem:
            raise UserError(problem)
        binding = choose_binding()
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    problem = _run(options)
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if options.smoke_test:
        sys.stdout.write(f"exptool-ml window: {binding}, {time.monotonic() - began_s:.1f} s\n")
    return 0


def _run(options: argparse.Namespace) -> str:
    """Show the window until it is closed; return what the smoke test found wrong."""
    app = make_application(sys.argv[:1])
    from .look import dress
    from .smoke_test import SmokeTest
    from .window import open_window

    dress(app)
    window = open_window()
    signal.signal(signal.SIGINT, lambda *_: window.close())
    _show_faults(window)
    window.show()
    test = SmokeTest(window) if options.smoke_test else None
    _begin(window, options)
    app.exec_()
    problem = test.problem if test is not None else ""
    delete(window)
    return problem


def _show_faults(window: SensorWindow) -> None:
    """Report what no slot of ours has caught; without this, PyQt5 would end the program."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            window.workbench.report(error.with_traceback(trace), "the window")
        else:
            sys.__excepthook__(kind, error, trace)

    sys.excepthook = report


def _begin(window: SensorWindow, options: argparse.Namespace) -> None:
    """Do what the options ask for."""
    control = window.control
    if options.recording is not None:
        control.replay.open(options.recording)
    if options.simulated_scene is not None:
        control.sensor.choose_scene(options.simulated_scene)
    address = _address(options)
    if address is not None:
        control.sensor.choose(address)
        control.sensor.connect()


def _address(options: argparse.Namespace) -> Address | None:
    if options.simulated_scene is not None:
        return Address(SIMULATED)
    for kind in ("serial", "usb", "socket"):
        place = getattr(options, kind)
        if place is not None:
            return Address(kind, place)
    return Address(SIMULATED) if options.smoke_test and options.recording is None else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="exptool-ml window",
        description="The tabs in a window of their own, on PySide6 or PyQt5, without the Exploration Tool's window.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "recording", nargs="?", type=Path, metavar="RECORDING", help="recording or session to open (.h5)"
    )
    sensor = parser.add_mutually_exclusive_group()
    sensor.add_argument(
        "--simulated-scene", metavar="NAME", choices=SCENES, help="connect to a simulated hand: " + ", ".join(SCENES)
    )
    sensor.add_argument("--serial", metavar="PORT", help="connect to a sensor at a serial port")
    sensor.add_argument(
        "--usb", nargs="?", const="", metavar="SERIAL", help="connect to a sensor at USB, the first or by number"
    )
    sensor.add_argument("--socket", metavar="IP", help="connect to a sensor at a network address")
    parser.add_argument(
        "--smoke-test",
        action="store_true",
        help="measure (the simulated scene, unless told otherwise), show every tab once, say the seconds, and close",
    )
    return parser
