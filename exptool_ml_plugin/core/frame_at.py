"""Frames cut from a recording at any place, with the same history as those that were cut while it was measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .calibration import divisor
from .errors import UserError
from .frames import Frame, QualityWatch
from .parts import Parts
from .pipeline import block_size
from .recipe import Recipe
from .recording import Recording
from .row_maker import RowMaker

Step = Callable[[int, int], None]
"""Told how much of how much is done; raises to stop the work."""


class RecordedRows:
    """All rows of a recording, made from its first reading on, so that features with memory know what came before.

    `rows` is float32 `(readings, width)`. A frame costs its own copy. `step` is called after every block of readings.
    """

    def __init__(self, recording: Recording, recipe: Recipe, parts: Parts, *, step: Step | None = None) -> None:
        self.recording = recording
        self.time_steps: int = recipe.frame.time_steps
        self._maker = RowMaker(recipe.features, recording.setup, parts)
        self.rows: NDArray[np.float32] = np.empty((len(recording), self._maker.width), dtype=np.float32)
        self._divisor = divisor(recipe.calibration, (self.time_steps, self._maker.width))
        size = block_size(recording)
        for start in range(0, len(recording), size):
            stop = min(start + size, len(recording))
            self.rows[start:stop] = self._maker.rows([matrix[start:stop] for matrix in recording.matrices])
            if step is not None:
                step(stop, len(recording))

    @property
    def last_first(self) -> int:
        """The last reading a frame can begin with; below 0 where the recording is shorter than a frame."""
        return len(self.rows) - self.time_steps

    def frame(self, first_reading: int) -> Frame:
        """Return the frame whose first row is that of a reading; raise `UserError` where it would stand out."""
        if not 0 <= first_reading <= self.last_first:
            raise UserError(
                f"Expected the first reading of a frame between 0 and {self.last_first}, so that all its "
                f"{self.time_steps} readings are in recording '{self.recording.name}'. "
                f"Received: first_reading={first_reading}.",
                "Choose another place.",
            )
        stop = first_reading + self.time_steps
        watch = QualityWatch()
        for quality in self.recording.quality[first_reading:stop]:
            watch.push(quality)
        values = self._maker.finish(self.rows[first_reading:stop].copy())
        return Frame(
            values=values if self._divisor is None else values / self._divisor,
            first_reading=first_reading,
            time_s=float(self.recording.time_s[first_reading]),
            score=None,
            flags=watch.flags_since(0),
        )


def frame_at(recording: Recording, recipe: Recipe, parts: Parts, first_reading: int) -> Frame:
    """Return the frame of a recording that begins with a reading, bit for bit what the pipeline cuts there.

    The readings before it are gone through, too: a feature with memory would give other values without them. For
    many frames of a recording make its `RecordedRows` once.
    """
    stop = min(len(recording), max(0, first_reading) + recipe.frame.time_steps)
    return RecordedRows(recording.part(0, stop), recipe, parts).frame(first_reading)
