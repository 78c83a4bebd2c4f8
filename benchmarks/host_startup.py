"""How long the host takes to start with our tabs, compared with the host alone.

    python benchmarks/host_startup.py [--repetitions 12]

Both start the real host, offscreen, in a home of their own, and end when the main window is shown and the event loop
has come to rest. The two take turns and the order within a pair alternates; printed is the median of the pairs' ratios.
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
import os, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QTabWidget

BEGIN = float(os.environ["STARTED_AT"])

def register():
    QTimer.singleShot(0, look)

def look(calm=[0]):
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow) and w.isVisible()]
    # At rest: a few turns of the event loop in a row in which nothing took long.
    now = time.monotonic()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    calm[0] = calm[0] + 1 if windows and time.monotonic() - now < 0.005 else 0
    if calm[0] < 3:
        QTimer.singleShot(10, look)
        return
    tabs = isinstance(windows[0].centralWidget(), QTabWidget)
    print(f"READY {time.time() - BEGIN:.4f} {time.process_time():.4f} {tabs}", flush=True)
    windows[0].close()
"""


def start(folder: Path, *, with_tabs: bool) -> tuple[float, float]:
    """Start the host once; return seconds to its window at rest, and seconds of processor time."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(folder)}
    environment |= {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "MPLCONFIGDIR": str(folder)}
    modules = ["exptool_ml_plugin", "startup_probe"] if with_tabs else ["startup_probe"]
    command = [sys.executable, "-m", "acconeer.exptool.app.new"]
    for module in modules:
        command += ["--plugin-module", module]
    environment["STARTED_AT"] = repr(time.time())
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=True)
    _, wall, cpu, tabs = next(line for line in done.stdout.splitlines() if line.startswith("READY")).split()
    if tabs != str(with_tabs):
        raise RuntimeError(f"expected tabs={with_tabs}, found {tabs}: {done.stderr}")
    return float(wall), float(cpu)


def main() -> int:
    """Measure, print the ratio, and return 1 if it is beyond the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=12)
    repetitions = parser.parse_args().repetitions
    walls, cpus = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "startup_probe.py").write_text(PROBE, encoding="utf-8")
        for with_tabs in (False, True):
            start(folder, with_tabs=with_tabs)  # fills the caches of both
        for repetition in range(repetitions):
            order = (False, True) if repetition % 2 else (True, False)
            taken = {with_tabs: start(folder, with_tabs=with_tabs) for with_tabs in order}
            walls.append(taken[True][0] / taken[False][0])
            cpus.append(taken[True][1] / taken[False][1])
            print(f"alone {taken[False][0]:.2f} s, with tabs {taken[True][0]:.2f} s, ratio {walls[-1]:.3f}", flush=True)
    ratio = statistics.median(walls)
    print(
        f"host start-up with our tabs / alone: {ratio:.3f} (limit {LIMIT}), "
        f"processor time {statistics.median(cpus):.3f}"
    )
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
