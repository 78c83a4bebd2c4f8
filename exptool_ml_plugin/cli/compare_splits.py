"""`exptool-ml train --compare-splits`: the same training with an honest and with a random split, side by side."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.leakage import Leakage
from ..plugins import load_plugins
from ..workbench.leakage_watch import leakage_of
from ..workbench.workbench import Workbench
from . import output
from .training_inputs import load


def compare(options: argparse.Namespace, *, train: Callable[[Path, argparse.Namespace], dict[str, Any]]) -> None:
    """Train in the folders "honest" and "random", and say accuracy and leakage of both.

    `train` trains in a folder as the options say and returns how it ended, for JSON.
    """
    honest = _honest_split(options)
    splits = {"honest": honest, "random": "random"}
    out = Path(options.out)
    for name in splits:
        if (out / name).exists():
            raise UserError(f"Expected a new folder. Received: {out / name} exists.", "Choose another folder.")
    answers: dict[str, dict[str, Any]] = {}
    for name, split in splits.items():
        own = argparse.Namespace(**{**vars(options), "split": split})
        leakage = _leakage(own)
        output.progress(
            f"Split: {split}. {leakage.in_words()}" if name == "honest" else f"Random: {leakage.in_words()}"
        )
        answers[name] = {"split": split, "leakage": leakage.share, **train(out / name, own)}
    accuracies = [answers[name]["val_accuracy"] for name in splits]
    answers["difference"] = {"val_accuracy": accuracies[1] - accuracies[0]}
    output.result(answers, _in_words(answers), as_json=options.json)


def _honest_split(options: argparse.Namespace) -> str:
    """Return the split that is asked for, that of the recipe, or by recording where the recipe's is random."""
    from .inputs import read_recipe

    split: str = options.split or read_recipe(options.recipe).training.split
    return "recording" if split == "random" else split


def _leakage(options: argparse.Namespace) -> Leakage:
    workbench = Workbench(load_plugins())
    try:
        recipe = load(workbench, options)
        found = leakage_of(workbench.training_data, recipe)
    finally:
        workbench.close()
    if "validation" not in found:
        raise UserError(
            "Expected validation frames to compare. Received: none.", "Choose another split, or give --validation."
        )
    return found["validation"]


def _in_words(answers: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"{name}: validation accuracy {answers[name]['val_accuracy']:.1%}, {answers[name]['leakage']:.1%} leakage "
        f"(split: {answers[name]['split']})"
        for name in ("honest", "random")
    ]
    points = 100 * answers["difference"]["val_accuracy"]
    return "\n".join([*lines, f"The random split says {points:+.1f} percentage points."])
