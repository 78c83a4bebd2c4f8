"""What the feature list makes of a recording, worked out in the background, to look at without a sensor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from ..core.errors import UserError
from ..core.issues import has_errors
from ..core.reading import SensorSetup
from ..core.recipe import FeatureChoice
from ..core.recording import Recording
from ..core.row_maker import RowMaker
from ..plugins import Plugins
from .background import Background

MOST_VALUES = 16_000_000
"""Values kept of one recording, 64 MB; what comes after them is not shown."""

_BLOCK = 256
"""Readings computed at once; in between it is asked whether they are still wanted."""

_TIMED = 100
"""Readings from which the cost of one is told."""


@dataclass(frozen=True, eq=False)
class _Work:
    """Read a file, if one is named, and compute the rows of the recording in view."""

    path: Path | None = None


@dataclass(frozen=True, eq=False)
class PreviewRows:
    """The rows of a recording: float32 `(readings, width)`, and the time one of them took."""

    maker: RowMaker
    values: NDArray[np.float32]
    cost_us: float

    def frame(self, last: int, time_steps: int) -> NDArray[np.float32]:
        """Return the frame that ends with a reading: float32 `(time_steps, width)`, zeros before the first reading."""
        last = min(last, len(self.values) - 1)
        frame = np.zeros((time_steps, self.values.shape[1]), dtype=np.float32)
        rows = self.values[max(0, last + 1 - time_steps) : last + 1]
        frame[time_steps - len(rows) :] = rows
        return self.maker.finish(frame)


class RecordingPreview:
    """One file opened for looking at.

    `changed` is emitted, in any thread, when something is opened, computed or closed. `progress` goes from 0 to 1.
    What goes wrong is reported, except that features which do not fit the recording give no rows.
    """

    changed = Signal()

    def __init__(self, plugins: Plugins, report: Callable[[Exception, str], None]) -> None:
        self.recordings: tuple[Recording, ...] = ()
        self.index = 0
        self.rows: PreviewRows | None = None
        self.progress = 0.0
        self._plugins = plugins
        self._report = report
        self._features: tuple[FeatureChoice, ...] = ()
        self._lock = threading.Lock()
        self._work: _Work | None = None  # what is to be done, or is being done
        self._busy = False
        self._background = Background(report)

    @property
    def recording(self) -> Recording | None:
        """The recording in view, None without one."""
        recordings, index = self.recordings, self.index
        return recordings[index] if index < len(recordings) else None

    @property
    def setup(self) -> SensorSetup | None:
        """What the sensor was set to when it was recorded."""
        recording = self.recording
        return None if recording is None else recording.setup

    @property
    def busy(self) -> bool:
        """True while a file is read or rows are computed."""
        return self._busy

    def open(self, path: Path, features: tuple[FeatureChoice, ...]) -> None:
        """Read a file in the background and compute its rows; what is in view stays until it is read."""
        self._features = features
        self._start(_Work(path))

    def show(self, index: int) -> None:
        """Look at another recording of the file."""
        self.index = index
        self._start(_Work())

    def set_features(self, features: tuple[FeatureChoice, ...]) -> None:
        """Compute the rows of another feature list."""
        if features != self._features:
            self._features = features
            pending = self._work
            if pending is not None:
                self._start(_Work(pending.path))  # a file that is being opened is still wanted
            elif self.recordings:
                self._start(_Work())

    def cancel(self) -> None:
        """Stop what is being done; what is in view stays."""
        self._work = None

    def close(self) -> None:
        """Let go of the file."""
        self.cancel()
        self.recordings, self.index, self.rows = (), 0, None
        self.changed.emit()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until everything is computed."""
        self._background.wait(timeout_s)

    def _start(self, work: _Work) -> None:
        """Do this instead of any other work; a thread that is at work looks for newer work before it ends."""
        with self._lock:
            self._work = work
            self.progress = 0.0
            if work.path is None:
                self.rows = None
            running, self._busy = self._busy, True
        if not running:
            self._background.wait()
            self._background.run("the preview of a recording", self._run)
        self.changed.emit()

    def _run(self) -> None:
        while True:
            with self._lock:
                work = self._work
                self._busy = work is not None
            if work is None:
                break
            try:
                self._do(work)
            except Exception as error:  # noqa: BLE001 - a guest's source or feature may raise anything
                self._report(error, "the preview of a recording")
            with self._lock:
                if self._work is work:
                    self._work = None
        self.changed.emit()

    def _do(self, work: _Work) -> None:
        if work.path is not None:
            recordings = read_recordings(work.path, self._plugins)
            if self._work is not work:
                return
            self.recordings, self.index, self.rows = recordings, 0, None
            self.changed.emit()
        recording, features = self.recording, self._features
        if recording is None or has_errors(RowMaker.check(features, recording.setup, self._plugins.parts)):
            return
        maker = RowMaker(features, recording.setup, self._plugins.parts)
        cost_us = _cost_us(maker, recording)
        count = min(len(recording), MOST_VALUES // max(1, maker.width))
        values = np.zeros((count, maker.width), dtype=np.float32)
        for start in range(0, count, _BLOCK):
            if self._work is not work:
                return
            stop = min(start + _BLOCK, count)
            values[start:stop] = maker.rows([matrix[start:stop] for matrix in recording.matrices])
            self.progress = stop / count
        with self._lock:
            if self._work is work:
                self.rows = PreviewRows(maker, values, cost_us)


def _cost_us(maker: RowMaker, recording: Recording) -> float:
    """Time of one row, microseconds, as it is made while measuring; the median, because other work gets in between."""
    times_s = []
    for index in range(min(len(recording), _TIMED)):
        start = time.perf_counter()
        maker.row(recording.reading(index))
        times_s.append(time.perf_counter() - start)
    maker.reset()
    return 1e6 * float(np.median(times_s))


def read_recordings(path: Path, plugins: Plugins) -> tuple[Recording, ...]:
    """Return the recordings in a file; raise `UserError` where no source knows it or nothing is in it."""
    if not path.is_file():
        raise UserError(f"Expected a file that can be read. Received: {path}.")
    for source in plugins.sources.values():
        found = source.read(path)
        if found is not None:
            recordings = tuple(recording for recording in found if len(recording))
            if not recordings:
                raise UserError(f"Expected readings in {path.name}. Received: none.", "Choose another file.")
            return recordings
    raise UserError(
        f"Expected a recording of the Exploration Tool, or a session. Received: {path.name}.", "Choose another file."
    )
