"""The calibration frame: what stands in the recipe is what frames are divided by."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.calibration import calibration_frame, calibration_text, recalibrated
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frame_at import frame_at
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice

SETUP = setup_of(channel())
RECIPE = Recipe(
    sensor=SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=12),
    trigger=TriggerChoice("continuous", {"hop": 6}),
)
RECORDING = recording_of(SETUP, 100, bursts=[(20, 40)])


def test_a_frame_comes_back_from_its_text_and_from_a_recipe_as_json() -> None:
    frame = np.random.default_rng(1).normal(size=(12, 7)).astype(np.float32)
    recipe = dataclasses.replace(RECIPE, calibration=calibration_text(frame))
    again = Recipe.from_json(recipe.to_json())
    assert again == recipe
    np.testing.assert_array_equal(calibration_frame(again.calibration), frame)
    assert "calibration" not in RECIPE.to_json()
    assert not recipe.same_frames_as(RECIPE)


def test_the_pipeline_divides_every_frame_one_by_one_and_at_once(parts: Parts) -> None:
    plain = frames_of(RECORDING, RECIPE, parts)
    divisor = np.mean([frame.values for frame in plain], axis=0, dtype=np.float32) + 1
    recipe = dataclasses.replace(RECIPE, calibration=calibration_text(divisor))
    pipeline = Pipeline(recipe, parts)
    one_by_one = [frame for reading in RECORDING if (frame := pipeline.push(reading)) is not None]
    at_once = frames_of(RECORDING, recipe, parts)
    assert len(plain) == len(one_by_one) == len(at_once) > 10
    for frame, some, others in zip(plain, one_by_one, at_once, strict=True):
        np.testing.assert_array_equal(some.values, frame.values / divisor)
        np.testing.assert_array_equal(others.values, some.values)
        assert some.values.dtype == np.float32
    cut = frame_at(RECORDING, recipe, parts, plain[3].first_reading)
    np.testing.assert_array_equal(cut.values, one_by_one[3].values)


def test_where_the_calibration_is_zero_values_stay_as_they_are() -> None:
    text = calibration_text(np.array([[0.0, 2.0]], dtype=np.float32))
    values = np.array([[[3.0, 3.0]]], dtype=np.float32)
    np.testing.assert_array_equal(recalibrated(values, "", text), [[[3.0, 1.5]]])
    np.testing.assert_array_equal(recalibrated(recalibrated(values, "", text), text, ""), values)


def test_a_calibration_of_another_shape_is_refused_in_words(parts: Parts) -> None:
    text = calibration_text(np.ones((11, 2), dtype=np.float32))
    with pytest.raises(UserError, match=r"shape=\(11, 2\)"):
        Pipeline(dataclasses.replace(RECIPE, calibration=text), parts)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "2x2:",
        "2x2:!!",
        "99999x9999999:abcde",
        "0x5:",
        "1x1:" + calibration_text(np.full((1, 1), np.nan, np.float32))[4:],
    ],
)
def test_any_other_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match="calibration frame"):
        calibration_frame(text)
