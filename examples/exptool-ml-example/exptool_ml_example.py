"""A feature and a trigger of one's own for exptool-ml-plugin.

Install it beside the plugin (`pip install examples/exptool-ml-example`), start the Exploration Tool, and
"Centre of motion" stands in the list of features, "Every few seconds" in the list of triggers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from exptool_ml_plugin import hookimpl
from exptool_ml_plugin.core.features.base import Feature, Vectorised
from exptool_ml_plugin.core.options import option
from exptool_ml_plugin.core.reading import Channel, Reading
from exptool_ml_plugin.core.triggers.base import Trigger


@dataclass(frozen=True)
class CentreOptions:
    """Settings of the centre of motion."""

    floor: float = option(
        10.0,
        text="Noise floor",
        doc="Amplitudes below this, in the sensor's own units, do not count as motion.",
        minimum=0.0,
        maximum=1e6,
    )


class CentreOfMotion(Vectorised):
    r"""Where the motion within a reading is, weighted by its amplitude.

    With the sweeps `x[j, d]` of a reading and the distances `r[d]`: `a[d] = std_j x[j, d]`, less the floor, and
    `centre = sum_d a[d] r[d] / sum_d a[d]`, in metres; the channel's first distance where nothing moves.
    """

    key: ClassVar[str] = "example_centre_of_motion"
    name: ClassVar[str] = "Centre of motion"
    description: ClassVar[str] = "Distance of what moves, and how strongly it moves: two values for each channel."
    outputs: ClassVar[Mapping[str, str]] = {"centre": "Distance (m)", "strength": "Strength"}
    Options: ClassVar[type] = CentreOptions

    @property
    def width(self) -> int:
        """One value for each channel and output."""
        return len(self.channels) * len(self.chosen_outputs)

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.floating]:
        """Return floats `(readings, width)`."""
        columns = []
        for channel, stack in zip(self.channels, stacks, strict=True):
            motion = np.maximum(stack.std(axis=1) - self.options.floor, 0.0)
            total = motion.sum(axis=1)
            moment = (motion * (channel.distances_m - channel.start_m)).sum(axis=1)
            made = {"centre": channel.start_m + moment / np.maximum(total, 1e-9), "strength": np.log1p(total)}
            columns += [made[output] for output in self.chosen_outputs]
        return np.stack(columns, axis=1)


@dataclass(frozen=True)
class IntervalOptions:
    """Settings of the trigger."""

    seconds: float = option(
        2.0, text="Every", unit="s", doc="Time from one trigger to the next.", minimum=0.05, maximum=3600.0
    )


class EveryFewSeconds(Trigger):
    """Triggers at a steady pace, counted in readings so that a replay cuts the same frames."""

    key: ClassVar[str] = "example_every_few_seconds"
    name: ClassVar[str] = "Every few seconds"
    description: ClassVar[str] = "Cuts a frame at a steady pace."
    Options: ClassVar[type] = IntervalOptions

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        super().__init__(options, channels=channels, reading_rate_hz=reading_rate_hz, time_steps=time_steps)
        self._period = max(1, round(options.seconds * reading_rate_hz))
        self._count = 0

    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Count the reading."""
        self._count += 1
        return self._count % self._period == 0

    def reset(self) -> None:
        """Count from the beginning."""
        self._count = 0


@hookimpl
def register_features() -> list[type[Feature]]:
    """Return the feature."""
    return [CentreOfMotion]


@hookimpl
def register_triggers() -> list[type[Trigger]]:
    """Return the trigger."""
    return [EveryFewSeconds]
