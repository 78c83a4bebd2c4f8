"""Readings in a row that go through one pipeline to one user."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.parts import Parts
from ..core.pipeline import Pipeline
from ..core.reading import Reading
from ..core.recipe import Recipe
from .frame_user import FrameUser, Measurement
from .score_log import ScoreLog
from .snapshot import Recent


class Stretch:
    """The pipeline of the running measurement and its user; everything here happens in the engine's thread.

    `recent` is what the plots show, `pipeline` what cuts the frames; both None before the first measurement.
    `scores` are those of the running trigger, for any thread.
    """

    def __init__(self, parts: Parts, report: Callable[[Exception, str], None]) -> None:
        self._parts = parts
        self._report = report
        self._measurement: Measurement | None = None
        self._user: FrameUser | None = None
        self._recipe: Recipe | None = None
        self._lost = 0
        self._mark_skipped = False
        self.scores = ScoreLog()
        self.pipeline: Pipeline | None = None
        self.recent: Recent | None = None

    @property
    def keeps_readings(self) -> bool:
        """True when no reading may be skipped."""
        return self._user is not None and self._user.keeps_readings

    def measurement_begins(self, measurement: Measurement, user: FrameUser) -> None:
        """Begin the first stretch of a measurement."""
        self._measurement = measurement
        self.recent = Recent(measurement.setup)
        self._begin(user)

    def measurement_ends(self) -> None:
        """End the last stretch."""
        self._end()
        self._measurement = None

    def change(self, user: FrameUser, *, force: bool) -> None:
        """Begin anew where the user, or the recipe as far as frames depend on it, is another one."""
        if self._measurement is None:
            return
        goes_on = user is self._user and not force
        if goes_on and self._same_recipe(user):
            return
        if not goes_on:
            self._end()
        self._begin(user)

    def skipped(self, reading: Reading) -> None:
        """Count a reading that was dropped before it came here; its mark goes to the next one."""
        self._lost += 1
        self._mark_skipped = self._mark_skipped or reading.marked
        if self.recent is not None:
            self.recent.dropped += 1

    def take(self, reading: Reading) -> None:
        """Put a reading through the pipeline."""
        if self.recent is None:
            return
        if self._lost:
            quality = replace(reading.quality, lost_before=reading.quality.lost_before + self._lost)
            reading = replace(reading, quality=quality, marked=reading.marked or self._mark_skipped)
            self._lost, self._mark_skipped = 0, False
        started = time.perf_counter()
        frame = self._frame(reading)
        score = None if self.pipeline is None else self.pipeline.score
        self.recent.note(reading, score, time.perf_counter() - started)
        self.scores.add(score)
        if frame is not None:
            self.recent.frames += 1

    def _frame(self, reading: Reading) -> Frame | None:
        if self._user is None:
            return None
        try:
            self._user.take_reading(reading)
            frame = None if self.pipeline is None else self.pipeline.push(reading)
            if frame is not None:
                self._user.take_frame(frame)
        except Exception as error:  # noqa: BLE001 - a feature of a guest may raise anything; the measurement goes on
            self.pipeline = None
            self._report(error, "the frames of the running measurement")
            return None
        return frame

    def _begin(self, user: FrameUser) -> None:
        measurement = self._measurement
        if measurement is None:
            return
        self._user, self._lost, self._mark_skipped = user, 0, False
        self.scores.clear(measurement.setup.reading_rate_hz)
        self._recipe = self.pipeline = None
        try:
            self._recipe = user.recipe_for(measurement.setup)
            self.pipeline = Pipeline(self._recipe, self._parts, measurement.setup)
            user.begin(measurement, self._recipe, (self.pipeline.time_steps, self.pipeline.width))
        except Exception as error:  # noqa: BLE001 - as above: said once, the measurement goes on without frames
            self._end()
            self.pipeline = None
            self._report(error, "the settings of the running measurement")

    def _end(self) -> None:
        # The pipeline stays until the next stretch: the last picture is looked at longest.
        user, self._user = self._user, None
        if user is None:
            return
        try:
            user.end()
        except Exception as error:  # noqa: BLE001 - as above
            self._report(error, "the end of the measurement")

    def _same_recipe(self, user: FrameUser) -> bool:
        if self._measurement is None or self._recipe is None:
            return False
        try:
            recipe = user.recipe_for(self._measurement.setup)
        except UserError:
            return False
        mine = self._recipe
        return (recipe.features, recipe.frame, recipe.trigger) == (mine.features, mine.frame, mine.trigger)
