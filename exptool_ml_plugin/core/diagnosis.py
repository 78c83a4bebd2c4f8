"""What the curves of a training say, in words: the four typical problems, their likely cause, what to try.

The rules look at one value per epoch. "Level" is the median of `LEVEL_EPOCHS` epochs, which a single odd epoch
cannot move; "noise" is the scatter between neighbouring epochs, estimated as the median of the absolute steps
divided by 0.954 (for Gaussian noise of standard deviation s the median absolute step is 0.954 s).
A rule speaks only when what it sees is larger than that noise, so that short or shaky curves raise no alarm.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .messages import EpochEnd

LEVEL_EPOCHS = 3
"""Epochs whose median is the level of a curve at a place."""
MIN_EPOCHS = 6
"""Epochs before anything but an invalid loss is said."""
STUCK_PART = 0.95
"""A loss whose level is still above this part of its first value has not decreased."""
LEARNT_PART = 0.5
"""A loss below this part of that of guessing (the logarithm of the number of labels) counts as learnt."""
LOW_ACCURACY_PART = 0.4
"""Accuracy this part of the way from guessing to 1 still counts as low."""
SWING = 0.06
"""Standard deviation of the accuracy around its own trend that counts as swinging."""
OVERFIT_RISE = 1.10
"""Validation loss above this multiple of its lowest level has risen."""
OVERFIT_EPOCHS = 4
"""Epochs after the lowest level of the validation loss before its rise is believed."""
JUMP_RISE = 1.5
"""Loss above this multiple of the level before it has jumped."""
JUMP_FLOOR_PART = 0.1
"""Jumps smaller than this part of the loss of guessing do not matter."""
SIGNIFICANT = 4.0
"""Changes must exceed the noise by this factor."""


@dataclass(frozen=True)
class Finding:
    """One problem: what is seen in which numbers, what it usually comes from, what to try first."""

    title: str
    evidence: str
    likely_cause: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Curves:
    """One value per epoch, from the first epoch on: float64 `(epochs,)` each.

    `val_loss` and `val_accuracy` are None without validation. `labels` is the number of labels,
    `training_frames` the number of frames seen per epoch.
    """

    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    val_loss: NDArray[np.float64] | None
    val_accuracy: NDArray[np.float64] | None
    labels: int
    training_frames: int

    @classmethod
    def of(cls, epochs: Sequence[EpochEnd], *, labels: int, training_frames: int) -> Curves:
        """Collect the curves from the messages of a training; validation only if every epoch has it."""
        with_validation = bool(epochs) and all(epoch.val_loss is not None for epoch in epochs)
        val_loss = [epoch.val_loss for epoch in epochs] if with_validation else None
        val_accuracy = [epoch.val_accuracy for epoch in epochs] if with_validation else None
        return cls(
            loss=np.array([epoch.loss for epoch in epochs], dtype=np.float64),
            accuracy=np.array([epoch.accuracy for epoch in epochs], dtype=np.float64),
            val_loss=None if val_loss is None else np.array(val_loss, dtype=np.float64),
            val_accuracy=None if val_accuracy is None else np.array(val_accuracy, dtype=np.float64),
            labels=labels,
            training_frames=training_frames,
        )

    @property
    def epochs(self) -> int:
        """Number of epochs so far."""
        return len(self.loss)

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy of giving every label the same probability: ln(labels)."""
        return math.log(max(self.labels, 2))


def diagnose(curves: Curves) -> list[Finding]:
    """Look for the four typical problems; an empty list means the curves look healthy (or are still too short).

    Problems that follow from another one are left out: a loss that is not a number or does not decrease explains
    a low accuracy too.
    """
    broken = _loss_invalid(curves)
    if broken is not None:
        return [broken]
    if curves.epochs < MIN_EPOCHS:
        return []
    findings: list[Finding | None] = [_loss_jumped(curves)]
    stuck = _loss_stuck(curves)
    findings += [stuck, _validation_rises(curves)]
    if stuck is None:
        findings.append(_accuracy_open(curves))
    return [finding for finding in findings if finding is not None]


def _level(values: NDArray[np.float64], last: int | None = None) -> float:
    """Median of the `LEVEL_EPOCHS` values up to and including index `last` (default: the end)."""
    stop = len(values) if last is None else last + 1
    window: list[float] = values[max(0, stop - LEVEL_EPOCHS) : stop].tolist()
    return statistics.median(window)  # numpy's takes ten times as long


def _noise(values: NDArray[np.float64]) -> float:
    """Standard deviation of the scatter between neighbours, untouched by a slow trend and by single jumps."""
    if len(values) < 2:
        return 0.0
    return float(np.median(np.abs(np.diff(values)))) / 0.954


def _loss_invalid(curves: Curves) -> Finding | None:
    invalid = np.flatnonzero(~np.isfinite(curves.loss))
    if not len(invalid):
        return None
    epoch = int(invalid[0]) + 1
    return Finding(
        title="Loss suddenly rises",
        evidence=f"From epoch {epoch} on the training loss is no longer a number ({curves.loss[invalid[0]]}).",
        likely_cause="The weights grew without limit: the learning rate is too high, or frames hold invalid values.",
        suggestions=(
            "Lower the learning rate to a tenth.",
            "Clear the weights before training again.",
            "Use normalisation (Model tab).",
        ),
    )


