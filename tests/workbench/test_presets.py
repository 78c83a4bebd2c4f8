"""Every preset can be used as it ships."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.resources import resources_dir
from exptool_ml_plugin.core.row_maker import RowMaker
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.workbench.matching import match
from exptool_ml_plugin.workbench.presets import Preset, load_presets

PRESETS = load_presets()
PARTS = load_plugins().parts


def test_there_is_a_preset_for_every_use() -> None:
    names = {preset.name for preset in PRESETS}
    assert names == {"Gesture, near", "Gesture, far", "Material", "Presence", "Vital signs"}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_makes_frames_on_its_own_sensor_settings(preset: Preset) -> None:
    setup = preset.recipe.sensor
    assert setup is not None
    seconds = 2.5 * preset.recipe.frame.time_steps / setup.reading_rate_hz
    recording = record(setup, "push", seconds, name="push", seed=1)
    pipeline = Pipeline(preset.recipe, PARTS)
    frames = frames_of(recording, preset.recipe, PARTS)
    assert [frame.values.shape for frame in frames[:1]] == [(preset.recipe.frame.time_steps, pipeline.width)]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_fits_its_own_sensor_settings_without_a_warning(preset: Preset) -> None:
    recipe = preset.recipe
    assert recipe.sensor is not None
    issues = RowMaker.check(recipe.features, recipe.sensor, PARTS)
    assert [issue for issue in issues if issue.severity is not Severity.INFO] == []
    assert match(recipe.features, recipe.sensor, PARTS, wanted=recipe.sensor).sentences == ()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_says_why_it_is_set_so(preset: Preset) -> None:
    assert "rofile" in preset.description or "readings" in preset.description
    assert len(preset.description) > 100


def test_a_file_that_is_no_preset_is_an_error_in_words() -> None:
    with pytest.raises(UserError, match="description"):
        Preset.from_json('{"name": "x"}', key="x")
    with pytest.raises(UserError, match="preset"):
        Preset.from_json("[1]", key="x")


def test_the_presets_are_in_the_wheel() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(Path(__file__).resolve().parents[2] / "setup.cfg")
    shipped = config["options.package_data"]["exptool_ml_plugin.resources"].replace(" ", "").split(",")
    found = {path for pattern in shipped for path in resources_dir().glob(pattern)}
    assert set((resources_dir() / "presets").iterdir()) <= found
