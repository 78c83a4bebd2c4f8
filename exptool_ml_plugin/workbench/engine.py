"""Runs the pipeline in a thread of its own, so that neither the window nor the sensor ever waits for it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from psygnal import Signal

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.parts import Parts
from ..core.pipeline import Pipeline
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe
from .snapshot import Recent, Snapshot

MODES = ("preview", "collect", "predict")
MOST_BEHIND = 500
"""Readings that may wait where none has to be kept; what is older is skipped, and counted."""


@dataclass(frozen=True)
class Measurement:
    """What is known of a measurement when it begins; `source` is "live", "simulated" or a file's name."""

    setup: SensorSetup
    source: str
    host_attributes: dict[str, str]


class FrameUser(Protocol):
    """What is done with the readings and frames in one mode; called in the engine's thread."""

    @property
    def keeps_readings(self) -> bool:
        """True when no reading may be skipped."""

    def recipe_for(self, setup: SensorSetup) -> Recipe:
        """Return the recipe of the frames; raise `UserError` where the mode cannot run."""

    def begin(self, measurement: Measurement, recipe: Recipe, frame_shape: tuple[int, int]) -> None:
        """A stretch of readings begins, its frames have `(time_steps, width)`; raise `UserError` to refuse them.

        Called again, without `end`, where the frames of the same measurement are cut differently from here on.
        """

    def take_reading(self, reading: Reading) -> None:
        """Take the next reading, before the frame it may complete."""

    def take_frame(self, frame: Frame) -> None:
        """Take a completed frame; `frame.first_reading` counts from `begin`."""

    def end(self) -> None:
        """The stretch is over; also called after a refused or failed `begin`."""


@dataclass(frozen=True)
class _Begin:
    measurement: Measurement
    mode: str


@dataclass(frozen=True)
class _End:
    pass


@dataclass(frozen=True)
class _Change:
    mode: str
    force: bool


_Item = Reading | _Begin | _End | _Change | threading.Event


