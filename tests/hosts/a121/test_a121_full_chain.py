"""The whole job in the real host: connect, collect two labels, train, look at the matrix, save, load, predict live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acconeer.exptool.app.new.ui.components.a121 import SessionConfigEditor
from PySide6.QtCore import Qt

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.hosts.a121.panel import SensorPanel

FRAMES = 14


def newest(workbench: Any, before: Any) -> str | None:
    """Label of the newest prediction, None if there is none since."""
    latest = workbench.predicting.predictions.latest
    return None if latest is None or latest is before else latest.label


@pytest.mark.timeout(600)
def test_from_the_simulated_scene_to_a_live_prediction(host: Any, qtbot: Any, tmp_path: Path) -> None:
    attached = host.attach()
    workbench, tabs = attached.workbench, attached.tabs

    def click(button: Any) -> None:
        host.wait(button.isEnabled)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def collect(scene: str, trigger: TriggerChoice) -> None:
        attached.scene.choose(scene)
        workbench.change_recipe(trigger=trigger)
        page = tabs.page("Collect")
        page.label_box.setEditText(scene)
        click(page.start_button)
        host.wait(lambda: workbench.session.counts().get(scene, 0) >= FRAMES, timeout_s=120)
        click(page.stop_button)
        host.wait(lambda: not workbench.measuring and attached.control.can_start)

    # connect, features
    attached.scene.connect_host()
    host.wait(lambda: attached.scene.connected and workbench.setup is not None and attached.control.can_start)
    workbench.change_recipe(
        features=(FeatureChoice("doppler_spectrum", {"scale": "log1p"}),),
        frame=FrameSettings(time_steps=30, pre_trigger=10, dead_time=5),
    )

    # collect: what moves cuts its own frames, what keeps still is cut in a steady rhythm
    tabs.show_tab("Collect")
    collect("push", TriggerChoice("presence"))
    collect("still", TriggerChoice("continuous", {"hop": 15}))
    assert set(workbench.session.label_names()) == {"push", "still"}
    workbench.save_session(tmp_path / "session.h5")

    # train
    tabs.show_tab("Train")
    train = tabs.page("Train")
    training = replace(workbench.recipe.training, epochs=25, batch_size=8, early_stopping=False)
    workbench.change_recipe(training=training)
    workbench.training_launch.runs_folder = tmp_path / "runs"
    click(train.side.data.use_session)
    click(train.side.train)
    host.wait(lambda: workbench.training.result is not None, timeout_s=180)
    host.wait(lambda: not workbench.training.busy, timeout_s=60)

    # the matrix is filled, and honest validation was good
    host.wait(lambda: "training" in workbench.training.matrices)
    assert train.matrix.table.table.item(0, 0).text()
    assert "validation" in workbench.training.matrices
    assert workbench.training.result.val_accuracy >= 0.8

    # save, let go, load
    host.wait(lambda: workbench.model is not None)
    workbench.save_model(tmp_path / "hand.keras")
    workbench.remove_model()
    workbench.load_model(tmp_path / "hand.keras")

    # the model locks the sensor settings beside our tabs, not those in the host's own tab
    tabs.show_tab("Evaluate")
    panel = host.window.findChild(SensorPanel)
    lock = panel.lock
    ours = panel.findChildren(SessionConfigEditor)
    theirs = set(host.window.findChildren(SessionConfigEditor)) - set(ours)
    assert ours
    assert theirs
    assert not any(editor.isEnabled() for editor in ours)
    assert all(editor.isEnabled() for editor in theirs)
    click(lock.button)
    assert lock.isHidden()
    assert all(editor.isEnabled() for editor in ours)
    workbench.feature_editing.lock_again()
    assert not any(editor.isEnabled() for editor in ours)

    # live
    evaluate = tabs.page("Evaluate")
    for scene, trigger in (("still", TriggerChoice("continuous", {"hop": 15})), ("push", TriggerChoice("presence"))):
        attached.scene.choose(scene)
        workbench.change_recipe(trigger=trigger)
        before = workbench.predicting.predictions.latest
        click(evaluate.start_button)
        host.wait(lambda old=before, label=scene: newest(workbench, old) == label, timeout_s=60)
        click(evaluate.stop_button)
        host.wait(lambda: not workbench.measuring and attached.control.can_start)

    assert host.errors == []
    assert [problem.message for problem in workbench.problems] == []
