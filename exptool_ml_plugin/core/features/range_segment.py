"""Range segment: how strong the echo is at each distance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue, Severity
from ..options import option
from ..reading import Channel
from .amplitudes import OfAmplitudes, amplitudes_of
from .background import Background
from .gamma_stretch import stretch_segment
from .mean import mean
from .ranges import START_DOC, STOP_DOC, check_range, used_points
from .reading_ring import WINDOW_DOC, ReadingRing
from .scales import SCALE_DOC, SCALES, to_scale

METHODS: Mapping[str, str] = {
    "coherent": "Magnitude of the mean sweep",
    "incoherent": "Mean of the sweeps' magnitudes",
    "coherent_double": "Magnitude of the mean sweep, in double precision",
}

TAILS: Mapping[str, str] = {
    "average": "Average what it has",
    "drop": "Leave it out",
}


@dataclass(frozen=True)
class RangeSegmentOptions:
    """Settings of the range segment."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    method: str = option(
        "coherent",
        text="Amplitude",
        doc="The mean sweep suppresses noise and whatever moves; the mean magnitude keeps moving things. "
        "Double precision is what the Deep Learning Interface had.",
        choices=METHODS,
    )
    downsample: int = option(
        1,
        text="Down sample",
        unit="points",
        doc="Neighbouring points averaged into one value.",
        minimum=1,
        maximum=1000,
    )
    flip: bool = option(False, text="Flip", doc="Puts the farthest point first.")
    scale: str = option("linear", text="Scale", doc=SCALE_DOC, choices=SCALES)
    calibrate: bool = option(
        False,
        text="Calibrate",
        doc="Divides by the strongest echo of the first readings: keep the scene empty then. The values are 1 so long.",
    )
    calibration_readings: int = option(
        100, text="Calibrate for", unit="readings", doc="How many first readings count.", minimum=1, maximum=10_000
    )
    dead_readings: int = option(
        0,
        text="Wait after calibration",
        unit="readings",
        doc="Readings whose values are still 1. The Deep Learning Interface waited for 200. 0: off.",
        minimum=0,
        maximum=10_000,
        zero="off",
    )
    stretch: bool = option(
        False,
        text="Stretch",
        doc="Makes weak echoes of a frame visible beside strong ones (gamma 2.2); amplitude over range and integrated.",
    )
    window: int = option(50, text="Integrated over", unit="readings", doc=WINDOW_DOC, minimum=1, maximum=1000)
    tail: str = option(
        "average",
        text="Last incomplete group",
        doc="What becomes of points left over by down-sampling. The Deep Learning Interface left them out.",
        choices=TAILS,
    )


