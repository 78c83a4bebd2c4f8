"""`exptool-ml extract` with a detector model as trigger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from exptool_ml_plugin.core.pipeline import Pipeline
from exptool_ml_plugin.core.recipe import Recipe, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.plugins import load_plugins


def write(recipe: Recipe, folder: Path, **options: object) -> Path:
    path = folder / "two_stage.json"
    path.write_text(replace(recipe, trigger=TriggerChoice("model", options)).to_json())
    return path


def test_the_frames_of_a_file_are_those_of_a_measurement(
    exptool_ml: Callable[..., Any],
    recordings: dict[str, Path],
    recipe_file: Path,
    tiny_model: Path,
    tmp_path: Path,
) -> None:
    small = Recipe.from_json(recipe_file.read_text())
    recipe = write(small, tmp_path, model=str(tiny_model), label="push", threshold=0.9, once_per_rise=False)
    out = tmp_path / "session.h5"

    done = exptool_ml("extract", recordings["push_1"], "--recipe", recipe, "--label", "push", "--out", out, "--json")

    assert done.answer["frames"] > 3
    session = load_session(out)
    pipeline = Pipeline(session.recipe, load_plugins().parts)
    live = [frame for reading in session.recordings[0] if (frame := pipeline.push(reading))]
    assert [frame.values.tobytes() for frame in live] == [values.tobytes() for values in session.values]


def test_a_missing_detector_is_one_sentence(
    exptool_ml: Callable[..., Any], recordings: dict[str, Path], recipe_file: Path, tmp_path: Path
) -> None:
    small = Recipe.from_json(recipe_file.read_text())
    recipe = write(small, tmp_path, model="gone.keras", label="push")
    done = exptool_ml("extract", recordings["push_1"], "--recipe", recipe, "--label", "x", "--out", tmp_path / "s.h5")
    assert done.status == 1
    assert "gone.keras, which does not exist" in done.err
    assert len(done.err.splitlines()) == 1
