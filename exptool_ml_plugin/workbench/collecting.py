"""Collecting labelled frames: what is measured goes into the session, under the label of the moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psygnal import Signal

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe
from .frame_user import Measurement
from .guided import Guided
from .recorder import Recorder
from .session_store import SessionStore, TakenFrame
from .tags import Tags

_LABELS_REMEMBERED = 20
_REMOVALS_REMEMBERED = 100
KEYS = 9
"""Labels that have a number key."""


@dataclass(frozen=True, eq=False)
class CollectedFrame:
    """A frame as it went into the session."""

    frame: Frame
    label: str


class Collecting:
    """The label that completed frames get, and where they go.

    Every measurement becomes a recording of its own in the session, named by the time it began and the label it
    began with, with the `tags` of that moment; nothing is ever taken away from the session. A label may be changed
    while measuring: a frame gets the label of the moment it is complete. While `guided` is active it decides on the
    label, and on which frames are kept. `keep_flagged` keeps frames of bad readings, too. `frames` counts those of
    the running measurement, `latest` is the newest, `left_out` counts the flagged ones that were not kept.
    """

    keeps_readings = True
    label_changed = Signal(str)
    removed_changed = Signal()

    def __init__(
        self, store: SessionStore, recipe: Callable[[], Recipe], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._recorder = Recorder(store)
        self._measurement: Measurement | None = None
        self._recipe = recipe
        self._label = ""
        self._earlier: list[str] = []
        self._known: list[str] = []
        self._of_earlier_start = False
        self._removed: list[TakenFrame] = []
        self._first_of_plan = 0
        self._frame_s = 0.0
        self.guided = Guided(clock)
        self.tags = Tags()
        self.keep_flagged = True
        self.frames = 0
        self.left_out = 0
        self.latest: CollectedFrame | None = None
        self.guided.label_changed.connect(self._set_label)

    @property
    def label(self) -> str:
        """Label of the frames to come; surrounding blanks are not part of it."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        if self.guided.active and label.strip() != self._label:
            raise UserError("Expected a label of the plan. Received: guided collection runs.", "Stop it first.")
        self._set_label(label)

    @property
    def label_history(self) -> tuple[str, ...]:
        """Labels to offer: those used lately, newest first, then the others of the session."""
        of_session = [name for name in self._store.session.label_names() if name not in self._earlier]
        return (*self._earlier, *of_session)

    @property
    def known_labels(self) -> tuple[str, ...]:
        """All labels in the order they came up; the first `KEYS` have a number key, which a label keeps.

        Labels of an earlier start give way to those of a session that is opened before any of them is used.
        """
        of_session = self._store.session.label_names()
        if of_session and self._of_earlier_start:
            self._known, self._of_earlier_start = [], False
        self._know(*of_session)
        return tuple(self._known)

    @property
    def remembered_labels(self) -> tuple[str, ...]:
        """Labels to offer at the next start: those used lately, in the order they came up."""
        keyed = [label for label in self._known if label in self._earlier]
        return (*keyed, *(label for label in self._earlier if label not in keyed))

    def remember_labels(self, labels: Sequence[str]) -> None:
        """Offer labels that were used at an earlier start, in this order, before any other is known."""
        self._known = list(labels)[:_LABELS_REMEMBERED]
        self._earlier = list(self._known)
        self._of_earlier_start = bool(self._known)

    def choose_by_key(self, number: int) -> None:
        """Make the label of a number key, from 1, the current one; nothing happens where there is none."""
        known = self.known_labels
        if 1 <= number <= min(KEYS, len(known)):
            self.label = known[number - 1]

    def forget_label(self, label: str) -> None:
        """Take a label that has no frames off the list."""
        if label not in self._store.session.label_names():
            self._known = [name for name in self._known if name != label]
            self._earlier = [name for name in self._earlier if name != label]
            self._label = "" if self._label == label else self._label
            self.label_changed.emit(self._label)

    def recipe_for(self, setup: SensorSetup) -> Recipe:
        """Return the recipe that is being edited, on the sensor as it is set."""
        if not self._label:
            raise UserError("Expected a label for the frames. Received: an empty label.", "Type a label, then start.")
        return replace(self._recipe(), sensor=setup)

    def begin(self, measurement: Measurement, recipe: Recipe, frame_shape: tuple[int, int]) -> None:
        """Open a recording; raise `UserError` where its frames would not fit the session's."""
        name = "guided" if self.guided.active else self._label
        self._recorder.begin(measurement, recipe, name=name, tags=self.tags.values)
        self._frame_s = frame_shape[0] / measurement.setup.reading_rate_hz
        if measurement is not self._measurement:
            self._measurement = measurement
            self.frames = self.left_out = 0
            self.latest = None

    def take_readings(self, readings: Sequence[Reading]) -> None:
        """Keep the readings."""
        self._recorder.take_readings(readings)

    def take_frame(self, frame: Frame) -> None:
        """Put the frame into the session, unless the guided collection or its flags speak against it."""
        label = self.guided.label_for(self._frame_s) if self.guided.active else self._label
        if not label:  # none is wanted now, or the label is just being typed
            return
        if frame.flags and not self.keep_flagged:
            self.left_out += 1
        elif self._recorder.take_frame(frame, label):
            self.frames += 1
            self.latest = CollectedFrame(frame, label)
            self.guided.count(label)

    def retag(self) -> None:
        """Give the running recording the tags of now."""
        self._recorder.set_tags(self.tags.values)

    def end(self) -> None:
        """Close the recording."""
        self._recorder.end()

    def begin_plan(self) -> None:
        """Begin the guided collection's plan, with the frames that come from now on; `UserError` without one."""
        self.guided.start()
        self._first_of_plan = len(self._store.session)

    @property
    def removed(self) -> int:
        """Frames that `undo_remove` can put back."""
        return sum(taken.session is self._store.session for taken in self._removed)

    def remove(self, index: int) -> None:
        """Take a frame out of the session; a guided collection asks for it again."""
        taken = self._store.take_out(index)
        self._removed = [*self._removed, taken][-_REMOVALS_REMEMBERED:]
        self._count_again(taken, -1)
        self.removed_changed.emit()

    def undo_remove(self) -> None:
        """Put the frame that was removed last back; nothing happens where there is none of this session."""
        self._removed = [taken for taken in self._removed if taken.session is self._store.session]
        if self._removed:
            taken = self._removed.pop()
            self._store.put_back(taken)
            self._count_again(taken, 1)
            self.removed_changed.emit()

    def _count_again(self, taken: TakenFrame, change: int) -> None:
        """Let the plan count a frame that was removed or put back, if it is one of its own."""
        if taken.index >= self._first_of_plan:
            self.guided.count(taken.label, change)
        else:
            self._first_of_plan += change

    def _set_label(self, label: str) -> None:
        label = label.strip()
        if label == self._label:
            return
        self._label = label
        if label:
            self._of_earlier_start = False
            self._earlier = [label, *(name for name in self._earlier if name != label)][:_LABELS_REMEMBERED]
            self._know(label)
        self.label_changed.emit(label)

    def _know(self, *labels: str) -> None:
        self._known += [label for label in labels if label not in self._known]