class RangeSegment(OfAmplitudes):
    r"""Amplitude over range.

    With `x[j, d]` sweep `j` at point `d` of a reading of `M` sweeps:

    * coherent: `a[d] = |sum_j x[j, d]| / M`
    * incoherent: `a[d] = sum_j |x[j, d]| / M`

    (the two amplitude methods of Acconeer's Sparse IQ service, "A121 Handbook", section on Sparse IQ data). Then, in
    this order: groups of `downsample` neighbouring points are averaged, the points are flipped, the background is
    divided out (`Background`), and the scale is applied. Channels follow one another. The outputs are

    * segment: these values, in a complete frame with the stretch, all channels together (`stretch_segment`);
    * mean: the mean over the range;
    * integrated: the mean of each value of the segment over the last `window` readings, stretched among them.

    (Acconeer Deep Learning Interface, feature "Range segment", which is method `coherent_double`, tail `drop`, scale
    `linear` over the whole range, and K columns of a frame as window. There, Start and Stop did nothing, Calibrate
    worked with exactly four sensors, and Stretch gave NaN for amplitudes below 1.) Until `window` readings have come,
    those that came are averaged.
    """

    key: ClassVar[str] = "range_segment"
    name: ClassVar[str] = "Range segment"
    description: ClassVar[str] = "Amplitude of the echo at each distance: where something is."
    outputs: ClassVar[Mapping[str, str]] = {
        "segment": "Amplitude over range",
        "mean": "Mean over the range",
        "integrated": "Amplitude over range, mean of the last readings",
    }
    Options: ClassVar[type] = RangeSegmentOptions

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._groups = [_Groups.of(points.stop - points.start, options) for _, points in self._used]
        self._backgrounds = [
            Background(len(groups.first), readings=options.calibration_readings, dead_readings=options.dead_readings)
            for groups in self._groups
        ]
        self._ring = ReadingRing(options.window, sum(len(groups.first) for groups in self._groups))

    @property
    def width(self) -> int:
        """Values per row: the down-sampled points of all channels, and one value for each channel's mean."""
        return sum(place.stop - place.start for _, place in self._places())

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.floating]:
        """Return floats `(readings, width)`: by output, then by channel."""
        profiles = [self._profiles(nr, stacks[index][:, :, points]) for nr, (index, points) in enumerate(self._used)]
        parts = []
        for output in self.chosen_outputs:
            if output == "mean":
                parts += [self._scaled(mean(profile, axis=1, keepdims=True)) for profile in profiles]
            else:
                segment = self._scaled(np.concatenate(profiles, axis=1))
                parts.append(self._integrated(segment) if output == "integrated" else segment)
        return np.concatenate(parts, axis=1)

    def finish(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Stretch the segment where asked for: float32 `(time_steps, width)` to the same."""
        if not self.options.stretch:
            return block
        finished = np.array(block)
        for output, place in self._places():
            if output == "segment":
                finished[:, place] = stretch_segment(block[:, place])
        return finished

    def reset(self) -> None:
        """Forget the background and the earlier readings."""
        self._ring.clear()
        for background in self._backgrounds:
            background.reset()

    def _profiles(self, nr: int, chosen: NDArray[np.complex64]) -> NDArray[np.floating]:
        amplitudes = self._groups[nr].average(_amplitudes(chosen, self.options.method))
        flipped = amplitudes[:, ::-1] if self.options.flip else amplitudes
        return self._backgrounds[nr].divide(flipped) if self.options.calibrate else flipped

    def _scaled(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        return values if self.options.scale == "linear" else to_scale(values, self.options.scale)

    def _integrated(self, segments: NDArray[np.floating]) -> NDArray[np.float64]:
        integrated = np.empty(segments.shape)
        for row, segment in zip(integrated, segments, strict=True):
            window = self._ring.push(segment)
            row[:] = mean(stretch_segment(window) if self.options.stretch else window, axis=0)
        return integrated

    def _places(self) -> Iterator[tuple[str, slice]]:
        """Yield each output and its place in the row."""
        sizes = {"mean": len(self._used)}
        start = 0
        for output in self.chosen_outputs:
            size = sizes.get(output, sum(len(groups.first) for groups in self._groups))
            yield output, slice(start, start + size)
            start += size

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range and the down-sampling against the channels."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
        most = max((channel.points for channel in channels), default=1)
        if options.downsample > most:
            message = f"Expected at most the sensor's {most} points. Received: downsample={options.downsample}."
            issues.append(Issue("downsample", f"{message} All points become one value.", Severity.WARNING))
        return issues


@dataclass(frozen=True)
class _Groups:
    """Which points are averaged into one value: first point and number of points of each group."""

    downsample: int
    first: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, points: int, options: Any) -> _Groups:
        if options.tail == "drop" and points >= options.downsample:
            points -= points % options.downsample
        first = np.arange(0, points, options.downsample)
        return cls(options.downsample, first, np.diff(np.append(first, points)))

    def average(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the means of the groups, `(readings, groups)`, of `(readings, points)`."""
        if self.downsample == 1:
            return values
        used = values[:, : int(self.sizes.sum())]
        return np.asarray(np.add.reduceat(used, self.first, axis=1) / self.sizes)


def _amplitudes(chosen: NDArray[np.complex64], method: str) -> NDArray[np.floating]:
    if method == "coherent_double":
        return amplitudes_of(chosen)
    return np.abs(mean(chosen, axis=1)) if method == "coherent" else mean(np.abs(chosen), axis=1)
