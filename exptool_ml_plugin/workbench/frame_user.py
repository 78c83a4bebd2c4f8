"""What is done with frames: the contract between the engine and the modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..core.frames import Frame
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe


@dataclass(frozen=True)
class Measurement:
    """What is known of a measurement when it begins; `source` is "live", "simulated" or a file's name."""

    setup: SensorSetup
    source: str
    host_attributes: dict[str, str]


class FrameUser(Protocol):
    """What is done with the readings and frames in one mode; called in the engine's thread."""

    @property
    def keeps_readings(self) -> bool:
        """True when no reading may be skipped."""

    def recipe_for(self, setup: SensorSetup) -> Recipe:
        """Return the recipe of the frames; raise `UserError` where the mode cannot run."""

    def begin(self, measurement: Measurement, recipe: Recipe, frame_shape: tuple[int, int]) -> None:
        """A stretch of readings begins, its frames have `(time_steps, width)`; raise `UserError` to refuse them.

        Called again, without `end`, where the frames of the same measurement are cut differently from here on.
        """

    def take_readings(self, readings: Sequence[Reading]) -> None:
        """Take the next readings, before the frames they may complete."""

    def take_frame(self, frame: Frame) -> None:
        """Take a completed frame; `frame.first_reading` counts from `begin`."""

    def end(self) -> None:
        """The stretch is over; also called after a refused or failed `begin`."""
