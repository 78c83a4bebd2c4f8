"""Micro-Doppler: how much motion there is in bands of speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..carrier import WAVELENGTH_M
from ..errors import UserError
from ..issues import Issue, Severity
from ..options import option
from ..reading import SPARSE, SPARSE_IQ, Channel
from .base import Vectorised
from .ranges import START_DOC, STOP_DOC, check_range, used_points
from .scales import POWER_SCALES, power_to_scale
from .spectra import SweepSpectrum, check_sweep_rate, check_sweeps, frequencies_hz

UNITS: Mapping[str, str] = {"m_s": "Metres per second", "hz": "Hertz of Doppler frequency"}


@dataclass(frozen=True)
class MicroDopplerOptions:
    """Settings of the micro-Doppler bands."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    bands: str = option(
        "0, 0.2, 0.5, 1, 2",
        text="Band edges",
        doc="Where the bands begin and end, smallest first, with commas between: 0, 0.5, 1 are two bands.",
    )
    unit: str = option("m_s", text="Edges in", doc="What the numbers of the band edges are.", choices=UNITS)
    directions: bool = option(
        True,
        text="Towards and away apart",
        doc="Two values for each band: motion towards the sensor, then motion away from it. Off: both in one.",
    )
    relative: bool = option(
        False,
        text="As shares",
        doc="Divides by the energy of all bands: how something moves, however strong its echo is. The scale is linear.",
    )
    scale: str = option("log1p", text="Scale", doc="How energies become values.", choices=POWER_SCALES)


class MicroDoppler(Vectorised):
    r"""Energy in bands of the Doppler spectrum.

    With `X[f, d]` the magnitude spectrum of a reading at point `d` (see `SweepSpectrum`, mean removed), a band from
    `l` to `h` hertz has the energy

    `E[d] = sum of X[f, d]^2 over the frequencies with l <= |f| < h`

    towards the sensor over the negative, away from it over the positive frequencies; 0 counts as away, half the sweep
    rate, which has no direction, as towards. The outputs are the sum and the maximum over the range. Speeds become
    frequencies by `f = 2 v / wavelength` with the wavelength of 60.5 GHz. (Micro-Doppler: V. C. Chen, "The
    Micro-Doppler Effect in Radar", 2011; energy in bands as features: Y. Kim and H. Ling, "Human activity
    classification based on micro-Doppler signatures using a support vector machine", IEEE TGRS 47, 2009.)
    """

    key: ClassVar[str] = "micro_doppler"
    name: ClassVar[str] = "Micro-Doppler"
    description: ClassVar[str] = "Energy of the motion in a few bands of speed: kinds of motion in few numbers."
    outputs: ClassVar[Mapping[str, str]] = {"sum": "Sum over range", "max": "Maximum over range"}
    Options: ClassVar[type] = MicroDopplerOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE_IQ, SPARSE)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._edges_hz = _edges_hz(options)
        self._spectra = [SweepSpectrum(channel, remove_mean=True) for channel in channels]
        self._bands = [
            _Bands.of(_bands(channel, self._edges_hz, directions=options.directions)) for channel in channels
        ]

    @property
    def width(self) -> int:
        """Values per row: the bands, twice with the directions apart, for each channel and output."""
        bands = (len(self._edges_hz) - 1) * (2 if self.options.directions else 1)
        return bands * len(self._used) * len(self.chosen_outputs)

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float32]:
        """Return float32 `(readings, width)`: by output, then by channel, the towards bands before the away bands."""
        energies = [self._energies(stacks[index][:, :, chosen], index) for index, chosen in self._used]
        parts = []
        for output in self.chosen_outputs:
            for energy in energies:
                over_range = energy.sum(axis=2) if output == "sum" else energy.max(axis=2)
                parts.append(self._scaled(np.asarray(over_range)))
        return np.concatenate(parts, axis=1)

    def _energies(self, chosen: NDArray[np.complex64], index: int) -> NDArray[np.floating]:
        """Return floats `(readings, bands, points)`."""
        powers = self._spectra[index].of(chosen) ** 2
        return self._bands[index].sums(powers)

    def _scaled(self, energy: NDArray[np.floating]) -> NDArray[np.float32]:
        if not self.options.relative:
            return power_to_scale(energy, self.options.scale)
        total = energy.sum(axis=1, keepdims=True)
        shares = np.divide(energy, total, out=np.zeros_like(energy), where=total > 0)
        return np.asarray(shares, dtype=np.float32)

    @classmethod
    def check_service(cls, options: Any, outputs: tuple[str, ...], service: str) -> list[Issue]:
        """Check the service; the samples of Sparse are real, so that they do not tell directions apart."""
        if service == SPARSE and options.directions:
            message = "Sparse does not tell directions apart: both get the same energy. Switch this off."
            return [Issue("directions", message, Severity.WARNING)]
        return super().check_service(options, outputs, service)

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, the edges, and that the sensor tells such speeds from each other."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
        issues += check_sweeps(channels) or check_sweep_rate(channels, where="")
        try:
            edges_hz = _edges_hz(options)
        except UserError as error:
            return [*issues, Issue("bands", error.message)]
        return issues or _check_bands(options, edges_hz, channels)


