"""Which epoch is best, and how long to wait for a better one."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from ..core.recipe import TrainingSettings


@dataclass(frozen=True)
class Best:
    """The best epoch so far.

    `value` is what was monitored in `epoch`. `reference` is the value that an epoch has to beat by `min_delta` to
    renew the patience; `waited` counts the epochs since. Any improvement makes an epoch the best, however small, so
    that what is kept is the best there was.
    """

    epoch: int = 0
    value: float | None = None
    reference: float | None = None
    waited: int = 0

    def after(self, epoch: int, value: float, *, settings: TrainingSettings) -> Best:
        """Return the best after one more epoch."""
        larger_is_better = settings.monitor.endswith("accuracy")
        best = self
        if _gain(value, self.value, larger_is_better) > 0:
            best = dataclasses.replace(best, epoch=epoch, value=value)
        if _gain(value, self.reference, larger_is_better) > settings.min_delta:
            return dataclasses.replace(best, reference=value, waited=0)
        return dataclasses.replace(best, waited=self.waited + 1)

    def patience_left(self, settings: TrainingSettings) -> int | None:
        """Epochs without improvement that are still allowed; None without early stopping."""
        return max(settings.patience - self.waited, 0) if settings.early_stopping else None


def with_possible_monitor(settings: TrainingSettings, *, validation_frames: int) -> TrainingSettings:
    """Watch the training value where there are no validation frames to watch."""
    if validation_frames:
        return settings
    return dataclasses.replace(settings, monitor=settings.monitor.removeprefix("val_"))


def _gain(value: float, best: float | None, larger_is_better: bool) -> float:
    if math.isnan(value):
        return -math.inf
    if best is None:
        return math.inf
    return value - best if larger_is_better else best - value
