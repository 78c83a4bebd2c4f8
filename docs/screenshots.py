"""Make the pictures of the manual: the real host with our tabs, a simulated hand, a real training.

    QT_QPA_PLATFORM=offscreen python docs/screenshots.py

Writes `resources/pictures/*.png`. Takes about three minutes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="exptool_ml_pictures_")

from acconeer.exptool.app.new import AppModel, PluginState
from acconeer.exptool.app.new.backend import MpBackend
from acconeer.exptool.app.new.plugin_loader import load_default_plugins
from acconeer.exptool.app.new.ui.main_window import MainWindow
from PySide6.QtWidgets import QApplication

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.hosts.a121.attach import attach
from exptool_ml_plugin.hosts.a121.tabs_in_host import TabsInHost

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "pictures"
SIZE = (1400, 900)
SCENES = ("push", "pull", "swipe", "circle")
FRAMES_PER_LABEL = 24
MEASUREMENTS_PER_LABEL = 2


class Photographer:
    """Drives the window as a user would, and takes its picture."""

    def __init__(self, app: QApplication, window: MainWindow, attached: TabsInHost) -> None:
        self.app, self.window, self.attached = app, window, attached
        self.workbench = attached.workbench

    def wait(self, condition: Callable[[], object], timeout_s: float = 120.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout_s:g} s in vain")
            self.app.processEvents()
            time.sleep(0.005)

    def look(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def take(self, tab: str, *, after_s: float = 1.5) -> None:
        self.attached.tabs.show_tab(tab)
        self.look(after_s)
        path = PICTURES / f"{tab.lower()}_tab.png"
        self.window.grab().save(str(path))
        print(path)

    def idle(self) -> bool:
        return not self.workbench.measuring and bool(self.attached.control.can_start)

    def measure(self, mode: str, scene: str) -> None:
        self.attached.scene.choose(scene)
        self.workbench.start(mode)
        self.wait(lambda: self.workbench.measuring)

    def stop(self) -> None:
        self.workbench.stop()
        self.wait(self.idle)


def collect(photographer: Photographer) -> None:
    workbench = photographer.workbench
    for measurement in range(1, MEASUREMENTS_PER_LABEL + 1):
        for scene in SCENES:
            workbench.collecting.label = scene
            photographer.measure("collect", scene)
            wanted = FRAMES_PER_LABEL * measurement // MEASUREMENTS_PER_LABEL
            photographer.wait(lambda label=scene, count=wanted: workbench.session.counts().get(label, 0) >= count)
            if measurement == MEASUREMENTS_PER_LABEL and scene == SCENES[-1]:
                photographer.take("Collect")
            photographer.stop()


def tour(photographer: Photographer) -> None:
    workbench, attached = photographer.workbench, photographer.attached
    attached.scene.connect_host()
    photographer.wait(lambda: attached.scene.connected and workbench.setup is not None and attached.control.can_start)
    workbench.change_recipe(
        features=(
            FeatureChoice("doppler_spectrum", {"scale": "log1p"}),
            FeatureChoice("range_segment", {"scale": "log1p"}),
        ),
        frame=FrameSettings(time_steps=50, pre_trigger=15, dead_time=10),
        trigger=TriggerChoice("presence"),
    )
    attached.tabs.show_tab("Features")
    photographer.measure("preview", "push")
    photographer.take("Features", after_s=6)
    photographer.stop()
    attached.tabs.show_tab("Collect")
    collect(photographer)
    photographer.take("Inspect")
    photographer.take("Model")
    train(photographer)
    attached.tabs.show_tab("Evaluate")
    photographer.measure("predict", "swipe")
    photographer.look(12)
    attached.scene.choose("push")
    photographer.look(12)
    photographer.take("Evaluate")
    photographer.stop()


def train(photographer: Photographer) -> None:
    workbench = photographer.workbench
    workbench.change_recipe(
        training=replace(workbench.recipe.training, epochs=60, batch_size=16, early_stopping=True, patience=15)
    )
    photographer.attached.tabs.show_tab("Train")
    workbench.training_launch.runs_folder = Path(tempfile.mkdtemp(prefix="exptool_ml_runs_"))
    workbench.training_data.use_session()
    workbench.training_launch.train()
    photographer.wait(lambda: workbench.training.result is not None and not workbench.training.busy, 300)
    photographer.wait(lambda: workbench.model is not None)
    photographer.take("Train")


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    backend = MpBackend()
    backend.start()
    app_model = AppModel(backend, load_default_plugins())
    app_model.start()
    window = MainWindow(app_model)
    window.resize(*SIZE)
    window.show()
    app_model.broadcast()
    attached = attach(window)
    if attached is None:
        return 1
    photographer = Photographer(app, window, attached)
    try:
        tour(photographer)
    finally:
        if app_model.plugin_state is PluginState.LOADED_BUSY:
            photographer.stop()
        attached.close()
        app_model.stop()
        backend.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
