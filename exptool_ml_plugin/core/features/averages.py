"""Averages: where the strongest echo has been lately, how steady and how strong."""

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
from .mean import mean
from .peak import find_peaks
from .ranges import START_DOC, STOP_DOC, check_range, used_points
from .reading_ring import WINDOW_DOC, ReadingRing


@dataclass(frozen=True)
class AveragesOptions:
    """Settings of the averages."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    window: int = option(50, text="Averaged over", unit="readings", doc=WINDOW_DOC, minimum=1, maximum=1000)


class Averages(OfAmplitudes):
    r"""Mean and spread of the peak over the last readings.

    With `r_k` the distance of the peak of reading `k` in metres and `p_k` its amplitude (see `Peak`), and `t_k` the
    sum of the amplitudes over the range, over the last K = `window` readings:

    * avg_dist: `mean_k r_k`                                * avg_ampl: `mean_k p_k`
    * avg_std: `sqrt(mean_k (r_k - mean_k r_k)^2)`          * avg_total: `mean_k t_k`

    (Acconeer Deep Learning Interface, features "Averages 1D" and "Averages 2D": the same numbers once for a frame, or
    once for each of its columns. Its distances were in millimetres, 1000 times these, and K was the frame's length.)
    The range is that of `Peak`. Until K readings have come, those that came count; the Deep Learning Interface counted
    zeros for the others.
    """

    key: ClassVar[str] = "averages"
    name: ClassVar[str] = "Averages"
    description: ClassVar[str] = "Mean distance, steadiness and strength of the echo lately: for things that stay."
    outputs: ClassVar[Mapping[str, str]] = {
        "avg_dist": "Mean distance, m",
        "avg_std": "Spread of the distance, m",
        "avg_ampl": "Mean amplitude of the peak",
        "avg_total": "Mean of the summed amplitude",
    }
    Options: ClassVar[type] = AveragesOptions

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._distances_m = [channels[index].distances_m[points] for index, points in self._used]
        self._ring = ReadingRing(options.window, 3 * len(self._used))

    @property
    def width(self) -> int:
        """Values per row: one for each output and channel."""
        return len(self.chosen_outputs) * len(self._used)

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(readings, width)`: by output, then by channel."""
        distances, peaks, totals = [], [], []
        for (index, points), distances_m in zip(self._used, self._distances_m, strict=True):
            amplitudes = amplitudes_of(stacks[index][:, :, points])
            distance, peak = find_peaks(amplitudes, distances_m)
            distances.append(distance)
            peaks.append(peak)
            totals.append(amplitudes.sum(axis=1))
        values = np.array(distances + peaks + totals).T
        rows = np.empty((len(values), self.width))
        for row, of_reading in zip(rows, values, strict=True):
            row[:] = self._averages(self._ring.push(of_reading))
        return rows

    def reset(self) -> None:
        """Forget all earlier readings."""
        self._ring.clear()

    def _averages(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        channels = len(self._used)
        means = mean(window, axis=0)
        made = dict(zip(("avg_dist", "avg_ampl", "avg_total"), np.split(means, 3), strict=True))
        if "avg_std" in self.chosen_outputs:
            made["avg_std"] = window[:, :channels].std(axis=0)
        return np.concatenate([made[output] for output in self.chosen_outputs])

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range."""
        return check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
