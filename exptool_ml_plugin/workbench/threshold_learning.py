"""Learning a trigger's threshold from a time in which nothing happens."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from ..core.errors import UserError
from ..core.options import OptionInfo, describe
from ..core.pipeline import Pipeline, blocks_of
from ..core.recipe import Recipe, TriggerChoice
from ..core.recording import Recording
from ..plugins import Plugins
from .background import Background

QUANTILE = 0.999
"""Part of the scores at rest that the threshold is to be above, before the margin: one outlier does not decide."""

MARGIN = 1.5
"""How many times that score the threshold becomes."""

FEWEST = 50
"""Scores below which nothing can be said."""


@dataclass(frozen=True)
class LearnedThreshold:
    """The trigger with which the scores were made, the same with the learned threshold, and what was found."""

    before: TriggerChoice
    after: TriggerChoice
    words: str


class ThresholdLearning:
    """Finds thresholds, from a recording in a thread of its own; the recipe is left to who listens to `learned`.

    The threshold is the score below which 99.9 % of the scores lie, times 1.5; where that is beyond what the trigger
    allows, halfway from the score to its largest value. `learned` carries a `LearnedThreshold`, `changed` is emitted
    when the reading of a recording begins and ends; both from any thread.
    """

    learned = Signal(object)
    changed = Signal()

    def __init__(
        self,
        plugins: Plugins,
        *,
        recipe: Callable[[], Recipe],
        scores: Callable[[float], NDArray[np.float64]],
        report: Callable[[Exception, str], None],
    ) -> None:
        self._plugins = plugins
        self._recipe = recipe
        self._scores = scores
        self._cancelled = threading.Event()
        self._background = Background(report)
        self._background.changed.connect(self.changed.emit)

    @property
    def busy(self) -> bool:
        """True while a recording is gone through."""
        return bool(self._background.doing)

    def from_last(self, seconds: float) -> None:
        """Learn from the last seconds of the running measurement; `UserError` where they tell nothing."""
        recipe = self._recipe()
        self._learn(recipe.trigger, self._threshold_option(recipe), self._scores(seconds))

    def from_recording(self, path: Path) -> None:
        """Begin to learn from a recording; `UserError` where the trigger has no threshold or one is learned already."""
        recipe = self._recipe()
        option = self._threshold_option(recipe)
        self._cancelled = cancelled = threading.Event()
        self._background.run(
            f"learning the threshold from {path.name}", lambda: self._go_through(path, recipe, option, cancelled)
        )

    def cancel(self) -> None:
        """Give up the recording; the recipe stays as it is."""
        self._cancelled.set()

    def close(self) -> None:
        """Cancel, and wait until the thread has ended."""
        self.cancel()
        self._background.wait()

    def _go_through(self, path: Path, recipe: Recipe, option: OptionInfo, cancelled: threading.Event) -> None:
        parts = [self._scores_of(recording, recipe, cancelled) for recording in self._read(path)]
        if not cancelled.is_set():
            self._learn(recipe.trigger, option, np.concatenate(parts) if parts else np.zeros(0))

    def _scores_of(self, recording: Recording, recipe: Recipe, cancelled: threading.Event) -> NDArray[np.float64]:
        pipeline = Pipeline(replace(recipe, sensor=recording.setup), self._plugins.parts, recording.setup)
        scores = [np.zeros(0)]
        for block in blocks_of(recording):
            if cancelled.is_set():
                break
            pipeline.push_many(block)
            scores.append(pipeline.scores)
        return np.concatenate(scores)

    def _learn(self, trigger: TriggerChoice, option: OptionInfo, scores: NDArray[np.float64]) -> None:
        known = scores[np.isfinite(scores)]
        threshold = learned_threshold(known, option)
        after = replace(trigger, options={**trigger.options, option.name: threshold})
        highest = float(known.max())
        words = f"Highest score at rest {highest:.3g}; threshold set to {threshold:.3g}."
        if highest > threshold:
            words += f" {int((known > threshold).sum())} of {len(known)} readings were above it."
        self.learned.emit(LearnedThreshold(trigger, after, words))

    def _threshold_option(self, recipe: Recipe) -> OptionInfo:
        trigger = self._plugins.triggers.get(recipe.trigger.key)
        option = None if trigger is None else threshold_option(trigger.Options)
        if option is None:
            raise UserError(
                f"Expected a trigger with a threshold. Received: {recipe.trigger.key}.", "Choose another trigger."
            )
        return option

    def _read(self, path: Path) -> list[Recording]:
        for source in self._plugins.sources.values():
            recordings = source.read(path)
            if recordings is not None:
                return recordings
        raise UserError(f"Expected a recording. Received: {path}.", "Choose a recording of the Exploration Tool (.h5).")


def threshold_option(options: type) -> OptionInfo | None:
    """Return the option `threshold` of a trigger's settings, None where it has none."""
    return next((info for info in describe(options) if info.name == "threshold" and info.kind in (int, float)), None)


def learned_threshold(scores: NDArray[np.float64], option: OptionInfo) -> float:
    """Return the threshold for scores at rest, float64 `(n,)`; `UserError` where they do not give one."""
    if len(scores) < FEWEST:
        raise UserError(
            f"Expected at least {FEWEST} scores of the trigger. Received: {len(scores)}.",
            "Measure longer, or choose a longer recording.",
        )
    low = -math.inf if option.minimum is None else option.minimum
    high = math.inf if option.maximum is None else option.maximum
    at_rest = float(np.quantile(scores, QUANTILE, method="higher"))
    if at_rest >= high:
        raise UserError(
            f"Expected scores at rest below {high:g}. Received: {at_rest:.3g}.",
            "The trigger sees something there: choose a time in which nothing happens, or another trigger.",
        )
    threshold = at_rest + (MARGIN - 1) * abs(at_rest)
    if threshold >= high:
        # As few digits as leave room on both sides: the trigger must be able to reach beyond it.
        between = (at_rest + high) / 2
        return next(rounded for digits in range(3, 18) if at_rest < (rounded := float(f"{between:.{digits}g}")) < high)
    return float(f"{max(threshold, low):.3g}")
