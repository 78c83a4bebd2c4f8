"""Small runs for tests: frames that tell their labels apart, and networks that train in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from exptool_ml_plugin.core.recipe import LayerChoice, NetworkSettings, Recipe, TrainingSettings
from exptool_ml_plugin.core.run_data import RunData
from exptool_ml_plugin.core.run_folder import RunFolder

SHAKY = (
    LayerChoice("gaussian_noise", {"stddev": 0.2}),
    LayerChoice("conv2d", {"filters": 4, "kernel_rows": 3, "kernel_columns": 3, "activation": "relu"}),
    LayerChoice("batch_normalization"),
    LayerChoice("max_pooling2d"),
    LayerChoice("flatten"),
    LayerChoice("dropout", {"rate": 0.3}),
    LayerChoice("dense"),
)
"""Everything that makes going on hard: noise, dropout and running averages."""


def make_data(frames: int = 200, *, labels: tuple[str, ...] = ("a", "b", "c"), seed: int = 0) -> RunData:
    """Return noise `(frames, 10, 12)` with a bump whose place is the label; 60 % train, 20 % validate, 20 % test."""
    random = np.random.default_rng(seed)
    codes = np.arange(frames) % len(labels)
    values = random.normal(size=(frames, 10, 12)).astype(np.float32)
    for index, code in enumerate(codes):
        values[index, :, 3 * code : 3 * code + 3] += 1.0
    order = random.permutation(frames)
    first, second = int(0.6 * frames), int(0.8 * frames)
    return RunData(
        values=values,
        labels=codes.astype(np.int64),
        label_names=labels,
        recordings=tuple(f"recording {code}" for code in codes),
        training=np.sort(order[:first]),
        validation=np.sort(order[first:second]),
        test=np.sort(order[second:]),
        kind="random",
    )


def make_run(
    path: Path,
    data: RunData | None = None,
    *,
    layers: tuple[LayerChoice, ...] = SHAKY,
    normalisation: str = "standard",
    **settings: Any,
) -> RunFolder:
    """Write a run folder; `settings` are those of the training."""
    recipe = Recipe(
        network=NetworkSettings(layers=layers, normalisation=normalisation),
        training=TrainingSettings(**{"epochs": 4, "batch_size": 16, "early_stopping": False, **settings}),
    )
    return RunFolder.create(path, recipe=recipe, data=data or make_data())


def checkpoint_bits(run: RunFolder) -> dict[str, bytes]:
    """Return every variable of the last checkpoint as bytes: weights, optimizer, seed generators."""
    with np.load(run.last_checkpoint, allow_pickle=False) as arrays:
        return {name: arrays[name].tobytes() for name in arrays.files if name != "state"}


def losses(run: RunFolder) -> list[tuple[float, ...]]:
    """Return loss, accuracy and validation of every epoch, as exact numbers."""
    return [
        (epoch.loss, epoch.accuracy, epoch.val_loss or 0.0, epoch.val_accuracy or 0.0, float(epoch.best_epoch))
        for epoch in run.history()
    ]
