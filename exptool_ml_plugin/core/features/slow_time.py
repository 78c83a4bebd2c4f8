"""Slow time: how much an echo varies from sweep to sweep or reading to reading, and how alike it stays."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue
from ..options import option
from ..reading import IQ, SPARSE_IQ, Channel, service_name
from .base import Vectorised
from .mean import mean
from .ranges import START_DOC, STOP_DOC, check_range, used_points
from .scales import POWER_SCALES, power_to_scale

OVER: Mapping[str, str] = {"sweeps": "The sweeps of one reading", "readings": "Readings, one after the other"}


@dataclass(frozen=True)
class SlowTimeOptions:
    """Settings of the slow-time statistics."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    over: str = option(
        "sweeps",
        text="Compare",
        doc="Sweeps show fast motion, readings slow motion. A sensor with one sweep per frame compares readings.",
        choices=OVER,
    )
    lag: int = option(
        1,
        text="Lag",
        doc="How many sweeps (or readings) lie between the two that are compared; must be fewer than the sweeps.",
        minimum=1,
        maximum=1000,
    )
    window: int = option(
        50,
        text="Window",
        unit="readings",
        doc="About how many readings are looked back on, where readings are compared.",
        minimum=2,
        maximum=100_000,
    )
    scale: str = option("log1p", text="Scale", doc="How variance and covariance become values.", choices=POWER_SCALES)


class SlowTime(Vectorised):
    r"""Variance and autocovariance of the complex echo over slow time, at each distance.

    Over the sweeps: with `y[j, d] = x[j, d] - mean_j x[j, d]`, `M` sweeps and the lag `k`,

    `c_k[d] = 1/M sum_{j=k}^{M-1} y[j, d] conj(y[j-k, d])`

    (the biased estimate, so that `|c_k| <= c_0`; G. E. P. Box and G. M. Jenkins, "Time Series Analysis", section 2.1).
    Over readings: with the mean sweep `z[n, d]` of reading `n`, the weight `w[n] = 1 / min(n + 1, window)`,

    `m[n] = m[n-1] + w (z[n] - m[n-1])`, `y[n] = z[n] - m[n]`, `c_k[n] = c_k[n-1] + w (y[n] conj(y[n-k]) - c_k[n-1])`

    from `m = c_k = y = 0`: averages that forget, at the cost of one reading however long the window. The outputs are
    the variance `c_0`, the covariance `|c_k|`, the correlation `|c_k| / sqrt(c_0 c_0')` from 0 to 1 (noise has little,
    motion much; `c_0' = c_0` over the sweeps, and that of `k` readings ago over readings, at most 1), and the angle
    `arg c_k` from -pi to pi: `angle * wavelength / (4 pi)` is the distance moved in the time of the lag, positive away
    from the sensor. Scales are for variance and covariance.
    """

    key: ClassVar[str] = "slow_time"
    name: ClassVar[str] = "Slow time"
    description: ClassVar[str] = "Variance and autocovariance at each distance: motion told from noise."
    outputs: ClassVar[Mapping[str, str]] = {
        "variance": "Variance at each distance",
        "covariance": "Magnitude of the autocovariance at each distance",
        "correlation": "Autocovariance divided by the variance, 0 to 1",
        "angle": "Angle of the autocovariance (rad)",
    }
    Options: ClassVar[type] = SlowTimeOptions

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self.reset()

    def reset(self) -> None:
        """Forget earlier readings."""
        self._running = {index: _Running(self.options) for index, _ in self._used if self._over_readings(index)}

    @property
    def width(self) -> int:
        """Values per row: the points of each channel for each output."""
        points: int = sum(chosen.stop - chosen.start for _, chosen in self._used)
        return points * len(self.chosen_outputs)

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float32]:
        """Return float32 `(readings, width)`: output by output, channel by channel."""
        made = [self._statistics(stacks[index][:, :, chosen], index) for index, chosen in self._used]
        parts = [self._part(one, output) for output in self.chosen_outputs for one in made]
        return np.concatenate(parts, axis=1)

    def _over_readings(self, index: int) -> bool:
        return _over_readings(self.options, self.channels[index])

    def _statistics(self, chosen: NDArray[np.complex64], index: int) -> _Statistics:
        if self._over_readings(index):
            return self._running[index].follow(mean(chosen, axis=1).astype(np.complex128))
        lag = self.options.lag
        wide = chosen.astype(np.complex128)
        moving = wide - mean(wide, axis=1, keepdims=True)
        variance = mean(np.abs(moving) ** 2, axis=1)
        products = moving[:, lag:] * moving[:, : moving.shape[1] - lag].conj()
        return _Statistics(variance, products.sum(axis=1) / moving.shape[1], variance)

    def _part(self, made: _Statistics, output: str) -> NDArray[np.float32]:
        if output == "variance":
            return power_to_scale(made.variance, self.options.scale)
        if output == "covariance":
            return power_to_scale(np.abs(made.covariance), self.options.scale)
        if output == "angle":
            return np.angle(made.covariance).astype(np.float32)
        power = np.sqrt(made.variance * made.earlier_variance)
        share = np.divide(np.abs(made.covariance), power, out=np.zeros_like(power), where=power > 0)
        return np.minimum(share, 1.0).astype(np.float32)

    @classmethod
    def check_service(cls, options: Any, outputs: tuple[str, ...], service: str) -> list[Issue]:
        """Check that there is a phase, where its angle is asked for."""
        if "angle" in outputs and service not in (SPARSE_IQ, IQ):
            received = f"Received: {service_name(service)}"
            return [
                Issue("outputs", f"Expected readings with a phase for the angle. {received}. Choose another output.")
            ]
        return []

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, and the lag against the sweeps."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
        for channel in channels:
            if not _over_readings(options, channel) and options.lag >= channel.sweeps:
                message = (
                    f"Expected a lag below the {channel.sweeps} sweeps of sensor {channel.sensor_id}. "
                    f"Received: lag={options.lag}. Lower it, or raise 'Sweeps per frame'."
                )
                return [*issues, Issue("lag", message)]
        return issues


