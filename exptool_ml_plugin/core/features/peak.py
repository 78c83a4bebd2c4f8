"""Peak: where the strongest echo is, and how strong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..options import option
from ..reading import Channel
from .amplitudes import OfAmplitudes, amplitudes_of
from .ranges import START_DOC, STOP_DOC, check_range, used_points


@dataclass(frozen=True)
class PeakOptions:
    """Settings of the peak."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    low_pass: float = option(
        0.0,
        text="Low pass",
        doc="How much of the earlier value stays with each reading: 0.9 is calm and slow. 0: off.",
        minimum=0.0,
        maximum=0.999,
        zero="off",
    )


class Peak(OfAmplitudes):
    r"""Distance and amplitude of the largest amplitude in the range.

    With `a[d]` the magnitude of the mean sweep at point `d`, and `r[d]` its distance in metres:

    `d* = argmax_d a[d]` (the nearest of equals), distance `r[d*]`, amplitude `a[d*]`

    (Acconeer Deep Learning Interface, feature "Peak"; its distances were in millimetres, 1000 times these). With a
    low pass `s`, which the Deep Learning Interface offered and never applied, both values are smoothed:
    `y = s y_before + (1 - s) x`, beginning with the first reading's. The range takes the points that lie in it, where
    the Deep Learning Interface took those nearest to its ends: the same wherever the ends are points of the sensor.
    """

    key: ClassVar[str] = "peak"
    name: ClassVar[str] = "Peak"
    description: ClassVar[str] = "Distance and strength of the strongest echo: where the thing is, in two numbers."
    outputs: ClassVar[Mapping[str, str]] = {"distance": "Distance, m", "amplitude": "Amplitude"}
    Options: ClassVar[type] = PeakOptions

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._distances_m = [channels[index].distances_m[points] for index, points in self._used]
        self._smoothed: NDArray[np.float64] | None = None

    @property
    def width(self) -> int:
        """Values per row: one for each output and channel."""
        return len(self.chosen_outputs) * len(self._used)

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(readings, width)`: by output, then by channel."""
        peaks = [
            find_peaks(amplitudes_of(stacks[index][:, :, points]), distances_m)
            for (index, points), distances_m in zip(self._used, self._distances_m, strict=True)
        ]
        by_output = {"distance": [distance for distance, _ in peaks], "amplitude": [high for _, high in peaks]}
        rows = np.array([values for output in self.chosen_outputs for values in by_output[output]]).T
        return self._smooth(rows) if self.options.low_pass else rows

    def reset(self) -> None:
        """Forget the smoothed values."""
        self._smoothed = None

    def _smooth(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        stays = self.options.low_pass
        for row in rows:
            if self._smoothed is not None:
                row[:] = stays * self._smoothed + (1.0 - stays) * row
            self._smoothed = row.copy()
        return rows

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range."""
        return check_range(channels, start_m=options.start_m, stop_m=options.stop_m)


def find_peaks(
    amplitudes: NDArray[np.float64], distances_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distance (metres) and amplitude of the largest of each row of `(readings, points)`, `(readings,)` each."""
    at = amplitudes.argmax(axis=1)
    return distances_m[at], amplitudes[np.arange(len(at)), at]
