"""Range segment: how strong the echo is at each distance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue, Severity
from ..options import option
from ..reading import Channel
from .base import Feature
from .ranges import START_DOC, STOP_DOC, check_range, points_between
from .scales import SCALE_DOC, SCALES, to_scale

METHODS: Mapping[str, str] = {
    "coherent": "Magnitude of the mean sweep",
    "incoherent": "Mean of the sweeps' magnitudes",
}


@dataclass(frozen=True)
class RangeSegmentOptions:
    """Settings of the range segment."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    method: str = option(
        "coherent",
        text="Amplitude",
        doc="The mean sweep suppresses noise and whatever moves; the mean magnitude keeps moving things.",
        choices=METHODS,
    )
    downsample: int = option(
        1,
        text="Down sample",
        unit="points",
        doc="Neighbouring points averaged into one value; a last incomplete group is averaged over what it has.",
        minimum=1,
        maximum=1000,
    )
    flip: bool = option(False, text="Flip", doc="Puts the farthest point first.")
    scale: str = option("linear", text="Scale", doc=SCALE_DOC, choices=SCALES)


class RangeSegment(Feature):
    r"""Amplitude over range.

    With `x[j, d]` sweep `j` at point `d` of a reading of `M` sweeps:

    * coherent: `a[d] = |sum_j x[j, d]| / M`
    * incoherent: `a[d] = sum_j |x[j, d]| / M`

    (the two amplitude methods of Acconeer's Sparse IQ service, "A121 Handbook", section on Sparse IQ data). Then
    groups of `downsample` neighbouring points are averaged, and the scale is applied. Channels follow one another.
    """

    key: ClassVar[str] = "range_segment"
    name: ClassVar[str] = "Range segment"
    description: ClassVar[str] = "Amplitude of the echo at each distance: where something is."
    outputs: ClassVar[Mapping[str, str]] = {"segment": "Amplitude over range", "mean": "Mean over the range"}
    Options: ClassVar[type] = RangeSegmentOptions

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._points = [points_between(c, start_m=options.start_m, stop_m=options.stop_m) for c in channels]
        # First point of each down-sampled group, and how many points it has, per channel.
        self._groups = [np.arange(0, p.stop - p.start, options.downsample) for p in self._points]
        self._sizes = [
            np.diff(np.append(groups, p.stop - p.start)) for p, groups in zip(self._points, self._groups, strict=True)
        ]

    @property
    def width(self) -> int:
        """Values per row: the down-sampled points of all channels, and one value for each channel's mean."""
        used = [len(groups) for groups in self._groups if len(groups)]
        per_output = {"segment": sum(used), "mean": len(used)}
        return sum(per_output[output] for output in self.chosen_outputs)

    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.float32]:
        """Return float32 `(width,)`."""
        profiles = [self._profile(i, matrices[i]) for i in range(len(self._points)) if len(self._groups[i])]
        made = {"segment": profiles, "mean": [np.mean(profile, keepdims=True) for profile in profiles]}
        values = np.concatenate([part for output in self.chosen_outputs for part in made[output]])
        return to_scale(values, self.options.scale)

    def _profile(self, index: int, matrix: NDArray[np.complex64]) -> NDArray[np.floating]:
        chosen = matrix[:, self._points[index]]
        coherent = self.options.method == "coherent"
        amplitude = np.asarray(np.abs(chosen.mean(axis=0)) if coherent else np.abs(chosen).mean(axis=0))
        if self.options.downsample > 1:
            amplitude = np.add.reduceat(amplitude, self._groups[index]) / self._sizes[index]
        return amplitude[::-1] if self.options.flip else amplitude

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range and the down-sampling against the channels."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
        most = max((channel.points for channel in channels), default=1)
        if options.downsample > most:
            message = f"Expected at most the sensor's {most} points. Received: downsample={options.downsample}."
            issues.append(Issue("downsample", f"{message} All points become one value.", Severity.WARNING))
        return issues
