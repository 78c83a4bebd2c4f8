"""The same training with an honest and with a random split: how much the random one flatters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import UserError
from ..core.issues import Severity
from ..core.leakage import Leakage
from ..core.messages import TrainingDone
from ..core.recipe import SPLITS, Recipe
from ..core.run_folder import RunFolder
from .leakage_watch import leakage_of
from .training_files import TrainingFiles

SIDES = ("honest", "random")


@dataclass(frozen=True)
class Side:
    """One of the two trainings: its split, the frames it trained on, what leaks of those that judged, how it ended."""

    split: str
    trained: int
    leakage: Leakage
    done: TrainingDone

    @property
    def accuracy(self) -> float:
        """Validation accuracy, 0 to 1."""
        return self.done.val_accuracy or 0.0

    @property
    def standard_error(self) -> float:
        """Of the accuracy, as of independent frames: with one right and one wrong more, so that it is never 0."""
        frames = self.leakage.frames + 2
        part = (self.accuracy * self.leakage.frames + 1) / frames
        return math.sqrt(part * (1 - part) / frames)

    def in_words(self) -> str:
        """Say it on one short line."""
        return f"{_title(self.split)}: {self.accuracy:.1%} right, {self.leakage.share:.1%} leak."

    def details(self) -> str:
        """Say of how many frames, and how they leak."""
        return f"{_title(self.split)}: {self.trained:,} frames trained. {self.leakage.in_words()}"


@dataclass(frozen=True)
class Comparison:
    """Both trainings."""

    honest: Side
    random: Side

    @property
    def difference(self) -> float:
        """By how much the random split's accuracy is higher, -1 to 1."""
        return self.random.accuracy - self.honest.accuracy

    def in_words(self) -> str:
        """Say both accuracies and what their difference means."""
        return "\n".join([self.honest.in_words(), self.random.in_words(), self.meaning()])

    def details(self) -> str:
        """Say of how many frames."""
        return "\n".join([self.honest.details(), self.random.details()])

    def meaning(self) -> str:
        """Say what the difference means; below two standard errors it may be chance."""
        points = 100 * self.difference
        if not points:
            return "The random split says the same."
        said = f"The random split says {abs(points):.1f} percentage points {'more' if points > 0 else 'less'}"
        if abs(self.difference) < 2 * math.hypot(self.honest.standard_error, self.random.standard_error):
            return f"{said}, which may be chance with so few frames."
        return f"{said}: it flatters." if points > 0 else f"{said}: it does not flatter here."


def compare_splits(
    files: TrainingFiles,
    recipe: Recipe,
    folder: Path,
    *,
    train: Callable[[RunFolder], TrainingDone],
    say: Callable[[str], object] = lambda _: None,
    like: Path | None = None,
) -> Comparison:
    """Train in the new folders "honest" and "random" of `folder`, with the loaded frames as they are now.

    Honest is the recipe's split, or by recording where that is random. As many frames validate in both. `train` trains
    in a folder, `say` is told what is found out before; `like` is the folder of a training with the same frames.
    Raises `UserError` where nothing can be split off.
    """
    recipes = comparable_recipes(files, recipe)
    for name in SIDES:
        if (folder / name).exists():
            raise UserError(f"Expected a new folder. Received: {folder / name} exists.", "Choose another folder.")
    leakages: dict[str, Leakage] = {}
    runs: dict[str, RunFolder] = {}
    for name, own in recipes.items():
        leakages[name] = leakage_of(files, own)["validation"]
        say(f"{_title(own.training.split)}: {leakages[name].in_words()}")
        # Both before the first training: frames that are collected meanwhile belong to neither.
        runs[name] = files.prepare_run(folder / name, own, like=runs["honest"].path if runs else like)
    sides = [
        Side(recipes[name].training.split, len(run.data().training), leakages[name], done=train(run))
        for name, run in runs.items()
    ]
    return Comparison(*sides)


def comparable_recipes(files: TrainingFiles, recipe: Recipe) -> Mapping[str, Recipe]:
    """Return the recipe with an honest and with a random split; `UserError` where nothing can be split off."""
    settings = recipe.training
    if settings.validation != "split":
        raise UserError(
            "Expected a part of the training data that is split off to validate. Received: none.",
            "Choose “Split off a part” under Validation.",
        )
    split = "recording" if settings.split == "random" else settings.split
    honest = replace(recipe, training=replace(settings, split=split))
    for issue in files.check(honest):
        if issue.severity is Severity.ERROR:
            raise UserError(issue.message)
    found = files.split(honest)
    if found is None or not len(found[1].validation):
        raise UserError("Expected validation frames to compare. Received: none.", "Choose another split.")
    validating, training = len(found[1].validation), len(found[1].training)
    part = round(min(0.9, max(0.01, validating / (validating + training))), 3)
    random = replace(settings, split="random", holdout="part", validation_fraction=part)
    return {"honest": honest, "random": replace(recipe, training=random)}


def _title(split: str) -> str:
    return SPLITS[split].partition(" (")[0]
