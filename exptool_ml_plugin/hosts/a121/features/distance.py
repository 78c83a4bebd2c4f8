"""Distance: where the echoes come from, found with the pieces of the Exploration Tool's distance detector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ....core.features.base import Feature
from ....core.features.ranges import START_DOC, STOP_DOC, check_range, used_points
from ....core.issues import Issue, Severity
from ....core.options import option
from ....core.reading import SPARSE_IQ, Channel
from .distance_finder import DistanceFinder, training_points

PROFILES: Mapping[int, str] = {0: "No filter", 1: "Profile 1", 2: "Profile 2", 3: "Profile 3", 4: "Profile 4"} | {
    5: "Profile 5"
}
THRESHOLDS: Mapping[str, str] = {"cfar": "Times the surroundings", "fixed": "Amplitude"}
SORTING: Mapping[str, str] = {"strongest": "Strongest first", "closest": "Closest first"}


@dataclass(frozen=True)
class DistanceOptions:
    """Settings of the distance."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    profile: int = option(
        3,
        text="Profile",
        doc="The profile set for the sensor: its pulse's length tells how far to smooth, and how wide an echo is.",
        choices=PROFILES,
    )
    threshold: str = option(
        "cfar",
        text="Threshold",
        doc="What an echo must rise above: a number of times the points around it, or an amplitude.",
        choices=THRESHOLDS,
    )
    factor: float = option(
        2.0,
        text="Times the surroundings",
        doc="How much stronger than its surroundings an echo is.",
        minimum=1.0,
        maximum=1000.0,
    )
    amplitude: float = option(
        100.0,
        text="Least amplitude",
        doc="An echo's amplitude at least, with the amplitude as threshold.",
        minimum=0.0,
        maximum=100_000.0,
    )
    echoes: int = option(1, text="Echoes", doc="How many echoes are told.", minimum=1, maximum=20)
    sorting: str = option("strongest", text="Order", doc="Which echoes come first, and are told.", choices=SORTING)


class DistanceFeature(Feature):
    r"""Distance and amplitude of the echoes in one reading, per channel.

    1. The amplitude of the mean sweep is smoothed to the pulse's length with the host's matched filter, forwards and
       backwards (`get_distance_filter_coeffs`): `a[d]`. (The host filters before it takes the amplitude, which needs
       the sensor's "Phase enhancement"; without it neighbouring points cancel each other.)
    2. Echoes are `find_peaks` of the host: higher than both neighbours, above a threshold: an amplitude, or a factor
       times the mean of the surroundings, beyond two pulse lengths to both sides and a quarter pulse long, the guard
       and window of the host's detector (cell-averaging CFAR; H. M. Finn and R. S. Johnson, RCA Review 29, 1968).
    3. The distance is refined with a parabola through the peak and its neighbours (`interpolate_peaks`).

    These are the steps of `acconeer.exptool.a121.algo.distance.Processor` (docs.acconeer.com, "Distance detection").
    What its detector measures before it starts is not in a stream of readings, and therefore not here: the offset of
    the sensor (distances may be some centimetres off, by the same amount always), the direct leakage (an echo nearer
    than a pulse length is not told from it), and the noise without transmitting. There is no compensation for
    temperature, and subsweeps are searched one by one: an echo on their border is missed. Fewer than three points
    hold no echo, up to six are not smoothed. A distance of 0 stands for no echo.
    """

    key: ClassVar[str] = "distance"
    name: ClassVar[str] = "Distance"
    description: ClassVar[str] = "Distance of the echoes, finer than the points: levels, and hands before a sensor."
    outputs: ClassVar[Mapping[str, str]] = {
        "distance": "Distance of each echo (m), 0 for none",
        "amplitude": "Amplitude of each echo, 0 for none",
        "count": "Number of echoes found",
        "sweep": "Smoothed amplitude at each distance",
    }
    Options: ClassVar[type] = DistanceOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE_IQ,)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._used = [(index, points, DistanceFinder(channels[index], points, options)) for index, points in used]

    @property
    def width(self) -> int:
        """Values per row: for each channel its echoes, one count, and its points."""
        total = 0
        for _, points, _ in self._used:
            sizes = {"distance": self.options.echoes, "amplitude": self.options.echoes, "count": 1}
            total += sum(sizes.get(output, points.stop - points.start) for output in self.chosen_outputs)
        return total

    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(width,)`: output by output, channel by channel."""
        made = [self._found(finder, matrices[index][:, points]) for index, points, finder in self._used]
        return np.concatenate([one[output] for output in self.chosen_outputs for one in made])

    def _found(self, finder: DistanceFinder, chosen: NDArray[np.complex64]) -> dict[str, NDArray[np.float64]]:
        sweep = finder.smoothed(chosen)
        distances_m, amplitudes = finder.echoes(sweep)
        order = np.argsort(-amplitudes if self.options.sorting == "strongest" else distances_m, kind="stable")
        told = order[: self.options.echoes]
        missing = (0, self.options.echoes - len(told))
        return {
            "distance": np.pad(distances_m[told], missing),
            "amplitude": np.pad(amplitudes[told], missing),
            "count": np.array([len(distances_m)], dtype=np.float64),
            "sweep": sweep,
        }

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, that there are points for an echo, and surroundings for the threshold."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
        for index, points in used_points(channels, start_m=options.start_m, stop_m=options.stop_m):
            channel, count = channels[index], points.stop - points.start
            if count < 3:
                message = f"Expected at least 3 points of sensor {channel.sensor_id} in the range. Received: {count}."
                return [*issues, Issue("stop_m", f"{message} No echo can be found; widen the range.", Severity.WARNING)]
            around = training_points(count, channel.step_m, options.profile)
            if options.threshold == "cfar" and not around[1:-1].any():
                message = (
                    f"Expected points around an echo, two pulse lengths away. Received: {count} points of sensor "
                    f"{channel.sensor_id}, {count * channel.step_m:.2f} m. Widen the range, or use an amplitude."
                )
                return [*issues, Issue("threshold", f"{message} No echo is found.", Severity.WARNING)]
        return issues
