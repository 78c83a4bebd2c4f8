"""Presence Sparse: the Exploration Tool's own presence detector for the A111, as a feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ....core.features.base import Feature
from ....core.features.ranges import START_DOC, STOP_DOC, check_range, used_points
from ....core.features.reading_ring import WINDOW_DOC, ReadingRing
from ....core.issues import Issue
from ....core.options import option
from ....core.reading import SPARSE, Channel
from ...noise_sweeps import check_sweeps
from .detector_inputs import detector_inputs

_FULL = 256.0
_MARGIN = 1.2
_LEAST = 1e-6


@dataclass(frozen=True)
class PresenceSparseOptions:
    """Settings of the presence: those of the Deep Learning Interface, whose detector's were fixed, then the others."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    intra_weight: float = option(
        0.8, text="Fast motion", doc="Weight of motion within a reading; the rest is slow motion.", minimum=0, maximum=1
    )
    window: int = option(50, text="Averaged over", unit="readings", doc=WINDOW_DOC, minimum=1, maximum=1000)
    calibrate: bool = option(
        False,
        text="Calibrate average",
        doc="Divides the time average by that of the first readings, in which nobody may be there.",
    )
    calibration_readings: int = option(
        50,
        text="Calibrated on",
        unit="readings",
        doc="Readings the empty scene is learnt from.",
        minimum=1,
        maximum=10000,
    )
    dead_readings: int = option(
        0,
        text="Then silent for",
        unit="readings",
        doc="Readings after that which give 1, too.",
        minimum=0,
        maximum=10000,
    )
    inter_fast_cutoff: float = option(
        100.0,
        text="Slow motion upper cut-off",
        unit="Hz",
        doc="Slow motion above this frequency is filtered away. Above half the rate of readings: nothing is.",
        minimum=1.0,
        maximum=100.0,
    )
    inter_slow_cutoff: float = option(
        0.9,
        text="Slow motion lower cut-off",
        unit="Hz",
        doc="Slow motion below this frequency is taken for something that stands still.",
        minimum=0.01,
        maximum=1.0,
    )
    inter_deviation_s: float = option(
        0.05, text="Slow motion smoothing", unit="s", doc="Time constant of slow motion.", minimum=0.01, maximum=30.0
    )
    intra_s: float = option(
        0.03, text="Fast motion smoothing", unit="s", doc="Time constant of fast motion.", minimum=0.0, maximum=0.5
    )
    depth_filter: int = option(
        1, text="Distance smoothing", unit="points", doc="Points averaged along the distance.", minimum=1, maximum=15
    )


class PresenceSparse(Feature):
    r"""Presence at each distance, as the A111's presence detector of the Exploration Tool finds it, per sensor.

    The processor `acconeer.exptool.a111.algo.presence_detection_sparse.Processor` itself runs on all points of a
    sensor. With the noise `n[d]` it estimates from third differences over the sweeps,

    `p[d] = (1 - w) inter[d] + w intra[d]`, `w` the weight of fast motion,

    `intra` the smoothed mean deviation of the sweeps from their mean, `inter` the smoothed `|fast - slow|` low-pass of
    the mean sweep times the square root of the sweeps, both divided by `n[d]` (its documentation: docs.acconeer.com,
    "Presence detection (sparse)"). The outputs are

    * presence: `p[d]` from Start to Stop;
    * time_average: `a[d] = mean_k p_k[d]` over the last `window` readings, times 256 over the largest of all sensors;
      calibrated it is `max(a[d] / b[d], 1)` with `b[d]` 1.2 times the largest `a[d]` of the first readings, and 1 while
      these last.

    (Acconeer Deep Learning Interface, feature "Presence Sparse": the detector's settings were fixed to the defaults
    here. In its last version it failed, as it did not pass the detector what that had come to want. Its calibration
    counted twice and gave nothing at all for some 250 readings.) Until `window` readings have come, those that came are
    averaged.
    """

    key: ClassVar[str] = "presence_sparse"
    name: ClassVar[str] = "Presence Sparse"
    description: ClassVar[str] = "Motion at each distance over its noise: the A111 presence detector."
    outputs: ClassVar[Mapping[str, str]] = {"presence": "Presence", "time_average": "Time average"}
    Options: ClassVar[type] = PresenceSparseOptions
    services: ClassVar[tuple[str, ...]] = (SPARSE,)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self._points: int = sum(points.stop - points.start for _, points in self._used)
        self._ring = ReadingRing(options.window, self._points)
        self.reset()

    @property
    def width(self) -> int:
        """Values per row: the points of each sensor for each output."""
        return self._points * len(self.chosen_outputs)

    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(width,)`: by output, then by sensor."""
        found = [
            processor.process(matrices[index].real.astype(np.float64), None)["depthwise_presence"][points]
            for processor, (index, points) in zip(self._processors, self._used, strict=True)
        ]
        presence = np.concatenate(found)
        average = self._average(self._ring.push(presence).mean(axis=0))
        made: dict[str, NDArray[np.float64]] = {"presence": presence, "time_average": average}
        return np.concatenate([made[output] for output in self.chosen_outputs])

    def reset(self) -> None:
        """Forget everybody, and the empty scene."""
        self._ring.clear()
        self._processors = [_processor(self.channels[i], self.options, self.reading_rate_hz) for i, _ in self._used]
        self._empty = np.full(self._points, _LEAST)
        self._count = 0

    def _average(self, average: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.options.calibrate:
            largest = float(average.max(initial=0.0))
            return average * (_FULL / largest if largest > 0.0 else 1.0)
        self._count += 1
        if self._count <= self.options.calibration_readings:
            self._empty = np.maximum(self._empty, _MARGIN * average)
        if self._count <= self.options.calibration_readings + self.options.dead_readings:
            return np.ones_like(average)
        compared: NDArray[np.float64] = np.maximum(average / self._empty, 1.0)
        return compared

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, and that there are enough sweeps for the detector's estimate of the noise."""
        return check_sweeps(channels) or check_range(channels, start_m=options.start_m, stop_m=options.stop_m)


def _processor(channel: Channel, options: Any, rate_hz: float) -> Any:
    from acconeer.exptool.a111.algo.presence_detection_sparse import ProcessingConfiguration, Processor

    config = ProcessingConfiguration()
    config.detection_threshold = 0
    config.inter_frame_fast_cutoff = options.inter_fast_cutoff
    config.inter_frame_slow_cutoff = options.inter_slow_cutoff
    config.inter_frame_deviation_time_const = options.inter_deviation_s
    config.intra_frame_time_const = options.intra_s
    config.intra_frame_weight = options.intra_weight
    config.num_removed_pc = 0
    sensor_config, info = detector_inputs(channel, service=SPARSE, rate_hz=rate_hz)
    processor = Processor(sensor_config, config, info)
    processor.depth_filter_length = options.depth_filter
    return processor
