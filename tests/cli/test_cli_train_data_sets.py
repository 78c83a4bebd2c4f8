"""`exptool-ml train` with a data set, and with two splits side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.cli.train import options_of
from exptool_ml_plugin.cli.training_inputs import prepare
from exptool_ml_plugin.core.data_set import DataSet, describe_file, save_data_set
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.workbench.workbench import Workbench

pytest.importorskip("tensorflow", reason="training needs the extra 'train'")

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def data_set(session_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set whose file trains and validates."""
    project = tmp_path_factory.mktemp("set") / "set.json"
    files = [describe_file(session_file, project=project, role=role) for role in ("training", "validation")]
    save_data_set(DataSet(tuple(files)), project)
    return project


def test_a_data_set_trains_with_its_roles_and_is_brought_to_the_recipe(
    exptool_ml: Run, data_set: Path, recipe_file: Path, session_file: Path, tmp_path: Path
) -> None:
    recipe, out = tmp_path / "longer.json", tmp_path / "run"
    recipe.write_text(replace(Recipe.from_json(recipe_file.read_text()), frame=FrameSettings(time_steps=8)).to_json())
    before = session_file.read_bytes()

    done = exptool_ml("train", data_set, "--recipe", recipe, "--out", out, "--epochs", "1", "--json")

    assert done.answer["val_accuracy"] is not None
    assert "Cut anew: session.h5 (training): 100 frames, 400 readings; other time steps." in done.err
    data = RunFolder.open(out).data()
    assert (data.kind, data.values.shape[1]) == ("files", 8)
    assert session_file.read_bytes() == before


def test_the_test_files_of_a_data_set_change_nothing_of_what_is_trained_on(
    session_file: Path, recipe_file: Path, tmp_path: Path
) -> None:
    runs = {}
    for name, roles in (("alone", ["training"]), ("tested", ["training", "test"])):
        project = tmp_path / f"{name}.json"
        save_data_set(DataSet(tuple(describe_file(session_file, project=project, role=r) for r in roles)), project)
        out = tmp_path / name
        options = options_of(str(project), "--recipe", str(recipe_file), "--out", str(out))
        workbench = Workbench(journals=tmp_path)
        prepare(workbench, options, out)
        workbench.close()
        runs[name] = RunFolder.open(out).data()

    alone, tested = runs["alone"], runs["tested"]
    assert (len(alone.test), len(tested.test)) == (0, 100)
    assert tested.test.min() > max(tested.training.max(), tested.validation.max())
    for subset in ("training", "validation"):
        np.testing.assert_array_equal(alone.subset(subset), tested.subset(subset))
    np.testing.assert_array_equal(alone.values, tested.values[: len(alone.values)])


def test_two_splits_are_trained_side_by_side_with_their_leakage(
    exptool_ml: Run, session_file: Path, recipe_file: Path, tmp_path: Path
) -> None:
    arguments = ("--recipe", recipe_file, "--out", tmp_path, "--epochs", "1", "--compare-splits", "--json")

    answer = exptool_ml("train", session_file, *arguments).answer

    assert (answer["honest"]["split"], answer["random"]["split"]) == ("recording", "random")
    leaking = {side: answer[side]["leaking"] for side in ("honest", "random")}
    # Not the whole share: frames as small as these look alike by chance, which is no matter of the split.
    assert (leaking["honest"]["sharing"], leaking["honest"]["near"]) == (0, 0)
    assert leaking["random"]["near"] >= 0.8 * leaking["random"]["frames"]
    assert leaking["honest"]["frames"] == leaking["random"]["frames"] == 20
    difference = answer["random"]["val_accuracy"] - answer["honest"]["val_accuracy"]
    assert answer["difference"]["val_accuracy"] == difference
    assert RunFolder.open(tmp_path / "random").data().kind == "random"


@pytest.mark.parametrize("more", [("--split", "random"), ("--validation", "none"), ("--resume",)])
def test_splits_are_only_compared_where_there_are_two(
    session_file: Path, recipe_file: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    arguments = ["train", str(session_file), "--recipe", str(recipe_file), "--out", str(tmp_path / "run")]
    with pytest.raises(SystemExit):
        main([*arguments, "--compare-splits", *more])


def test_a_data_set_among_sessions_is_refused(
    session_file: Path, data_set: Path, recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(data_set), str(session_file), "--recipe", str(recipe_file), "--out", str(tmp_path / "run")]
    assert main(["train", *arguments]) == 1
    assert "one data set alone" in capsys.readouterr().err