class Engine:
    """Takes readings from the host and hands frames to the user of the current mode.

    `begin`, `push` and `end` may be called from any thread; they only put things in a queue and never raise. In a
    mode that keeps readings every reading is processed, however long it takes; otherwise the oldest of more than
    `MOST_BEHIND` waiting ones are skipped. A fault of the pipeline is reported once per stretch, the measurement
    goes on. `began` (with the setup), `ended` and `mode_changed` are emitted in the thread of the caller.
    """

    began = Signal(object)
    ended = Signal()
    mode_changed = Signal(str)

    def __init__(self, parts: Parts, users: Mapping[str, FrameUser], report: Callable[[Exception, str], None]) -> None:
        self._users = users
        self._report = report
        self._queue: deque[_Item] = deque()
        self._waiting = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._mode = "preview"
        self._measuring = False
        self._stretch = _Stretch(parts, report)
        self._snapshot = Snapshot()
        self._wanted = False

    @property
    def mode(self) -> str:
        """What is done with the frames: "preview" (nothing), "collect" or "predict"."""
        return self._mode

    @property
    def measuring(self) -> bool:
        """True between `begin` and `end`."""
        return self._measuring

    def begin(self, setup: SensorSetup, *, source: str = "live", host_attributes: dict[str, str] | None = None) -> None:
        """A measurement begins; one that was not ended is ended first."""
        if self._measuring:
            self.end()
        self._measuring = True
        self._put(_Begin(Measurement(setup, source, dict(host_attributes or {})), self._mode))
        self._tell(lambda: self.began.emit(setup))

    def push(self, reading: Reading) -> None:
        """Hand over the next reading; without a measurement it is ignored."""
        if self._measuring:
            self._put(reading)

    def end(self) -> None:
        """The measurement is over; what is still waiting is processed first."""
        if not self._measuring:
            return
        self._measuring = False
        self._put(_End())
        self._tell(self.ended.emit)

    def set_mode(self, mode: str) -> None:
        """Choose what is done with the frames from now on; in mid-measurement a new stretch begins."""
        if mode not in self._users:
            raise ValueError(f"expected one of {', '.join(self._users)}, received mode={mode!r}")
        if mode == self._mode:
            return
        self._mode = mode
        self._put(_Change(mode, force=True))
        self._tell(lambda: self.mode_changed.emit(mode))

    def refresh(self, *, force: bool = False) -> None:
        """Look at the recipe again; a new stretch begins if its frames would be cut differently, or with `force`."""
        self._put(_Change(self._mode, force=force))

    def latest(self) -> Snapshot:
        """Return the newest snapshot there is and ask for the next; costs nothing, waits for nothing."""
        self._wanted = True
        return self._snapshot

    def wait(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything handed over so far is processed; False if it took longer."""
        if self._thread is None:
            return True
        passed = threading.Event()
        self._put(passed)
        return passed.wait(timeout_s)

    def close(self) -> None:
        """End the measurement, process what is waiting and stop the thread."""
        self.end()
        self._closing = True
        self._waiting.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _put(self, item: _Item) -> None:
        if self._closing:
            return
        self._queue.append(item)
        self._waiting.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="exptool-ml engine", daemon=True)
            self._thread.start()

    def _tell(self, emit: Callable[[], object]) -> None:
        try:
            emit()
        except Exception as error:  # noqa: BLE001 - called by the host, which must never see a fault of ours
            self._report(error, "the window")

    def _run(self) -> None:
        while not self._closing or self._queue:
            self._waiting.wait()
            self._waiting.clear()
            while self._queue:
                self._skip_what_is_too_late()
                item = self._queue.popleft()
                self._process(item)
                if self._wanted or not isinstance(item, Reading):
                    self._publish()
                if isinstance(item, threading.Event):
                    item.set()

    def _process(self, item: _Item) -> None:
        stretch = self._stretch
        if isinstance(item, Reading):
            stretch.take(item)
        elif isinstance(item, _Begin):
            stretch.measurement_begins(item.measurement, self._users[item.mode])
        elif isinstance(item, _End):
            stretch.measurement_ends()
        elif isinstance(item, _Change):
            stretch.change(self._users[item.mode], force=item.force)

    def _skip_what_is_too_late(self) -> None:
        if len(self._queue) <= MOST_BEHIND or self._stretch.keeps_readings:
            return
        while len(self._queue) > MOST_BEHIND // 2 and isinstance(self._queue[0], Reading):
            self._queue.popleft()
            self._stretch.skipped()

    def _publish(self) -> None:
        recent = self._stretch.recent
        self._wanted = False
        if recent is not None:
            self._snapshot = recent.snapshot(self._stretch.pipeline, behind=len(self._queue))


class _Stretch:
    """Readings in a row that go through one pipeline to one user; lives in the engine's thread."""

    def __init__(self, parts: Parts, report: Callable[[Exception, str], None]) -> None:
        self._parts = parts
        self._report = report
        self._measurement: Measurement | None = None
        self._user: FrameUser | None = None
        self._recipe: Recipe | None = None
        self._lost = 0
        self.pipeline: Pipeline | None = None
        self.recent: Recent | None = None

    @property
    def keeps_readings(self) -> bool:
        return self._user is not None and self._user.keeps_readings

    def measurement_begins(self, measurement: Measurement, user: FrameUser) -> None:
        self._measurement = measurement
        self.recent = Recent(measurement.setup)
        self._begin(user)

    def measurement_ends(self) -> None:
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

    def skipped(self) -> None:
        self._lost += 1
        if self.recent is not None:
            self.recent.dropped += 1

    def take(self, reading: Reading) -> None:
        if self.recent is None:
            return
        if self._lost:
            quality = replace(reading.quality, lost_before=reading.quality.lost_before + self._lost)
            reading = replace(reading, quality=quality)
            self._lost = 0
        started = time.perf_counter()
        frame = self._frame(reading)
        score = None if self.pipeline is None else self.pipeline.score
        self.recent.note(reading, score, time.perf_counter() - started)
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
        self._user, self._lost = user, 0
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
