"""Phase and phase velocity: movements much smaller than the distance between two points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..carrier import WAVELENGTH_M
from ..issues import Issue
from ..options import option
from ..reading import IQ, SPARSE_IQ, Channel
from .base import Vectorised
from .mean import mean
from .ranges import START_DOC, STOP_DOC, check_range, used_points


@dataclass(frozen=True)
class PhaseOptions:
    """Settings of the phase."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    least_amplitude: float = option(
        0.0,
        text="Least amplitude",
        doc="Where the echo is weaker, the phase is left as it is: it would be that of the noise. 0: always followed.",
        minimum=0.0,
        maximum=100_000.0,
    )
    forget_s: float = option(
        0.0,
        text="Forget after",
        unit="s",
        doc="The phase returns to 0 with this time constant, so that slow drift is lost. 0: never.",
        minimum=0.0,
        maximum=3600.0,
        zero="never",
    )


class Phase(Vectorised):
    r"""How far the echo's phase has turned since the first reading, and how fast it turns.

    With `z[n, d]` the mean sweep of reading `n` at point `d`, `T` the time between readings:

    * step: `s[n, d] = arg(z[n, d] conj(z[n-1, d]))`, between -pi and pi
    * phase: `phi[n, d] = a phi[n-1, d] + s[n, d]`, `phi[0, d] = 0`, radians; `a = exp(-T / forget_s)`, or 1
    * velocity: `v[n, d] = wavelength / (4 pi) s[n, d] / T`, metres per second

    The outputs over the range use the step of the sum, `arg(sum_d z[n, d] conj(z[n-1, d]))`: each distance weighs by
    the amplitudes of both readings (the autocorrelation estimate of C. Kasai et al., "Real-time two-dimensional blood
    flow imaging using an autocorrelation technique", IEEE Trans. Sonics and Ultrasonics 32, 1985). The wavelength is
    that of 60.5 GHz: half of it, 2.5 mm, turns the phase once. Positive is away from the sensor, as in the Doppler
    spectrum. Faster than a quarter of the wavelength per reading (62 mm/s at 50 readings a second) is mistaken for
    something slower: use the Doppler spectrum for that.
    """

    key: ClassVar[str] = "phase"
    name: ClassVar[str] = "Phase"
    description: ClassVar[str] = "Movement by fractions of a millimetre, such as a breathing chest."
    outputs: ClassVar[Mapping[str, str]] = {
        "mean_phase": "Phase over the range, weighted by amplitude (rad)",
        "mean_velocity": "Velocity over the range, weighted by amplitude (m/s)",
        "phase": "Phase at each distance (rad)",
        "velocity": "Velocity at each distance (m/s)",
    }
    Options: ClassVar[type] = PhaseOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE_IQ, IQ)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._keep = math.exp(-1.0 / (options.forget_s * reading_rate_hz)) if options.forget_s else 1.0
        self._m_s_per_radian = WAVELENGTH_M / (4.0 * math.pi) * reading_rate_hz
        self.reset()

    def reset(self) -> None:
        """Begin anew at phase 0."""
        self._before: dict[int, NDArray[np.complex128]] = {}
        # The points of each channel, and after them the range as a whole.
        self._phase = {index: np.zeros(chosen.stop - chosen.start + 1) for index, chosen in self._used}

    @property
    def width(self) -> int:
        """Values per row: the points of each channel, and one for each of its outputs over the range."""
        points = sum(chosen.stop - chosen.start for _, chosen in self._used)
        return sum(len(self._used) if output.startswith("mean_") else points for output in self.chosen_outputs)

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(readings, width)`: output by output, channel by channel."""
        made = []
        for index, chosen in self._used:
            steps = self._steps(stacks[index][:, :, chosen], index)
            made.append((self._turned(steps, index), steps))
        parts = [self._part(phase, steps, output) for output in self.chosen_outputs for phase, steps in made]
        return np.concatenate(parts, axis=1)

    def _steps(self, chosen: NDArray[np.complex64], index: int) -> NDArray[np.float64]:
        """Return float64 `(readings, points + 1)`: each point's step, and the one over the range."""
        now = mean(chosen, axis=1).astype(np.complex128)
        before = np.concatenate([self._before.get(index, now[:1]), now[:-1]])[: len(now)]
        if len(now):
            self._before[index] = now[-1:]
        both = np.empty((len(now), now.shape[1] + 1), dtype=np.complex128)
        products = np.multiply(now, before.conj(), out=both[:, :-1])
        if self.options.least_amplitude:
            products[np.minimum(np.abs(now), np.abs(before)) < self.options.least_amplitude] = 0.0
        np.add.reduce(products, axis=1, out=both[:, -1])
        return np.asarray(np.arctan2(both.imag, both.real))

    def _turned(self, steps: NDArray[np.float64], index: int) -> NDArray[np.float64]:
        phases = np.empty_like(steps)
        phase = self._phase[index]
        for number, step in enumerate(steps):
            phases[number] = phase = self._keep * phase + step
        self._phase[index] = phase
        return phases

    def _part(self, phase: NDArray[np.float64], steps: NDArray[np.float64], output: str) -> NDArray[np.float64]:
        part = slice(-1, None) if output.startswith("mean_") else slice(None, -1)
        return phase[:, part] if output.endswith("phase") else steps[:, part] * self._m_s_per_radian

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range."""
        return check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
