"""An honest and a random split compared in the background, beside the training and the model in use."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from psygnal import Signal

from ..core.frame_at import Step
from ..core.messages import BatchEnd, TrainingDone, TrainingStarted
from ..core.recipe import Recipe
from ..core.run_folder import RunFolder
from .long_work import LongWork
from .split_comparison import SIDES, Comparison, comparable_recipes, compare_splits
from .training import Training
from .training_files import TrainingFiles
from .worker_process import COMMAND

_LOOK_EVERY_S = 0.2
_PARTS = 1000


class Comparing:
    """Trains twice in a worker of its own, in a folder that is removed again; `work` says how far it is.

    `changed` is emitted, in any thread, when there is another `result`.
    """

    changed = Signal()

    def __init__(
        self,
        files: TrainingFiles,
        *,
        recipe: Callable[[], Recipe],
        runs_folder: Callable[[], Path],
        newest_run: Callable[[], Path | None],
        report: Callable[[Exception, str], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.work = LongWork(report)
        self._files = files
        self._recipe = recipe
        self._runs_folder = runs_folder
        self._newest_run = newest_run
        self._command = command
        self._result: tuple[object, Comparison] | None = None

    @property
    def result(self) -> Comparison | None:
        """What came of the last comparison; None where data or settings are others since."""
        return None if self._result is None or self._result[0] != self._key(self._recipe()) else self._result[1]

    def begin(self) -> None:
        """Begin to compare; `UserError` where nothing can be split off, and while a comparison is in progress."""
        recipe = self._recipe()
        comparable_recipes(self._files, recipe)
        self.work.run("Comparing with a random split", lambda step: self._compare(recipe, step))

    def close(self, timeout_s: float | None = None) -> None:
        """Let no comparison go on."""
        self.work.cancel()
        self.work.wait(timeout_s)

    def _compare(self, recipe: Recipe, step: Step) -> None:
        key, base = self._key(recipe), self._runs_folder()
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=base, prefix=".comparison_", ignore_cleanup_errors=True) as folder:
            training = Training(command=self._command)
            try:
                training.warm_up()
                self._result = (key, self._trained(recipe, Path(folder), training, step))
            finally:
                training.close()
        self.changed.emit()

    def _trained(self, recipe: Recipe, folder: Path, training: Training, step: Step) -> Comparison:
        sides = iter(range(len(SIDES)))
        return compare_splits(
            self._files,
            recipe,
            folder,
            train=lambda run: _train(training, run, _part_of(step, next(sides))),
            say=lambda _: step(0, 1),
            like=self._newest_run(),
        )

    def _key(self, recipe: Recipe) -> object:
        """What a comparison holds for."""
        return (tuple(self._files.versions.values()), recipe.network, recipe.augmentation, recipe.training)


def _train(training: Training, run: RunFolder, step: Step) -> TrainingDone:
    """Train, and tell `step` how far it is, which may raise; returns how it ended."""
    ended, progress = threading.Event(), _Progress()
    training.started.connect(progress.on_started)
    training.batch.connect(progress.on_batch)
    training.done.connect(ended.set)
    training.failed.connect(ended.set)
    training.start(run.path)
    while not ended.wait(_LOOK_EVERY_S):
        step(round(_PARTS * progress.part), _PARTS)
    for signal in (training.started, training.batch, training.done, training.failed):
        signal.disconnect()
    return training.wait()


class _Progress:
    """The part of a training that is done, 0 to 1; early stopping may end it sooner."""

    def __init__(self) -> None:
        self.part = 0.0
        self._epochs = self._batches = 1

    def on_started(self, plan: TrainingStarted) -> None:
        self._epochs, self._batches = plan.epochs, plan.batches_per_epoch

    def on_batch(self, batch: BatchEnd) -> None:
        self.part = (batch.epoch - 1 + batch.batch / self._batches) / self._epochs


def _part_of(step: Step, number: int) -> Step:
    return lambda done, of: step(number * of + done, len(SIDES) * of)
