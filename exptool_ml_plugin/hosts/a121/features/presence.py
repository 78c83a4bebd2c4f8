"""Presence: the Exploration Tool's own presence detector for the A121, as a feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ....core.features.base import Feature
from ....core.issues import Issue
from ....core.options import option
from ....core.reading import SPARSE_IQ, Channel
from ...noise_sweeps import check_sweeps
from .presence_sensor import PresenceSensor, Seen
from .time_average import TimeAverage


@dataclass(frozen=True)
class PresenceOptions:
    """Settings of the presence feature: those of the host's detector, then those of the map and the time average."""

    intra_detection_threshold: float = option(
        1.3,
        text="Fast motion threshold",
        doc="From this intra score on, the distance is that of fast motion.",
        minimum=0.0,
        maximum=100.0,
    )
    inter_detection_threshold: float = option(
        1.0,
        text="Slow motion threshold",
        doc="From this inter score on, the distance is that of slow motion, where there is no fast one.",
        minimum=0.0,
        maximum=100.0,
    )
    inter_frame_fast_cutoff: float = option(
        20.0,
        text="Slow motion upper cut-off",
        unit="Hz",
        doc="Slow motion above this frequency is filtered away. Above half the rate of readings: nothing is.",
        minimum=0.01,
        maximum=1000.0,
    )
    inter_frame_slow_cutoff: float = option(
        0.2,
        text="Slow motion lower cut-off",
        unit="Hz",
        doc="Slow motion below this frequency is taken for something that stands still.",
        minimum=0.001,
        maximum=1000.0,
    )
    inter_frame_deviation_time_const: float = option(
        0.5, text="Slow motion smoothing", unit="s", doc="Time constant of slow motion.", minimum=0.0, maximum=3600.0
    )
    intra_frame_time_const: float = option(
        0.15, text="Fast motion smoothing", unit="s", doc="Time constant of fast motion.", minimum=0.0, maximum=3600.0
    )
    inter_output_time_const: float = option(
        5.0, text="Inter smoothing", unit="s", doc="Time constant of the inter score.", minimum=0.0, maximum=3600.0
    )
    intra_output_time_const: float = option(
        0.5, text="Intra smoothing", unit="s", doc="Time constant of the intra score.", minimum=0.0, maximum=3600.0
    )
    inter_frame_presence_timeout: int = option(
        0,
        text="Inter timeout",
        unit="s",
        doc="The inter score falls faster when it has been falling for this long. 0: off.",
        minimum=0,
        maximum=3600,
        zero="off",
    )
    intra_weight: float = option(
        0.5,
        text="Fast motion in the map",
        doc="Weight of fast motion in the map and the time average; the rest is slow motion. 1: fast motion only.",
        minimum=0.0,
        maximum=1.0,
    )
    average_readings: int = option(
        16, text="Averaged", unit="readings", doc="Length of the time average.", minimum=1, maximum=10_000
    )
    background_readings: int = option(
        0,
        text="Background from",
        unit="readings",
        doc="The first readings, in which nobody may be there: the time average is divided by theirs. 0: not divided.",
        minimum=0,
        maximum=100_000,
        zero="off",
    )


class PresenceFeature(Feature):
    r"""What the presence detector of the Exploration Tool finds, per sensor.

    The processor `acconeer.exptool.a121.algo.presence.Processor` itself runs, on the chosen subsweeps of a sensor
    together (its documentation: docs.acconeer.com, "Presence detection"). In short, with all deviations divided by
    the noise `n[d]` that it estimates:

    * intra (fast motion): deviation of the sweeps of one reading from their mean, low-pass filtered
    * inter (slow motion): `|fast - slow|` low-pass of the mean sweep's amplitude, low-pass filtered, times the square
      root of the sweeps
    * the scores are the largest over the range, low-pass filtered; the distance is where the largest is, 0 for nobody

    The map is `p[d] = w intra[d] + (1 - w) inter[d]` with the option's weight `w`. The time average is the mean `a[d]`
    of the last readings' map. With a background it is `max(a[d] / b[d], 1)`, `b[d]` 1.2 times the largest `a[d]` of the
    first readings (at least 0.01), and 1 while those are measured: the Deep Learning Interface's "Calibrate Avg.", here
    for any number of sensors. Its scaling of the undivided average to 256 is left to normalisation.
    """

    key: ClassVar[str] = "presence"
    name: ClassVar[str] = "Presence"
    description: ClassVar[str] = "Whether and where somebody is, even sitting still: the A121 presence detector."
    outputs: ClassVar[Mapping[str, str]] = {
        "intra": "Intra score, fast motion",
        "inter": "Inter score, slow motion",
        "distance": "Presence distance (m), 0 for nobody",
        "map": "Presence at each distance",
        "time_average": "Time average at each distance",
    }
    Options: ClassVar[type] = PresenceOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE_IQ,)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._sensors = [
            PresenceSensor(tuple(channels[i] for i in indices), options, reading_rate_hz)
            for indices in by_sensor(channels)
        ]
        self._indices = by_sensor(channels)
        self._averages = [TimeAverage(options.average_readings, options.background_readings) for _ in self._sensors]

    @property
    def width(self) -> int:
        """Values per row: one per sensor for the scores and the distance, one per point for map and time average."""
        points = sum(channel.points for channel in self.channels)
        return sum(
            points if output in ("map", "time_average") else len(self._sensors) for output in self.chosen_outputs
        )

    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(width,)`: output by output, sensor by sensor."""
        seen = [
            sensor.process([matrices[i] for i in indices])
            for sensor, indices in zip(self._sensors, self._indices, strict=True)
        ]
        maps = [self._map(one) for one in seen]
        made: dict[str, list[NDArray[np.float64]]] = {
            "intra": [np.array([one.intra_score]) for one in seen],
            "inter": [np.array([one.inter_score]) for one in seen],
            "distance": [np.array([one.distance_m]) for one in seen],
            "map": maps,
            "time_average": [average.update(one) for average, one in zip(self._averages, maps, strict=True)],
        }
        return np.concatenate([part for output in self.chosen_outputs for part in made[output]])

    def reset(self) -> None:
        """Forget everybody, and the background."""
        for sensor in self._sensors:
            sensor.reset()
        for average in self._averages:
            average.reset()

    def _map(self, seen: Seen) -> NDArray[np.float64]:
        weight = self.options.intra_weight
        return np.asarray(weight * seen.intra + (1.0 - weight) * seen.inter, dtype=np.float64)

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check that there are enough sweeps for the detector's estimate of the noise."""
        return check_sweeps(channels)


def by_sensor(channels: Sequence[Channel]) -> list[list[int]]:
    """Return the indices of the channels that belong together: the subsweeps of a sensor, in their order.

    A sensor that is in two groups of the host's configuration is measured twice: it counts as two.
    """
    found: list[list[int]] = []
    for index, channel in enumerate(channels):
        previous = channels[index - 1]
        if index and channel.sensor_id == previous.sensor_id and channel.subsweep > previous.subsweep:
            found[-1].append(index)
        else:
            found.append([index])
    return found
