"""Collecting labelled frames: what is measured goes into the session, under the label of the moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from psygnal import Signal

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe
from .frame_user import Measurement
from .recorder import Recorder
from .session_store import SessionStore

_LABELS_REMEMBERED = 20


@dataclass(frozen=True, eq=False)
class CollectedFrame:
    """A frame as it went into the session."""

    frame: Frame
    label: str


class Collecting:
    """The label that completed frames get, and where they go.

    Every measurement becomes a recording of its own in the session, named by the time it began and the label it
    began with; nothing is ever taken away from the session. A label may be changed while measuring: a frame gets
    the label of the moment it is complete. `frames` counts those of the running measurement, `latest` is the newest.
    """

    keeps_readings = True
    label_changed = Signal(str)

    def __init__(self, store: SessionStore, recipe: Callable[[], Recipe]) -> None:
        self._store = store
        self._recorder = Recorder(store)
        self._measurement: Measurement | None = None
        self._recipe = recipe
        self._label = ""
        self._earlier: list[str] = []
        self.frames = 0
        self.latest: CollectedFrame | None = None

    @property
    def label(self) -> str:
        """Label of the frames to come; surrounding blanks are not part of it."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        label = label.strip()
        if label == self._label:
            return
        self._label = label
        self._remember(label)
        self.label_changed.emit(label)

    @property
    def label_history(self) -> tuple[str, ...]:
        """Labels to offer: those used lately, newest first, then the others of the session."""
        of_session = [name for name in self._store.session.label_names() if name not in self._earlier]
        return (*self._earlier, *of_session)

    def recipe_for(self, setup: SensorSetup) -> Recipe:
        """Return the recipe that is being edited, on the sensor as it is set."""
        if not self._label:
            raise UserError("Expected a label for the frames. Received: an empty label.", "Type a label, then start.")
        return replace(self._recipe(), sensor=setup)

    def begin(self, measurement: Measurement, recipe: Recipe, frame_shape: tuple[int, int]) -> None:
        """Open a recording; raise `UserError` where its frames would not fit the session's."""
        self._recorder.begin(measurement, recipe, name=self._label)
        if measurement is not self._measurement:
            self._measurement = measurement
            self.frames = 0
            self.latest = None

    def take_reading(self, reading: Reading) -> None:
        """Keep the reading."""
        self._recorder.take_reading(reading)

    def take_frame(self, frame: Frame) -> None:
        """Put the frame into the session."""
        label = self._label
        if self._recorder.take_frame(frame, label):
            self.frames += 1
            self.latest = CollectedFrame(frame, label)

    def end(self) -> None:
        """Close the recording."""
        self._recorder.end()

    def _remember(self, label: str) -> None:
        if label:
            self._earlier = [label, *(name for name in self._earlier if name != label)][:_LABELS_REMEMBERED]
