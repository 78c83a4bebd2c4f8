"""A detector model decides when frames are cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.reading import GOOD, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.simulate import record
from exptool_ml_plugin.core.trigger_maker import check_trigger
from exptool_ml_plugin.plugins import load_plugins

PARTS = load_plugins().parts
ModelFile = Callable[..., Path]


def recipe_with(setup: SensorSetup | None, **options: object) -> Recipe:
    """Frames of other features and another length than the detector's."""
    return Recipe(
        sensor=setup,
        features=(FeatureChoice("doppler_spectrum"),),
        frame=FrameSettings(time_steps=8, pre_trigger=6, dead_time=3),
        trigger=TriggerChoice("model", options),
    )


def two_events(setup: SensorSetup) -> Recording:
    """Readings as `tiny.tflite` calls them "high" from reading 20 to 25 and 50 to 55, "low" else.

    It weighs amplitudes, which are never negative: without any, both labels are as probable.
    """
    amplitude = np.zeros(80, dtype=np.complex64)
    amplitude[20:26] = amplitude[50:56] = 1.0
    matrix = np.broadcast_to(amplitude[:, None, None], (80, 2, 3)).copy()
    return Recording("events", setup, np.arange(80) / 10.0, (matrix,), (GOOD,) * 80)


def test_a_frame_is_cut_when_the_detector_sees_its_label(model_file: ModelFile, setup: SensorSetup) -> None:
    recipe = recipe_with(setup, model=str(model_file()), label="high", threshold=0.9)

    frames = frames_of(two_events(setup), recipe, PARTS)

    assert [frame.first_reading for frame in frames] == [14, 44]
    assert all(frame.values.shape[0] == 8 for frame in frames)
    assert all(frame.score is not None and frame.score > 0.9 for frame in frames)


def test_live_and_replayed_readings_give_the_same_frames_bit_for_bit(model_file: ModelFile, setup: SensorSetup) -> None:
    recipe = recipe_with(setup, model=str(model_file()), label="high", threshold=0.9, once_per_rise=False, hop=2)
    recording = two_events(setup)
    pipeline = Pipeline(recipe, PARTS)
    live = [frame for reading in recording if (frame := pipeline.push(reading))]
    pipeline.reset()
    assert (pipeline.score, pipeline.threshold) == (None, 0.9)
    after_reset = [frame for reading in recording if (frame := pipeline.push(reading))]

    expected = [(f.first_reading, f.score, f.values.tobytes()) for f in frames_of(recording, recipe, PARTS)]
    assert expected
    for again in (live, after_reset):
        assert [(f.first_reading, f.score, f.values.tobytes()) for f in again] == expected


def test_the_probability_is_the_score_and_stays_between_two_looks(model_file: ModelFile, setup: SensorSetup) -> None:
    recipe = recipe_with(setup, model=str(model_file()), label="low", hop=3)
    pipeline = Pipeline(recipe, PARTS)
    scores = []
    for reading in two_events(setup).part(15, 30):
        pipeline.push(reading)
        scores.append(pipeline.score)
    assert scores[:3] == [None] * 3, "the detector's frames have four rows"
    assert scores[3] == scores[4] == scores[5] == pytest.approx(0.5)
    assert scores[6] == scores[8] < 0.5


def test_the_frames_around_the_label_are_the_trained_gestures(gesture_model: Path, gesture_recipe: Recipe) -> None:
    recipe = replace(
        gesture_recipe, trigger=TriggerChoice("model", {"model": str(gesture_model), "label": "push", "threshold": 0.9})
    )
    assert recipe.sensor is not None
    frames = {scene: frames_of(record(recipe.sensor, scene, 15.0, name=scene, seed=5), recipe, PARTS)
              for scene in ("push", "pull")}  # fmt: skip
    assert len(frames["push"]) > 2
    assert len(frames["push"]) > len(frames["pull"])


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("model", "", "Expected a detector model"),
        ("model", "nowhere.keras", "does not exist"),
        ("label", "", "high, low"),
        ("label", "wave", "Received: label='wave'"),
    ],
)
def test_what_cannot_be_used_is_said_before_a_measurement(
    model_file: ModelFile, setup: SensorSetup, option: str, value: str, said: str
) -> None:
    recipe = recipe_with(setup, **{"model": str(model_file()), "label": "high", option: value})

    issues = check_trigger(recipe, PARTS, None)

    assert [issue.where for issue in issues] == [f"trigger.{option}"]
    assert said in issues[0].message
    with pytest.raises(UserError, match=said.replace("(", r"\(")):
        Pipeline(recipe, PARTS)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path, setup: SensorSetup) -> None:
    path = tmp_path / "foreign.keras"
    path.write_bytes(b"not a zip archive")
    issues = check_trigger(recipe_with(setup, model=str(path), label="high"), PARTS, setup)
    assert ["Expected a Keras file" in issue.message for issue in issues] == [True]


def test_a_model_that_was_not_converted_is_refused(model_file: ModelFile, setup: SensorSetup) -> None:
    issues = check_trigger(recipe_with(setup, model=str(model_file(litert=None)), label="high"), PARTS, setup)
    assert [issue.where for issue in issues] == ["trigger.model"]


def test_a_detector_for_another_sensor_configuration_is_refused(model_file: ModelFile, setup: SensorSetup) -> None:
    wider = replace(setup, channels=(replace(setup.channels[0], points=7),))
    recipe = recipe_with(wider, model=str(model_file()), label="high")
    assert check_trigger(recipe, PARTS, None) == []
    issues = check_trigger(recipe, PARTS, wider)
    assert [issue.where for issue in issues] == ["trigger.model"]
    assert "frames of shape (4, 3)" in issues[0].message
    with pytest.raises(UserError, match="as the detector was trained with"):
        Pipeline(recipe, PARTS)
