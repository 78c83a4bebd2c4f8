"""How long the host takes to start with our tabs, compared with the host alone.

    python benchmarks/host_startup.py [--repetitions 12]

Both start the real host, offscreen, in a home of their own. The start ends when the main window is shown and the event
loop has come to rest; the tabs come a moment later, and how long until then is printed, too. The two take turns, the
order within a pair alternates, and the figures are medians of the pairs' ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 1.10

PROBE = """
import os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QTabWidget

BEGIN = float(os.environ["STARTED_AT"])
TABS = bool(int(os.environ["WITH_TABS"]))
calm = 0
told = []

def register():
    QTimer.singleShot(0, look)

def look():
    global calm
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow) and w.isVisible()]
    # At rest: a few turns of the event loop in a row in which nothing took long.
    now = time.perf_counter()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    tabs_there = bool(windows) and isinstance(windows[0].centralWidget(), QTabWidget)
    calm = calm + 1 if windows and time.perf_counter() - now < 0.005 else 0
    if calm >= 3 and (not told or tabs_there):
        told.append(f"{time.time() - BEGIN:.4f}")
        calm = 0
        if tabs_there or not TABS:
            print("READY", told[0], told[-1], flush=True)
            windows[0].close()
            return
    QTimer.singleShot(10, look)
"""


def start(folder: Path, *, with_tabs: bool) -> tuple[float, float]:
    """Start the host once; return seconds to its window at rest, and to the tabs at rest (the same without tabs)."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(folder)}
    environment |= {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "MPLCONFIGDIR": str(folder)}
    modules = ["exptool_ml_plugin", "startup_probe"] if with_tabs else ["startup_probe"]
    command = [sys.executable, "-m", "acconeer.exptool.app.new"]
    for module in modules:
        command += ["--plugin-module", module]
    environment |= {"WITH_TABS": str(int(with_tabs)), "STARTED_AT": repr(time.time())}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=True)
    _, window, tabs = next(line for line in done.stdout.splitlines() if line.startswith("READY")).split()
    return float(window), float(tabs)


def main() -> int:
    """Measure, print the ratio, and return 1 if it is beyond the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=12)
    repetitions = parser.parse_args().repetitions
    windows, tabs = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "startup_probe.py").write_text(PROBE, encoding="utf-8")
        for with_tabs in (False, True):
            start(folder, with_tabs=with_tabs)  # fills the caches of both
        for repetition in range(repetitions):
            order = (False, True) if repetition % 2 else (True, False)
            taken = {with_tabs: start(folder, with_tabs=with_tabs) for with_tabs in order}
            alone_s, (window_s, tabs_s) = taken[False][0], taken[True]
            windows.append(window_s / alone_s)
            tabs.append(tabs_s / alone_s)
            print(f"alone {alone_s:.2f} s, with us {window_s:.2f} s, tabs there {tabs_s:.2f} s", flush=True)
    ratio = statistics.median(windows)
    print(f"host start-up with our tabs / alone: {ratio:.3f} (limit {LIMIT})")
    print(f"until the tabs are there / start-up alone: {statistics.median(tabs):.3f}")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
