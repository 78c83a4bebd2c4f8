"""Doppler spectrum: how fast things move, and in which direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..options import option
from ..reading import Channel
from .base import Feature
from .ranges import START_DOC, STOP_DOC, check_range, points_between
from .scales import SCALE_DOC, SCALES, to_scale


@dataclass(frozen=True)
class DopplerSpectrumOptions:
    """Settings of the Doppler spectrum."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    remove_mean: bool = option(
        True,
        text="Remove what stands still",
        doc="Subtracts the mean of the sweeps at each distance, so that only motion within a reading is left.",
    )
    scale: str = option("log1p", text="Scale", doc=SCALE_DOC, choices=SCALES)


class DopplerSpectrum(Feature):
    r"""Magnitude of the Fourier transform over the sweeps of one reading, both directions of motion.

    With `x[j, d]` sweep `j` of `M` at point `d`, and `w` a Hann window of `M + 2` points without its zero ends:

    `X[f, d] = | sum_j w[j] (x[j, d] - mean_j x[j, d]) exp(-2 pi i f j / M) | / sum_j w[j]`

    for `f = -floor(M/2) ... ceil(M/2) - 1`, frequency 0 in the middle (numpy's `fftshift` order). The division by the
    sum of the window keeps the amplitude of a steady motion (coherent gain; F. J. Harris, "On the use of windows for
    harmonic analysis with the discrete Fourier transform", Proc. IEEE 66, 1978). A target moving at `v` metres per
    second appears at `2 v / wavelength` hertz (M. A. Richards, "Fundamentals of Radar Signal Processing", section on
    Doppler), in steps of the sweep rate divided by `M`; the sign is the direction. The scale is applied last.
    """

    key: ClassVar[str] = "doppler_spectrum"
    name: ClassVar[str] = "Doppler spectrum"
    description: ClassVar[str] = "Strength of the motion at each speed, towards and away: how something moves."
    outputs: ClassVar[Mapping[str, str]] = {
        "mean": "Mean over range",
        "max": "Maximum over range",
        "full": "Range by Doppler, one spectrum per distance",
    }
    Options: ClassVar[type] = DopplerSpectrumOptions

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        points = [points_between(c, start_m=options.start_m, stop_m=options.stop_m) for c in channels]
        self._used = [(i, chosen) for i, chosen in enumerate(points) if chosen.stop > chosen.start]
        self._windows = [_window(channel.sweeps)[:, None] for channel in channels]
        self._orders = [np.fft.fftshift(np.arange(channel.sweeps)) for channel in channels]

    @property
    def width(self) -> int:
        """Values per row: the sweeps of each channel, times its points for the full output."""
        total = 0
        for index, chosen in self._used:
            sweeps = self.channels[index].sweeps
            sizes = {"mean": sweeps, "max": sweeps, "full": sweeps * (chosen.stop - chosen.start)}
            total += sum(sizes[output] for output in self.chosen_outputs)
        return total

    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.float32]:
        """Return float32 `(width,)`: output by output, channel by channel, full output distance by distance."""
        spectra = [self._spectrum(matrices[index][:, chosen], index) for index, chosen in self._used]
        parts = [_reduce(spectrum, output) for output in self.chosen_outputs for spectrum in spectra]
        return to_scale(np.concatenate(parts), self.options.scale)

    def _spectrum(self, chosen: NDArray[np.complex64], index: int) -> NDArray[np.floating]:
        moving = chosen - chosen.mean(axis=0) if self.options.remove_mean else chosen
        transformed = np.fft.fft(moving * self._windows[index], axis=0)
        return np.asarray(np.abs(transformed)[self._orders[index]])

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, and that there are sweeps to compare."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
        for channel in channels:
            if channel.sweeps < 2:
                message = (
                    f"Expected at least 2 sweeps per frame of sensor {channel.sensor_id}. "
                    f"Received: sweeps={channel.sweeps}. Raise 'Sweeps per frame', or use Range segment."
                )
                issues.append(Issue("", message))
                break
        return issues


def _window(sweeps: int) -> NDArray[np.float64]:
    window = np.hanning(sweeps + 2)[1:-1]
    return np.asarray(window / window.sum(), dtype=np.float64)


def _reduce(spectrum: NDArray[np.floating], output: str) -> NDArray[np.floating]:
    if output == "mean":
        return np.asarray(spectrum.mean(axis=1))
    if output == "max":
        return np.asarray(spectrum.max(axis=1))
    return np.asarray(spectrum.T.reshape(-1))
