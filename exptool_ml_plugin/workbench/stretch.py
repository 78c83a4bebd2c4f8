"""Readings in a row that go through one pipeline to one user."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.parts import Parts
from ..core.pipeline import Pipeline
from ..core.reading import Reading
from ..core.recipe import Recipe
from ..core.recording import Recording
from .frame_user import FrameUser, Measurement
from .score_log import ScoreLog
from .snapshot import Recent

_DECIDE_ON_FRAMES = ("features", "frame", "trigger", "calibration")


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
        """Begin anew where the user is another one, or with `force`; go on where frames are cut differently."""
        if self._measurement is None:
            return
        if user is not self._user or force:
            self._end()
            self._begin(user)
        elif not self._same_recipe(user):
            self._go_on(user)

    def skipped(self, reading: Reading) -> None:
        """Count a reading that was dropped before it came here; its mark goes to the next one."""
        self._lost += 1
        self._mark_skipped = self._mark_skipped or reading.marked
        if self.recent is not None:
            self.recent.dropped += 1

    def take(self, readings: list[Reading]) -> None:
        """Put consecutive readings through the pipeline, together."""
        if self.recent is None or self._measurement is None or not readings:
            return
        if self._lost:
            first = readings[0]
            quality = replace(first.quality, lost_before=first.quality.lost_before + self._lost)
            marked = first.marked or self._mark_skipped
            readings = [replace(first, quality=quality, marked=marked), *readings[1:]]
            self._lost, self._mark_skipped = 0, False
        started = time.perf_counter()
        kept = self._keep(readings)
        try:
            block = Recording.from_readings(readings, name="", setup=self._measurement.setup)
        except ValueError as error:  # not all of one shape; frames cut later would not lie where they say
            self._give_up_frames(error)
            return
        frames, scores = self._cut_frames(block) if kept else ([], None)
        self.recent.note(block, scores, (time.perf_counter() - started) / len(readings))
        self.scores.add(np.full(len(readings), np.nan) if scores is None else scores)
        self.recent.frames += len(frames)

    def _keep(self, readings: list[Reading]) -> bool:
        """Let the user have the readings; False where there is none, or it cannot."""
        if self._user is None:
            return False
        try:
            self._user.take_readings(readings)
        except Exception as error:  # noqa: BLE001 - the measurement goes on
            self._give_up_frames(error)
            return False
        return True

    def _cut_frames(self, block: Recording) -> tuple[list[Frame], NDArray[np.float64] | None]:
        """Let the user have the frames; return them, and what the trigger measured at each reading."""
        pipeline = self.pipeline
        if self._user is None or pipeline is None:
            return [], None
        try:
            frames = pipeline.push_many(block)
            for frame in frames:
                self._user.take_frame(frame)
        except Exception as error:  # noqa: BLE001 - a feature of a guest may raise anything; the measurement goes on
            self._give_up_frames(error)
            return [], None
        return frames, pipeline.scores

    def _give_up_frames(self, error: Exception) -> None:
        self.pipeline = None
        self._report(error, "the frames of the running measurement")

    def _begin(self, user: FrameUser) -> None:
        self._user, self._lost, self._mark_skipped = user, 0, False
        self._recipe = self.pipeline = None
        if not self._cut(user):
            self._end()

    def _go_on(self, user: FrameUser) -> None:
        """Cut by another recipe from here on; where that cannot be, the readings go on being kept without frames.

        A feature that remembers has to know the recording from its first reading, or its frames could not be made
        again. So the features stay as they are, with all they remember, and other features begin another recording.
        """
        known = None if self.pipeline is None else self.pipeline.row_maker
        if self._cut(user) and (self.pipeline is None or self.pipeline.row_maker is not known):
            self._end()
            self._begin(user)

    def _cut(self, user: FrameUser) -> bool:
        """Make the pipeline that the user wants now and let it begin; False, and said, where that cannot be."""
        measurement, recipe, pipeline = self._measurement, self._recipe, self.pipeline
        if measurement is None:
            return False
        self.scores.clear(measurement.setup.reading_rate_hz)
        self._recipe = self.pipeline = None
        try:
            wanted = user.recipe_for(measurement.setup)
            same = pipeline is not None and recipe is not None and recipe.features == wanted.features
            row_maker = pipeline.row_maker if pipeline is not None and same else None
            made = Pipeline(wanted, self._parts, measurement.setup, row_maker=row_maker)
            user.begin(measurement, wanted, (made.time_steps, made.width))
        except Exception as error:  # noqa: BLE001 - as above: said once, the measurement goes on without frames
            self._report(error, "the settings of the running measurement")
            return False
        self._recipe, self.pipeline = wanted, made
        return True

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
        return all(getattr(recipe, name) == getattr(self._recipe, name) for name in _DECIDE_ON_FRAMES)
