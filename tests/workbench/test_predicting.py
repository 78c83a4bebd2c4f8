"""Live prediction with a real model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import SensorSetup
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.workbench import Workbench

PULL = record(DEFAULT_SETUP, "pull", 12.0, name="pull", seed=5)


@pytest.fixture
def workbench(gesture_model: Path) -> Iterator[Workbench]:
    made = Workbench()
    made.load_model(gesture_model)
    yield made
    made.close()


def begin(workbench: Workbench, setup: SensorSetup = DEFAULT_SETUP) -> None:
    workbench.engine.set_mode("predict")
    workbench.engine.begin(setup, host_attributes=PULL.host_attributes)


def play(workbench: Workbench, recording: Recording = PULL) -> None:
    for number, reading in enumerate(recording):
        workbench.engine.push(reading)
        if number % 100 == 99:
            assert workbench.engine.wait(30)
    assert workbench.engine.wait(30)


def test_a_model_brings_its_features_and_frames(workbench: Workbench, gesture_recipe: Recipe) -> None:
    assert workbench.recipe.features == gesture_recipe.features
    assert workbench.recipe.frame == gesture_recipe.frame
    assert workbench.recipe.trigger == gesture_recipe.trigger


def test_a_pull_is_predicted_as_pull_with_the_models_own_probabilities(
    workbench: Workbench, gesture_model: Path, gesture_recipe: Recipe
) -> None:
    begin(workbench)
    play(workbench)
    workbench.engine.end()
    predictions = workbench.predicting.predictions
    frames = frames_of(PULL, gesture_recipe, workbench.plugins.parts)
    expected = Predictor(gesture_model).predict_many(np.stack([frame.values for frame in frames]))
    assert predictions.count == len(frames) >= 4
    assert np.allclose(predictions.history, expected, atol=1e-6)
    assert predictions.latest is not None
    assert predictions.latest.label == "pull"
    assert predictions.latest.confidence == pytest.approx(predictions.history[-1].max())


def test_the_history_keeps_the_last_hundred(workbench: Workbench) -> None:
    workbench.change_recipe(trigger=TriggerChoice("continuous", {"hop": 1}))
    begin(workbench)
    play(workbench)
    workbench.engine.end()
    predictions = workbench.predicting.predictions
    assert predictions.count == len(PULL) - 39
    assert predictions.history.shape == (100, 3)


def test_the_trigger_can_be_changed_while_predicting_and_the_history_stays(workbench: Workbench) -> None:
    begin(workbench)
    play(workbench)
    before = workbench.predicting.predictions.count
    workbench.change_recipe(trigger=TriggerChoice("continuous"))
    play(workbench)
    workbench.engine.end()
    assert workbench.predicting.predictions.count == before + len(PULL) // 40


def test_features_edited_after_loading_do_not_change_what_the_model_sees(workbench: Workbench) -> None:
    workbench.change_recipe(features=(), frame=FrameSettings(time_steps=7, pre_trigger=2))
    begin(workbench)
    play(workbench)
    workbench.engine.end()
    assert workbench.predicting.predictions.count >= 4
    assert not workbench.problems


def test_kept_frames_get_their_predicted_label_and_their_readings(workbench: Workbench) -> None:
    workbench.predicting.keep_frames = True
    begin(workbench)
    play(workbench)
    workbench.engine.end()
    assert workbench.engine.wait()
    session = workbench.session
    assert session.counts() == {"pull": workbench.predicting.predictions.count}
    assert len(session.recordings[0]) == len(PULL)
    recut = frames_of(session.recordings[0], session.recipe, workbench.plugins.parts)
    assert np.array_equal(session.values, np.stack([frame.values for frame in recut]))


def test_frames_kept_from_the_middle_of_a_measurement_on_point_at_their_readings(workbench: Workbench) -> None:
    workbench.change_recipe(trigger=TriggerChoice("continuous"))
    begin(workbench)
    play(workbench, PULL.part(0, 100))
    workbench.predicting.keep_frames = True
    play(workbench, PULL.part(100, 200))
    workbench.change_recipe(trigger=TriggerChoice("continuous", {"hop": 10}))
    play(workbench, PULL.part(200, 300))
    workbench.engine.end()
    assert workbench.engine.wait()
    session = workbench.session
    assert len(session.recordings) == 1
    assert np.array_equal(session.recordings[0].time_s, PULL.time_s[100:300])
    assert session.first_reading.tolist() == [0, 40, *range(100, 170, 10)]


def test_frames_that_cannot_be_kept_are_still_predicted_and_the_reason_is_said(workbench: Workbench) -> None:
    workbench.collecting.label = "other"
    workbench.change_recipe(frame=FrameSettings(time_steps=9), trigger=TriggerChoice())
    workbench.engine.set_mode("collect")
    workbench.engine.begin(PULL.setup, host_attributes=PULL.host_attributes)
    play(workbench, PULL.part(0, 50))
    workbench.engine.end()
    frames = len(workbench.session)
    workbench.predicting.keep_frames = True
    begin(workbench)
    play(workbench)
    workbench.engine.end()
    assert workbench.predicting.predictions.count >= 4
    assert len(workbench.session) == frames > 0
    assert ["session" in problem.message for problem in workbench.problems] == [True]


def test_a_sensor_that_makes_other_frames_is_refused_in_words_before_any_prediction(workbench: Workbench) -> None:
    channel = replace(DEFAULT_SETUP.channels[0], sweeps=8)
    setup = replace(DEFAULT_SETUP, channels=(channel,), host_config="")
    workbench.set_setup(setup)
    assert workbench.model_differences == ("Sweeps per reading: expected 16, received 8.",)
    begin(workbench, setup)
    play(workbench, record(setup, "pull", 2.0, name="pull"))
    workbench.engine.end()
    assert workbench.predicting.predictions.count == 0
    assert len(workbench.problems) == 1
    assert "trained" in workbench.problems[0].message


def test_removing_the_model_forgets_its_predictions(workbench: Workbench) -> None:
    begin(workbench)
    play(workbench)
    workbench.engine.end()
    assert workbench.engine.wait()
    workbench.remove_model()
    assert workbench.predicting.predictions.count == 0
    assert workbench.model_differences == ()


def test_saving_a_model_copies_it_and_replaces_nothing(
    workbench: Workbench, gesture_model: Path, tmp_path: Path
) -> None:
    workbench.save_model(tmp_path / "mine.keras")
    assert (tmp_path / "mine.keras").read_bytes() == gesture_model.read_bytes()
    (tmp_path / "taken.keras").write_bytes(b"mine")
    with pytest.raises(UserError, match="exists"):
        workbench.save_model(tmp_path / "taken.keras")
    assert (tmp_path / "taken.keras").read_bytes() == b"mine"


def test_a_file_that_is_no_model_leaves_the_open_one(workbench: Workbench, tmp_path: Path) -> None:
    opened = workbench.model
    (tmp_path / "broken.keras").write_bytes(b"no model")
    with pytest.raises(UserError):
        workbench.load_model(tmp_path / "broken.keras")
    assert workbench.model is opened
