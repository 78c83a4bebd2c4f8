"""Raw IQ: what the sensor measured, untouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..options import option
from ..reading import IQ, SPARSE_IQ, Channel
from .base import Vectorised
from .mean import mean
from .ranges import START_DOC, STOP_DOC, check_range, used_points


@dataclass(frozen=True)
class RawIQOptions:
    """Settings of the raw IQ values."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)


class RawIQ(Vectorised):
    r"""Real and imaginary parts, in the sensor's own units, for networks that find their own features.

    With `x[j, d]` sweep `j` of `M` at point `d`:

    * mean sweep: `Re z[0] ... Re z[D-1], Im z[0] ... Im z[D-1]` with `z[d] = sum_j x[j, d] / M`
    * all sweeps: the same for each sweep, the first sweep first

    (real and imaginary parts as the A121's Sparse IQ service defines them, "A121 Handbook", section on Sparse IQ
    data). They change sign within a millimetre of movement.
    """

    key: ClassVar[str] = "raw_iq"
    name: ClassVar[str] = "Raw IQ"
    description: ClassVar[str] = "Real and imaginary parts as measured, for networks that find their own features."
    outputs: ClassVar[Mapping[str, str]] = {"mean": "Mean sweep", "all": "All sweeps"}
    Options: ClassVar[type] = RawIQOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE_IQ, IQ)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)

    @property
    def width(self) -> int:
        """Values per row: two for each point of the mean sweep, two for each point of each sweep."""
        total = 0
        for index, chosen in self._used:
            sizes = {"mean": 1, "all": self.channels[index].sweeps}
            total += 2 * (chosen.stop - chosen.start) * sum(sizes[output] for output in self.chosen_outputs)
        return total

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float32]:
        """Return float32 `(readings, width)`: output by output, channel by channel."""
        parts = []
        for output in self.chosen_outputs:
            for index, chosen in self._used:
                sweeps = stacks[index][:, :, chosen]
                parts.append(_flat(mean(sweeps, axis=1, keepdims=True) if output == "mean" else sweeps))
        return np.concatenate(parts, axis=1)

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range."""
        return check_range(channels, start_m=options.start_m, stop_m=options.stop_m)


def _flat(sweeps: NDArray[np.complex64]) -> NDArray[np.float32]:
    readings, count, points = sweeps.shape
    both = np.concatenate([sweeps.real, sweeps.imag], axis=2)
    return both.reshape(readings, 2 * count * points)
