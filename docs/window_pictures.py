"""Make the pictures of the stand-alone window: a simulated hand, a real recording.

    python docs/window_pictures.py

Writes `resources/pictures/window_*.png`: on PySide6 those of the Sensor tab, on PyQt5 that of the Collect tab. Takes
half a minute.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HOME"] = os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="exptool_ml_pictures_")

from exptool_ml_plugin.hosts.standalone.binding import choose_binding, delete, make_application

if BINDING := choose_binding():  # before anything else imports Qt
    from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
    from exptool_ml_plugin.hosts.standalone.look import dress
    from exptool_ml_plugin.hosts.standalone.window import SensorWindow, open_window

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "pictures"
DATA = Path(os.environ.get("EXPTOOL_ML_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
"""Real recordings; see `shared_data` in tests/conftest.py."""
SIZE = (1400, 900)


class Photographer:
    """Drives the window as a user would, and takes its picture."""

    def __init__(self, app: object, window: SensorWindow) -> None:
        self.app, self.window = app, window

    def wait(self, condition: Callable[[], object], timeout_s: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout_s:g} s in vain")
            self.app.processEvents()
            time.sleep(0.005)

    def take(self, name: str) -> None:
        path = PICTURES / f"window_{name}.png"
        self.window.grab().save(str(path))
        print(path)

    def measure(self, scene: str) -> None:
        control = self.window.control
        control.sensor.choose_scene(scene)
        control.start()
        self.wait(lambda: self.window.workbench.measuring)

    def stop(self) -> None:
        self.window.control.stop()
        self.wait(lambda: not self.window.control.busy)


def sensor(photographer: Photographer) -> None:
    """The hand in motion, and the same tab with a real recording."""
    control = photographer.window.control
    control.recordings.set_enabled(True)
    photographer.measure("push")
    # The hand is on its way: the fastest values are seen.
    photographer.wait(lambda: control.feed.newest is not None and control.feed.newest.reading.time_s > 3.3)
    photographer.take("sensor")
    photographer.stop()
    control.replay.open(DATA / "a121_gesture" / "label_wiggle_idx_1.h5")
    photographer.wait(lambda: control.replays)
    matrices = control.replay.recording.matrices[0]
    liveliest = int(np.abs(np.diff(matrices, axis=1)).sum(axis=(1, 2)).argmax())
    control.replay.go_to(liveliest - 60)
    control.start()
    photographer.wait(lambda: control.replay.position > liveliest)
    photographer.take("replay")
    photographer.stop()
    control.replay.close_file()


def collect(photographer: Photographer) -> None:
    """The same tab as in the Exploration Tool."""
    workbench = photographer.window.workbench
    workbench.change_recipe(
        features=(FeatureChoice("range_segment"), FeatureChoice("doppler_spectrum")),
        frame=FrameSettings(time_steps=40, pre_trigger=10, dead_time=10),
        trigger=TriggerChoice("presence"),
    )
    photographer.window.tabs.show_tab("Collect")
    for scene, frames in (("push", 3), ("swipe", 5)):
        workbench.collecting.label = scene
        photographer.measure(scene)
        photographer.wait(lambda count=frames: len(workbench.session) >= count)
        if scene == "push":
            photographer.stop()
    photographer.take("pyqt5")
    photographer.stop()
    workbench.new_session()


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    app = make_application([])
    dress(app)
    font = app.font()
    font.setPointSize(9)  # that of most desktops; without one the two bindings differ
    app.setFont(font)
    window = open_window()
    window.resize(*SIZE)
    window.show()
    photographer = Photographer(app, window)
    window.control.sensor.connect()
    photographer.wait(lambda: window.control.can_start)
    if BINDING == "PyQt5":
        collect(photographer)
    else:
        sensor(photographer)
    window.close()
    delete(window)
    return 0


if __name__ == "__main__":
    sys.exit(main())
