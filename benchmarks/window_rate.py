"""How evenly the stand-alone window draws while the simulated A121 measures 200 times a second, and what it loses.

    python benchmarks/window_rate.py [--repetitions 3] [--seconds 15]

A window with the Sensor tab in view, offscreen, on the Qt binding of this environment. Each repetition counts the ticks
of the tab's own 60 Hz timer at rest, then the pictures it draws while the scene is measured and recorded. Nothing may
be lost on the way: not before the recording, not between it and the engine, and the engine may skip none.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["EXPTOOL_ML_JOURNALS"] = tempfile.mkdtemp(prefix="exptool_ml_rate_")

from exptool_ml_plugin.hosts.standalone.binding import choose_binding, delete, make_application

if BINDING := choose_binding():  # before anything else imports Qt
    from acconeer.exptool import a121
    from qtpy.QtCore import QEventLoop, QTimer

    from exptool_ml_plugin.hosts.standalone.look import dress
    from exptool_ml_plugin.hosts.standalone.window import SensorWindow, open_window

RATE_HZ = 200.0
CONFIG = a121.SessionConfig(a121.SensorConfig(num_points=20, step_length=12, sweeps_per_frame=8, frame_rate=RATE_HZ))
RATIO_LIMIT = 0.95


def run_until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Let the event loop run until something is so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:g} s in vain")
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec_()


def run_for(seconds: float) -> None:
    """Let the event loop run."""
    end = time.monotonic() + seconds
    run_until(lambda: time.monotonic() > end, seconds + 10.0)


class Counter:
    """Counts the ticks of the Sensor tab's timer, and in how many of them a new reading was drawn."""

    def __init__(self, window: SensorWindow) -> None:
        self.ticks = self.pictures = 0
        self._plots = window.tabs.page("Sensor").plots
        self._shown = None
        window.tabs.page("Sensor").timer.timeout.connect(self._on_tick)

    def _on_tick(self) -> None:
        self.ticks += 1
        self.pictures += self._plots.shown is not self._shown
        self._shown = self._plots.shown

    def rates(self, seconds: float) -> tuple[float, float]:
        """Return ticks and pictures a second from now on."""
        self.ticks = self.pictures = 0
        begun = time.monotonic()
        run_for(seconds)
        took = time.monotonic() - begun
        return self.ticks / took, self.pictures / took


def measure(window: SensorWindow, counter: Counter, seconds: float) -> tuple[float, float, float, int]:
    """Return ticks a second at rest, pictures a second and readings a second while measuring, and readings lost."""
    control, workbench = window.control, window.workbench
    at_rest, _ = counter.rates(seconds / 3)
    control.start()
    run_until(lambda: workbench.measuring)
    run_for(1.0)  # the first pictures make the plots
    _, pictures = counter.rates(seconds)
    control.stop()
    run_until(lambda: not control.busy)
    workbench.engine.latest()
    workbench.engine.wait(30)
    snapshot, recorded = workbench.engine.latest(), control.recordings.last
    assert recorded is not None
    ticks = a121.load_record(recorded.path).stacked_results.tick_time
    expected = 1 + round((ticks[-1] - ticks[0]) * RATE_HZ)
    lost = (expected - len(ticks)) + (len(ticks) - snapshot.readings) + snapshot.dropped
    return at_rest, pictures, (len(ticks) - 1) / (ticks[-1] - ticks[0]), int(lost)


def main() -> int:
    """Measure, print a line, and return 0 if the limits are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0, help="measured in each repetition")
    arguments = parser.parse_args()
    app = make_application([])
    dress(app)
    window = open_window()
    window.resize(1400, 900)
    window.show()
    control = window.control
    control.settings.replace(CONFIG)
    control.recordings.set_folder(Path(tempfile.mkdtemp(prefix="exptool_ml_rate_")))
    control.recordings.set_enabled(True)
    control.sensor.connect()
    run_until(lambda: control.can_start)
    counter = Counter(window)
    results = [measure(window, counter, arguments.seconds) for _ in range(arguments.repetitions)]
    window.close()
    delete(window)
    rest, pictures, readings, _ = (statistics.median(column) for column in zip(*results, strict=True))
    ratio = statistics.median(result[1] / result[0] for result in results)
    lost = sum(result[3] for result in results)
    good = ratio >= RATIO_LIMIT and lost == 0
    print(
        f"window_rate ({BINDING}): {pictures:.1f} pictures a second at {readings:.1f} readings a second; the timer "
        f"alone ticks {rest:.1f} times (ratio {ratio:.2f}, at least {RATIO_LIMIT}); readings lost {lost} (limit 0): "
        f"{'ok' if good else 'NOT KEPT'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
