"""The host's words for sensor settings and results, put into ours.

A channel of ours is one subsweep of one sensor of one group of the host's session configuration, in that order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from acconeer.exptool import a121
from numpy.typing import NDArray

from ...core.errors import UserError
from ...core.reading import Channel, SensorSetup
from ...core.simulate import session_config

GENERATION = "a121"
BASE_STEP_M = 0.0025
"""Distance of two neighbouring points of the sensor's grid, where no metadata say it."""

Extended: TypeAlias = "Sequence[Mapping[int, Any]]"
"""What the host calls extended: a list of groups, each with something for every sensor."""


@dataclass(frozen=True)
class Place:
    """Where the host keeps the data of one channel."""

    group: int
    sensor_id: int
    subsweep: int


def places_of(config: a121.SessionConfig) -> tuple[Place, ...]:
    """Return where the host keeps the data of each channel of `setup_of(config)`."""
    return tuple(
        Place(group, sensor_id, subsweep)
        for group, sensor_id, sensor in entries(config.groups)
        for subsweep in range(sensor.num_subsweeps)
    )


def setup_of(config: a121.SessionConfig, metadata: Extended | None = None) -> SensorSetup:
    """Return what a session configuration means for the data.

    `metadata` is what the sensor answered to the configuration, extended. Without it the step between points is the
    nominal one, and the rates of a sensor that measures as fast as it can are estimated.
    """
    channels = []
    for group, sensor_id, sensor in entries(config.groups):
        known = None if metadata is None else metadata[group][sensor_id]
        channels += _channels(sensor_id, sensor, known)
    return SensorSetup(
        GENERATION, tuple(channels), reading_rate_hz=_reading_rate_hz(config, metadata), host_config=config.to_json()
    )


def config_of(setup: SensorSetup) -> a121.SessionConfig:
    """Return the session configuration that measures a setup; `UserError` for a setup of another sensor."""
    if setup.generation != GENERATION:
        raise UserError(
            f"Expected a sensor configuration of an A121. Received: generation={setup.generation}.",
            "Use data or a model of an A121.",
        )
    try:
        return a121.SessionConfig.from_json(setup.host_config or session_config(setup))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"Expected a session configuration that this Exploration Tool understands. Received: {error}.",
            "It may come from a newer Exploration Tool: update it, or set the sensor by hand.",
        ) from error


def extended(structure: Any, config: a121.SessionConfig) -> list[dict[int, Any]]:
    """Bring what the host gives for a single sensor into the form it has for several."""
    return structure if isinstance(structure, list) else [{config.sensor_id: structure}]


def asked_rate_hz(config: a121.SessionConfig) -> float | None:
    """Return the rate of readings that was asked for, None for as fast as the sensor can."""
    if config.update_rate is not None:
        return float(config.update_rate)
    rates = [float(sensor.frame_rate) for _, _, sensor in entries(config.groups) if sensor.frame_rate is not None]
    return min(rates) if rates else None


def entries(structure: Extended) -> Iterator[tuple[int, int, Any]]:
    """Yield group, sensor and what belongs to it."""
    for group, sensors in enumerate(structure):
        for sensor_id, item in sensors.items():
            yield group, sensor_id, item


def matrices_of_processed(result: Extended, places: Sequence[Place]) -> tuple[NDArray[np.complex64], ...]:
    """Return the matrices of what the host's Sparse IQ service sends to its plots: complex64 `(sweeps, points)`."""
    return tuple(result[p.group][p.sensor_id][p.subsweep].frame.astype(np.complex64) for p in places)


def matrices_of_result(result: Extended, places: Sequence[Place]) -> tuple[NDArray[np.complex64], ...]:
    """Return the matrices of an `a121.Result`, complex64 `(sweeps, points)`; of stacked ones, readings come first."""
    subframes = [{sensor: item.subframes for sensor, item in group.items()} for group in result]
    return tuple(subframes[p.group][p.sensor_id][p.subsweep].astype(np.complex64) for p in places)


def _channels(sensor_id: int, sensor: a121.SensorConfig, metadata: Any) -> list[Channel]:
    step_m = BASE_STEP_M if metadata is None else float(metadata.base_step_length_m)
    return [
        Channel(
            sensor_id=sensor_id,
            subsweep=index,
            sweeps=sensor.sweeps_per_frame,
            points=subsweep.num_points,
            start_m=subsweep.start_point * step_m,
            step_m=subsweep.step_length * step_m,
            sweep_rate_hz=_sweep_rate_hz(sensor, metadata),
        )
        for index, subsweep in enumerate(sensor.subsweeps)
    ]


def _sweep_rate_hz(sensor: a121.SensorConfig, metadata: Any) -> float | None:
    if sensor.sweep_rate is not None:
        return float(sensor.sweep_rate)
    if metadata is not None and metadata.max_sweep_rate:
        return float(metadata.max_sweep_rate)
    return None


def _reading_rate_hz(config: a121.SessionConfig, metadata: Extended | None) -> float:
    """Return the rate that was asked for, or else the one the sweeps leave room for; groups take turns."""
    asked = asked_rate_hz(config)
    if asked is not None:
        return asked
    duration_s = 0.0
    for index, group in enumerate(config.groups):
        known = {} if metadata is None else metadata[index]
        duration_s += max(_frame_s(sensor, known.get(sensor_id)) for sensor_id, sensor in group.items())
    return 1.0 / duration_s


def _frame_s(sensor: a121.SensorConfig, metadata: Any) -> float:
    rate = _sweep_rate_hz(sensor, metadata)
    sweep_s = 1.0 / rate if rate else sum(_subsweep_s(subsweep) for subsweep in sensor.subsweeps)
    return float(sensor.sweeps_per_frame * sweep_s)


def _subsweep_s(subsweep: a121.SubsweepConfig) -> float:
    """Time of one subsweep by the host's own figures; they have gaps where a combination is not allowed."""
    overhead_s = a121.get_point_overhead_duration(subsweep.prf, subsweep.profile)
    sample_s = a121.get_sample_duration(subsweep.prf, subsweep.profile)
    point_s = overhead_s + subsweep.hwaas * sample_s
    return float(subsweep.num_points * (point_s if math.isfinite(point_s) else 1e-5))
