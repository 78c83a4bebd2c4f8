"""What the engine shows of itself: immutable, made in its thread, polled by plot timers."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..core.pipeline import Pipeline
from ..core.reading import SensorSetup, zero_of
from ..core.recording import Recording

HISTORY = 100
"""Readings kept for the plots of the sensor's history."""

_SECONDS_OF_RATE = 2.0


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of the running measurement after one of its latest readings.

    `window` is float32 `(time_steps, width)`, oldest row first; `filling` the number of rows of the frame being
    collected, 0 while waiting, and `waiting` what to say then. `scores` is float32 `(100,)`, what the trigger compared
    with `threshold`, newest last, NaN where it compared nothing. `history[i]` is float32 `(100, points)`, the
    amplitude of channel `i` of `setup` averaged over the sweeps, newest last. `frames` and `readings` count since the
    measurement began, `dropped` the readings that were skipped because the pipeline was too slow for them, `behind`
    those that wait. `cost_us` is the time one reading takes.
    """

    setup: SensorSetup | None = None
    window: NDArray[np.float32] = field(default_factory=lambda: np.zeros((1, 1), dtype=np.float32))
    filling: int = 0
    waiting: str = ""
    score: float | None = None
    threshold: float | None = None
    scores: NDArray[np.float32] = field(default_factory=lambda: np.full(HISTORY, np.nan, dtype=np.float32))
    history: tuple[NDArray[np.float32], ...] = ()
    frames: int = 0
    readings: int = 0
    dropped: int = 0
    behind: int = 0
    rate_hz: float = 0.0
    cost_us: float = 0.0


class Recent:
    """The last readings of a measurement, as the plots want them; touched by the engine's thread alone."""

    def __init__(self, setup: SensorSetup) -> None:
        self.setup = setup
        self.frames = 0
        self.readings = 0
        self.dropped = 0
        self._cost_us = 0.0
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=1000)
        self._scores = np.full(HISTORY, np.nan, dtype=np.float32)
        self._history = [np.zeros((HISTORY, channel.points), dtype=np.float32) for channel in setup.channels]
        self._next = 0

    def note(self, readings: Recording, scores: NDArray[np.float64] | None, cost_s: float) -> None:
        """Take in consecutive readings, each of this cost, after the pipeline has had them."""
        count = len(readings)
        cost_us = 1e6 * cost_s
        kept = 0.9**count if self.readings else 0.0
        self._cost_us = kept * self._cost_us + (1.0 - kept) * cost_us
        self.readings += count
        self._arrivals.append((time.monotonic(), self.readings))
        places = np.arange(self._next, self._next + count) % HISTORY
        self._scores[places] = np.nan if scores is None else scores
        zero = zero_of(self.setup.service)
        for ring, matrices in zip(self._history, readings.matrices, strict=False):
            ring[places] = np.abs(matrices - zero if zero else matrices).mean(axis=1)
        self._next = (self._next + count) % HISTORY

    def snapshot(self, pipeline: Pipeline | None, *, behind: int) -> Snapshot:
        """Copy everything out, oldest first."""
        snapshot = Snapshot(
            setup=self.setup,
            scores=np.roll(self._scores, -self._next),
            history=tuple(np.roll(ring, -self._next, axis=0) for ring in self._history),
            frames=self.frames,
            readings=self.readings,
            dropped=self.dropped,
            behind=behind,
            rate_hz=self._rate_hz(),
            cost_us=self._cost_us,
        )
        return snapshot if pipeline is None else _with_pipeline(snapshot, pipeline)

    def _rate_hz(self) -> float:
        since = time.monotonic() - _SECONDS_OF_RATE
        while self._arrivals and self._arrivals[0][0] < since:
            self._arrivals.popleft()
        if len(self._arrivals) < 2:
            return 0.0
        (first_s, first), (last_s, last) = self._arrivals[0], self._arrivals[-1]
        return (last - first) / max(1e-6, last_s - first_s)


def _with_pipeline(snapshot: Snapshot, pipeline: Pipeline) -> Snapshot:
    return replace(
        snapshot,
        window=pipeline.window,
        filling=pipeline.filling,
        waiting=pipeline.waiting,
        score=pipeline.score,
        threshold=pipeline.threshold,
    )
