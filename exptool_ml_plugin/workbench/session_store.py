"""The open session, as several threads see it: the engine adds to it while the tabs look at it and change it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from psygnal import Signal

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe
from ..core.recording import Recording
from ..core.session import Session
from ..core.session_file import load_session, save_session

_SECONDS_BETWEEN_SIGNALS = 0.25


@dataclass(frozen=True, eq=False)
class TakenFrame:
    """A removed frame with its recording's index, its place and label, and the session it was in."""

    index: int
    frame: tuple[Frame, int]
    label: str
    session: Session


class SessionStore:
    """Holds one session and the recording that is being added to it.

    Every method may be called from any thread. `changed` is emitted after every change, at most four times a
    second while frames come in; `lock` guards the session for whoever reads several of its parts together.
    """

    changed = Signal()

    def __init__(self, recipe: Recipe) -> None:
        self.lock = threading.RLock()
        self.session = Session(recipe)
        self._open: _OpenRecording | None = None
        self._told = 0.0

    @property
    def recording(self) -> bool:
        """True while readings are being added."""
        return self._open is not None

    def new(self, recipe: Recipe) -> None:
        """Put an empty session in place of the old one; asking the user first is the caller's business.

        A recording that is running is let go: whoever writes it begins another.
        """
        with self.lock:
            self.session = Session(recipe)
            self._open = None
        self.changed.emit()

    def open(self, path: Path) -> Session:
        """Read a session file and put it in place of the old one; raise `UserError`, then nothing has changed."""
        session = load_session(path)
        with self.lock:
            self._refuse_while_recording()
            self.session = session
        self.changed.emit()
        return session

    def save(self, path: Path, recipe: Recipe, *, overwrite: bool = False) -> None:
        """Write what is there by now; network, training and trigger settings of `recipe` are saved with it."""
        with self.lock:
            self._keep_readings()
            session, was_unsaved = self.session, self.session.unsaved
            if len(session) == 0 or session.recipe.same_frames_as(recipe):
                session.recipe = recipe
            written = session.as_it_is()
            session.unsaved = False  # until something changes while it is written
        try:
            save_session(written, path, overwrite=overwrite)  # takes long; frames and readings go on coming in
            session.path = written.path
        except BaseException:
            session.unsaved = session.unsaved or was_unsaved
            raise
        finally:
            self.changed.emit()

    def relabel(self, indices: Sequence[int], label: str) -> None:
        """Give frames another label."""
        with self.lock:
            self.session.relabel(indices, label)
        self.changed.emit()

    def remove(self, indices: Sequence[int]) -> None:
        """Remove frames; their readings stay."""
        with self.lock:
            self.session.remove(indices)
        self.changed.emit()

    def take_out(self, index: int) -> TakenFrame:
        """Remove a frame and return it, so that it can be put back."""
        with self.lock:
            taken = TakenFrame(index, self.session.frame(index), self.session.labels[index], self.session)
            self.session.remove([index])
        self.changed.emit()
        return taken

    def put_back(self, taken: TakenFrame) -> None:
        """Put a frame back where it was; `UserError` where another session is open now."""
        with self.lock:
            if taken.session is not self.session:
                raise UserError("Expected the session the frame was in. Received: another one is open.")
            frame, recording = taken.frame
            self.session.add(frame, taken.label, recording, at=taken.index)
        self.changed.emit()

    def begin_recording(
        self,
        setup: SensorSetup,
        recipe: Recipe,
        *,
        name: str,
        host_attributes: dict[str, str],
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Open a recording for the readings that come; raise `UserError` if its frames would not fit the others'."""
        with self.lock:
            self._take_over(replace(recipe, sensor=setup))
            self._open = _OpenRecording(self._unused(name), setup, host_attributes, dict(tags or {}))
        self.changed.emit()

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Give the open recording other tags."""
        with self.lock:
            opened = self._open
            if opened is None or opened.tags == tags:
                return
            opened.tags = dict(tags)
            if opened.index is not None:
                recording = self.session.recordings[opened.index]
                self.session.replace_recording(opened.index, replace(recording, tags=dict(tags)))
        self.changed.emit()

    def go_on_recording(self, recipe: Recipe) -> int:
        """Cut the next frames of the open recording by another recipe; return the readings it has so far.

        Raises `UserError` if the frames would not fit the others'.
        """
        with self.lock:
            if self._open is None:
                raise RuntimeError("no recording is open")
            self._take_over(replace(recipe, sensor=self._open.setup))
            return len(self._open.readings)

    def add_reading(self, reading: Reading) -> None:
        """Keep a reading of the open recording."""
        with self.lock:
            if self._open is not None:
                self._open.readings.append(reading)

    def add_frame(self, frame: Frame, label: str) -> bool:
        """Add a frame that was cut from the open recording; False where the session was replaced meanwhile."""
        with self.lock:
            opened = self._open
            if opened is None:
                return False
            if opened.index is None:
                # Its readings follow when it is closed or saved: stacking them with every frame would not be O(1).
                opened.index = self.session.add_recording(opened.recording(readings=[]))
            self.session.add(frame, label, opened.index)
        self._tell_now_and_then()
        return True

    def end_recording(self) -> None:
        """Close the open recording; one without readings leaves no trace."""
        with self.lock:
            if self._open is None:
                return
            self._keep_readings()
            self._open = None
        self.changed.emit()

    def _take_over(self, recipe: Recipe) -> None:
        if len(self.session) and not self.session.recipe.same_frames_as(recipe):
            raise UserError(
                "Expected the settings the frames of this session were made with. Received other features, frame "
                "length or sensor settings.",
                "Save the session and begin a new one, or go back to the settings of the session.",
            )
        self.session.recipe = recipe

    def _keep_readings(self) -> None:
        opened = self._open
        if opened is None or len(opened.readings) == opened.kept:
            return
        recording = opened.recording(opened.readings)
        if opened.index is None:
            opened.index = self.session.add_recording(recording)
        else:
            self.session.replace_recording(opened.index, recording)
        opened.kept = len(opened.readings)

    def _refuse_while_recording(self) -> None:
        if self._open is not None:
            raise UserError("Expected no running collection. Received: frames are coming in.", "Stop it first.")

    def _unused(self, name: str) -> str:
        names = {recording.name for recording in self.session.recordings}
        candidates = (name if number == 1 else f"{name} ({number})" for number in range(1, len(names) + 2))
        return next(candidate for candidate in candidates if candidate not in names)

    def _tell_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_SIGNALS:
            self._told = now
            self.changed.emit()


class _OpenRecording:
    """Readings that are still coming in; `index` is the recording's place in the session once it has one."""

    def __init__(self, name: str, setup: SensorSetup, host_attributes: dict[str, str], tags: dict[str, str]) -> None:
        self.name = name
        self.setup = setup
        self.host_attributes = host_attributes
        self.tags = tags
        self.readings: list[Reading] = []
        self.index: int | None = None
        self.kept = 0

    def recording(self, readings: list[Reading]) -> Recording:
        return Recording.from_readings(
            readings, name=self.name, setup=self.setup, tags=self.tags, host_attributes=self.host_attributes
        )
