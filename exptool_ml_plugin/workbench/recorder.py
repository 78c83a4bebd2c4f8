"""Puts the readings and frames of a running measurement into the session."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..core.frames import Frame
from ..core.reading import Reading
from ..core.recipe import Recipe
from .frame_user import Measurement
from .session_store import SessionStore


class Recorder:
    """One recording per measurement, also where the frames are cut differently from some reading on."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._measurement: Measurement | None = None
        self._offset = 0

    @property
    def active(self) -> bool:
        """True between `begin` and `end`."""
        return self._measurement is not None

    def begin(
        self, measurement: Measurement, recipe: Recipe, *, name: str, tags: Mapping[str, str] | None = None
    ) -> None:
        """Open a recording, or go on with that of the same measurement; `UserError` if its frames do not fit."""
        if measurement is self._measurement and self._store.recording:
            self._offset = self._store.go_on_recording(recipe)
            return
        self.end()
        full_name = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {name}"
        self._store.begin_recording(
            measurement.setup, recipe, name=full_name, host_attributes=measurement.host_attributes, tags=tags
        )
        self._measurement, self._offset = measurement, 0

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Give the running recording other tags."""
        if self.active:
            self._store.set_tags(tags)

    def take_readings(self, readings: Sequence[Reading]) -> None:
        """Keep the next readings."""
        self._store.add_readings(readings)

    def take_frame(self, frame: Frame, label: str) -> bool:
        """Keep a frame whose readings count from the last `begin`; False where the session was replaced meanwhile."""
        return self._store.add_frame(replace(frame, first_reading=frame.first_reading + self._offset), label)

    def end(self) -> None:
        """Close the recording."""
        if self._measurement is not None:
            self._measurement = None
            self._store.end_recording()
