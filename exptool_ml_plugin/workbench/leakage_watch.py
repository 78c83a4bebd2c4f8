"""The leakage of the loaded data and the chosen split, measured again whenever these change."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from ..core.leakage import Judged, Leakage, measure_leakage
from ..core.recipe import Recipe
from ..core.split import Split
from ..core.split_groups import split_settings
from ..core.training_data import TrainingData
from .training_files import TrainingFiles


def leakage_of(files: TrainingFiles, recipe: Recipe) -> dict[str, Leakage]:
    """Measure how much of the validation and test frames the training frames hold, by subset."""
    found = files.split(recipe)
    if found is None:
        return {}
    return measure_subsets(*found)


def measure_subsets(parts: dict[str, TrainingData], split: Split) -> dict[str, Leakage]:
    """Measure each subset of the data that judges the model."""
    training = parts["training"]
    learnt = _judged(training, split.training)
    judging = {subset: _judged(part) for subset, part in parts.items() if subset != "training"}
    if len(split.validation):
        judging["validation"] = _judged(training, split.validation)
    return {subset: measure_leakage(learnt, judged) for subset, judged in sorted(judging.items(), reverse=True)}


def _judged(data: TrainingData, kept: NDArray[np.int64] | None = None) -> Judged:
    if kept is None:
        return Judged(data.values, data.groups, data.first_reading)
    return Judged(data.values.take(kept), data.groups.take(kept), data.first_reading[kept])


class LeakageWatch:
    """Measures in a thread of its own; `changed` is emitted, in that thread, when `measured` is another.

    `measured` holds the leakage by subset, validation before test.
    """

    changed = Signal()

    def __init__(
        self, files: TrainingFiles, *, recipe: Callable[[], Recipe], report: Callable[[Exception, str], None]
    ) -> None:
        self._files = files
        self._recipe = recipe
        self._report = report
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._known: object = None
        self._asked = False
        self.measured: dict[str, Leakage] = {}

    @property
    def measuring(self) -> bool:
        """True while the figures may be those of other data or another split."""
        return self._thread is not None

    def refresh(self) -> None:
        """Measure if anything has changed since; returns at once."""
        with self._lock:
            self._asked = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="leakage", daemon=True)
                self._thread.start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the figures are those of the data."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._thread = None
                    break
                self._asked = False
            self._measure()
        self.changed.emit()

    def _measure(self) -> None:
        recipe = self._recipe()
        key = (
            tuple(self._files.versions.values()),
            recipe.training.leave_out_flagged,
            *split_settings(recipe.training),
        )
        if key == self._known:
            return
        self._known = key
        self.measured = {}
        try:
            self.measured = leakage_of(self._files, recipe)
        except Exception as error:  # noqa: BLE001 - the end of the thread: the user must see whatever comes
            self._report(error, "measuring the leakage")
