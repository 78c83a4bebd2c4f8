"""The host's presence processor on the subsweeps of one sensor; the host's library is imported when one is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....core.reading import Channel


@dataclass(frozen=True, eq=False)
class Seen:
    """What the processor found in one reading; `intra` and `inter` are float64 `(points,)` over all subsweeps."""

    intra_score: float
    inter_score: float
    distance_m: float
    intra: NDArray[np.float64]
    inter: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Result:
    """The part of the host's `Result` that the processor reads; a real one holds 16-bit whole numbers only."""

    subframes: list[NDArray[np.complex128]]


class PresenceSensor:
    """Looks for somebody in front of one sensor.

    `options` has the fields of the host's `ProcessorConfig`. The processor gets a sensor configuration with the
    channels' sweeps, points and rate; where the points are is taken from the channels.
    """

    def __init__(self, channels: tuple[Channel, ...], options: Any, reading_rate_hz: float) -> None:
        from acconeer.exptool.a121.algo.presence import Processor

        self._make: Any = Processor
        self._distances_m = np.concatenate([channel.distances_m for channel in channels])
        self._arguments = _arguments(channels, options, reading_rate_hz)
        self.reset()

    def reset(self) -> None:
        """Forget everybody."""
        self._processor = self._make(**self._arguments)

    def process(self, matrices: Sequence[NDArray[np.complex64]]) -> Seen:
        """Return what is found; `matrices[i]` is complex64 `(sweeps, points)` of subsweep `i`."""
        found = self._processor.process(_Result([matrix.astype(np.complex128) for matrix in matrices]))
        place = found.extra_result.presence_distance_index
        return Seen(
            intra_score=float(found.intra_presence_score),
            inter_score=float(found.inter_presence_score),
            distance_m=float(self._distances_m[place]) if found.presence_detected else 0.0,
            intra=found.intra,
            inter=found.inter,
        )


def _arguments(channels: tuple[Channel, ...], options: Any, reading_rate_hz: float) -> dict[str, Any]:
    from acconeer.exptool import a121
    from acconeer.exptool.a121.algo.presence import ProcessorConfig

    lengths = [channel.points for channel in channels]
    sensor_config = a121.SensorConfig(
        subsweeps=[a121.SubsweepConfig(start_point=0, num_points=points, step_length=1) for points in lengths],
        sweeps_per_frame=channels[0].sweeps,
        frame_rate=reading_rate_hz,
    )
    metadata = a121.Metadata(
        frame_data_length=channels[0].sweeps * sum(lengths),
        sweep_data_length=sum(lengths),
        subsweep_data_offset=np.cumsum([0, *lengths[:-1]]),
        subsweep_data_length=np.array(lengths),
        calibration_temperature=25,
        tick_period=0,
        base_step_length_m=0.0025,
        max_sweep_rate=0.0,
    )
    return {"sensor_config": sensor_config, "metadata": metadata, "processor_config": _config(options, ProcessorConfig)}


def _config(options: Any, kind: Any) -> Any:
    """Return the processor's configuration: what of it the options have, and its own defaults."""
    known = {field.name for field in kind.__attrs_attrs__}
    values = {field.name: getattr(options, field.name) for field in fields(options) if field.name in known}
    # None is what the processor calls no timeout.
    return kind(**{**values, "inter_frame_presence_timeout": options.inter_frame_presence_timeout or None})
