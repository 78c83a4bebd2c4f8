"""Make the pictures of the manual: the real host with our tabs, a simulated hand, a real training.

    QT_QPA_PLATFORM=offscreen python docs/screenshots.py

Writes `resources/pictures/*.png`. Takes about three minutes.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="exptool_ml_pictures_")

import numpy as np
import qdarktheme
from acconeer.exptool.app.new import AppModel, PluginState
from acconeer.exptool.app.new.backend import MpBackend
from acconeer.exptool.app.new.plugin_loader import load_default_plugins
from acconeer.exptool.app.new.ui.main_window import MainWindow
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import Recipe
from exptool_ml_plugin.core.resources import find_recipe
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, Person, record
from exptool_ml_plugin.hosts.a121.tabs_in_host import TabsInHost
from exptool_ml_plugin.hosts.attach import attach
from exptool_ml_plugin.qt.widgets.make_variants_dialog import MakeVariantsDialog
from exptool_ml_plugin.qt.widgets.mistakes_dialog import MistakesDialog
from exptool_ml_plugin.workbench.presets import load_presets
from exptool_ml_plugin.workbench.recording_preview import read_recordings

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "pictures"
DATA = Path(os.environ.get("EXPTOOL_ML_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
"""Real recordings; see `shared_data` in tests/conftest.py."""
SIZE = (1400, 900)
SCENES = ("push", "pull", "swipe", "circle")
REPETITIONS = 10


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

    def take(self, tab: str, *, after_s: float = 1.5, name: str = "") -> None:
        self.attached.tabs.show_tab(tab)
        self.look(after_s)
        path = PICTURES / f"{name or f'{tab.lower()}_tab'}.png"
        self.window.grab().save(str(path))
        print(path)

    def idle(self) -> bool:
        return not self.workbench.measuring and bool(self.attached.control.can_start)

    def choose(self, scene: str) -> None:
        self.attached.scene.choose(scene)
        self.attached.app_model.broadcast()

    def measure(self, mode: str, scene: str) -> None:
        self.choose(scene)
        self.workbench.start(mode)
        self.wait(lambda: self.workbench.measuring)

    def stop(self) -> None:
        self.workbench.stop()
        self.wait(self.idle)


def make_session(recipe: Recipe, people: range, path: Path, photographer: Photographer) -> None:
    """Record simulated people, as `exptool-ml demo` does, because waiting for them in real time takes long."""
    session = Session(replace(recipe, sensor=DEFAULT_SETUP))
    for number in people:
        person = Person.random(number)
        for index, scene in enumerate(SCENES):
            seconds = REPETITIONS * person.interval_s
            name = f"{scene}_{person.name}"
            recording = record(DEFAULT_SETUP, scene, seconds, name=name, seed=10 * number + index, person=person)
            place = session.add_recording(recording)
            for frame in frames_of(recording, session.recipe, photographer.workbench.plugins.parts):
                session.add(frame, scene, place)
    save_session(session, path)


def tour(photographer: Photographer) -> None:
    workbench, attached = photographer.workbench, photographer.attached
    folder = Path(tempfile.mkdtemp(prefix="exptool_ml_sessions_"))
    recipe = Recipe.from_json(find_recipe("demo").read_text())
    make_session(recipe, range(1, 6), folder / "five_people.h5", photographer)
    make_session(recipe, range(6, 8), folder / "two_others.h5", photographer)
    attached.scene.connect_host()
    photographer.wait(lambda: attached.scene.connected and workbench.setup is not None and attached.control.can_start)

    features(photographer)
    workbench.change_recipe(features=recipe.features, frame=recipe.frame, trigger=recipe.trigger)

    workbench.open_session(folder / "two_others.h5")
    collect(photographer)
    inspect(photographer, folder / "gestures.h5")
    add_variants(photographer)
    find_mistakes(photographer)
    workbench.open_session(folder / "two_others.h5")

    workbench.training_data.load([folder / "five_people.h5"])
    workbench.training_data.load_test([folder / "two_others.h5"])
    photographer.wait(lambda: workbench.training_data.data is not None)
    photographer.take("Model")
    train(photographer)

    attached.tabs.show_tab("Evaluate")
    for scene in ("swipe", "push", "circle"):
        count = workbench.predicting.predictions.count if workbench.measuring else 0
        if workbench.measuring:
            photographer.choose(scene)
        else:
            photographer.measure("predict", scene)
        photographer.wait(lambda before=count: workbench.predicting.predictions.count >= before + 3)
    photographer.take("Evaluate", after_s=0.5)
    photographer.stop()


def features(photographer: Photographer) -> None:
    """Two pictures: a preset that asks for other sensor settings, and the features of a real recording."""
    attached, editing = photographer.attached, photographer.workbench.feature_editing
    attached.tabs.show_tab("Features")
    bar = attached.tabs.page("Features").preview.recording_bar
    editing.choose_preset(next(preset for preset in load_presets() if preset.name == "Gesture, near"))
    photographer.take("Features", after_s=1, name="features_preset")
    bar.open(DATA / "a121_gesture" / "label_double_tap_in_idx_1.h5")
    photographer.wait(lambda: editing.preview.rows is not None and not editing.preview.busy)
    bar.slider.setValue(_liveliest(editing.preview.rows.values))
    photographer.take("Features", after_s=1)
    editing.preview.close()


def _liveliest(rows: NDArray[np.float32]) -> int:
    """The reading after which, for a quarter of a second, the rows have changed most."""
    changes = np.abs(np.diff(rows, axis=0)).sum(axis=1)
    return int(np.argmax(np.convolve(changes, np.ones(50), "valid"))) + 65


def collect(photographer: Photographer) -> None:
    workbench = photographer.workbench
    photographer.attached.tabs.show_tab("Collect")
    workbench.collecting.tags.set("person", "Ada")
    workbench.collecting.tags.set("place", "Kitchen")
    workbench.collecting.label = "circle"
    photographer.measure("collect", "circle")
    photographer.wait(lambda: workbench.collecting.frames >= 2)
    photographer.take("Collect", after_s=1)
    photographer.stop()

    guided = workbench.collecting.guided
    page = photographer.attached.tabs.page("Collect")
    page.guided_button.setChecked(True)
    page.guided_form.options.editor("cue_s").setValue(8.0)
    workbench.start_guided()
    photographer.choose(guided.status.label)
    photographer.wait(lambda: guided.phase == "cue" and guided.status.count >= 1)
    photographer.take("Collect", after_s=0.3, name="guided_collection")
    guided.stop()
    page.guided_button.setChecked(False)
    photographer.stop()


def inspect(photographer: Photographer, path: Path) -> None:
    """A session of real gestures: some frames selected, and one tried a little later than it begins."""
    workbench = photographer.workbench
    workbench.new_session()
    session = Session(Recipe.from_json(find_recipe("gesture").read_text()))
    for file in sorted((DATA / "a121_gesture").glob("label_*_idx_*.h5")):
        recording = read_recordings(file, workbench.plugins)[0]
        session.recipe = replace(session.recipe, sensor=recording.setup)
        place = session.add_recording(recording)
        for frame in frames_of(recording, session.recipe, workbench.plugins.parts):
            session.add(frame, file.stem.removeprefix("label_").rpartition("_idx_")[0], place)
    save_session(session, path)
    workbench.open_session(path)
    photographer.attached.tabs.show_tab("Inspect")
    page = photographer.attached.tabs.page("Inspect")
    page.inspecting.go_to_place(128)
    page.inspecting.go_to_place(131, extend=True)
    timeline = page.panel.timeline
    first = int(workbench.session.first_reading[131])
    timeline.show_readings(first - 700, first + 800)
    page.panel.try_at(first + 25)
    photographer.wait(lambda: not page.inspecting.work.doing)
    photographer.take("Inspect")


def add_variants(photographer: Photographer) -> None:
    """The dialog that shows variants of the current frame before any is kept."""
    dialog = MakeVariantsDialog(photographer.workbench)
    dialog.show()
    photographer.wait(lambda: dialog.previewed and not dialog.work.doing)
    photographer.look(0.5)
    dialog.grab().save(str(PICTURES / "add_variants.png"))
    dialog.reject()


def find_mistakes(photographer: Photographer) -> None:
    """The open session with one label in twenty flipped."""
    session, random = photographer.workbench.session, np.random.default_rng(0)
    names = session.label_names()
    for index in random.choice(len(session), len(session) // 20, replace=False).tolist():
        session.relabel([index], str(random.choice([name for name in names if name != session.labels[index]])))
    dialog = MistakesDialog(photographer.workbench)
    dialog.show()
    photographer.wait(lambda: dialog.arrange_box.count() == 2)
    photographer.look(0.5)
    for tab, name in ((0, "mistakes_map"), (1, "find_mistakes")):
        dialog.tabs.setCurrentIndex(tab)
        photographer.look(0.5)
        dialog.grab().save(str(PICTURES / f"{name}.png"))
    dialog.reject()


def train(photographer: Photographer) -> None:
    workbench = photographer.workbench
    workbench.change_recipe(
        training=replace(workbench.recipe.training, epochs=60, batch_size=16, early_stopping=True, patience=15)
    )
    photographer.attached.tabs.show_tab("Train")
    workbench.training_launch.runs_folder = Path(tempfile.mkdtemp(prefix="exptool_ml_runs_"))
    workbench.training_launch.train()
    photographer.wait(lambda: workbench.training.result is not None and not workbench.training.busy, 300)
    photographer.wait(lambda: workbench.model is not None)
    workbench.comparing.begin()
    photographer.wait(lambda: workbench.comparing.result is not None and not workbench.comparing.work.doing, 300)
    photographer.take("Train")


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    # The host's own look, which its `main` sets in the same way.
    app.setStyleSheet(re.sub(r"url\((.*?)\)", r"url('\1')", qdarktheme.load_stylesheet("light")))
    backend = MpBackend()
    backend.start()
    app_model = AppModel(backend, load_default_plugins(), use_port_updater=False)
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
