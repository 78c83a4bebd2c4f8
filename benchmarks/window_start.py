"""How long `exptool-ml window` takes to be open and usable, compared with an empty pyqtgraph window.

    python benchmarks/window_start.py [--repetitions 12]

Both are started as a user starts them, offscreen, with the Qt binding of this environment. A window is usable when it
has been painted (ours: the Sensor tab, with its forms) and its event loop has come to rest. The two take turns, the
order within a pair alternates, and the figure is the median of the pairs' ratios. A window that has imported
TensorFlow, Keras or scipy by then fails.
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

LIMIT = 2.5
GOAL_S = 1.5
NOT_YET = ("tensorflow", "keras", "scipy", "pandas", "matplotlib")

WATCH = """
import os, sys, time
from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QApplication

class Watch(QObject):
    # Tells when a widget has been painted and nothing has taken long for a few turns of the event loop in a row.
    def __init__(self, name):
        super().__init__()
        self.name, self.painted, self.calm = name, False, 0
        QApplication.instance().installEventFilter(self)
        QTimer.singleShot(0, self.look)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            # A plot is painted on a widget within it.
            self.painted |= self.name in (type(watched).__name__, type(watched.parent()).__name__)
        return False

    def look(self):
        now = time.perf_counter()
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        self.calm = self.calm + 1 if self.painted and time.perf_counter() - now < 0.005 else 0
        if self.calm < 3:
            QTimer.singleShot(5, self.look)
            return
        took = time.time() - float(os.environ["STARTED_AT"])
        there = sorted({name.split(".")[0] for name in sys.modules} & set(os.environ["NOT_YET"].split(",")))
        print("READY", f"{took:.4f}", ",".join(there) or "-", flush=True)
        for widget in QApplication.topLevelWidgets():
            widget.close()
"""
EMPTY = """
import pyqtgraph
app = pyqtgraph.mkQApp()
window = pyqtgraph.PlotWidget()
from start_watch import Watch
watch = Watch("PlotWidget")
window.show()
app.exec_() if hasattr(app, "exec_") else app.exec()
"""
PLUGIN = """
# A plugin of the window that offers nothing: it is imported when the window loads its plugins, before it is shown.
from start_watch import Watch
watch = Watch("SensorTab")
"""


def make_probe(folder: Path) -> None:
    """Put the watch, and a package that brings it into the window, into a folder."""
    (folder / "start_watch.py").write_text(WATCH, encoding="utf-8")
    (folder / "start_probe.py").write_text(PLUGIN, encoding="utf-8")
    metadata = folder / "start_probe-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: start-probe\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[exptool_ml]\nstart_probe = start_probe\n", encoding="utf-8")


def start(command: list[str], folder: Path) -> tuple[float, str]:
    """Start a window once; return seconds until it was usable, and what it had imported too early ("-": nothing)."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(folder)}
    environment |= {"EXPTOOL_ML_JOURNALS": str(folder / "journals"), "NOT_YET": ",".join(NOT_YET)}
    # Modules are compiled once, as in any installation, whatever this environment says.
    environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment["STARTED_AT"] = repr(time.time())
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=True)
    _, seconds, imported = next(line for line in done.stdout.splitlines() if line.startswith("READY")).split()
    return float(seconds), imported


def main() -> int:
    """Measure, print the ratio, and return 1 if it is beyond the limit or something heavy was imported."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=12)
    repetitions = parser.parse_args().repetitions
    commands = {
        "window": [sys.executable, "-m", "exptool_ml_plugin.cli", "window"],
        "empty": [sys.executable, "-c", EMPTY],
    }
    ratios, ours, early = [], [], set[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_probe(folder)
        for command in commands.values():
            start(command, folder)  # fills the caches of both
        for repetition in range(repetitions):
            order = ("empty", "window") if repetition % 2 else ("window", "empty")
            taken = {kind: start(commands[kind], folder) for kind in order}
            window_s, imported = taken["window"]
            ratios.append(window_s / taken["empty"][0])
            ours.append(window_s)
            early.update(set(imported.split(",")) - {"-"})
            print(f"empty {taken['empty'][0]:.2f} s, window {window_s:.2f} s", flush=True)
    ratio = statistics.median(ratios)
    print(f"window usable after {statistics.median(ours):.2f} s (goal {GOAL_S}, warm)")
    print(f"imported too early: {', '.join(sorted(early)) or 'nothing'}")
    print(f"window / empty pyqtgraph window: {ratio:.2f} (limit {LIMIT}): {'ok' if ratio <= LIMIT else 'TOO MUCH'}")
    return int(ratio > LIMIT or bool(early))


if __name__ == "__main__":
    sys.exit(main())
