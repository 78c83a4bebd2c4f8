"""`exptool-ml train --compare-splits`: the same training with an honest and with a random split, side by side."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..core.messages import TrainingDone
from ..plugins import load_plugins
from ..workbench.split_comparison import Comparison, Side, compare_splits
from ..workbench.workbench import Workbench
from . import output
from .training_inputs import load


def compare(
    options: argparse.Namespace,
    *,
    train: Callable[[Workbench, Path], TrainingDone],
    describe: Callable[[TrainingDone], dict[str, Any]],
) -> None:
    """Train in the folders "honest" and "random", and say accuracy and leakage of both.

    `train` trains in a folder that is ready; `describe` returns how a training ended, for JSON.
    """
    workbench = Workbench(load_plugins())
    try:
        workbench.training.warm_up()  # Keras loads while the sessions are read
        recipe = load(workbench, options)
        found = compare_splits(
            workbench.training_data,
            recipe,
            Path(options.out),
            train=lambda run: train(workbench, run.path),
            say=output.progress,
        )
    finally:
        workbench.close()
    output.result(_document(found, describe), found.in_words(), as_json=options.json)


def _document(found: Comparison, describe: Callable[[TrainingDone], dict[str, Any]]) -> dict[str, Any]:
    def side(one: Side) -> dict[str, Any]:
        leaking = {"leakage": one.leakage.share, "leaking": asdict(one.leakage)}
        return {"split": one.split, "trained": one.trained, **leaking, **describe(one.done)}

    return {
        "honest": side(found.honest),
        "random": side(found.random),
        "difference": {"val_accuracy": found.difference},
    }
