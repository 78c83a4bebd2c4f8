"""A recording that is played as if it were measured now."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

from psygnal import Signal

from ....core.errors import UserError
from ....core.recording import Recording
from ....plugins import Plugins
from ....workbench.background import Background
from ....workbench.recording_preview import read_recordings
from .feed import Feed

AS_FAST_AS_IT_GOES = math.inf
SPEEDS = (1.0, 2.0, 5.0, 10.0, AS_FAST_AS_IT_GOES)
_BEHIND_AT_MOST = 100
"""Readings that may wait in the engine: whoever looks on then sees what is played, and nothing is skipped."""

_LONGEST_WAIT_S = 10.0


class Replay:
    """Opens the recordings of a file and plays one of them.

    `position` is the number of the next reading. `changed` is emitted, in any thread, when the state changes. Whoever
    plays, pauses or goes elsewhere only leaves a word for the thread that hands the readings over.
    """

    changed = Signal()

    def __init__(self, feed: Feed, plugins: Plugins, report: Callable[[Exception, str], None]) -> None:
        self.path: Path | None = None
        self.recordings: tuple[Recording, ...] = ()
        self.index = 0
        self.position = 0
        self._feed = feed
        self._plugins = plugins
        self._report = report
        self._reading = Background(report)
        self._reading.changed.connect(self.changed.emit)
        self._speed = 1.0
        self._paused = False
        self._running = False
        self._stopping = False
        self._target: int | None = None
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def recording(self) -> Recording | None:
        """The recording that is, or will be, played; None while no file is open."""
        return self.recordings[self.index] if self.recordings else None

    @property
    def running(self) -> bool:
        """True while it is played, or paused."""
        return self._running

    @property
    def opening(self) -> bool:
        """True while a file is read."""
        return bool(self._reading.doing)

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._paused

    @property
    def speed(self) -> float:
        """How many times faster than it was measured; infinity for as fast as it goes."""
        return self._speed

    def open(self, path: Path) -> None:
        """Begin to read a file; what is wrong with it is reported. `UserError` while a recording is played."""
        self._refuse_while_running()
        self._reading.run(f"opening {path.name}", lambda: self._open(path))

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the file is read."""
        self._reading.wait(timeout_s)

    def close_file(self) -> None:
        """Let go of the file; `UserError` while a recording is played."""
        self._refuse_while_running()
        self.path, self.recordings, self.index, self.position = None, (), 0, 0
        self.changed.emit()

    def choose(self, index: int) -> None:
        """Choose another recording of the file; `UserError` while one is played."""
        self._refuse_while_running()
        self.index, self.position = index, 0
        self._show(0)
        self.changed.emit()

    def start(self) -> None:
        """Play from where it stands, from the beginning when it is at its end."""
        self._refuse_while_running()
        recording = self.recording
        if recording is None:
            raise UserError("Expected an open recording. Received: none.", "Open one in the Sensor tab.")
        if self.position >= len(recording):
            self.position = 0
        self._stopping = self._paused = False
        self._target = None
        self._running = True
        self._thread = threading.Thread(target=self._play, args=(recording,), name="exptool-ml replay", daemon=True)
        self._thread.start()
        self.changed.emit()

    def stop(self) -> None:
        """Begin to stop; the position stays."""
        self._stopping = True
        self._wake.set()

    def pause(self, paused: bool) -> None:
        """Stand still, or go on."""
        self._paused = paused
        self._wake.set()
        self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Play this many times faster than it was measured, from now on."""
        self._speed = speed
        self._wake.set()
        self.changed.emit()

    def go_to(self, position: int) -> None:
        """Go on from another reading. While it is played, what follows is a measurement of its own."""
        self._show(position)
        if self._running:
            self._target = position
            self._wake.set()
        else:
            self.position = position
            self.changed.emit()

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop and wait for the threads."""
        self.stop()
        self._reading.wait(timeout_s)
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _open(self, path: Path) -> None:
        recordings = read_recordings(path, self._plugins)
        self.path, self.recordings, self.index, self.position = path, recordings, 0, 0
        self._show(0)

    def _show(self, position: int) -> None:
        recording = self.recording
        if recording is not None and position < len(recording):
            self._feed.show(recording.setup, recording.reading(position))

    def _refuse_while_running(self) -> None:
        if self._running:
            raise UserError("Expected no running replay. Received: one is running.", "Stop it first.")

    def _play(self, recording: Recording) -> None:
        try:
            self._begin(recording)
            self._hand_over(recording)
        except Exception as error:  # noqa: BLE001 - the end of the thread: the user must see whatever comes
            self._report(error, "the replay")
        finally:
            self._feed.end()
            self._running = self._paused = False
            self.changed.emit()

    def _begin(self, recording: Recording) -> None:
        self._feed.begin(recording.setup, source=recording.name, host_attributes=recording.host_attributes)

    def _hand_over(self, recording: Recording) -> None:
        pace = _Pace(self._speed, recording.time_s[self.position])
        while not self._stopping and self.position < len(recording):
            if self._target is not None:
                self.position, self._target = self._target, None
                self._feed.end()
                self._begin(recording)
                pace = _Pace(self._speed, recording.time_s[self.position])
            if self._paused or self._speed != pace.speed:
                self._wait(None if self._paused else 0.0)
                pace = _Pace(self._speed, recording.time_s[self.position])
            elif not self._wait(pace.seconds_until(recording.time_s[self.position])):
                self._feed.take(recording.reading(self.position))
                self.position += 1
                if self.position % _BEHIND_AT_MOST == 0:
                    self._feed.engine.wait(_LONGEST_WAIT_S)

    def _wait(self, seconds: float | None) -> bool:
        """Wait, for ever if None; True where somebody left a word meanwhile."""
        if seconds is not None and seconds <= 0.0 and not self._wake.is_set():
            return False
        woken = self._wake.wait(seconds)
        self._wake.clear()
        return woken


class _Pace:
    """When a reading is due, counted from where the pace began."""

    def __init__(self, speed: float, time_s: float) -> None:
        self.speed = speed
        self._from_s = time_s
        self._began_s = time.monotonic()

    def seconds_until(self, time_s: float) -> float:
        return self._began_s + (time_s - self._from_s) / self.speed - time.monotonic()
