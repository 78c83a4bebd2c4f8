"""The whole job in the real A111 app, in one service after the other without starting anything again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acconeer.exptool.a111 import recording as host_recording
from PySide6.QtCore import Qt
from replays import assert_same_frames, collect, extract, open_file

from exptool_ml_plugin.core.recipe import (
    FeatureChoice,
    FrameSettings,
    LayerChoice,
    NetworkSettings,
    Recipe,
    TriggerChoice,
)
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.hosts.standalone.sensor.control import SensorControl
from exptool_ml_plugin.qt.widgets.feature_bars import LockBar
from exptool_ml_plugin.workbench.workbench import Workbench

FRAMES = 12
RATE_HZ = 60.0
STEADY = TriggerChoice("continuous", {"hop": 13})
SEGMENT = FeatureChoice("range_segment", {"scale": "log1p", "downsample": 16})
FEATURES = {
    "sparse": (FeatureChoice("doppler_spectrum", outputs=("mean", "profile")),),
    "envelope": (SEGMENT,),
    "iq": (SEGMENT, FeatureChoice("phase", outputs=("mean_velocity",))),
}
SMALL = NetworkSettings((LayerChoice("flatten"), LayerChoice("dense", {"activation": "softmax"})))


class Chain:
    """What a user does, from a service to a model that predicts."""

    def __init__(self, host: Any, folder: Path) -> None:
        self.host, self.folder = host, folder
        self.attached = host.attach()
        self.workbench, self.tabs = self.attached.workbench, self.attached.tabs
        self.workbench.training_launch.runs_folder = folder / "runs"

    def click(self, button: Any) -> None:
        self.host.wait(button.isEnabled)
        self.host.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def idle(self) -> bool:
        return not self.workbench.measuring and bool(self.attached.control.can_start)

    def choose_service(self, service: str) -> None:
        """With the host's own drop-down, which our panel shows; the rate makes the frames span one whole motion."""
        self.host.choose(service)
        config = self.host.window.get_sensor_config()
        config.update_rate = RATE_HZ
        self.host.wait(lambda: self.workbench.setup is not None and self.workbench.setup.service == service)
        self.host.wait(lambda: self.workbench.setup.reading_rate_hz == RATE_HZ)

    def choose_features(self, service: str) -> None:
        self.workbench.change_recipe(
            features=FEATURES[service], frame=FrameSettings(time_steps=20), trigger=STEADY, network=SMALL
        )

    def collect(self, scene: str) -> None:
        self.attached.scene.choose(scene)
        page = self.tabs.page("Collect")
        page.label_box.setEditText(scene)
        self.click(page.start_button)
        self.host.wait(lambda: self.workbench.session.counts().get(scene, 0) >= FRAMES, timeout_s=60)
        self.click(page.stop_button)
        self.host.wait(self.idle)

    def train(self) -> None:
        self.tabs.show_tab("Train")
        page = self.tabs.page("Train")
        few = {"epochs": 20, "batch_size": 8, "early_stopping": False}
        training = replace(self.workbench.recipe.training, **few)
        self.workbench.change_recipe(training=training)
        before = self.workbench.training.result
        if not self.workbench.training_data.uses_session:
            self.click(page.side.data.use_session)
        self.click(page.side.train)
        result = self.workbench.training
        self.host.wait(lambda: result.result is not None and result.result is not before, timeout_s=180)
        self.host.wait(lambda: not self.workbench.training.busy, timeout_s=60)
        self.host.wait(lambda: "validation" in self.workbench.training.matrices)
        assert page.matrix.table.table.item(0, 0).text()
        assert result.result.accuracy >= 0.8

    def save_and_load(self, name: str) -> None:
        self.host.wait(lambda: self.workbench.model is not None)
        self.workbench.save_model(self.folder / f"{name}.keras")
        self.workbench.remove_model()
        self.workbench.load_model(self.folder / f"{name}.keras")

    def settings_are_locked_beside_our_tabs_only(self) -> None:
        attached, section = self.attached, self.host.window.basic_sensor_config_section
        self.tabs.show_tab("Evaluate")
        assert not section.isEnabled()
        attached.tab_widget.setCurrentIndex(0)
        assert section.isEnabled()
        self.tabs.show_tab("Evaluate")
        self.click(attached.panel.lock.button)
        assert attached.panel.lock.isHidden()
        assert section.isEnabled()
        self.workbench.feature_editing.lock_again()
        assert not section.isEnabled()

    def predict(self, scene: str) -> None:
        self.tabs.show_tab("Evaluate")
        page = self.tabs.page("Evaluate")
        self.attached.scene.choose(scene)
        before = self.workbench.predicting.predictions.latest
        self.click(page.start_button)

        def newest() -> str | None:
            latest = self.workbench.predicting.predictions.latest
            return None if latest is None or latest is before else latest.label

        self.host.wait(lambda: newest() == scene, timeout_s=60)
        self.click(page.stop_button)
        self.host.wait(self.idle)
        self.host.settle()


