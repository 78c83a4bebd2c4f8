"""Presence: a frame for every burst of motion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..options import option
from ..reading import Channel, Reading
from ..recording import Recording
from .base import Trigger

OVER_RANGE: Mapping[str, str] = {"max": "Strongest distance", "mean": "Mean over range"}

_RELEASE = 0.75
"""Part of the threshold below which a burst may end: less than 1, so that a flicker does not end it."""

_QUANTILE = 0.1
"""Which quantile of the energy is the background: low, so that even frequent bursts do not raise it."""

_SMALLEST_ENERGY = 1e-2
"""Energy below which nothing is compared: far under one step of the sensor's own numbers, keeps the log finite."""


@dataclass(frozen=True)
class PresenceOptions:
    """Settings of the presence trigger. Times count readings, so that a replay cuts the same frames."""

    threshold: float = option(
        2.5,
        text="Threshold",
        doc="How many times its background the amplitude of the motion must reach.",
        minimum=1.0,
        maximum=1000.0,
    )
    smoothing: int = option(
        10,
        text="Smoothing",
        unit="readings",
        doc="Time constant over which the energy of the motion is averaged.",
        minimum=1,
        maximum=10000,
    )
    quiet: int = option(
        20,
        text="Quiet",
        unit="readings",
        doc="A burst of motion ends after so many readings below three quarters of the threshold.",
        minimum=1,
        maximum=100000,
    )
    background: int = option(
        500,
        text="Background",
        unit="readings",
        doc="Lasting motion becomes background, e-fold in energy in so many readings; rest does 9 times as fast.",
        minimum=10,
        maximum=10000000,
    )
    over_range: str = option(
        "max",
        text="Motion at",
        doc="The strongest distance finds small things in a long range; the mean is steadier.",
        choices=OVER_RANGE,
    )
    once_per_burst: bool = option(
        True,
        text="One frame per burst",
        doc="Off: while the motion lasts, frames are cut one after another.",
    )


class Presence(Trigger):
    r"""Compares the energy of motion with its own background.

    Energy of motion of one channel at point `d`, from sweeps `x[j, d]`, `j = 0 ... M-1`:
    `e[d] = mean_j |x[j, d] - mean_j x[j, d]|^2`; with one sweep per reading `|x_now[d] - x_before[d]|^2 / 2`. The
    strongest or the mean over `d` is smoothed exponentially (bias-corrected: the n-th reading weighs at least 1/n).
    The background is a running 10 % quantile of the logarithm of the smoothed energy: it goes up by a small step
    when below and down by 9 of them when above (stochastic quantile estimation; L. Tierney, "A space-efficient
    recursive procedure for estimating a quantile of an unknown distribution", SIAM J. Sci. Stat. Comput. 4, 1983).
    The score is the square root of energy over background, the largest over the channels: 1 at rest, in amplitude.

    A burst begins when the score exceeds the threshold, and ends after `quiet` readings below three quarters of
    it. The idea of measuring motion against slower motion is that of Acconeer's presence detector (Acconeer,
    "Presence detection", A121 documentation); the formulas are not.
    """

    key: ClassVar[str] = "presence"
    name: ClassVar[str] = "Presence"
    description: ClassVar[str] = "Cuts a frame when the energy of motion rises over its background."
    Options: ClassVar[type] = PresenceOptions

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        super().__init__(options, channels=channels, reading_rate_hz=reading_rate_hz, time_steps=time_steps)
        self.threshold = float(options.threshold)
        self.reset()

    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Take one reading; True when a burst begins, or lasts if frames are cut all through it."""
        return self._fired([matrix[None] for matrix in reading.matrices])[0][0]

    def updates(self, readings: Recording, rows: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Measure all readings at once and follow them one by one; as `Trigger.updates`."""
        if not len(readings):
            return np.zeros(0, dtype=np.bool_), np.zeros(0)
        triggered, scores = self._fired(readings.matrices)
        return np.array(triggered, dtype=np.bool_), np.array(scores)

    def reset(self) -> None:
        """Forget background and burst."""
        self.score = None
        self._levels = [_MotionLevel(self.options) for _ in self.channels]
        self._bursting = False
        self._quiet_readings = 0

    def _fired(self, stacks: Sequence[NDArray[np.complex64]]) -> tuple[list[bool], list[float]]:
        """Return for each reading whether it triggers, and its score; stacks are `(readings, sweeps, points)`."""
        ratios = [level.ratios(stack) for level, stack in zip(self._levels, stacks, strict=True)]
        scores = [math.sqrt(max(of_reading)) for of_reading in zip(*ratios, strict=True)]
        all_through = not self.options.once_per_burst
        triggered = [self._follow(score) or (all_through and self._bursting) for score in scores]
        self.score = scores[-1]
        return triggered, scores

    def _follow(self, score: float) -> bool:
        if not self._bursting:
            self._bursting = score > self.options.threshold
            self._quiet_readings = 0
            return self._bursting
        below = score < _RELEASE * self.options.threshold
        self._quiet_readings = self._quiet_readings + 1 if below else 0
        self._bursting = self._quiet_readings < self.options.quiet
        return False


class _MotionLevel:
    """Energy of motion of one channel over its background."""

    def __init__(self, options: PresenceOptions) -> None:
        self._strongest = options.over_range == "max"
        self._weight = 1.0 - math.exp(-1.0 / options.smoothing)
        self._warm_up = 2 * options.smoothing
        self._step = 1.0 / options.background
        self._before: NDArray[np.complex64] | None = None
        self._energy = 0.0
        self._background = math.inf
        self._readings = 0

    def ratios(self, stack: NDArray[np.complex64]) -> list[float]:
        """Return smoothed energy over background of each reading, 1 while there is none yet.

        `stack` is complex64 `(readings, sweeps, points)`.
        """
        return [1.0 if math.isnan(energy) else self._follow(energy) for energy in self._measure(stack).tolist()]

    def _follow(self, measured: float) -> float:
        energy = max(measured, _SMALLEST_ENERGY)
        self._readings += 1
        weight = max(self._weight, 1.0 / self._readings)
        self._energy += weight * (energy - self._energy)
        level = math.log(self._energy)
        if self._readings <= self._warm_up:
            # What was quietest so far is the best first guess: the measurement may begin in the middle of a motion.
            self._background = min(self._background, level)
            return 1.0
        rise = _QUANTILE / (1.0 - _QUANTILE)
        self._background += self._step if level > self._background else -self._step / rise
        return math.exp(level - self._background)

    def _measure(self, stack: NDArray[np.complex64]) -> NDArray[np.float64]:
        """Return the energy of motion of each reading, NaN where there is nothing to compare with yet."""
        if stack.shape[1] > 1:
            motion = stack - stack.mean(axis=1, keepdims=True)
            energy = np.mean(motion.real**2 + motion.imag**2, axis=1)
        else:
            sweeps = stack[:, 0]
            first = np.full_like(sweeps[:1], np.nan) if self._before is None else self._before
            motion = sweeps - np.concatenate([first, sweeps[:-1]])
            self._before = sweeps[-1:].copy()
            energy = (motion.real**2 + motion.imag**2) / 2
        over_range = energy.max(axis=1) if self._strongest else energy.mean(axis=1)
        return np.asarray(over_range, dtype=np.float64)
