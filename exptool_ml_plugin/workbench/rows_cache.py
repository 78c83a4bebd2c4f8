"""The rows of the recordings that are being looked at, so that frames can be cut from them at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from ..core.frame_at import RecordedRows, Step
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.recording import Recording

_KEPT = 16


class RowsCache:
    """Keeps the rows of the recordings used last."""

    def __init__(self, parts: Callable[[], Parts]) -> None:
        self._parts = parts
        self._recipe: Recipe | None = None
        self._rows: OrderedDict[Recording, RecordedRows] = OrderedDict()

    def get(self, recording: Recording, recipe: Recipe) -> RecordedRows | None:
        """Return the rows where they are there."""
        if self._recipe is None or not self._recipe.same_frames_as(recipe):
            return None
        return self._rows.get(recording)

    def made(self, recording: Recording, recipe: Recipe, step: Step | None = None) -> RecordedRows:
        """Return the rows, made if they are not there."""
        rows = self.get(recording, recipe)
        if rows is None:
            rows = RecordedRows(recording, recipe, self._parts(), step=step)
            if self._recipe is None or not self._recipe.same_frames_as(recipe):
                self._rows = OrderedDict()
            self._recipe = recipe
            self._rows[recording] = rows
            while len(self._rows) > _KEPT:
                self._rows.popitem(last=False)
        return rows
