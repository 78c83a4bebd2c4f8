"""How evenly the window ticks while mistakes are looked for, compared with the same window at rest.

    python benchmarks/find_mistakes.py [--frames 20000] [--seconds 10]

A window with a 60 Hz timer, offscreen, and a session of frames of 64 x 48 values. Measured is the timer's lateness at
rest, and from the moment at which the dialog is opened until the lists and the map by neighbours are there. Printed are
the 99th percentiles, the ratio of the times between two ticks that belong to them, the longest single gap, and when the
first map and the lists were there.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import numpy as np
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.core.reading import GOOD, Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.qt.widgets.mistakes_dialog import MistakesDialog
from exptool_ml_plugin.workbench.workbench import Workbench
from gui_rhythm import INTERVAL_MS, Rhythm, run_until

STEPS, WIDTH, LABELS, RECORDINGS = 64, 48, 5, 10
RATIO_LIMIT = 1.5
GAP_LIMIT_MS = 100.0


def write(path: Path, frames: int) -> None:
    """Write noisy patterns, one for each label, in ten recordings, and the wrong label for one in fifty."""
    random = np.random.default_rng(0)
    setup = SensorSetup("a121", (Channel(1, 0, 1, WIDTH, 0.1, 0.01, 1000.0),), 50.0)
    patterns = random.standard_normal((LABELS, STEPS, WIDTH), dtype=np.float32)
    own = np.arange(frames) % LABELS
    values = random.standard_normal((frames, STEPS, WIDTH), dtype=np.float32)
    for start in range(0, frames, 1000):
        values[start : start + 1000] += 0.3 * patterns[own[start : start + 1000]]
    labels = np.where(random.random(frames) < 0.02, (own + 1) % LABELS, own)
    empty = (np.zeros((1, 1, WIDTH), dtype=np.complex64),)
    recordings = [Recording(f"recording {n}", setup, np.zeros(1), empty, (GOOD,)) for n in range(RECORDINGS)]
    labelled = LabelledFrames(
        values=values,
        labels=[f"label {label}" for label in labels],
        recording_of=np.arange(frames) % RECORDINGS,
        first_reading=np.arange(frames) * STEPS,
        flags=np.zeros(frames, dtype=np.uint8),
    )
    recipe = Recipe("mistakes", setup, (FeatureChoice("range_segment"),), FrameSettings(time_steps=STEPS))
    save_session(Session(recipe, recordings=recordings, frames=labelled), path)


def measure(path: Path, seconds: float) -> dict[str, float]:
    """Return the figures; times in seconds, lateness in milliseconds."""
    workbench = Workbench(journals=path.parent / "journals")
    workbench.open_session(path)
    rhythm, end = Rhythm(), time.monotonic() + seconds
    run_until(lambda: time.monotonic() > end, seconds + 10)
    at_rest, began = rhythm.take(), time.monotonic()
    dialog = MistakesDialog(workbench)
    dialog.resize(1100, 640)
    dialog.show()
    run_until(lambda: len(dialog.map.points) > 0, 600)
    map_s = time.monotonic() - began
    run_until(lambda: "(" in dialog.tabs.tabText(1), 600)
    lists_s = time.monotonic() - began
    run_until(lambda: dialog.arrange_box.count() == 2, 600)
    searching = rhythm.take()
    dialog.reject()
    workbench.close()
    rest, busy = (float(np.percentile(late, 99)) for late in (at_rest, searching))
    return {"map": map_s, "lists": lists_s, "all": time.monotonic() - began, "rest": rest, "busy": busy,
            "rest_gap": max(at_rest), "gap": max(searching)}  # fmt: skip


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.h5"
        write(path, options.frames)
        found = measure(path, options.seconds)
    ratio = (INTERVAL_MS + found["busy"]) / (INTERVAL_MS + found["rest"])
    good = ratio <= RATIO_LIMIT and found["gap"] <= GAP_LIMIT_MS
    lines = [
        f"find_mistakes, {options.frames:,} frames: first map after {found['map']:.1f} s, lists after "
        f"{found['lists']:.1f} s, map by neighbours after {found['all']:.1f} s",
        f"p99 lateness {found['rest']:.1f} ms at rest, {found['busy']:.1f} ms searching, ratio {ratio:.2f} "
        f"(limit {RATIO_LIMIT:g}); longest gap {found['gap']:.0f} ms (limit {GAP_LIMIT_MS:g}; at rest "
        f"{found['rest_gap']:.0f}): {'holds' if good else 'TOO MUCH'}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    del app
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
