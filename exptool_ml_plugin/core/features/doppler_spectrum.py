"""Doppler spectrum: how fast things move, and in which direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue, Severity
from ..options import option
from ..reading import SPARSE, SPARSE_IQ, Channel
from .base import Vectorised
from .mean import mean
from .noise_floor import NoiseFloor
from .ranges import START_DOC, STOP_DOC, check_range, used_points
from .scales import SCALE_DOC, SCALES, to_scale
from .spectra import SweepSpectrum, check_sweep_rate, check_sweeps, frequencies_hz


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
    high_pass_hz: float = option(
        0.0,
        text="High pass",
        unit="Hz",
        doc="Sets slower motion to 0, below this Doppler frequency: 404 Hz for each metre per second. 0: off.",
        minimum=0.0,
        maximum=100_000.0,
        zero="off",
    )
    noise_floor_s: float = option(
        0.0,
        text="Noise floor",
        unit="s",
        doc="Divides by what is usual when nothing moves, learnt over about this time. 0: off.",
        minimum=0.0,
        maximum=3600.0,
        zero="off",
    )


class DopplerSpectrum(Vectorised):
    r"""Magnitude of the Fourier transform over the sweeps of one reading, both directions of motion.

    With `x[j, d]` sweep `j` of `M` at point `d`, and `w` a Hann window of `M + 2` points without its zero ends:

    `X[f, d] = | sum_j w[j] (x[j, d] - mean_j x[j, d]) exp(-2 pi i f j / M) | / sum_j w[j]`

    for `f = -floor(M/2) ... ceil(M/2) - 1`, frequency 0 in the middle (numpy's `fftshift` order). The division by the
    sum of the window keeps the amplitude of a steady motion (coherent gain; F. J. Harris, "On the use of windows for
    harmonic analysis with the discrete Fourier transform", Proc. IEEE 66, 1978). A target moving at `v` metres per
    second appears at `2 v / wavelength` hertz (M. A. Richards, "Fundamentals of Radar Signal Processing", section on
    Doppler), in steps of the sweep rate divided by `M`. The phase of an A121 grows with the distance: motion away
    from the sensor is in the half of the positive frequencies, motion towards it in that of the negative ones. The
    samples of an A111's Sparse are real: both halves are alike.

    Then, where switched on: frequencies below the high pass become 0, and each frequency is divided by the
    `NoiseFloor` of its mean over range, so that 1 is as loud as usual. The outputs are taken, and the scale is applied
    last. Without a noise floor the feature has no memory.
    """

    key: ClassVar[str] = "doppler_spectrum"
    name: ClassVar[str] = "Doppler spectrum"
    description: ClassVar[str] = "Strength of the motion at each speed, towards and away: how something moves."
    outputs: ClassVar[Mapping[str, str]] = {
        "mean": "Mean over range",
        "max": "Maximum over range",
        "full": "Range by Doppler, one spectrum per distance",
        "profile": "Mean over speed, one value per distance",
    }
    Options: ClassVar[type] = DopplerSpectrumOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE_IQ, SPARSE)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._spectra = [SweepSpectrum(channel, remove_mean=options.remove_mean) for channel in channels]
        self._passed = [_passed(channel, options.high_pass_hz) for channel in channels]
        self._floors = [NoiseFloor(options.noise_floor_s, reading_rate_hz) for _ in channels]

    @property
    def width(self) -> int:
        """Values per row: the sweeps of each channel, its points for the profile, their product for the full output."""
        total = 0
        for index, chosen in self._used:
            sweeps, points = self.channels[index].sweeps, chosen.stop - chosen.start
            sizes = {"mean": sweeps, "max": sweeps, "full": sweeps * points, "profile": points}
            total += sum(sizes[output] for output in self.chosen_outputs)
        return total

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float32]:
        """Return float32 `(readings, width)`: by output, then by channel, the full output distance by distance."""
        spectra = [(self._spectrum(stacks[index][:, :, chosen], index), index) for index, chosen in self._used]
        parts = [self._reduce(spectrum, index, output) for output in self.chosen_outputs for spectrum, index in spectra]
        return to_scale(np.concatenate(parts, axis=1), self.options.scale)

    def reset(self) -> None:
        """Forget the noise floors."""
        for floor in self._floors:
            floor.reset()

    def _spectrum(self, chosen: NDArray[np.complex64], index: int) -> NDArray[np.floating]:
        spectrum = self._spectra[index].of(chosen)
        if self.options.high_pass_hz:
            spectrum[:, ~self._passed[index]] = 0.0
        if self.options.noise_floor_s:
            spectrum /= self._floors[index].follow(mean(spectrum, axis=2))[:, :, None]
        return spectrum

    def _reduce(self, spectrum: NDArray[np.floating], index: int, output: str) -> NDArray[np.floating]:
        if output == "mean":
            return mean(spectrum, axis=2)
        if output == "max":
            return np.asarray(spectrum.max(axis=2))
        if output == "profile":
            return np.asarray(spectrum.sum(axis=1) / max(np.count_nonzero(self._passed[index]), 1))
        readings, bins, points = spectrum.shape
        return np.asarray(spectrum.transpose(0, 2, 1).reshape(readings, bins * points))

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, that there are sweeps to compare, and that the high pass leaves something."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m) + check_sweeps(channels)
        if options.high_pass_hz and not issues:
            issues += check_sweep_rate(channels, where="high_pass_hz") or _check_high_pass(options, channels)
        return issues

    @classmethod
    def check_service(cls, options: Any, outputs: tuple[str, ...], service: str) -> list[Issue]:
        """Check the service, and that what stands still does not drown what moves."""
        if service == SPARSE and not options.remove_mean:
            message = "Sparse samples lie around 32,768, which is most of frequency 0. Remove what stands still."
            return [Issue("remove_mean", message, Severity.WARNING)]
        return super().check_service(options, outputs, service)


def _passed(channel: Channel, high_pass_hz: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(frequencies_hz(channel)) >= high_pass_hz)


def _check_high_pass(options: Any, channels: Sequence[Channel]) -> list[Issue]:
    for channel in channels:
        if not _passed(channel, options.high_pass_hz).any():
            most_hz = np.abs(frequencies_hz(channel)).max()
            message = (
                f"Expected a high pass of at most {most_hz:g} Hz, the fastest that sensor {channel.sensor_id} tells. "
                f"Received: high_pass_hz={options.high_pass_hz:g}. Lower it."
            )
            return [Issue("high_pass_hz", message)]
    return []
