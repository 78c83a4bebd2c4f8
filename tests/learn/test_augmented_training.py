"""Trainings with variants, and what test data may not do, in the real worker."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from exptool_ml_plugin.core.recipe import LayerChoice
from exptool_ml_plugin.core.run_data import RunData
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.workbench.training import Training
from training_runs import checkpoint_bits, losses, make_data, make_run

SECONDS = 120.0
LAYERS = (LayerChoice("flatten"), LayerChoice("dropout", {"rate": 0.3}), LayerChoice("dense"))


def train(training: Training, run: RunFolder, *, resume: bool = False) -> None:
    training.start(run.path, resume=resume)
    training.wait(SECONDS)


def with_variants(data: RunData) -> RunData:
    """Two variants of every training frame, each its original with noise."""
    originals = np.concatenate([data.training, data.training])
    noise = np.random.default_rng(5).normal(size=(len(originals), *data.values.shape[1:])).astype(np.float32)
    return dataclasses.replace(
        data,
        values=np.concatenate([data.values, data.values[originals] + noise]),
        labels=np.concatenate([data.labels, data.labels[originals]]),
        recordings=(*data.recordings, *(data.recordings[index] for index in originals)),
        variant_of=originals,
    )


def test_a_training_with_variants_goes_on_exactly_and_differs_from_one_without(
    training: Training, tmp_path: Path
) -> None:
    data = with_variants(make_data(80))
    whole, in_two = (
        make_run(tmp_path / name, data, layers=LAYERS, epochs=epochs) for name, epochs in (("whole", 3), ("two", 1))
    )
    plain = make_run(tmp_path / "plain", make_data(80), layers=LAYERS, epochs=3)
    for run in (whole, in_two, plain):
        train(training, run)
    in_two.change_training(dataclasses.replace(in_two.recipe().training, epochs=3))
    train(training, in_two, resume=True)

    assert checkpoint_bits(in_two) == checkpoint_bits(whole)
    assert losses(in_two) == losses(whole)
    assert losses(plain) != losses(whole)
    assert {name: sum(map(sum, matrix.counts)) for name, matrix in training.matrices.items()} == {
        "training": 48, "validation": 16, "test": 16,
    }  # fmt: skip


def test_neither_training_nor_early_stopping_sees_the_test_data(training: Training, tmp_path: Path) -> None:
    data, other = make_data(80), make_data(80)
    other.values[other.test] = 1e6
    runs = [
        make_run(tmp_path / name, made, layers=LAYERS, epochs=12, early_stopping=True, patience=2, learning_rate=0.05)
        for name, made in (("one", data), ("other", other))
    ]
    for run in runs:
        train(training, run)

    one, another = (run.result() for run in runs)
    assert one is not None
    assert another is not None
    assert (one.epochs, one.best_epoch) == (another.epochs, another.best_epoch)
    assert losses(runs[0]) == losses(runs[1])
    assert checkpoint_bits(runs[0]) == checkpoint_bits(runs[1])
