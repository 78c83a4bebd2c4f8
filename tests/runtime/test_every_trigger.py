"""What holds for every installed trigger: where its frames lie, and that a file is cut as a measurement is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.reading import GOOD, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.plugins import load_plugins

PARTS = load_plugins().parts
ModelFile = Callable[..., Path]

EAGER: dict[str, dict[str, object]] = {
    "continuous": {"hop": 3},
    "single": {},
    "presence": {"threshold": 1.0, "once_per_burst": False},
    "feature_shape": {"threshold": 1.0, "wing": 3},
    "feature_level": {"threshold": 0.5, "once_per_rise": False},
    "model": {"label": "high", "once_per_rise": False},
}
"""Settings with which each would trigger with every other reading."""


@pytest.fixture
def recording(setup: SensorSetup) -> Recording:
    """Motion that comes and goes all the time, and a mark on every other reading."""
    random = np.random.default_rng(3)
    matrix = random.uniform(0.4, 1.4, (600, 2, 3)) * np.exp(2j * np.pi * random.uniform(0, 1, (600, 2, 3)))
    matrix[::9] *= 3
    return Recording(
        "busy", setup, np.arange(600) / 10.0, (matrix.astype(np.complex64),), (GOOD,) * 600,
        marks=tuple(range(0, 600, 2)),
    )  # fmt: skip


def recipe_for(key: str, model_file: ModelFile, setup: SensorSetup) -> Recipe:
    model = {"model": str(model_file())} if key == "model" else {}
    return Recipe(
        sensor=setup,
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=12, pre_trigger=4, dead_time=7),
        trigger=TriggerChoice(key, {**EAGER[key], **model}),
    )


def test_every_trigger_that_ships_is_tested_here() -> None:
    assert set(EAGER) == {
        key for key, kind in PARTS.triggers.items() if kind.__module__.startswith("exptool_ml_plugin")
    }


@pytest.mark.parametrize("key", EAGER)
def test_pre_trigger_and_dead_time_hold_for_every_trigger_that_has_them(
    key: str, model_file: ModelFile, setup: SensorSetup, recording: Recording
) -> None:
    firsts = np.array(
        [frame.first_reading for frame in frames_of(recording, recipe_for(key, model_file, setup), PARTS)]
    )
    kind = PARTS.triggers[key]
    triggered = firsts + (4 if kind.uses_pre_trigger else 11)
    rest = triggered[1:] - (firsts[:-1] + 12)
    assert len(firsts) > 10
    if kind.uses_dead_time:
        assert (rest[1:] >= 7).all()
        assert (rest[1:] <= 9).any(), "it would have triggered in the dead time"
    else:
        assert (rest < 7).any()


@pytest.mark.parametrize("key", EAGER)
def test_a_file_is_cut_as_a_measurement_is_bit_for_bit(
    key: str, model_file: ModelFile, setup: SensorSetup, recording: Recording
) -> None:
    recipe = recipe_for(key, model_file, setup)
    pipeline = Pipeline(recipe, PARTS)
    live = [frame for reading in recording if (frame := pipeline.push(reading))]
    again = frames_of(recording, recipe, PARTS)
    assert live
    for one, other in zip(live, again, strict=True):
        assert one.values.tobytes() == other.values.tobytes()
        facts = [(frame.first_reading, frame.time_s, frame.score, frame.flags) for frame in (one, other)]
        assert facts[0] == facts[1]


@pytest.mark.parametrize("key", EAGER)
def test_a_trigger_that_compares_shows_what_with_what(
    key: str, model_file: ModelFile, setup: SensorSetup, recording: Recording
) -> None:
    pipeline = Pipeline(recipe_for(key, model_file, setup), PARTS)
    for reading in recording.part(0, 50):
        pipeline.push(reading)
    compares = "threshold" in EAGER[key] or key == "model"
    assert (pipeline.threshold is not None) is compares
    assert (pipeline.score is not None) is compares
