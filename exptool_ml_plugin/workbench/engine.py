"""Runs the pipeline in a thread of its own, so that neither the window nor the sensor ever waits for it."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from ..core.parts import Parts
from ..core.reading import Reading, SensorSetup
from .frame_user import FrameUser, Measurement
from .snapshot import Snapshot
from .stretch import Stretch

MODES = ("preview", "collect", "predict")
MOST_BEHIND = 500
"""Readings that may wait where none has to be kept; what is older is skipped, and counted."""
REST_S = 0.01
"""Between two looks at what came. A thread that woke for every reading would take the interpreter as often from the
window, which draws; no picture shows a difference."""
UNSEEN_REST_S = 0.1
"""The same while nobody looks and nothing is predicted: many readings at once cost much less than one by one."""
MOST_AT_ONCE = 32
"""Readings that are put through the pipeline together."""
_SEEN_S = 0.2
"""Somebody looks who asked so short a time ago; pictures are asked for about 60 times a second."""


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
        self._urgent = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._mode = "preview"
        self._measuring = False
        self._marked = False
        self._stretch = Stretch(parts, report)
        self._snapshot = Snapshot()
        self._wanted = False
        self._asked_s = -math.inf
        self._faulty = False

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
        self._marked = False
        self._put(_Begin(Measurement(setup, source, dict(host_attributes or {})), self._mode))
        self._tell(lambda: self.began.emit(setup))

    def push(self, reading: Reading) -> None:
        """Hand over the next reading; without a measurement it is ignored."""
        if not self._measuring:
            return
        if self._marked:
            self._marked = False
            reading = replace(reading, marked=True)
        self._put(reading)

    def mark(self) -> bool:
        """Mark the next reading, for the trigger "single"; from any thread. False where nothing is measured."""
        self._marked = self._measuring
        return self._marked

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
        self._change(force=True)
        self._tell(lambda: self.mode_changed.emit(mode))

    def refresh(self, *, force: bool = False) -> None:
        """Look at the recipe again; a new stretch begins if its frames would be cut differently, or with `force`."""
        self._change(force=force)

    def latest(self) -> Snapshot:
        """Return the newest snapshot there is and ask for the next; costs nothing, waits for nothing."""
        self._wanted, self._asked_s = True, time.monotonic()
        return self._snapshot

    def scores(self, seconds: float) -> NDArray[np.float64]:
        """Return the trigger's scores of the last seconds, float64 `(n,)`, since it was last changed.

        Oldest first, NaN where nothing was compared; a minute at most.
        """
        return self._stretch.scores.last(seconds)

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
        self._closing.set()
        self._waiting.set()
        self._urgent.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _change(self, *, force: bool) -> None:
        if self._thread is not None:  # without one nothing was ever measured
            self._put(_Change(self._mode, force=force))

    def _put(self, item: _Item) -> None:
        if self._closing.is_set():
            return
        self._queue.append(item)
        if not self._waiting.is_set():
            self._waiting.set()
        if not isinstance(item, Reading):
            self._urgent.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="exptool-ml engine", daemon=True)
            self._thread.start()

    def _tell(self, emit: Callable[[], object]) -> None:
        try:
            emit()
        except Exception as error:  # noqa: BLE001 - called by the host, which must never see a fault of ours
            self._report(error, "the window")

    def _run(self) -> None:
        while not self._closing.is_set() or self._queue:
            self._waiting.wait()
            self._waiting.clear()
            self._urgent.clear()
            while self._queue:
                self._skip_what_is_too_late()
                readings = self._next_readings()
                item = None if readings else self._queue.popleft()
                try:
                    if item is None:
                        self._stretch.take(readings)
                    else:
                        self._process(item)
                    if self._wanted or item is not None:
                        self._publish()
                except Exception as error:  # noqa: BLE001 - this thread must live: the readings are kept by it
                    self._tell_once(error)
                if isinstance(item, threading.Event):
                    item.set()
            self._urgent.wait(self._rest_s)

    @property
    def _rest_s(self) -> float:
        seen = time.monotonic() - self._asked_s < _SEEN_S
        return REST_S if seen or self._mode == "predict" else UNSEEN_REST_S

    def _next_readings(self) -> list[Reading]:
        """Take the readings out of the queue that come before anything else."""
        readings: list[Reading] = []
        while self._queue and len(readings) < MOST_AT_ONCE:
            first = self._queue[0]
            if not isinstance(first, Reading):
                break
            self._queue.popleft()
            readings.append(first)
        return readings

    def _tell_once(self, error: Exception) -> None:
        """Report the first fault of a measurement; the next reading would have the same."""
        if not self._faulty:
            self._faulty = True
            self._report(error, "the pictures of the running measurement")

    def _process(self, item: _Item) -> None:
        stretch = self._stretch
        if isinstance(item, _Begin):
            self._faulty = False
            stretch.measurement_begins(item.measurement, self._users[item.mode])
        elif isinstance(item, _End):
            stretch.measurement_ends()
        elif isinstance(item, _Change):
            stretch.change(self._users[item.mode], force=item.force)

    def _skip_what_is_too_late(self) -> None:
        if len(self._queue) <= MOST_BEHIND or self._stretch.keeps_readings:
            return
        while len(self._queue) > MOST_BEHIND // 2:
            oldest = self._queue[0]
            if not isinstance(oldest, Reading):
                return
            self._queue.popleft()
            self._stretch.skipped(oldest)

    def _publish(self) -> None:
        recent = self._stretch.recent
        self._wanted = False
        if recent is not None:
            self._snapshot = recent.snapshot(self._stretch.pipeline, behind=len(self._queue))
