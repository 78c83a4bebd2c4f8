"""Readings become frames: the same way when collecting, when extracting from a file and when predicting."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .calibration import divisor
from .errors import PartError, UserError
from .frames import Frame, FrameCutter, QualityWatch, RowBuffer
from .parts import Parts
from .reading import Reading, SensorSetup
from .recipe import Recipe
from .recording import Recording
from .row_maker import RowMaker
from .trigger_maker import make_trigger

_BLOCK_READINGS = 512
_BLOCK_BYTES = 2**18
"""Readings of a recording taken at once: enough to spread the fixed costs, few enough to stay in the cache."""


class Pipeline:
    """Makes frames of readings as a recipe says; the cost of a reading is that of one row.

    After `reset` the same readings give the same frames, bit for bit. `setup` is that of the readings; without it
    the recipe's. A `row_maker` of these features and this setup is gone on with, with what its features remember.
    Raises `UserError` if recipe and setup do not fit.
    """

    def __init__(
        self, recipe: Recipe, parts: Parts, setup: SensorSetup | None = None, *, row_maker: RowMaker | None = None
    ) -> None:
        chosen_setup = setup or recipe.sensor
        if chosen_setup is None:
            raise UserError("Expected a sensor configuration. Received: none.", "Connect a sensor or open a recording.")
        self.setup: SensorSetup = chosen_setup
        self.row_maker = row_maker or RowMaker(recipe.features, chosen_setup, parts)
        self.time_steps: int = recipe.frame.time_steps
        self._trigger = make_trigger(recipe, parts, chosen_setup, self.row_maker)
        self._divisor = divisor(recipe.calibration, (self.time_steps, self.width))
        self._buffer = RowBuffer(self.time_steps, self.width)
        self._cutter = FrameCutter(
            recipe.frame,
            around_trigger=self._trigger.uses_pre_trigger,
            keeps_dead_time=self._trigger.uses_dead_time,
        )
        self._quality = QualityWatch()
        self.readings: int = 0
        self.scores: NDArray[np.float64] = np.zeros(0)
        """What the trigger measured at each reading of the last `push_many`, NaN where it measured nothing."""

    @property
    def width(self) -> int:
        """Values per row."""
        return self.row_maker.width

    @property
    def score(self) -> float | None:
        """What the trigger measured last, None if it measures nothing."""
        return self._trigger.score

    @property
    def waiting(self) -> str:
        """What to say between frames."""
        return self._trigger.waiting

    @property
    def threshold(self) -> float | None:
        """What the score is compared with."""
        return self._trigger.threshold

    @property
    def window(self) -> NDArray[np.float32]:
        """A copy of the newest rows, float32 `(time_steps, width)`, oldest first, zeros where none came yet."""
        return self._finished(self._buffer.window)

    @property
    def filling(self) -> int:
        """Rows of the frame being filled, 0 while waiting for a trigger."""
        return self._cutter.filling

    def push(self, reading: Reading) -> Frame | None:
        """Take a reading; return the frame that is complete with it, if any."""
        row = self.row_maker.row(reading)
        try:
            triggered = self._trigger.update(reading, row)
        except Exception as error:
            raise PartError("trigger", self._trigger.name, error) from error
        self._buffer.push(row, reading.time_s)
        self._quality.push(reading.quality)
        self.readings += 1
        score = self._trigger.score
        first = self._cutter.advance(triggered, None if score is None or math.isnan(score) else score)
        return None if first is None else self._frame(first, self.window, self._buffer.oldest_time_s)

    def push_many(self, readings: Recording) -> list[Frame]:
        """Take consecutive readings; return the frames that are complete with them.

        Bit for bit what `push` gives for the same readings one by one, and much cheaper; both may take turns.
        """
        if not len(readings):
            return []
        rows = self.row_maker.rows(readings.matrices)
        try:
            triggered, scores = self._trigger.updates(readings, rows)
        except Exception as error:
            raise PartError("trigger", self._trigger.name, error) from error
        self.scores = scores
        frames = []
        steps = zip(triggered.tolist(), scores.tolist(), readings.quality, strict=True)
        for count, (fired, score, quality) in enumerate(steps, start=1):
            self._quality.push(quality)
            first = self._cutter.advance(fired, None if math.isnan(score) else score)
            if first is not None:
                window = self._finished(self._buffer.window_after(rows[:count]))
                frames.append(self._frame(first, window, self._buffer.oldest_time_after(readings.time_s[:count])))
        self._buffer.extend(rows, readings.time_s)
        self.readings += len(readings)
        return frames

    def reset(self) -> None:
        """Forget all readings."""
        self.row_maker.reset()
        self._trigger.reset()
        self._buffer.clear()
        self._cutter.reset()
        self._quality.reset()
        self.readings = 0

    def _finished(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        finished = self.row_maker.finish(window)
        return finished if self._divisor is None else finished / self._divisor

    def _frame(self, first: int, values: NDArray[np.float32], time_s: float) -> Frame:
        return Frame(
            values=values,
            first_reading=first,
            time_s=time_s,
            score=self._cutter.score,
            flags=self._quality.flags_since(first),
        )


def frames_of(recording: Recording, recipe: Recipe, parts: Parts) -> list[Frame]:
    """Return all frames of a recording, as if it had been measured now."""
    pipeline = Pipeline(recipe, parts, recording.setup)
    return [frame for block in blocks_of(recording) for frame in pipeline.push_many(block)]


def blocks_of(recording: Recording) -> Iterator[Recording]:
    """Yield the readings of a recording, so many at once as is best for `push_many`."""
    size = block_size(recording)
    return (recording.part(start, start + size) for start in range(0, len(recording), size))


def block_size(recording: Recording) -> int:
    """Return how many readings of a recording are best taken at once."""
    bytes_per_reading = sum(matrix[0].nbytes for matrix in recording.matrices) if len(recording) else 0
    return min(_BLOCK_READINGS, max(1, _BLOCK_BYTES // max(1, bytes_per_reading)))
