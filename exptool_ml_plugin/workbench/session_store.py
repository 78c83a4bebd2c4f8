"""The open session, as several threads see it: the engine adds to it while the tabs look at it and change it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from psygnal import Signal

from ..core.calibration import recalibrated
from ..core.errors import UserError
from ..core.frames import Frame
from ..core.journal_base import Base
from ..core.picked_frames import PickedFrames
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe
from ..core.session import LabelledFrames, Session
from ..core.session_file import load_session, save_session
from .journal import Journal
from .journal_writer import Adopted, Event
from .open_recording import OpenRecording

_SECONDS_BETWEEN_SIGNALS = 0.25
_BYTES_AT_ONCE = 32 << 20


@dataclass(frozen=True, eq=False)
class TakenFrame:
    """A removed frame with its recording's index, its place and label, and the session it was in."""

    index: int
    frame: tuple[Frame, int]
    label: str
    session: Session


@dataclass(frozen=True, eq=False)
class RemovedFrames:
    """Frames that were removed, with the numbers they had; `number` is how the journal calls them."""

    indices: tuple[int, ...]
    frames: LabelledFrames
    number: int


class SessionStore:
    """Holds one session and the recording that is being added to it.

    Every method may be called from any thread. `changed` is emitted after every change, at most four times a
    second while frames come in; `lock` guards the session for whoever reads several of its parts together. What is
    not in the session's file goes into the `journal`, until it is saved or let go. `renumberings` counts how often
    frames that were there got other numbers or other values.
    """

    changed = Signal()

    def __init__(self, recipe: Recipe, *, journal: Journal | None = None) -> None:
        self.lock = threading.RLock()
        self.session = Session(recipe)
        self.journal = journal
        self._base: Base | None = None
        self._open: OpenRecording | None = None
        self._told = 0.0
        self._removals = itertools.count(1)
        self._within = 0
        self._untold = False
        self.renumberings = 0

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock, and tell what was changed within once it is let go: who hears of it may want other locks."""
        untold = False
        try:
            with self.lock:
                self._within += 1
                try:
                    yield
                finally:
                    self._within -= 1
                    if not self._within:
                        untold, self._untold = self._untold, False
        finally:
            if untold:
                self.changed.emit()

    @property
    def recording(self) -> bool:
        """True while readings are being added."""
        return self._open is not None

    @property
    def base(self) -> Base | None:
        """The session's file as it was when it was opened or saved last, None without one."""
        return self._base

    def new(self, recipe: Recipe) -> None:
        """Put an empty session in place of the old one; asking the user first is the caller's business.

        A recording that is running is let go: whoever writes it begins another.
        """
        with self.lock:
            self._replace(Session(recipe), base=None)
            self._open = None
        self._tell()

    def open(self, path: Path) -> Session:
        """Read a session file and put it in place of the old one; raise `UserError`, then nothing has changed."""
        session = load_session(path)
        with self.lock:
            self._refuse_while_recording()
            self._replace(session, base=Base.of(session))
        self._tell()
        return session

    def put_recovered(self, session: Session, base: Base | None, *, adopted: Adopted, without_base: bool) -> None:
        """Put the session of a journal in place of an empty one, and go on with that journal.

        Raises `UserError` where frames or readings are there already.
        """
        with self.lock:
            self._refuse_while_recording()
            if not self.empty:
                raise UserError("Expected an empty session. Received: one with frames.", "Save it, begin a new one.")
            self._replace(session, base=base)
            if self.journal is not None:
                self.journal.adopt(adopted, without_base=without_base)
        self._tell()

    @property
    def empty(self) -> bool:
        """True where there is nothing to lose."""
        return not (len(self.session) or self.session.recordings or self._open)

    def close(self, *, discard: bool = False) -> None:
        """Nothing follows. What is not saved stays in the journal, to be found at the next start, or is let go."""
        with self.lock:
            if self.journal is not None:
                if discard or not (self.session.unsaved or self.journal.is_saving):
                    self.journal.discard()
                self.journal.close()

    def save(self, path: Path, recipe: Recipe, *, overwrite: bool = False) -> None:
        """Write what is there by now; network, training and trigger settings of `recipe` are saved with it."""
        with self.lock:
            self._keep_readings()
            session, was_unsaved = self.session, self.session.unsaved
            if len(session) == 0 or session.recipe.same_frames_as(recipe):
                self._follow(recipe)
            written = session.as_it_is()
            session.unsaved = False  # until something changes while it is written
            going_on = None if self._open is None else self._open.event(written.recipe)
            if self.journal is not None:
                self.journal.saving()
        try:
            save_session(written, path, overwrite=overwrite)  # takes long; frames and readings go on coming in
            session.path = written.path
            self._on_saved(session, written, going_on)
        except BaseException as error:
            session.unsaved = session.unsaved or was_unsaved
            if self.journal is not None:
                self.journal.not_saved()
            if isinstance(error, UserError):
                error.hint = f"{error.hint} The session is still in this window.".strip()
            raise
        finally:
            self._tell()

    def relabel(self, indices: Sequence[int], label: str) -> None:
        """Give frames another label."""
        with self.lock:
            self.session.relabel(indices, label)
            if (journal := self._begun_journal()) is not None:
                journal.relabel(indices, label)
        self._tell()

    def restore_labels(self, indices: Sequence[int], labels: Sequence[str]) -> None:
        """Give each frame a label of its own."""
        of_label: dict[str, list[int]] = {}
        for index, label in zip(indices, labels, strict=True):
            of_label.setdefault(label, []).append(int(index))
        with self.lock:
            for label, places in of_label.items():
                self.session.relabel(places, label)
                if (journal := self._begun_journal()) is not None:
                    journal.relabel(places, label)
        self._tell()

    def remove(self, indices: Sequence[int]) -> RemovedFrames:
        """Remove frames; their readings stay. What is returned brings them back."""
        with self.lock:
            places = sorted({range(len(self.session))[index] for index in indices})
            removed = RemovedFrames(tuple(places), self.session.take(places), next(self._removals))
            self._remove(places, number=removed.number)
        self._tell()
        return removed

    def bring_back(self, removed: RemovedFrames) -> None:
        """Put removed frames back where they were; the others must have the numbers they had then."""
        with self.lock:
            self.session.insert(removed.frames, removed.indices)
            self.renumberings += 1
            if (journal := self._begun_journal()) is not None:
                if journal.knows(removed.number):
                    journal.bring_back(removed.indices, removed.number)
                else:
                    self._note_inserted(journal, removed.frames, removed.indices)
        self._tell()

    def insert(self, frames: LabelledFrames, indices: Sequence[int] | None = None) -> tuple[int, ...]:
        """Put new frames in at these numbers, ascending, else at the end; return their numbers."""
        with self.lock:
            count = len(self.session)
            places = tuple(range(count, count + len(frames.labels)) if indices is None else indices)
            self.session.insert(frames, places)
            self.renumberings += bool(places) and places[0] < count
            if (journal := self._begun_journal()) is not None:
                self._note_inserted(journal, frames, places)
        self._tell()
        return places

    def overwrite(self, index: int, frame: LabelledFrames) -> LabelledFrames:
        """Put another frame in the place of one, which is returned."""
        with self.lock:
            before = self.session.take([index])
            self.session.overwrite(index, frame)
            self.renumberings += 1
            if (journal := self._begun_journal()) is not None:
                journal.remove([index])
                self._note_inserted(journal, frame, [index])
        self._tell()
        return before

    def take_out(self, index: int) -> TakenFrame:
        """Remove a frame and return it, so that it can be put back."""
        with self.lock:
            taken = TakenFrame(index, self.session.frame(index), self.session.label(index), self.session)
            self._remove([index])
        self._tell()
        return taken

    def put_back(self, taken: TakenFrame) -> None:
        """Put a frame back where it was; `UserError` where another session is open now."""
        with self.lock:
            if taken.session is not self.session:
                raise UserError("Expected the session the frame was in. Received: another one is open.")
            frame, recording = taken.frame
            self.session.add(frame, taken.label, recording, at=taken.index)
            self.renumberings += 1
            if (journal := self._begun_journal()) is not None:
                journal.put_back(frame, taken.label, recording=recording, at=taken.index)
        self._tell()

    def calibrate(self, calibration: str, kept: PickedFrames | None = None) -> PickedFrames:
        """Divide all frames by another calibration frame, as the recipe has it; return the values they had.

        The first frames get the values `kept`, where they had that calibration before. `UserError` for another shape.
        """
        with self.lock:
            session, recipe = self.session, self.session.recipe
            before = session.values
            values = recalibrated(np.asarray(before), recipe.calibration, calibration)
            if kept is not None:
                values[: len(kept)] = kept
            if (journal := self._begun_journal()) is not None:
                journal.calibrate(calibration)
            session.set_values(values)
            session.recipe = replace(recipe, calibration=calibration)
            self.renumberings += 1
        self._tell()
        return before

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
            self._open = opened = OpenRecording(self._unused(name), setup, host_attributes, dict(tags or {}))
            if (journal := self._begun_journal()) is not None:
                journal.recording(opened.event(self.session.recipe))
        self._tell()

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
            if self.journal is not None:
                self.journal.tags(opened.tags)
        self._tell()

    def go_on_recording(self, recipe: Recipe) -> int:
        """Cut the next frames of the open recording by another recipe; return the readings it has so far.

        Raises `UserError` if the frames would not fit the others'.
        """
        with self.lock:
            if self._open is None:
                raise RuntimeError("no recording is open")
            self._take_over(replace(recipe, sensor=self._open.setup))
            if self.journal is not None:
                self.journal.recipe(self.session.recipe)
            return len(self._open.readings)

    def add_readings(self, readings: Sequence[Reading]) -> None:
        """Keep the next readings of the open recording."""
        with self.lock:
            if self._open is not None:
                self._open.readings += readings
                self.session.unsaved = True  # they belong to the session from now on, whenever they are stacked
                if self.journal is not None:
                    self.journal.readings(readings)

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
            if self.journal is not None:
                self.journal.frame(frame, label)
        self._tell_now_and_then()
        return True

    def end_recording(self) -> None:
        """Close the open recording; one without readings leaves no trace."""
        with self.lock:
            if self._open is None:
                return
            self._keep_readings()
            self._open = None
        self._tell()

    def _replace(self, session: Session, *, base: Base | None) -> None:
        self.session, self._base = session, base
        self.renumberings += 1
        if self.journal is not None:
            self.journal.discard()

    def _begun_journal(self) -> Journal | None:
        if self.journal is not None:
            self.journal.begin(self.session.recipe, self._base)
        return self.journal

    def _on_saved(self, session: Session, written: Session, going_on: Event | None) -> None:
        """Let the journal begin anew with what is not in the file."""
        with self.lock:
            if self.session is session:
                self._base = Base.of(written)
                if self.journal is not None:
                    self.journal.saved(written.recipe, self._base, going_on)

    def _remove(self, indices: Sequence[int], *, number: int = 0) -> None:
        self.session.remove(indices)
        self.renumberings += 1
        if (journal := self._begun_journal()) is not None:
            journal.remove(indices, number=number)

    @staticmethod
    def _note_inserted(journal: Journal, frames: LabelledFrames, indices: Sequence[int]) -> None:
        per_piece = max(1, _BYTES_AT_ONCE // max(1, frames.values[:1].nbytes))
        for row, (index, label) in enumerate(zip(indices, frames.labels, strict=True)):
            first, flags = int(frames.first_reading[row]), int(frames.flags[row])
            frame = Frame(frames.values[row], first, time_s=float("nan"), score=None, flags=flags)
            journal.put_back(frame, label, recording=int(frames.recording_of[row]), at=int(index))
            if row % per_piece == per_piece - 1:
                journal.wait()  # a journal does not hold more than the disk has time for

    def _take_over(self, recipe: Recipe) -> None:
        if len(self.session) and not self.session.recipe.same_frames_as(recipe):
            raise UserError(
                "Expected the settings the frames of this session were made with. Received other features, frame "
                "length or sensor settings.",
                "Save the session and begin a new one, or go back to the settings of the session.",
            )
        self._follow(recipe)

    def _follow(self, recipe: Recipe) -> None:
        """Take over the settings of now; of what made the frames there are, all stays as it was."""
        made = self.session.recipe
        if len(self.session):
            recipe = replace(recipe, name=made.name, sensor=made.sensor)
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

    def _tell(self) -> None:
        with self.lock:
            if self._within:
                self._untold = True
                return
        self.changed.emit()

    def _tell_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_SIGNALS:
            self._told = now
            self._tell()
