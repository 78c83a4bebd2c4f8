"""How far a training is, in words."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.messages import EpochEnd, TrainingDone
from ..core.recipe import MONITORS, TrainingSettings
from .training import Training

_RECENT = 5
"""Epochs whose mean duration is expected of the next ones."""


@dataclass(frozen=True)
class Status:
    """A headline, facts as pairs of caption and value, and the part that is done (None: not known)."""

    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    part: float | None = None


class Clock:
    """Measures how long the current epoch has been running; `now_s` is any clock that never goes back."""

    def __init__(self) -> None:
        self._epoch = 0
        self._since_s = 0.0

    def elapsed(self, training: Training, now_s: float) -> float:
        """Return the seconds since the current epoch was first seen."""
        epoch = training.last_batch.epoch if training.last_batch is not None else 0
        if epoch != self._epoch:
            self._epoch, self._since_s = epoch, now_s
        return now_s - self._since_s


def describe(training: Training, settings: TrainingSettings, *, elapsed_s: float) -> Status:
    """Say how far a training is; `elapsed_s` is the duration of the current epoch so far."""
    if training.state == "failed":
        return Status("The training failed", _facts(training, settings, elapsed_s))
    if training.state == "idle":
        headline = "No training yet" if training.result is None else ending(training.result)
        return Status(headline, _facts(training, settings, elapsed_s))
    headline = {"training": "Training", "stopping": "Stopping…"}.get(training.state, training.last_message)
    return Status(headline, _facts(training, settings, elapsed_s), _part(training))


def ending(done: TrainingDone) -> str:
    """Say how a training ended."""
    reasons = {"finished": "Finished", "early stopping": "Stopped early", "stopped": "Stopped by you"}
    kept = "best" if done.kept == "best" else "last"
    return f"{reasons.get(done.reason, done.reason)} after {_epochs(done.epochs)}, {kept} weights kept"


def duration(seconds: float) -> str:
    """Write a duration as people say it: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def _facts(training: Training, settings: TrainingSettings, elapsed_s: float) -> tuple[tuple[str, str], ...]:
    plan = training.plan
    if plan is None:
        return ()
    epochs = training.history.epochs
    last = epochs[-1] if epochs else None
    running = training.state in ("training", "stopping")
    facts = [("Epoch", f"{_epoch_now(training)} of {plan.epochs}")]
    if running and training.last_batch is not None:
        facts.append(("Batch", f"{training.last_batch.batch} of {plan.batches_per_epoch}"))
    pace = _pace(training, elapsed_s)
    if pace is not None:
        facts.append(("Per epoch", duration(pace)))
    if running and pace is not None:
        facts.append(("Time left", _time_left(training, pace, elapsed_s)))
    if running and last is not None and last.patience_left is not None and settings.early_stopping:
        facts.append(("Patience left", f"{max(last.patience_left, 0)} of {settings.patience}"))
    best = training.history.best
    if best is not None:
        facts.append(("Best so far" if running else "Best", best_text(best, settings.monitor)))
    return tuple(facts)


def best_text(best: EpochEnd, monitor: str) -> str:
    """Return "epoch 12: validation loss 0.213" for the value that decides, its training twin without validation."""
    value = getattr(best, monitor)
    if value is None:
        monitor = monitor.removeprefix("val_")
        value = getattr(best, monitor)
    shown = f"{100 * value:.1f} %" if monitor.endswith("accuracy") else f"{value:.3g}"
    return f"epoch {best.epoch}, {MONITORS[monitor].lower()} {shown}"


def _epoch_now(training: Training) -> int:
    batch = training.last_batch
    finished = training.history.epoch_count
    return max(finished, batch.epoch) if batch is not None else finished


def _pace(training: Training, elapsed_s: float) -> float | None:
    recent = training.history.epochs[-_RECENT:]
    if recent:
        return sum(epoch.seconds for epoch in recent) / len(recent)
    batch, plan = training.last_batch, training.plan
    if batch is None or plan is None or batch.batch < 2:
        return None
    return elapsed_s * plan.batches_per_epoch / (batch.batch - 1)


def _time_left(training: Training, pace: float, elapsed_s: float) -> str:
    plan = training.plan
    finished = training.history.epochs
    done = finished[-1].epoch if finished else (plan.first_epoch - 1 if plan is not None else 0)
    left = (plan.epochs if plan is not None else 0) - done
    return duration(max(0.0, left * pace - min(elapsed_s, pace)))


def _part(training: Training) -> float | None:
    progress = training.last_progress
    if training.state in ("training", "stopping") and training.plan is not None and training.last_batch is not None:
        batch = training.last_batch
        return (batch.epoch - 1 + batch.batch / training.plan.batches_per_epoch) / training.plan.epochs
    return progress.done / progress.total if progress.total else None


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"
