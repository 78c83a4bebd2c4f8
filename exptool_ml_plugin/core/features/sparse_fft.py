"""Sparse FFT: the motion spectrum of the Deep Learning Interface, as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..options import option
from ..reading import SPARSE, SPARSE_IQ, Channel
from .base import Vectorised
from .gamma_stretch import stretch_spectrum
from .mean import mean
from .ranges import START_DOC, STOP_DOC, check_range, used_points
from .reading_ring import ReadingRing
from .spectra import check_sweeps

_LEAST_NOISE = 1e-8


@dataclass(frozen=True)
class SparseFFTOptions:
    """Settings of the sparse FFT."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    kept_share: float = option(
        1.0,
        text="Low frequencies kept",
        doc='Share of the frequencies kept, the slow ones. Was called "High pass" in the Deep Learning Interface.',
        minimum=0.0,
        maximum=1.0,
    )
    flip: bool = option(True, text="Flip", doc="Puts the fastest motion first.")
    stretch: bool = option(
        False, text="Stretch", doc="Makes weak values of a frame visible beside strong ones (gamma 2.2); FFT only."
    )
    window: int = option(
        50,
        text="Summed over",
        unit="readings",
        doc="How many of the last readings the y-profile sums; the rows of a frame give what the old one gave.",
        minimum=1,
        maximum=1000,
    )


class SparseFFT(Vectorised):
    r"""Magnitude of the one-sided Fourier transform over the sweeps, above its quietest reading.

    With `x[j, d]` the real part of sweep `j` of `M` at point `d` of `D`, and `h` a symmetric Hann window of `M` points:

    `P[f] = 1/D sum_d | sum_j h[j] (x[j, d] - mean_j x[j, d]) exp(-2 pi i f j / M) | / 10000`, `f = 0 ... floor(M/2)`

    `C[f] = P[f] / N`, `N` the smallest mean of `P` over frequency up to now, of those above 1e-8 (0 while none is).

    Of the `F` frequencies the lowest `int(share F) + 1` are kept, with flip the lowest `F - int((1 - share) F)`, at
    least one. The outputs are

    * fft: `C[f]`, in a complete frame with the stretch (see `stretch_spectrum`), each sensor by itself;
    * profile: `p = sum_f C[f]`, in a complete frame `256 (p_k - min_k p_k) / max_k p_k`;
    * yprofile: `256/6000 sum_k C[f, k]` over the last `window` readings.

    (Acconeer Deep Learning Interface, feature "Sparse FFT", for the real samples of an A111.) Of an A121's complex
    samples the imaginary part is left out, and the direction of motion with it: use the Doppler spectrum, unless a
    network of old is to be fed as it was. The range takes the points that lie in it, see `Peak`. The noise floor
    begins anew with each measurement, so the rows of a replay are those of the measurement.
    """

    key: ClassVar[str] = "sparse_fft"
    name: ClassVar[str] = "Sparse FFT"
    description: ClassVar[str] = (
        "Spectrum of the motion as in the Deep Learning Interface; the Doppler spectrum is finer."
    )
    outputs: ClassVar[Mapping[str, str]] = {"fft": "FFT", "profile": "FFT profile", "yprofile": "FFT y-profile"}
    Options: ClassVar[type] = SparseFFTOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE_IQ, SPARSE)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._windows = [np.hanning(channel.sweeps)[:, None] for channel in channels]
        self._kept = [_kept(channels[index].sweeps, options) for index, _ in self._used]
        self._noise = [np.inf] * len(self._used)
        self._rings = [ReadingRing(options.window, kept.stop - kept.start) for kept in self._kept]

    @property
    def width(self) -> int:
        """Values per row: the frequencies kept of each channel, one for each channel's profile."""
        return sum(place.stop - place.start for _, place in self._places())

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(readings, width)`: by output, then by channel."""
        spectra = [self._spectra(stacks[index][:, :, points], nr) for nr, (index, points) in enumerate(self._used)]
        parts = [self._reduce(one, nr, output) for output in self.chosen_outputs for nr, one in enumerate(spectra)]
        return np.concatenate(parts, axis=1)

    def finish(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scale the profile to the frame, and stretch the FFT where asked for: float32 `(time_steps, width)`."""
        finished = np.array(block)
        for output, place in self._places():
            if output == "fft" and self.options.stretch:
                finished[:, place] = stretch_spectrum(block[:, place])
            elif output == "profile":
                finished[:, place] = _scaled_profile(block[:, place])
        return finished

    def reset(self) -> None:
        """Forget the noise floors and the earlier readings."""
        self._noise = [np.inf] * len(self._used)
        for ring in self._rings:
            ring.clear()

    def _spectra(self, chosen: NDArray[np.complex64], nr: int) -> NDArray[np.float64]:
        """Return `C` of the frequencies kept, `(readings, frequencies)`."""
        x = chosen.real.astype(np.float64)
        x -= mean(x, axis=1, keepdims=True)
        x *= self._windows[self._used[nr][0]]
        spectra = mean(np.abs(np.fft.rfft(x, axis=1)), axis=2) / 10_000.0
        levels = mean(spectra, axis=1)
        levels[levels <= _LEAST_NOISE] = np.inf
        floors = np.minimum.accumulate(np.minimum(levels, self._noise[nr]))
        if len(floors):
            self._noise[nr] = float(floors[-1])
        spectra /= floors[:, None]
        # A copy: what is summed over it must not depend on how many readings lie in memory.
        return np.ascontiguousarray((spectra[:, ::-1] if self.options.flip else spectra)[:, self._kept[nr]])

    def _reduce(self, spectra: NDArray[np.float64], nr: int, output: str) -> NDArray[np.float64]:
        if output == "profile":
            return np.asarray(spectra.sum(axis=1, keepdims=True))
        return self._summed(spectra, nr) if output == "yprofile" else spectra

    def _summed(self, spectra: NDArray[np.float64], nr: int) -> NDArray[np.float64]:
        summed = np.empty(spectra.shape)
        for row, spectrum in zip(summed, spectra, strict=True):
            row[:] = self._rings[nr].push(spectrum).sum(axis=0)
        return summed * (256.0 / 6000.0)

    def _places(self) -> Iterator[tuple[str, slice]]:
        """Yield output and place in the row, channel by channel within each output."""
        start = 0
        for output in self.chosen_outputs:
            for kept in self._kept:
                size = 1 if output == "profile" else kept.stop - kept.start
                yield output, slice(start, start + size)
                start += size

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, and that there are sweeps to compare."""
        return check_range(channels, start_m=options.start_m, stop_m=options.stop_m) + check_sweeps(channels)


def _kept(sweeps: int, options: Any) -> slice:
    """Return the frequencies kept, counted in the order of the row."""
    frequencies = sweeps // 2 + 1
    if options.flip:
        return slice(min(int((1.0 - options.kept_share) * frequencies), frequencies - 1), frequencies)
    return slice(0, min(int(options.kept_share * frequencies) + 1, frequencies))


def _scaled_profile(profile: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(profile, dtype=np.float64)
    most = values.max(initial=0.0)
    return (values - values.min(initial=np.inf)) / most * 256.0 if most > 0.0 else np.zeros(values.shape)
