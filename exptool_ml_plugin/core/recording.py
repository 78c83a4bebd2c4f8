"""A recording: the readings of one measurement, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .reading import GOOD, Quality, Reading, SensorSetup


@dataclass(frozen=True, eq=False)
class Recording:
    """Consecutive readings of one setup.

    `matrices[i]` is complex64 `(readings, sweeps, points)` of channel `i`; `time_s` is float64 `(readings,)`,
    seconds from the start. `name` tells recordings apart ("label_tap_in_idx_1"). `tags` are free ("person", "place").
    `marks` are the indices of marked readings, ascending. `host_attributes` are JSON texts the host needs to open the
    readings again (its metadata); opaque to us.
    """

    name: str
    setup: SensorSetup
    time_s: NDArray[np.float64]
    matrices: Sequence[NDArray[np.complex64]]
    quality: tuple[Quality, ...]
    tags: dict[str, str] = field(default_factory=dict)
    host_attributes: dict[str, str] = field(default_factory=dict)
    marks: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.time_s)

    def __iter__(self) -> Iterator[Reading]:
        for index in range(len(self)):
            yield self.reading(index)

    def reading(self, index: int) -> Reading:
        """Return one reading; its matrices are views."""
        matrices = tuple(matrix[index] for matrix in self.matrices)
        return Reading(float(self.time_s[index]), matrices, self.quality[index], marked=index in self.marks)

    def part(self, start: int, stop: int) -> Recording:
        """Return readings `start` to `stop - 1` as a recording of their own; arrays are views."""
        return replace(
            self,
            time_s=self.time_s[start:stop],
            matrices=tuple(matrix[start:stop] for matrix in self.matrices),
            quality=self.quality[start:stop],
            marks=tuple(mark - start for mark in self.marks if start <= mark < stop),
        )

    @classmethod
    def from_readings(
        cls,
        readings: list[Reading],
        *,
        name: str,
        setup: SensorSetup,
        tags: dict[str, str] | None = None,
        host_attributes: dict[str, str] | None = None,
    ) -> Recording:
        """Stack readings that came one by one."""
        shapes = [(channel.sweeps, channel.points) for channel in setup.channels]
        matrices = tuple(
            np.stack([reading.matrices[i] for reading in readings])
            if readings
            else np.empty((0, *shape), dtype=np.complex64)
            for i, shape in enumerate(shapes)
        )
        return cls(
            name=name,
            setup=setup,
            time_s=np.array([reading.time_s for reading in readings], dtype=np.float64),
            matrices=matrices,
            quality=tuple(reading.quality for reading in readings),
            tags=dict(tags or {}),
            host_attributes=dict(host_attributes or {}),
            marks=tuple(index for index, reading in enumerate(readings) if reading.marked),
        )


def qualities(
    saturated: NDArray[np.bool_],
    delayed: NDArray[np.bool_],
    calibration_needed: NDArray[np.bool_],
    lost_before: NDArray[np.integer],
) -> tuple[Quality, ...]:
    """Return the quality of each reading from arrays `(readings,)`; good readings, nearly all, share one object."""
    found = [GOOD] * len(saturated)
    for index in np.flatnonzero(saturated | delayed | calibration_needed | (lost_before > 0)):
        found[index] = Quality(
            bool(saturated[index]), bool(delayed[index]), bool(calibration_needed[index]), int(lost_before[index])
        )
    return tuple(found)
