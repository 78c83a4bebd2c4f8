"""A guest package, installed beside the plugin: its parts are there, work, are trained on; a broken one is named."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, record
from exptool_ml_plugin.plugins import load_plugins

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("exptool_ml_example") is None,
    reason="needs the example package installed: pip install --no-deps examples/exptool-ml-example",
)

RECIPE = Recipe(
    name="guest",
    features=(FeatureChoice("example_centre_of_motion", outputs=("centre", "strength")),),
    frame=FrameSettings(time_steps=20, pre_trigger=0, dead_time=0),
    trigger=TriggerChoice("example_every_few_seconds", {"seconds": 0.5}),
)


class Broken(Feature):
    """A guest's feature that divides by nothing once it runs."""

    key = "broken"
    name = "Broken guest"
    description = "Raises."
    outputs = {"nothing": "Nothing"}  # noqa: RUF012

    @property
    def width(self) -> int:
        return 1

    def row(self, matrices: Any) -> Any:
        return np.array([1 / 0])


def test_its_parts_are_offered() -> None:
    plugins = load_plugins()
    assert plugins.problems == []
    assert plugins.features["example_centre_of_motion"].name == "Centre of motion"
    assert plugins.triggers["example_every_few_seconds"].name == "Every few seconds"


@pytest.fixture
def workbench() -> Iterator[Any]:
    from exptool_ml_plugin.workbench.workbench import Workbench

    workbench = Workbench()
    yield workbench
    workbench.close()


def test_it_is_shown_in_the_features_tab_like_our_own(qtbot: Any, workbench: Any) -> None:
    from exptool_ml_plugin.qt.features_tab import FeaturesTab

    tab = FeaturesTab(workbench)
    qtbot.addWidget(tab)
    offered = {action.text() for action in tab.add_button.menu().actions()}
    assert any("Centre of motion" in text for text in offered)
    workbench.set_recipe(replace(RECIPE, sensor=DEFAULT_SETUP))
    assert [card.title for card in tab.features.cards] == ["Centre of motion"]
    assert "Ready: 4 values" in tab.status or "Ready: 2 values" in tab.status


def test_one_that_raises_is_named_in_the_tab_and_the_measurement_goes_on(qtbot: Any, workbench: Any) -> None:
    from exptool_ml_plugin.qt.reporting import Notice

    workbench.plugins.features["broken"] = Broken
    notice = Notice(workbench)
    qtbot.addWidget(notice)
    recording = record(DEFAULT_SETUP, "push", 1.0, name="push")
    workbench.set_recipe(replace(RECIPE, features=(FeatureChoice("broken"),), trigger=TriggerChoice()))
    workbench.engine.begin(recording.setup)
    for reading in recording:
        workbench.engine.push(reading)
    assert workbench.engine.wait(20.0)
    qtbot.waitUntil(lambda: not notice.isHidden())
    shown = " ".join(label.text() for label in (notice._message, notice._hint))
    assert "The feature “Broken guest” failed: ZeroDivisionError" in shown
    assert workbench.engine.measuring
    assert workbench.engine.latest().readings == len(recording)
    workbench.engine.end()


def test_a_model_is_trained_on_its_frames(tmp_path: Path) -> None:
    plugins = load_plugins()
    recordings = [
        record(DEFAULT_SETUP, scene, 12.0, name=f"{scene}_{seed}", seed=seed)
        for scene in ("push", "still")
        for seed in (1, 2)
    ]
    recipe = replace(RECIPE, sensor=recordings[0].setup)
    session = Session(recipe)
    for recording in recordings:
        index = session.add_recording(recording)
        for frame in frames_of(recording, recipe, plugins.parts):
            session.add(frame, recording.name.split("_")[0], index)
    assert len(session) >= 40
    save_session(session, tmp_path / "session.h5")
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    arguments = ["train", "session.h5", "--recipe", "recipe.json", "--out", "run", "--epochs", "2", "--json"]
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["epochs"] == 2
    assert Path(tmp_path, answer["model"]).is_file()
