"""Rows become frames: ring buffers, and the rules of where a frame lies around its trigger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .reading import Flag, Quality
from .recipe import FrameSettings


@dataclass(frozen=True, eq=False)
class Frame:
    """The thing that has a label.

    `values` is float32 `(time_steps, width)`, oldest row first. `first_reading` is the number of its first row's
    reading, from 0 at the start of the measurement, `time_s` that reading's time. `score` is what the trigger saw
    when it cut the frame. `flags` are bits of `reading.Flag`: what is to be said against its readings, 0 if nothing.
    """

    values: NDArray[np.float32]
    first_reading: int
    time_s: float
    score: float | None
    flags: int = 0


class RowBuffer:
    """The newest `time_steps` rows.

    Every row is written twice, one buffer length apart, so that the newest rows always lie in one piece: a new row
    costs one row, and reading the window costs nothing but its copy.
    """

    def __init__(self, time_steps: int, width: int) -> None:
        self._steps = time_steps
        self._rows = np.zeros((2 * time_steps, width), dtype=np.float32)
        self._times = np.zeros(2 * time_steps, dtype=np.float64)
        self._next = 0

    def push(self, row: NDArray[np.float32], time_s: float) -> None:
        """Take a row, float32 `(width,)`, and drop the oldest."""
        for place in (self._next, self._next + self._steps):
            self._rows[place] = row
            self._times[place] = time_s
        self._next = (self._next + 1) % self._steps

    def extend(self, rows: NDArray[np.float32], times_s: NDArray[np.float64]) -> None:
        """Take rows, float32 `(n, width)` with times float64 `(n,)`, as if pushed one by one."""
        newest = min(len(rows), self._steps)
        places = (self._next + len(rows) - newest + np.arange(newest)) % self._steps
        for places_of_copy in (places, places + self._steps):
            self._rows[places_of_copy] = rows[len(rows) - newest :]
            self._times[places_of_copy] = times_s[len(rows) - newest :]
        self._next = (self._next + len(rows)) % self._steps

    def window_after(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """What `window` would be after `extend(rows, ...)`; nothing is taken."""
        kept = self._steps - len(rows)
        if kept <= 0:
            return np.array(rows[-kept:])
        end = self._next + self._steps
        return np.concatenate([self._rows[end - kept : end], rows])

    def oldest_time_after(self, times_s: NDArray[np.float64]) -> float:
        """What `oldest_time_s` would be after `extend` of rows with these times."""
        kept = self._steps - len(times_s)
        return float(times_s[-kept] if kept <= 0 else self._times[self._next + len(times_s)])

    @property
    def window(self) -> NDArray[np.float32]:
        """A copy of the newest rows, float32 `(time_steps, width)`, oldest first, zeros where none came yet."""
        return np.array(self._rows[self._next : self._next + self._steps])

    @property
    def oldest_time_s(self) -> float:
        """Time of the first row of the window."""
        return float(self._times[self._next])

    def clear(self) -> None:
        """Forget all rows."""
        self._rows[:] = 0.0
        self._times[:] = 0.0
        self._next = 0


class FrameCutter:
    """Knows for every row whether a frame is complete with it.

    A frame starts `pre_trigger` rows before the row that triggered (at the first row there is, if that is later)
    and is complete `time_steps` rows after its start. While one is being filled, and for `dead_time` rows after its
    end, no trigger is looked at. Without `around_trigger` a frame ends with the row that triggered; without
    `keeps_dead_time` every trigger counts.
    """

    def __init__(self, settings: FrameSettings, *, around_trigger: bool, keeps_dead_time: bool = True) -> None:
        self._steps = settings.time_steps
        # A frame always contains the row that triggered it.
        self._before = min(settings.pre_trigger, settings.time_steps - 1)
        self._dead_time = settings.dead_time if keeps_dead_time else 0
        self._around_trigger = around_trigger
        self.reset()

    def reset(self) -> None:
        """Start with row 0 again."""
        self._row = -1
        self._first: int | None = None
        self._free_from = 0
        self.score: float | None = None

    def advance(self, triggered: bool, score: float | None) -> int | None:
        """Count a row; return the number of the frame's first row when one is complete with it."""
        self._row += 1
        if not self._around_trigger:
            self.score = score
            first = self._row - self._steps + 1
            if not triggered or first < 0 or self._row < self._free_from:
                return None
            self._free_from = self._row + 1 + self._dead_time
            return first
        if triggered and self._first is None and self._row >= self._free_from:
            self._first = max(0, self._row - self._before)
            self.score = score
        if self._first is None or self._row < self._first + self._steps - 1:
            return None
        first, self._first = self._first, None
        self._free_from = self._row + 1 + self._dead_time
        return first

    @property
    def filling(self) -> int:
        """Rows the frame being filled has so far, 0 while waiting."""
        return 0 if self._first is None else self._row - self._first + 1


class QualityWatch:
    """Remembers where the last reading that was not good is, so that a frame knows its flag at no cost."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all readings."""
        self._reading = -1
        self._last = dict.fromkeys(Flag, -1)

    def push(self, quality: Quality) -> None:
        """Take the quality of the next reading."""
        self._reading += 1
        if quality.good:
            return
        for flag, present in (
            (Flag.SATURATED, quality.saturated),
            (Flag.DELAYED, quality.delayed),
            (Flag.CALIBRATION_NEEDED, quality.calibration_needed),
            (Flag.LOST, quality.lost_before > 0),
        ):
            if present:
                self._last[flag] = self._reading

    def flags_since(self, first: int) -> int:
        """Return the bits of what is to be said against the readings from `first` to the newest.

        Readings lost before `first` itself are outside, and do not count.
        """
        inside = {flag: self._last[flag] >= first for flag in Flag}
        inside[Flag.LOST] = self._last[Flag.LOST] > first
        return sum(int(flag) for flag, found in inside.items() if found)
