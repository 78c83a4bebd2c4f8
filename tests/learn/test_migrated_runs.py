"""Runs and models of earlier versions (`tests/versions`) are gone on with by today's worker."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.workbench.training import Training
from training_runs import make_run

SECONDS = 120.0
VERSIONS = sorted((Path(__file__).parents[1] / "versions").glob("*.zip"))


@pytest.fixture(params=VERSIONS, ids=lambda path: path.stem)
def old_run(request: pytest.FixtureRequest, tmp_path: Path) -> RunFolder:
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(tmp_path)
    return RunFolder.open(tmp_path / "run")


def test_a_training_goes_on_from_its_last_epoch(old_run: RunFolder, training: Training) -> None:
    expected = json.loads((old_run.path.parent / "expected.json").read_text())
    old_run.change_training(replace(old_run.recipe().training, epochs=4))

    training.start(old_run.path, resume=True)
    done = training.wait(SECONDS)

    history = old_run.history()
    assert [epoch.loss for epoch in history[:2]] == expected["losses"]
    assert (len(history), done.epochs) == (4, 4)
    assert old_run.model_path.is_file()


def test_a_model_is_trained_on_from_its_weights(old_run: RunFolder, training: Training, tmp_path: Path) -> None:
    data = old_run.data()
    fresh = make_run(tmp_path / "fresh", data, layers=old_run.recipe().network.layers, epochs=1, learning_rate=1e-6)
    going_on = make_run(tmp_path / "on", data, layers=old_run.recipe().network.layers, epochs=1, learning_rate=1e-6)

    training.start(fresh.path)
    training.wait(SECONDS)
    training.start(going_on.path, start_from=str(old_run.model_path))
    training.wait(SECONDS)

    assert (going_on.history()[0].val_loss or 9.0) < (fresh.history()[0].val_loss or 0.0)
