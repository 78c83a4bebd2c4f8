"""How evenly the GUI ticks while a training runs, compared with the same window at rest.

    python benchmarks/gui_rhythm.py [--repetitions 5] [--seconds 15]

A window with the Train tab in view and a 60 Hz timer, offscreen. Each repetition measures the timer's lateness at rest
and then from pressing Train to the confusion matrix; the first one starts the worker, too. Printed are the medians over
the repetitions of the 99th percentiles and of their ratio, and the longest single stall from Train to matrix (at rest
in brackets: what the computer does to a window that does nothing).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
# The settings of the user are neither taken over nor changed.
os.environ["EXPTOOL_ML_JOURNALS"] = tempfile.mkdtemp(prefix="exptool_ml_rhythm_")

import numpy as np
from qtpy.QtCore import QEventLoop, Qt, QTimer
from qtpy.QtWidgets import QApplication, QTabWidget

from exptool_ml_plugin.core.reading import GOOD, Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.qt.tabs import WorkbenchTabs
from exptool_ml_plugin.workbench.readiness import Loaded
from exptool_ml_plugin.workbench.workbench import Workbench

RATIO_LIMIT = 1.5
STALL_LIMIT_MS = 200.0
INTERVAL_MS = 1000.0 / 60.0
LABELS = ("push", "pull", "swipe", "still")
STEPS, WIDTH, FRAMES = 34, 48, 400


class Rhythm:
    """Measures how late each tick of a 60 Hz timer comes, in milliseconds after it was due.

    Due is what Qt's timer list says: an interval after the tick before was due, or after it came where it came more
    than an interval late. Qt rounds to milliseconds, so that ticks at rest are spread over one; the earliest counts as
    in time. The time between two ticks would show the same spread twice: as one too early and the next too late.
    """

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._due: float | None = None
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(INTERVAL_MS))
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now, interval = time.perf_counter(), self._timer.interval() / 1000.0
        due = now if self._due is None else min(self._due, now)
        self.late_ms.append(1000.0 * (now - due))
        self._due = due + interval if due + interval >= now else now + interval

    def take(self) -> list[float]:
        """Return what was measured since the last call."""
        taken, self.late_ms = self.late_ms, []
        return taken


def make_session() -> Session:
    """Return noise with a bump whose place is the label, two recordings per label."""
    random = np.random.default_rng(0)
    setup = SensorSetup("a121", (Channel(1, 0, 4, WIDTH, 0.2, 0.02, 3000.0),), 60.0)
    recipe = Recipe("rhythm", setup, (FeatureChoice("range_segment"),), FrameSettings(time_steps=STEPS))
    recordings, values, labels, recording_of, first = [], [], [], [], []
    for number in range(2):
        for code, label in enumerate(LABELS):
            matrices = (np.zeros((1, 4, WIDTH), dtype=np.complex64),)
            recordings.append(Recording(f"{label}_{number}", setup, np.zeros(1), matrices, (GOOD,)))
            for index in range(FRAMES):
                frame = random.normal(size=(STEPS, WIDTH)).astype(np.float32)
                frame[:, 10 * code : 10 * code + 8] += 0.25
                values.append(frame)
                labels.append(label)
                recording_of.append(len(recordings) - 1)
                first.append(index * STEPS)
    flags = np.zeros(len(labels), dtype=np.uint8)
    frames = LabelledFrames(np.stack(values), labels, np.array(recording_of), np.array(first), flags)
    return Session(recipe, recordings=recordings, frames=frames)


def run_until(condition: Callable[[], bool], timeout_s: float) -> None:
    """Let the event loop run until something is so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:g} s in vain")
        loop = QEventLoop()
        QTimer.singleShot(100, loop.quit)
        loop.exec()


Pair = tuple[list[float], list[float]]


def measure(workbench: Workbench, tabs: WorkbenchTabs, *, seconds: float, repetitions: int) -> list[Pair]:
    """Return the lateness at rest and from Train to matrix of each repetition, milliseconds."""
    page = tabs.page("Train")
    run_until(page.side.train.isEnabled, 30.0)
    rhythm = Rhythm()
    pairs: list[Pair] = []
    for _ in range(repetitions):
        end = time.monotonic() + seconds
        rhythm.take()
        run_until(lambda end=end: time.monotonic() > end, seconds + 10.0)  # type: ignore[misc]
        at_rest = rhythm.take()
        page.side.train.click()
        run_until(lambda: workbench.training.busy, 60.0)
        run_until(page.side.train.isEnabled, 600.0)
        pairs.append((at_rest, rhythm.take()))
        if workbench.training.state == "failed" or page.matrix.table.matrix is None:
            raise RuntimeError(f"the training failed: {workbench.training.problem}")
        workbench.training_launch.begin_afresh()
    return pairs


def main() -> int:
    """Measure, print a line, and return 0 if the limits are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0, help="at rest, per repetition")
    parser.add_argument("--epochs", type=int, default=100)
    arguments = parser.parse_args()
    QApplication([])
    workbench = Workbench()
    settings = replace(workbench.recipe.training, epochs=arguments.epochs, batch_size=32, early_stopping=False)
    workbench.change_recipe(training=settings)
    with tempfile.TemporaryDirectory() as folder:
        workbench.training_launch.runs_folder = Path(folder)
        workbench.training_data.put([Loaded("rhythm", make_session())])
        window = QTabWidget()
        tabs = WorkbenchTabs(window, workbench)
        window.resize(1400, 900)
        tabs.show_tab("Train")
        window.show()
        pairs = measure(workbench, tabs, seconds=arguments.seconds, repetitions=arguments.repetitions)
        tabs.close()
        workbench.close()
    p99 = np.array([[np.percentile(part, 99) for part in pair] for pair in pairs])
    ratio = float(np.median(p99[:, 1] / np.maximum(p99[:, 0], 0.1)))
    rest, busy = np.median(p99, axis=0)
    rest_stall, stall = (max(max(pair[part]) for pair in pairs) for part in (0, 1))
    good = ratio <= RATIO_LIMIT and stall <= STALL_LIMIT_MS
    print(
        f"gui_rhythm: p99 lateness {rest:.1f} ms at rest, {busy:.1f} ms training, ratio {ratio:.2f} "
        f"(limit {RATIO_LIMIT}); longest stall {stall:.0f} ms (limit {STALL_LIMIT_MS:.0f}; at rest {rest_stall:.0f}): "
        f"{'ok' if good else 'TOO MUCH'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