def same_frames_as_live(chain: Chain, service: str) -> None:
    """`extract` and the stand-alone window cut the host's newest recording into the frames of the app, bit for bit."""
    folder, session = chain.folder / service, chain.workbench.session
    folder.mkdir()
    recorded = folder / "recorded.h5"
    chain.host.save(recorded)
    cut = extract(recorded, session.recipe, folder)
    assert_same_frames(replayed(recorded, session.recipe, folder), cut)
    own = [place for place in range(len(session)) if session.recording_of[place] == len(session.recordings) - 1]
    assert len(own) >= FRAMES
    assert session.values[own].tobytes() == cut.values[: len(own)].tobytes()
    for mine, theirs in zip(session.recordings[-1].matrices, cut.recordings[0].matrices, strict=True):
        assert mine[: len(theirs)].tobytes() == theirs[: len(mine)].tobytes()


def replayed(recording: Path, recipe: Recipe, folder: Path) -> Session:
    """Return the frames that the stand-alone window cuts from a recording."""
    control = SensorControl(Workbench(journals=folder / "journals"))
    try:
        open_file(control, recording)
        return collect(control, recipe)
    finally:
        control.close()
        control.workbench.close(discard=True)


@pytest.mark.timeout(600)
def test_each_service_goes_from_the_scene_to_a_live_prediction_and_on_to_the_next(host: Any, tmp_path: Path) -> None:
    chain = Chain(host, tmp_path)
    workbench = chain.workbench
    chain.attached.scene.connect_host()
    for number, service in enumerate(FEATURES):
        chain.choose_service(service)
        chain.tabs.show_tab("Features")
        features = chain.tabs.page("Features")
        if number:  # a switch: what does not fit is marked, and the session of the other service is offered to end
            assert ("to mend" in features.status) == (service == "envelope")
            workbench.lock.unlock()
        chain.choose_features(service)
        assert features.status.startswith("Ready")

        chain.tabs.show_tab("Collect")
        collect = chain.tabs.page("Collect")
        if number:
            host.wait(lambda page=collect: page.misfit.isVisible())
            chain.click(collect.misfit.new_button)
        chain.collect("push")
        chain.collect("still")
        same_frames_as_live(chain, service)
        workbench.save_session(tmp_path / f"{service}.h5")
        assert host_recording.load(tmp_path / f"{service}.h5").mode.value == service

        chain.train()
        chain.save_and_load(service)
        if not number:
            chain.settings_are_locked_beside_our_tabs_only()
        chain.predict("still")
        chain.predict("push")

    # back to the first model: its service is one click away, and it predicts at once
    workbench.load_model(tmp_path / "sparse.keras")
    chain.tabs.show_tab("Features")
    bar = chain.tabs.page("Features").findChild(LockBar)
    assert bar.sensor_button.text() == "Change to the model's service, Sparse"
    chain.click(bar.sensor_button)
    host.wait(lambda: workbench.setup.service == "sparse")
    assert workbench.model_differences == ()
    workbench.change_recipe(trigger=STEADY)
    chain.predict("still")

    assert host.errors == []
    assert [problem.message for problem in workbench.problems] == []
