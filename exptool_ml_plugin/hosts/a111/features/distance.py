"""Distance Envelope: the Exploration Tool's own distance detector for the A111, as a feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ....core.features.base import Feature
from ....core.features.ranges import START_DOC, STOP_DOC, check_range, used_points
from ....core.issues import Issue
from ....core.options import option
from ....core.reading import ENVELOPE, Channel
from .detector_inputs import channel_part, detector_inputs

_FEWEST_POINTS = 3
"""A peak needs a point on either side."""


@dataclass(frozen=True)
class DistanceEnvelopeOptions:
    """Settings of the distance: those of the Deep Learning Interface, and how long a peak is remembered."""

    start_m: float = option(0.0, text="Start", unit="m", doc=START_DOC, minimum=0.0, maximum=100.0)
    stop_m: float = option(0.0, text="Stop", unit="m", doc=STOP_DOC, minimum=0.0, maximum=100.0)
    sweep_average: int = option(
        100,
        text="Averaged over",
        unit="readings",
        doc="Sweeps that are averaged; the distance changes once in so many readings.",
        minimum=1,
        maximum=100,
    )
    threshold: int = option(600, text="Threshold", doc="Amplitude that a peak must exceed.", minimum=1, maximum=20_000)
    forget_s: float = option(
        10.0,
        text="Forget after",
        unit="s",
        doc="A distance that was not found again for so long is forgotten.",
        minimum=3.0,
        maximum=1000.0,
    )


class DistanceEnvelope(Feature):
    r"""Distance of the strongest peak of the averaged envelope, as the A111's distance detector finds it, per sensor.

    The processor `acconeer.exptool.a111.algo.distance_detector.Processor` itself runs, with a fixed threshold and the
    strongest signal first: the mean of `sweep_average` sweeps is searched for points (or plateaus) above the threshold
    that are higher than their neighbours, peaks within 5 mm become one, and the strongest is the distance until the
    next mean is complete (its documentation: docs.acconeer.com, "Distance detector").

    (Acconeer Deep Learning Interface, feature "Distance Envelope". In its last version it failed, as it did not pass
    the detector what that had come to want. There Start and Stop limited nothing, and before the first peak it gave
    nothing at all; here it is 0 until there is one. What it called history was a number of columns taken for seconds.)
    """

    key: ClassVar[str] = "distance_envelope"
    name: ClassVar[str] = "Distance Envelope"
    description: ClassVar[str] = "Distance of the strongest peak, calm and slow: the A111 distance detector."
    outputs: ClassVar[Mapping[str, str]] = {"distance": "Distance (m), 0 for none"}
    Options: ClassVar[type] = DistanceEnvelopeOptions
    services: ClassVar[tuple[str, ...]] = (ENVELOPE,)

    def __init__(
        self, options: Any, *, outputs: tuple[str, ...], channels: tuple[Channel, ...], reading_rate_hz: float
    ) -> None:
        super().__init__(options, outputs=outputs, channels=channels, reading_rate_hz=reading_rate_hz)
        self._used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        self.reset()

    @property
    def width(self) -> int:
        """Values per row: one for each sensor."""
        return len(self._used)

    def row(self, matrices: Sequence[NDArray[np.complex64]]) -> NDArray[np.float64]:
        """Return float64 `(width,)`, metres."""
        row = np.zeros(self.width)
        for place, (index, points) in enumerate(self._used):
            sweep = np.abs(matrices[index][0, points].astype(np.complex128))
            known = self._processors[place].process(sweep, None)["main_peak_hist_dist"]
            row[place] = known[-1] if len(known) else 0.0
        return row

    def reset(self) -> None:
        """Forget what was found."""
        self._processors = [
            _processor(channel_part(self.channels[index], points), self.options, self.reading_rate_hz)
            for index, points in self._used
        ]

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        """Check the range, and that there are points to find a peak among."""
        issues = check_range(channels, start_m=options.start_m, stop_m=options.stop_m)
        used = used_points(channels, start_m=options.start_m, stop_m=options.stop_m)
        fewest = min((points.stop - points.start for _, points in used), default=_FEWEST_POINTS)
        if fewest < _FEWEST_POINTS:
            message = (
                f"Expected at least {_FEWEST_POINTS} points to find a peak among. Received: {fewest}. Widen the range."
            )
            issues.append(Issue("start_m", message))
        return issues


def _processor(channel: Channel, options: Any, rate_hz: float) -> Any:
    from acconeer.exptool.a111.algo.distance_detector import ProcessingConfiguration, Processor

    config = ProcessingConfiguration()
    config.nbr_average = options.sweep_average
    config.threshold_type = ProcessingConfiguration.ThresholdType.FIXED
    config.fixed_threshold = options.threshold
    config.peak_sorting_type = ProcessingConfiguration.PeakSorting.STRONGEST
    config.history_length_s = options.forget_s
    sensor_config, info = detector_inputs(channel, service=ENVELOPE, rate_hz=rate_hz)
    return Processor(sensor_config, config, info)
