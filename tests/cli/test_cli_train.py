"""`exptool-ml train` in real processes: to the end, interrupted, and continued."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.run_folder import RunFolder

pytest.importorskip("tensorflow", reason="training needs the extra 'train'")

Run = Callable[..., Any]


def weights(model: str) -> dict[str, np.ndarray]:
    """Return every array in the weights of a Keras file, by name."""
    found: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(model) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def train(exptool_ml: Run, *arguments: str | Path) -> Any:
    return exptool_ml("train", *arguments, "--json")


@pytest.fixture(scope="module")
def finished(
    exptool_ml: Run, session_file: Path, recipe_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Any]:
    """Return the folder of a run of 3 epochs, and how it ended."""
    out = tmp_path_factory.mktemp("runs") / "finished"
    options = ("--validation", "0.25", "--seed", "5", "--epochs", "3")
    return out, train(exptool_ml, session_file, "--recipe", recipe_file, "--out", out, *options)


def test_training_answers_with_figures_and_a_model(finished: tuple[Path, Any]) -> None:
    out, done = finished

    answer = done.answer
    assert len(done.out.splitlines()) == 1
    assert answer["epochs"] == 3
    assert 1 <= answer["best_epoch"] <= 3
    assert 0.0 <= answer["accuracy"] <= 1.0
    assert 0.0 <= answer["val_accuracy"] <= 1.0
    assert answer["loss"] > 0.0
    assert answer["val_loss"] > 0.0
    assert answer["seconds"] > 0.0
    assert Path(answer["model"]) == out / "model.keras"
    assert [line for line in done.err.splitlines() if line.startswith("epoch 3: loss")]


def test_the_run_holds_the_command_lines_settings(finished: tuple[Path, Any]) -> None:
    settings = RunFolder.open(finished[0]).recipe().training

    assert (settings.seed, settings.epochs, settings.validation_fraction) == (5, 3, 0.25)


def test_the_run_holds_the_matrices_as_figures_and_pictures(finished: tuple[Path, Any]) -> None:
    for subset in ("training", "validation"):
        assert (finished[0] / f"confusion_{subset}.csv").is_file()
        assert (finished[0] / f"confusion_{subset}.png").read_bytes().startswith(b"\x89PNG")


def test_the_model_is_evaluated_and_predicts(
    exptool_ml: Run, finished: tuple[Path, Any], session_file: Path, recordings: dict[str, Path]
) -> None:
    model = finished[1].answer["model"]

    evaluated = exptool_ml("evaluate", model, session_file, "--json").answer
    predicted = exptool_ml("predict", model, recordings["still_1"], "--json").answer

    assert evaluated["frames"] == 100
    assert evaluated["labels"] == ["push", "still"]
    assert sum(map(sum, evaluated["confusion"])) == 100
    still = evaluated["confusion"][1]
    assert predicted["frames_per_label"].get("still", 0) == still[1], "predicting is what was evaluated"


def test_a_run_continued_is_the_run_never_interrupted(
    exptool_ml: Run, finished: tuple[Path, Any], session_file: Path, recipe_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    options = ("--validation", "0.25", "--seed", "5", "--epochs", "2")
    train(exptool_ml, session_file, "--recipe", recipe_file, "--out", out, *options)

    continued = train(exptool_ml, "--out", out, "--resume", "--epochs", "3").answer

    whole = finished[1].answer
    names = ("epochs", "best_epoch", "loss", "accuracy", "val_loss", "val_accuracy")
    assert {name: continued[name] for name in names} == {name: whole[name] for name in names}
    expected, got = weights(whole["model"]), weights(continued["model"])
    assert expected.keys() == got.keys()
    assert all(np.array_equal(expected[name], got[name]) for name in expected)


@pytest.mark.skipif(os.name == "nt", reason="sends the signal of Ctrl-C to a process group, as a terminal does")
def test_ctrl_c_stops_cleanly_and_keeps_the_best(session_file: Path, recipe_file: Path, tmp_path: Path) -> None:
    arguments = ["train", session_file, "--recipe", recipe_file, "--out", tmp_path / "run", "--json"]
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", *map(str, arguments)]
    command += ["--validation", "none", "--epochs", "100000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        said = [line for line in iter(process.stderr.readline, "") if not _interrupt_after(process, line, epoch=2)]
        answer = json.loads(process.stdout.read().splitlines()[-1])
        assert process.wait() == 0, said

    assert answer["reason"] == "stopped"
    assert answer["epochs"] >= 2
    assert answer["val_loss"] is None
    assert (tmp_path / "run" / "model.keras").is_file()
    assert "Traceback" not in "".join(said)


def _interrupt_after(process: subprocess.Popen[str], line: str, *, epoch: int) -> bool:
    """Press Ctrl-C when the line tells the end of the epoch; return whether it did."""
    if not line.startswith(f"epoch {epoch}:"):
        return False
    os.killpg(process.pid, signal.SIGINT)
    return True


def test_a_folder_with_a_training_is_never_overwritten(
    finished: tuple[Path, Any], session_file: Path, recipe_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (finished[0] / "model.keras").read_bytes()

    assert main(["train", str(session_file), "--recipe", str(recipe_file), "--out", str(finished[0])]) == 1

    assert "--resume" in capsys.readouterr().err
    assert (finished[0] / "model.keras").read_bytes() == before


def test_sessions_of_another_recipe_are_refused(
    session_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], recipe_file: Path
) -> None:
    recipe = Recipe.from_json(recipe_file.read_text())
    other = tmp_path / "other.json"
    other.write_text(replace(recipe, frame=FrameSettings(time_steps=8)).to_json())

    assert main(["train", str(session_file), "--recipe", str(other), "--out", str(tmp_path / "run")]) == 1

    assert "Expected sessions made with the recipe 'small'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_one_label_alone_is_refused_in_words(
    recordings: dict[str, Path], recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, still = tmp_path / "s.h5", str(recordings["still_1"])
    assert main(["extract", still, "--recipe", str(recipe_file), "--label", "a", "--out", str(out)]) == 0

    assert main(["train", str(out), "--recipe", str(recipe_file), "--out", str(tmp_path / "run")]) == 1

    assert "at least two labels" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
