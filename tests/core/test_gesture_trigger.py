"""The shipped gesture recipe on the real recordings: one frame for every gesture."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import pytest
from synthetic import real_recording

from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import Recipe
from exptool_ml_plugin.core.resources import find_recipe

GESTURES = {
    "double_tap_in_idx_1": 48,
    "double_tap_in_idx_2": 47,
    "tap_in_idx_1": 52,
    "tap_in_idx_2": 22,
    "tap_out_idx_1": 53,
    "tap_out_idx_2": 32,
    "wiggle_idx_1": 40,
    "wiggle_idx_2": 29,
}
"""Gestures in each recording, by the energy of motion."""


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return Recipe.from_json(find_recipe("gesture").read_text())


@pytest.mark.parametrize(("name", "gestures"), GESTURES.items())
def test_the_trigger_finds_every_gesture_once(
    parts: Parts, recipe: Recipe, shared_data: Path, name: str, gestures: int
) -> None:
    recording = real_recording(shared_data / "a121_gesture" / f"label_{name}.h5")
    frames = frames_of(recording, recipe, parts)
    assert abs(len(frames) - gestures) <= 0.1 * gestures
    times = [frame.time_s for frame in frames]
    close = [earlier for earlier, later in itertools.pairwise(times) if later - earlier < 1.5]
    assert len(close) <= 0.05 * gestures, "a gesture lasts up to 1.5 s and is not cut twice"


@pytest.mark.parametrize(("name", "most_per_minute"), [("static_hand", 30), ("dynamic_hand", 15)])
def test_a_hand_that_makes_no_gesture_fires_seldom(
    parts: Parts, recipe: Recipe, shared_data: Path, name: str, most_per_minute: float
) -> None:
    recording = real_recording(shared_data / "a121_gesture" / f"label_{name}_idx_1.h5")
    frames = frames_of(recording, recipe, parts)
    per_minute = 60 * len(frames) / float(recording.time_s[-1])
    print(f"{name}: {len(frames)} frames, {per_minute:.1f} per minute")
    assert per_minute <= most_per_minute


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_a_threshold_nearby_finds_every_gesture_too(
    parts: Parts, recipe: Recipe, shared_data: Path, factor: float
) -> None:
    options = {**recipe.trigger.options, "threshold": factor * recipe.trigger.options["threshold"]}
    nearby = dataclasses.replace(recipe, trigger=dataclasses.replace(recipe.trigger, options=options))
    recording = real_recording(shared_data / "a121_gesture" / "label_wiggle_idx_2.h5")
    assert abs(len(frames_of(recording, nearby, parts)) - 29) <= 2.9
