"""What happens to frames while nothing is collected or predicted: they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..core.frames import Frame
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe
from .frame_user import Measurement


class Previewing:
    """Keeps nothing."""

    keeps_readings = False

    def __init__(self, recipe: Callable[[], Recipe]) -> None:
        self._recipe = recipe

    def recipe_for(self, setup: SensorSetup) -> Recipe:
        """Return the recipe that is being edited, on the sensor as it is set."""
        return replace(self._recipe(), sensor=setup)

    def begin(self, measurement: Measurement, recipe: Recipe, frame_shape: tuple[int, int]) -> None:
        """Nothing to prepare."""

    def take_readings(self, readings: Sequence[Reading]) -> None:
        """Nothing to keep."""

    def take_frame(self, frame: Frame) -> None:
        """Nothing to keep."""

    def end(self) -> None:
        """Nothing to close."""