@dataclass(frozen=True, eq=False)
class _Statistics:
    """Variance now and a lag ago, float64, and autocovariance, complex128: all `(readings, points)`."""

    variance: NDArray[np.float64]
    covariance: NDArray[np.complex128]
    earlier_variance: NDArray[np.float64]


class _Running:
    """Variance and autocovariance over readings, reading by reading."""

    def __init__(self, options: Any) -> None:
        self._window = options.window
        self._count = 0
        self._mean: Any = 0.0
        self._variance: Any = 0.0
        self._covariance: Any = 0.0
        # The deviations and variances of the last readings, the one `lag` ago first once there are so many.
        self._past: deque[tuple[Any, Any]] = deque([(0.0, 0.0)] * options.lag, maxlen=options.lag)

    def follow(self, means: NDArray[np.complex128]) -> _Statistics:
        made = _Statistics(np.empty(means.shape), np.empty(means.shape, np.complex128), np.empty(means.shape))
        for index, sweep in enumerate(means):
            self._count = min(self._count + 1, self._window)
            weight = 1.0 / self._count
            self._mean = self._mean + weight * (sweep - self._mean)
            deviation = sweep - self._mean
            before, made.earlier_variance[index] = self._past[0]
            self._variance = self._variance + weight * (np.abs(deviation) ** 2 - self._variance)
            self._covariance = self._covariance + weight * (deviation * np.conj(before) - self._covariance)
            self._past.append((deviation, self._variance))
            made.variance[index] = self._variance
            made.covariance[index] = self._covariance
        return made


def _over_readings(options: Any, channel: Channel) -> bool:
    return bool(options.over == "readings" or channel.sweeps == 1)
