"""Readings become frames: the same way when collecting, when extracting from a file and when predicting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .frames import Frame, FrameCutter, QualityWatch, RowBuffer
from .options import coerce
from .parts import Parts
from .reading import Reading, SensorSetup
from .recipe import Recipe
from .recording import Recording
from .row_maker import RowMaker
from .triggers.base import Trigger


class Pipeline:
    """Makes frames of readings as a recipe says; the cost of a reading is that of one row.

    After `reset` the same readings give the same frames, bit for bit. `setup` is that of the readings; without it
    the recipe's. Raises `UserError` if recipe and setup do not fit.
    """

    def __init__(self, recipe: Recipe, parts: Parts, setup: SensorSetup | None = None) -> None:
        chosen_setup = setup or recipe.sensor
        if chosen_setup is None:
            raise UserError("Expected a sensor configuration. Received: none.", "Connect a sensor or open a recording.")
        self.setup: SensorSetup = chosen_setup
        self.row_maker = RowMaker(recipe.features, chosen_setup, parts)
        self.time_steps: int = recipe.frame.time_steps
        self._trigger = _make_trigger(recipe, parts, chosen_setup)
        self._buffer = RowBuffer(self.time_steps, self.width)
        self._cutter = FrameCutter(recipe.frame, around_trigger=self._trigger.uses_pre_trigger)
        self._quality = QualityWatch()
        self.readings: int = 0

    @property
    def width(self) -> int:
        """Values per row."""
        return self.row_maker.width

    @property
    def score(self) -> float | None:
        """What the trigger measured last, None if it measures nothing."""
        return self._trigger.score

    @property
    def threshold(self) -> float | None:
        """What the score is compared with."""
        return self._trigger.threshold

    @property
    def window(self) -> NDArray[np.float32]:
        """A copy of the newest rows, float32 `(time_steps, width)`, oldest first, zeros where none came yet."""
        return self.row_maker.finish(self._buffer.window)

    @property
    def filling(self) -> int:
        """Rows of the frame being filled, 0 while waiting for a trigger."""
        return self._cutter.filling

    def push(self, reading: Reading) -> Frame | None:
        """Take a reading; return the frame that is complete with it, if any."""
        row = self.row_maker.row(reading)
        triggered = self._trigger.update(reading, row)
        self._buffer.push(row, reading.time_s)
        self._quality.push(reading.quality)
        self.readings += 1
        first = self._cutter.advance(triggered, self._trigger.score)
        return None if first is None else self._frame(first)

    def reset(self) -> None:
        """Forget all readings."""
        self.row_maker.reset()
        self._trigger.reset()
        self._buffer.clear()
        self._cutter.reset()
        self._quality.reset()
        self.readings = 0

    def _frame(self, first: int) -> Frame:
        return Frame(
            values=self.window,
            first_reading=first,
            time_s=self._buffer.oldest_time_s,
            score=self._cutter.score,
            flags=self._quality.flags_since(first),
        )


def frames_of(recording: Recording, recipe: Recipe, parts: Parts) -> list[Frame]:
    """Return all frames of a recording, as if it had been measured now."""
    pipeline = Pipeline(recipe, parts, recording.setup)
    frames = (pipeline.push(reading) for reading in recording)
    return [frame for frame in frames if frame is not None]


def _make_trigger(recipe: Recipe, parts: Parts, setup: SensorSetup) -> Trigger:
    trigger_type = parts.triggers.get(recipe.trigger.key)
    if trigger_type is None:
        known = ", ".join(parts.triggers) or "none"
        raise UserError(
            f"Expected a trigger that is installed: {known}. Received: {recipe.trigger.key}.",
            "Install the package it comes from, or choose another trigger.",
        )
    options: Any
    options, _ = coerce(trigger_type.Options, recipe.trigger.options)
    return trigger_type(
        options,
        channels=setup.channels,
        reading_rate_hz=setup.reading_rate_hz,
        time_steps=recipe.frame.time_steps,
    )