@dataclass(frozen=True)
class _Bands:
    """Which frequencies are summed: those of the bands one after another, and where each band that has any begins."""

    frequencies: NDArray[np.intp]
    begins: NDArray[np.intp]
    filled: NDArray[np.bool_]

    @classmethod
    def of(cls, bands: Sequence[NDArray[np.intp]]) -> _Bands:
        sizes = np.array([len(band) for band in bands], dtype=np.intp)
        filled = sizes > 0
        return cls(np.concatenate(bands), (np.cumsum(sizes) - sizes)[filled], filled)

    def sums(self, powers: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the sum of each band, `(readings, bands, points)`, of `(readings, frequencies, points)`."""
        sums = np.zeros((len(powers), len(self.filled), powers.shape[2]), dtype=powers.dtype)
        if len(self.begins):
            sums[:, self.filled] = np.add.reduceat(powers[:, self.frequencies], self.begins, axis=1)
        return sums


def _edges_hz(options: Any) -> NDArray[np.float64]:
    """Return the edges, float64 `(bands + 1,)`; `UserError` if they are none."""
    received = f"Received: bands={options.bands!r}."
    try:
        edges = np.array([float(text) for text in options.bands.split(",")])
    except ValueError:
        raise UserError(f"Expected numbers with commas between. {received} Write them like 0, 0.5, 1.") from None
    if not (len(edges) > 1 and np.isfinite(edges).all() and edges[0] >= 0 and (np.diff(edges) > 0).all()):
        raise UserError(f"Expected two numbers or more, from 0, each above the one before. {received} Change them.")
    return edges * (2.0 / WAVELENGTH_M if options.unit == "m_s" else 1.0)


def _bands(channel: Channel, edges_hz: NDArray[np.float64], *, directions: bool) -> list[NDArray[np.intp]]:
    """Return which frequencies of the spectrum are in each band."""
    frequencies = frequencies_hz(channel)
    inside = [(np.abs(frequencies) >= low) & (np.abs(frequencies) < high) for low, high in pairwise(edges_hz)]
    sides = [frequencies < 0, frequencies >= 0] if directions else [np.ones(len(frequencies), dtype=np.bool_)]
    return [np.flatnonzero(band & side) for side in sides for band in inside]


def _check_bands(options: Any, edges_hz: NDArray[np.float64], channels: Sequence[Channel]) -> list[Issue]:
    for channel in channels:
        per_band = [len(found) for found in _bands(channel, edges_hz, directions=False)]
        if not all(per_band):
            frequencies = np.abs(frequencies_hz(channel))
            factor = WAVELENGTH_M / 2.0 if options.unit == "m_s" else 1.0
            step, most = factor * (channel.sweep_rate_hz or 1.0) / channel.sweeps, factor * frequencies.max()
            message = (
                f"Expected bands that sensor {channel.sensor_id} can tell: steps of {step:.3g} up to {most:.3g}. "
                f"Received: bands={options.bands!r}. Band {per_band.index(0) + 1} is always empty."
            )
            return [Issue("bands", message, Severity.WARNING)]
    return []
