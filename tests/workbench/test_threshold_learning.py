"""Learning a threshold from nothing happening."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.options import OptionInfo
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench.threshold_learning import LearnedThreshold, learned_threshold
from exptool_ml_plugin.workbench.workbench import Workbench

STILL = record(DEFAULT_SETUP, "still", 12.0, name="still", seed=1)
PUSH = record(DEFAULT_SETUP, "push", 12.0, name="push", seed=2)
OPTION = OptionInfo("threshold", float, 1.0, "Threshold", "", minimum=0.5, maximum=10.0)


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
        trigger=TriggerChoice("presence", {"smoothing": 5}),
    )
    yield made
    made.close()


@pytest.fixture
def found(workbench: Workbench) -> list[LearnedThreshold]:
    learned: list[LearnedThreshold] = []
    workbench.threshold_learning.learned.connect(learned.append)
    return learned


@pytest.fixture(scope="module")
def still_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rest") / "still.h5"
    save_session(Session(Recipe(sensor=DEFAULT_SETUP), recordings=[STILL]), path)
    return path


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (np.full(100, 1.3), 1.95),
        (np.full(100, 0.1), 0.5),
        (np.full(100, 8.0), 9.0),
        (np.r_[np.full(4999, 2.0), 9.0], 3.0),
        (np.r_[np.full(99, 2.0), 4.0], 6.0),
        (np.full(100, 9.9993), 9.9996),
        (np.full(100, 9.9999999), 9.99999995),
    ],
)
def test_the_threshold_is_half_as_much_again_as_nearly_all_scores(scores: np.ndarray, expected: float) -> None:
    threshold = learned_threshold(scores, OPTION)
    assert threshold == pytest.approx(expected, rel=1e-5)
    assert np.median(scores) < threshold < 10.0, "what moves can still reach beyond it"


def test_a_score_below_zero_gets_its_margin_upwards() -> None:
    wide = replace(OPTION, minimum=-100.0)
    assert learned_threshold(np.full(100, -10.0), wide) == pytest.approx(-5.0)


@pytest.mark.parametrize(("scores", "said"), [(np.ones(49), "at least 50"), (np.full(60, 10.0), "below 10")])
def test_scores_that_give_no_threshold_are_refused(scores: np.ndarray, said: str) -> None:
    with pytest.raises(UserError, match=said):
        learned_threshold(scores, OPTION)


def test_what_a_recording_of_rest_teaches_cuts_no_frame_there_and_finds_the_gestures(
    workbench: Workbench, found: list[LearnedThreshold], still_file: Path
) -> None:
    learning = workbench.threshold_learning
    learning.from_recording(still_file)
    learning._background.wait(30)

    assert not learning.busy
    assert len(found) == 1
    assert found[0].before == workbench.recipe.trigger
    assert found[0].after.options["smoothing"] == 5
    threshold = found[0].after.options["threshold"]
    assert f"threshold set to {threshold:.3g}." in found[0].words
    assert found[0].words.startswith("Highest score at rest 1.")
    recipe = replace(workbench.recipe, trigger=found[0].after)
    assert frames_of(STILL, recipe, workbench.plugins.parts) == []
    assert len(frames_of(PUSH, recipe, workbench.plugins.parts)) > 1
    assert not workbench.problems


def test_the_last_seconds_of_a_measurement_teach_the_same(
    workbench: Workbench, found: list[LearnedThreshold], still_file: Path
) -> None:
    workbench.engine.begin(STILL.setup)
    for number, reading in enumerate(STILL):
        workbench.engine.push(reading)
        if number % 100 == 99:
            assert workbench.engine.wait(30)
    assert workbench.engine.wait(30)
    workbench.threshold_learning.from_last(60.0)
    workbench.threshold_learning.from_recording(still_file)
    workbench.threshold_learning._background.wait(30)
    assert len(found) == 2
    assert found[0].words == found[1].words


def test_a_measurement_that_has_just_begun_teaches_nothing(workbench: Workbench) -> None:
    with pytest.raises(UserError, match="at least 50 scores"):
        workbench.threshold_learning.from_last(10.0)


def test_a_trigger_without_threshold_learns_none(workbench: Workbench, still_file: Path) -> None:
    workbench.change_recipe(trigger=TriggerChoice("continuous"))
    for learn in (
        lambda: workbench.threshold_learning.from_last(10.0),
        lambda: workbench.threshold_learning.from_recording(still_file),
    ):
        with pytest.raises(UserError, match="Received: continuous"):
            learn()


def test_a_cancelled_recording_changes_nothing(
    workbench: Workbench, found: list[LearnedThreshold], still_file: Path
) -> None:
    learning = workbench.threshold_learning
    states: list[bool] = []

    def follow() -> None:
        states.append(learning.busy)
        if learning.busy:
            learning.cancel()

    learning.changed.connect(follow)
    learning.from_recording(still_file)
    learning._background.wait(30)
    assert states == [True, False]
    assert found == []
    assert not workbench.problems


def test_a_file_that_is_no_recording_is_said(workbench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no radar here")
    workbench.threshold_learning.from_recording(path)
    workbench.threshold_learning._background.wait(30)
    assert "Expected a recording" in workbench.problems[-1].message
