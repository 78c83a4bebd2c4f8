"""Amplitude ratio: how much stronger one sensor sees it than another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue, Severity
from ..options import option
from ..reading import Channel
from .amplitudes import OfAmplitudes, amplitudes_of
from .mean import mean
from .ranges import START_DOC, STOP_DOC, check_range, used_points
from .reading_ring import WINDOW_DOC, ReadingRing

_LEAST = 1e-6
"""A mean amplitude below this is none; far below the smallest step of any sensor."""


@dataclass(frozen=True)
class AmplitudeRatioOptions:
    """Settings of the amplitude ratio."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    window: int = option(50, text="Averaged over", unit="readings", doc=WINDOW_DOC, minimum=1, maximum=1000)


class AmplitudeRatio(OfAmplitudes):
    r"""Mean peak amplitude of the first sensor, divided by that of the second.

    With `a_s[d]` the magnitude of the mean sweep of sensor `s` at point `d`, over the last K = `window` readings:

    `mean_k(max_d a_0[d, k]) / mean_k(max_d a_1[d, k])`

    (Acconeer Deep Learning Interface, feature "Amplitude Ratios 1D", where K was the frame's length.) Sensors 0 and 1
    are the first two in use, with the points of all their subsweeps in the range. Where the second sensor sees
    nothing (a mean below 1e-6) the ratio is 0; the Deep Learning Interface divided by 0. The point at Stop counts
    here; there it did not. Until K readings have come, those that came count.
    """

    key: ClassVar[str] = "amplitude_ratio"
    name: ClassVar[str] = "Amplitude ratio"
    description: ClassVar[str] = "How much stronger one sensor sees the echo than another: which side it is on."
    outputs: ClassVar[Mapping[str, str]] = {"avg_ratio": "Mean amplitude ratio"}
    Options: ClassVar[type] = AmplitudeRatioOptions

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        pair = _sensors(channels)[:2]
        self._used = [[one for one in used if channels[one[0]].sensor_id == sensor] for sensor in pair]
        self._ring = ReadingRing(options.window, 2)

    @property
    def width(self) -> int:
        """Values per row: one for each output."""
        return len(self.chosen_outputs)

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(readings, width)`."""
        peaks = np.array([self._peaks(stacks, used) for used in self._used]).T
        rows = np.empty((len(peaks), self.width))
        for row, of_reading in zip(rows, peaks, strict=True):
            first, second = mean(self._ring.push(of_reading), axis=0)
            row[:] = first / second if second > _LEAST else 0.0
        return rows

    def reset(self) -> None:
        """Forget all earlier readings."""
        self._ring.clear()

    @staticmethod
    def _peaks(stacks: Sequence[NDArray[np.complex64]], used: Sequence[tuple[int, slice]]) -> NDArray[np.float64]:
        peaks = [amplitudes_of(stacks[index][:, :, points]).max(axis=1) for index, points in used]
        return np.asarray(np.max(peaks, axis=0))

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check that there are two sensors, and the range for each of them."""
        sensors = _sensors(channels)
        if len(sensors) < 2:
            there = ", ".join(map(str, sensors)) or "none"
            message = f"Expected two sensors to compare. Received: {there}. Choose a second sensor for this feature."
            return [Issue("sensor_ids", message)]
        issues: list[Issue] = []
        for sensor in sensors[:2]:
            of_sensor = [channel for channel in channels if channel.sensor_id == sensor]
            issues += check_range(of_sensor, start_m=options.start_m, stop_m=options.stop_m)
        if len(sensors) > 2:
            message = f"Expected two sensors. Received: {len(sensors)}. Sensors {sensors[0]} and {sensors[1]} are used."
            issues.append(Issue("sensor_ids", message, Severity.WARNING))
        return list(dict.fromkeys(issues))


def _sensors(channels: Sequence[Channel]) -> list[int]:
    """Return the sensors in the order of the channels, each once."""
    return list(dict.fromkeys(channel.sensor_id for channel in channels))
