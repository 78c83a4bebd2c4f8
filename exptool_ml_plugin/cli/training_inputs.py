"""What a training on the command line begins with: sessions or a data set, and the recipe with the given settings."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.issues import Severity
from ..core.recipe import Recipe, TrainingSettings
from ..workbench.workbench import Workbench
from . import output
from .inputs import read_recipe


def prepare(workbench: Workbench, options: argparse.Namespace, out: Path) -> None:
    """Write the run folder: frames, split and recipe."""
    recipe = load(workbench, options)
    data = workbench.training_data
    for issue in data.check(recipe):
        if issue.severity is not Severity.ERROR:
            output.progress(issue.message)
    data.prepare_run(out, recipe)


def load(workbench: Workbench, options: argparse.Namespace) -> Recipe:
    """Load the data and return the recipe to train with."""
    recipe = read_recipe(options.recipe)
    recipe = replace(recipe, training=_settings(recipe.training, options))
    data = workbench.training_data
    paths = [Path(path) for path in options.sessions]
    if any(path.suffix == ".json" for path in paths):
        recipe = _load_data_set(workbench, paths, recipe, options)
    else:
        data.load(paths)
    if options.validate:
        data.load([Path(path) for path in options.validate], "validation")
    _check_features(recipe, data.recipe_of_run(recipe))
    return recipe


def _load_data_set(workbench: Workbench, paths: list[Path], recipe: Recipe, options: argparse.Namespace) -> Recipe:
    """Load a data set, cut what was made with another recipe anew, and validate with its files if it has some."""
    if len(paths) > 1:
        raise UserError(
            f"Expected session files, or one data set alone. Received: {len(paths)} files with a data set among them."
        )
    sets = workbench.data_sets
    for note in sets.open(paths[0]):
        output.progress(note)
    for planned in sets.plan(recipe):
        output.progress(f"Cut anew: {planned.in_words()}.")
    for said in sets.bring_together(recipe):
        output.progress(said)
    asked = options.validation is not None or options.split is not None or options.compare_splits
    if workbench.training_data.names("validation") and not asked:
        return replace(recipe, training=replace(recipe.training, validation="files"))
    return recipe


def _settings(settings: TrainingSettings, options: argparse.Namespace) -> TrainingSettings:
    """Return the recipe's settings with those of the command line."""
    changes: dict[str, Any] = {}
    if options.validate:
        changes["validation"] = "files"
    elif options.validation is not None:
        changes["validation"] = "split" if options.validation else "none"
        changes["validation_fraction"] = options.validation or settings.validation_fraction
    changes |= {
        name: getattr(options, name) for name in ("seed", "epochs", "split") if getattr(options, name) is not None
    }
    changed = replace(settings, **changes)
    if changed.validation == "none" and changed.monitor.startswith("val_"):
        changed = replace(changed, monitor=changed.monitor.removeprefix("val_"))
        output.progress(f"Without validation frames, '{changed.monitor}' decides which epoch is best.")
    return changed


def _check_features(asked: Recipe, made: Recipe) -> None:
    """Refuse sessions that were not made with the recipe: the model would not be what the recipe says."""
    comparable = replace(asked, sensor=asked.sensor or made.sensor)
    if not made.same_frames_as(comparable):
        raise UserError(
            f"Expected sessions made with the recipe '{asked.name}'. Received: sessions made with other features, "
            "time steps or sensor settings.",
            "Extract the recordings again with this recipe, or train with the recipe they were made with.",
        )
