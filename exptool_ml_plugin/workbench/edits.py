"""What the user changes about the frames of the session, each step to be taken back and done again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from psygnal import Signal

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.picked_frames import PickedFrames
from ..core.session import LabelledFrames, Session
from .session_store import RemovedFrames, SessionStore


class Edit(Protocol):
    """One step; `text` says in words what it does. `undo` finds the session as `do` left it."""

    text: str

    def do(self, store: SessionStore) -> None:
        """Do it, the first time or again."""

    def undo(self, store: SessionStore) -> None:
        """Take it back."""


class Edits:
    """Changes the session in steps that can be taken back, as many as were made since it was opened.

    `changed` is emitted after every step. Where frames got other numbers in another way (removed in the Collect tab,
    another session opened), the steps before that can no longer be taken back and are forgotten.
    """

    changed = Signal()

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._session: Session = store.session
        self._renumberings = store.renumberings

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done) and self._is_current()

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return bool(self._undone) and self._is_current()

    @property
    def undo_text(self) -> str:
        """What `undo` would take back, in words; "" for nothing."""
        return self._done[-1].text if self.can_undo else ""

    @property
    def redo_text(self) -> str:
        """What `redo` would do again, in words; "" for nothing."""
        return self._undone[-1].text if self.can_redo else ""

    def do(self, edit: Edit) -> None:
        """Take a step; what was taken back before can no longer be done again."""
        with self._store.changing():
            self._forget_if_not_current()
            edit.do(self._store)
            self._done.append(edit)
            self._undone.clear()
            self._note()
        self.changed.emit()

    def undo(self) -> None:
        """Take back the last step, if there is one."""
        with self._store.changing():
            if not self.can_undo:
                return
            edit = self._done[-1]
            edit.undo(self._store)
            self._undone.append(self._done.pop())
            self._note()
        self.changed.emit()

    def redo(self) -> None:
        """Do the step again that was taken back last, if there is one."""
        with self._store.changing():
            if not self.can_redo:
                return
            edit = self._undone[-1]
            edit.do(self._store)
            self._done.append(self._undone.pop())
            self._note()
        self.changed.emit()

    def _is_current(self) -> bool:
        return self._session is self._store.session and self._renumberings == self._store.renumberings

    def _forget_if_not_current(self) -> None:
        if not self._is_current():
            self._done.clear()
            self._undone.clear()
            self._note()

    def _note(self) -> None:
        self._session, self._renumberings = self._store.session, self._store.renumberings


class Relabel:
    """Gives frames a label."""

    def __init__(self, indices: Sequence[int], label: str) -> None:
        if not label.strip():
            raise UserError("Expected a label. Received: an empty one.", "Type a label.")
        self._indices = [int(index) for index in indices]
        self._label = label.strip()
        self._before: list[str] = []
        self.text = f"Label {_count(len(self._indices))} “{self._label}”"

    def do(self, store: SessionStore) -> None:
        """Give them the label."""
        labels = store.session.labels
        self._before = [labels[index] for index in self._indices]
        store.relabel(self._indices, self._label)

    def undo(self, store: SessionStore) -> None:
        """Give them their own labels back."""
        store.restore_labels(self._indices, self._before)


class Remove:
    """Takes frames out of the session; their readings stay."""

    def __init__(self, indices: Sequence[int]) -> None:
        self._indices = [int(index) for index in indices]
        self._removed: RemovedFrames | None = None
        self.text = f"Remove {_count(len(self._indices))}"

    def do(self, store: SessionStore) -> None:
        """Take them out."""
        self._removed = store.remove(self._indices)

    def undo(self, store: SessionStore) -> None:
        """Put them back where they were."""
        if self._removed is not None:
            store.bring_back(self._removed)


class Add:
    """Puts new frames in, from place `at` on or at the end."""

    def __init__(self, frames: LabelledFrames, *, at: int | None = None, text: str = "") -> None:
        count = len(frames.labels)
        self._frames: LabelledFrames | None = frames
        self._wanted = None if at is None else range(at, at + count)
        self._removed: RemovedFrames | None = None
        self.indices: tuple[int, ...] = ()
        self.text = text or f"Add {_count(count)}"

    def do(self, store: SessionStore) -> None:
        """Put them in."""
        if self._removed is not None:
            store.bring_back(self._removed)
        elif self._frames is not None:
            self.indices = store.insert(self._frames, self._wanted)
            self._frames = None

    def undo(self, store: SessionStore) -> None:
        """Take them out."""
        self._removed = store.remove(self.indices)


class Overwrite:
    """Puts other frames, one for one, in the places of some, as when their start is moved."""

    def __init__(self, indices: Sequence[int], frames: LabelledFrames, *, text: str = "") -> None:
        self._indices = [int(index) for index in indices]
        self._frames = [one_of(frames, row) for row in range(len(self._indices))]
        self._before: list[LabelledFrames] = []
        self.text = text or f"Replace {_count(len(self._indices))}"

    def do(self, store: SessionStore) -> None:
        """Replace them."""
        pairs = zip(self._indices, self._frames, strict=True)
        self._before = [store.overwrite(index, frame) for index, frame in pairs]

    def undo(self, store: SessionStore) -> None:
        """Put the old ones back."""
        for index, frame in zip(self._indices, self._before, strict=True):
            store.overwrite(index, frame)


class Calibrate:
    """Divides all frames by a calibration frame, as a recipe has it; "" clears the one there is."""

    def __init__(self, calibration: str) -> None:
        self._calibration = calibration
        self._old = ""
        self._before: PickedFrames | None = None
        self._after: PickedFrames | None = None
        self.text = "Divide all frames by a calibration frame" if calibration else "Clear the calibration frame"

    def do(self, store: SessionStore) -> None:
        """Divide them."""
        self._old = store.session.recipe.calibration
        self._before = store.calibrate(self._calibration, self._after)

    def undo(self, store: SessionStore) -> None:
        """Give them the values they had."""
        self._after = store.calibrate(self._old, self._before)


def labelled(frames: Sequence[Frame], labels: Sequence[str], recordings: Sequence[int]) -> LabelledFrames:
    """Return frames as a session takes them; at least one."""
    return LabelledFrames(
        values=np.stack([frame.values for frame in frames]),
        labels=[label.strip() for label in labels],
        recording_of=np.array(recordings, dtype=np.int64),
        first_reading=np.array([frame.first_reading for frame in frames], dtype=np.int64),
        flags=np.array([frame.flags for frame in frames], dtype=np.uint8),
    )


def one_of(frames: LabelledFrames, row: int) -> LabelledFrames:
    """Return one of several frames."""
    part = slice(row, row + 1)
    return LabelledFrames(
        values=frames.values[part],
        labels=frames.labels[part],
        recording_of=frames.recording_of[part],
        first_reading=frames.first_reading[part],
        flags=frames.flags[part],
    )


def _count(number: int) -> str:
    return f"{number:,} frame{'' if number == 1 else 's'}"
