"""A window that collects until somebody ends it: `collecting_window.py <journals> <rate in Hz>`.

Every reading is announced on the standard output when it is handed over, "<number> <time of the monotonic clock>".
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QTabWidget

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.simulate import SimulatedSensor, make_scene
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP, host_attributes
from exptool_ml_plugin.qt.tabs import WorkbenchTabs
from exptool_ml_plugin.workbench.workbench import Workbench


def measure(workbench: Workbench, rate_hz: float) -> None:
    """Hand over readings at the rate, for ever."""
    setup = replace(DEFAULT_SETUP, reading_rate_hz=rate_hz)
    sensor = SimulatedSensor(setup, make_scene("push", seed=1), 1)
    workbench.engine.begin(setup, source="simulated", host_attributes=host_attributes(setup, identity="kill"))
    begin_s = time.monotonic()
    number = 0
    while True:
        reading = sensor.reading(number)
        time.sleep(max(0.0, begin_s + reading.time_s - time.monotonic()))
        workbench.engine.push(reading)
        os.write(1, f"{number} {time.monotonic()}\n".encode())
        number += 1


def main() -> None:
    """Show the Collect tab and collect, changing the label now and then."""
    journals, rate_hz = Path(sys.argv[1]), float(sys.argv[2])
    app = QApplication([])
    workbench = Workbench(journals=journals)
    workbench.change_recipe(
        features=(FeatureChoice("range_segment"), FeatureChoice("doppler_spectrum")),
        frame=FrameSettings(time_steps=30, pre_trigger=5, dead_time=5),
        trigger=TriggerChoice("continuous", {"hop": 10}),
    )
    window = QTabWidget()
    tabs = WorkbenchTabs(window, workbench)
    workbench.collecting.label = "push"
    tabs.show_tab("Collect")
    window.resize(1200, 800)
    window.show()
    labels = iter(range(10**9))
    timer = QTimer()
    timer.timeout.connect(lambda: setattr(workbench.collecting, "label", f"label {next(labels) % 4}"))
    timer.start(300)
    thread = threading.Thread(target=measure, args=(workbench, rate_hz), daemon=True)
    QTimer.singleShot(0, thread.start)
    app.exec() if hasattr(app, "exec") else app.exec_()


if __name__ == "__main__":
    main()
