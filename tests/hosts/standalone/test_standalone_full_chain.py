"""The whole job in the stand-alone window: connect, collect, train, save, load, predict; then with other settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opened_window import Opened

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.hosts.a121_library.scene_client import SceneClient

FRAMES = 10
HASTE = 5.0
MOVES, KEEPS_STILL = TriggerChoice("presence"), TriggerChoice("continuous", {"hop": 15})
LABELS = {"push": MOVES, "still": KEEPS_STILL}


class HastyScene(SceneClient, register=False):  # type: ignore[call-arg]
    """The simulated scene, whose time passes faster than ours: the readings are the same."""

    def _wait_until(self, due_s: float) -> None:
        super()._wait_until(self._begin_s + (due_s - self._begin_s) / HASTE)


def choose(opened: Opened, label: str) -> None:
    opened.control.sensor.choose_scene(label)
    opened.workbench.change_recipe(trigger=LABELS[label])


def collect(opened: Opened) -> None:
    """Collect frames of both labels: what moves cuts its own, what keeps still is cut in a steady rhythm."""
    page, workbench = opened.page("Collect"), opened.workbench
    for label in LABELS:
        choose(opened, label)
        page.label_box.setEditText(label)
        opened.click(page.start_button)
        opened.wait(lambda label=label: workbench.session.counts().get(label, 0) >= FRAMES, timeout_s=120)
        opened.click(page.stop_button)
        opened.wait(lambda: opened.control.can_start)


def train(opened: Opened) -> Any:
    """Train on the session; return the Train tab when its matrix is filled."""
    page, training = opened.page("Train"), opened.workbench.training
    before = training.result
    if not opened.workbench.training_data.uses_session:
        opened.click(page.side.data.use_session)
    opened.click(page.side.train)
    opened.wait(lambda: training.result is not before and not training.busy, timeout_s=240)
    opened.wait(lambda: "training" in training.matrices and opened.workbench.model is not None)
    return page


def predict(opened: Opened, label: str) -> None:
    """Predict live until the label is said of its own scene."""
    page, predicting = opened.page("Evaluate"), opened.workbench.predicting
    choose(opened, label)
    before = predicting.predictions.latest
    opened.click(page.start_button)
    opened.wait(
        lambda: predicting.predictions.latest not in (None, before) and predicting.predictions.latest.label == label,
        timeout_s=60,
    )
    opened.click(page.stop_button)
    opened.wait(lambda: opened.control.can_start)


@pytest.mark.timeout(600)
def test_from_the_simulated_scene_to_a_live_prediction_and_again_with_other_settings(
    open_window: Any, tmp_path: Path
) -> None:
    opened: Opened = open_window(open_address=lambda address, scene: HastyScene(scene))
    workbench = opened.workbench
    workbench.training_launch.runs_folder = tmp_path / "runs"
    opened.page("Train")  # its worker gets ready meanwhile

    # connect, features
    opened.page("Sensor")
    opened.click(opened.tab.connection.connect_button)
    opened.wait(lambda: opened.control.can_start)
    workbench.change_recipe(
        features=(FeatureChoice("doppler_spectrum", {"scale": "log1p"}),),
        frame=FrameSettings(time_steps=30, pre_trigger=10, dead_time=5),
        training=replace(workbench.recipe.training, epochs=20, batch_size=8, early_stopping=False),
    )
    opened.page("Features")

    # collect, train, the matrix
    collect(opened)
    workbench.save_session(tmp_path / "session.h5")
    page = train(opened)
    assert page.matrix.table.table.item(0, 0).text()
    assert workbench.training.result.val_accuracy >= 0.8

    # save, let go, load, predict
    workbench.save_model(tmp_path / "hand.keras")
    workbench.remove_model()
    workbench.load_model(tmp_path / "hand.keras")
    for label in ("still", "push"):
        predict(opened, label)

    # other settings of the sensor: the model no longer fits, and is trained again on what is collected with them
    opened.page("Sensor")
    opened.type_number(opened.tab.settings.sensor.options.editor("sweeps_per_frame"), "20")
    assert workbench.setup.channels[0].sweeps == 20
    assert any("weeps" in difference for difference in workbench.model_differences)
    assert not workbench.session_fits
    workbench.new_session()
    collect(opened)
    train(opened)
    assert workbench.training.result.val_accuracy >= 0.8
    assert workbench.model_differences == ()
    for label in ("still", "push"):
        predict(opened, label)

    assert opened.problems == []