def _loss_jumped(curves: Curves) -> Finding | None:
    """A step up to more than `JUMP_RISE` times the level before, two epochs in a row, not recovered since."""
    loss = curves.loss
    now = _level(loss)
    for index in range(LEVEL_EPOCHS, curves.epochs - 1):
        before = _level(loss, index - 1)
        step = float(min(loss[index], loss[index + 1])) - before
        high = step > (JUMP_RISE - 1.0) * before and step > JUMP_FLOOR_PART * curves.guessing_loss
        if high and step > SIGNIFICANT * _noise(loss[:index]) and now > before + 0.5 * step:
            return Finding(
                title="Loss suddenly rises",
                evidence=f"Training loss jumped from {before:.3g} to {loss[index]:.3g} at epoch {index + 1} "
                f"and is {now:.3g} now.",
                likely_cause="A step of the optimizer was too large and threw away what had been learnt.",
                suggestions=(
                    "Lower the learning rate to a third or a tenth.",
                    "Raise the batch size: larger batches give calmer steps.",
                    "Stop with “keep best”, which goes back to before the jump.",
                ),
            )
    return None


def _loss_stuck(curves: Curves) -> Finding | None:
    first, now = float(curves.loss[0]), _level(curves.loss)
    learnt = now < LEARNT_PART * curves.guessing_loss
    if learnt or now <= STUCK_PART * first or float(np.median(curves.loss[1:])) < STUCK_PART * first:
        return None
    return Finding(
        title="Loss does not decrease",
        evidence=f"Training loss was {first:.3g} in epoch 1 and is {now:.3g} after {curves.epochs} epochs; "
        f"guessing gives {curves.guessing_loss:.3g}.",
        likely_cause="The learning rate does not suit the network, or the frames do not tell the labels apart.",
        suggestions=(
            "Try a learning rate ten times lower, then ten times higher.",
            "Look at some frames of every label in the Inspect tab: do you see the difference?",
            "Use normalisation, and fewer Dropout and GaussianNoise layers (Model tab).",
        ),
    )


def _validation_rises(curves: Curves) -> Finding | None:
    values = curves.val_loss
    if values is None:
        return None
    levels = np.array([_level(values, index) for index in range(len(values))])
    lowest = LEVEL_EPOCHS - 1 + int(np.argmin(levels[LEVEL_EPOCHS - 1 :]))
    rise = levels[-1] - levels[lowest]
    believed = len(values) - 1 - lowest >= OVERFIT_EPOCHS
    large = levels[-1] > OVERFIT_RISE * levels[lowest] and rise > JUMP_FLOOR_PART * curves.guessing_loss
    falls = _level(curves.loss) < _level(curves.loss, lowest)
    if not (believed and large and falls and rise > SIGNIFICANT * _noise(values) / math.sqrt(LEVEL_EPOCHS)):
        return None
    return Finding(
        title="Validation loss rises while training loss falls",
        evidence=f"Since epoch {lowest + 1} validation loss rose from {levels[lowest]:.3g} to {levels[-1]:.3g}, "
        f"training loss fell from {_level(curves.loss, lowest):.3g} to {_level(curves.loss):.3g}.",
        likely_cause="Overfitting: the network learns the training frames by heart, not what they have in common.",
        suggestions=(
            "Collect more frames: other people, places and days help most.",
            "Make the network smaller, or add a Dropout layer (Model tab).",
            "Leave early stopping on: it goes back to the best epoch.",
        ),
    )


def _accuracy_open(curves: Curves) -> Finding | None:
    """Training accuracy that swings about its own trend, or stays low without rising any more."""
    window = min(curves.epochs, max(MIN_EPOCHS, curves.epochs // 2))
    accuracy = curves.accuracy[-window:]
    epochs = np.arange(window, dtype=np.float64)
    slope, offset = np.polyfit(epochs, accuracy, 1)
    # Scatter around the trend, as the median of both ends sees it: one odd epoch is no swing.
    scatter = float(np.median(np.abs(accuracy - (slope * epochs + offset)))) / 0.6745
    counting = 0.5 / math.sqrt(max(curves.training_frames, 1))
    now = float(np.median(accuracy[-MIN_EPOCHS:]))
    chance = 1.0 / max(curves.labels, 2)
    low = chance + LOW_ACCURACY_PART * (1.0 - chance)
    if scatter > max(SWING, 3.0 * counting):
        return _swinging(now, scatter, window)
    rising = slope * window > max(0.02, 2.0 * scatter / math.sqrt(window))
    if curves.epochs >= 2 * MIN_EPOCHS and now < low and not rising:
        return _low(now, chance, window)
    return None


def _swinging(now: float, scatter: float, window: int) -> Finding:
    return Finding(
        title="Accuracy does not converge",
        evidence=f"Over the last {window} epochs training accuracy swings by ±{100 * scatter:.0f} % "
        f"around {100 * now:.0f} %.",
        likely_cause="The steps are too large for the network to settle: learning rate too high or batches too small.",
        suggestions=(
            "Lower the learning rate to a third or a tenth.",
            "Raise the batch size.",
            "Check in the Inspect tab that frames carry the right label.",
        ),
    )


def _low(now: float, chance: float, window: int) -> Finding:
    return Finding(
        title="Accuracy does not converge",
        evidence=f"Training accuracy has stayed at {100 * now:.0f} % for {window} epochs; "
        f"guessing gives {100 * chance:.0f} %.",
        likely_cause="The frames do not show enough to tell the labels apart, or the network is too small to see it.",
        suggestions=(
            "Check the labels in the Inspect tab; merge labels that look alike.",
            "Choose features that show the difference (Features tab), e.g. Doppler for motion.",
            "Give the network more layers or filters (Model tab), and train longer.",
        ),
    )
