"""Make the pictures of the A111 app with our tabs: a simulated hand, a model made by the demo.

    python docs/a111_pictures.py [MODEL]

Writes `resources/pictures/a111_*.png`. Takes about two minutes, less with a model
that the demo has already made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HOME"] = os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="exptool_ml_pictures_")
os.environ["EXPTOOL_ML_JOURNALS"] = os.environ["HOME"]

from acconeer.exptool.app.old.app import GUI
from PySide6.QtWidgets import QApplication

from exptool_ml_plugin.core.recipe import TriggerChoice
from exptool_ml_plugin.hosts.attach import attach

FOLDER = Path(os.environ["HOME"])
PICTURES = Path(__file__).resolve().parents[1] / "resources" / "pictures"
SIZE = (1400, 900)


class Photographer:
    """Drives the app as a user would, and takes its picture."""

    def __init__(self, app: QApplication, window: Any) -> None:
        self.app, self.window = app, window
        self.attached: Any = attach(window)
        self.workbench = self.attached.workbench

    def wait(self, condition: Callable[[], object], timeout_s: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout_s:g} s in vain")
            self.app.processEvents()
            time.sleep(0.005)

    def look(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def take(self, name: str, *, after_s: float = 1.0) -> None:
        self.look(after_s)
        path = PICTURES / f"a111_{name}.png"
        self.window.grab().save(str(path))
        print(path)

    def choose_service(self, service: str) -> None:
        """In the host's own drop-down."""
        dropdown = self.window.module_dd
        dropdown.setCurrentIndex(dropdown.findText(service))
        self.look(0.5)

    def measure(self, mode: str, scene: str) -> None:
        self.attached.scene.choose(scene)
        self.attached.tap.look()
        self.workbench.start(mode)
        self.wait(lambda: self.workbench.measuring)

    def stop(self) -> None:
        self.workbench.stop()
        self.wait(lambda: not self.workbench.measuring and self.attached.control.can_start)
        self.look(0.3)


def tour(photographer: Photographer, model: Path) -> None:
    """Collect in Sparse; predict there; go over to Envelope, where the model does not fit."""
    workbench, attached = photographer.workbench, photographer.attached
    attached.measure_scene("push")
    photographer.choose_service("Sparse")

    attached.tabs.show_tab("Collect")
    workbench.change_recipe(trigger=TriggerChoice("presence"))
    workbench.collecting.label = "push"
    photographer.measure("collect", "push")
    photographer.wait(lambda: len(workbench.session) >= 6)
    photographer.take("collect", after_s=0.3)
    photographer.stop()
    workbench.new_session()

    workbench.load_model(model)
    photographer.wait(lambda: workbench.model is not None)
    workbench.use_model_settings()
    photographer.look(0.5)
    attached.tabs.show_tab("Evaluate")
    workbench.start("predict")
    for scene in ("swipe", "circle", "push"):
        attached.scene.choose(scene)
        attached.tap.look()
        before = workbench.predicting.predictions.count
        photographer.wait(lambda before=before: workbench.predicting.predictions.count >= before + 3)
    photographer.take("evaluate", after_s=0.3)
    photographer.stop()

    attached.tabs.show_tab("Features")
    photographer.choose_service("Envelope")
    photographer.take("service")


def make_model(folder: Path) -> Path:
    """Train a model of Sparse on simulated people."""
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", "demo", "--service", "sparse", "--out", str(folder)]
    subprocess.run(command, check=True)
    return next(folder.glob("**/model.keras"))


def main() -> None:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    warnings.simplefilter("ignore")
    made = Path(sys.argv[1]) if len(sys.argv) > 1 else make_model(FOLDER / "demo")
    model = Path(shutil.copy(made, FOLDER / "gestures.keras"))
    window = GUI(use_last_config=False)
    window.resize(*SIZE)
    window.show()
    tour(Photographer(app, window), model)
    window.close()
    os._exit(0)  # the app ends so, too: Qt and Python take each other apart in the wrong order


if __name__ == "__main__":
    main()
