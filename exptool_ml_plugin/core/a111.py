"""Sensor configurations and readings of an A111 as ours, whoever wrote them down.

The host, its recordings, and the files of the Deep Learning Interface name the same things: the configuration's fields
("range_interval"), and what the sensor answered to it, its session information ("range_start_m"). Readings are taken as
they are: an Envelope sweep is an amplitude in the real part, Sparse samples lie around `reading.SPARSE_ZERO`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .reading import A111, GOOD, SERVICES, SPARSE, Channel, Quality, SensorSetup
from .recording import Recording

SPARSE_GRID_M = 0.06
"""What a configuration calls the distance of neighbouring points of Sparse: ranges begin and end on this grid."""

SPARSE_STEP_M = 0.0600546
"""What sensors say it is."""

FINE_STEP_M = SPARSE_STEP_M / 124
"""Distance of neighbouring points of Envelope and IQ."""

DEFAULT_RATE_HZ = 50.0
"""What is assumed where no rate was set."""

DEFAULT_SWEEPS = 16
MOST_SENSORS = 4
_MOST_POINTS = 20_000
_INFOS = ("data_saturated", "data_quality_warning", "missed_data")


@dataclass(frozen=True, eq=False)
class Readings:
    """The data of a measurement as they were recorded.

    `values` is `(readings, sensors, [sweeps,] points)`; with one sensor its axis may be missing. `times` are seconds
    `(readings,)` or None, `infos` what the sensors said with each reading, a list of objects each, or None.
    """

    values: Any
    times: Any = None
    infos: Any = None


def service_of(config: Mapping[str, Any], stored: Any = None) -> str:
    """Return the service of a configuration, or of the `stored` name of one; `UserError` where it is none of ours."""
    for value in (stored, config.get("mode")):
        service = str(value).lower().rpartition(".")[2]
        if service in SERVICES[A111]:
            return service
    names = ", ".join(SERVICES[A111].values())
    raise UserError(f"Expected a measurement of {names}. Received: mode={str(config.get('mode'))[:40]}.")


def sensors_of(config: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the sensors in the order of the data."""
    sensors = config.get("sensor", [1])
    listed = sensors if isinstance(sensors, (list, tuple)) else [sensors]
    if not listed or len(listed) > 8 or not all(isinstance(sensor, int) for sensor in listed):
        raise UserError(f"Expected the numbers of the sensors. Received: sensor={str(sensors)[:40]}.")
    return tuple(listed)


def rate_hz(*told: Any) -> float:
    """Return the readings per second: the first of what was told that is a rate."""
    for value in told:
        if isinstance(value, (int, float)) and math.isfinite(value) and value > 0:
            return float(value)
    return DEFAULT_RATE_HZ


def setup_of(
    config: Mapping[str, Any],
    *,
    service: str,
    rate: float | None = None,
    info: Any = None,
    shape: tuple[int, int] | None = None,
) -> SensorSetup:
    """Return the setup: of what the sensor said (`info`) and the data's `(sweeps, points)`, else as configured."""
    told = info[0] if isinstance(info, list) and info else info
    told = told if isinstance(told, dict) else {}
    start, length = _range(config, told, service)
    sweeps, points = shape or _told_shape(config, told, service) or _configured_shape(config, length, service)
    if not (0 < points <= _MOST_POINTS and 0 < sweeps <= _MOST_POINTS):
        raise UserError(f"Expected a range with points in it. Received: {sweeps} sweeps of {points} points.")
    # The points are spread evenly over the range that the sensor reports.
    step = length / (points - 1) if points > 1 and length > 0 else _step(config, service)
    sweep_rate = next((rate_hz(r) for r in (config.get("sweep_rate"), told.get("sweep_rate")) if _number(r, 0.0)), None)
    channels = tuple(
        Channel(sensor, 0, sweeps, points, start, step, sweep_rate if service == SPARSE else None)
        for sensor in sensors_of(config)
    )
    return SensorSetup(
        A111,
        channels,
        rate or rate_hz(config.get("update_rate")),
        host_config=json.dumps(config, sort_keys=True, default=str),
        service=service,
    )


def with_service(setup: SensorSetup, service: str) -> SensorSetup:
    """Return a setup of another service of an A111, with the same sensors, range and rate."""
    if service == setup.service:
        return setup
    start = min(channel.start_m for channel in setup.channels)
    end = max(channel.end_m for channel in setup.channels)
    config = {"sensor": list(setup.sensor_ids), "range_interval": [start, end], "update_rate": setup.reading_rate_hz}
    return replace(setup_of(config, service=service), host_config="")


def recording_of(
    config: Mapping[str, Any],
    readings: Readings,
    *,
    service: str,
    name: str,
    rate: float | None = None,
    info: Any = None,
) -> Recording:
    """Return a measurement as a recording; `UserError` where its data are not those of its configuration."""
    data = _data(readings.values, sensors=len(sensors_of(config)), sparse=service == SPARSE)
    setup = setup_of(config, service=service, rate=rate, info=info, shape=(data.shape[2], data.shape[3]))
    return Recording(
        name=name,
        setup=setup,
        time_s=_times(readings.times, len(data), setup.reading_rate_hz),
        matrices=tuple(np.ascontiguousarray(data[:, index], dtype=np.complex64) for index in range(data.shape[1])),
        quality=_qualities(readings.infos, len(data)),
    )


def matrices_of(values: NDArray[Any]) -> tuple[NDArray[np.complex64], ...]:
    """Return one reading's `(sensors, [sweeps,] points)` as a matrix of each sensor, complex64 `(sweeps, points)`."""
    whole = values if values.ndim == 3 else values[:, np.newaxis]
    return tuple(np.ascontiguousarray(of_sensor, dtype=np.complex64) for of_sensor in whole)


def _range(config: Mapping[str, Any], told: Mapping[str, Any], service: str) -> tuple[float, float]:
    if "range_start_m" in told and "range_length_m" in told:
        return _number(told["range_start_m"], 0.0), _number(told["range_length_m"], 0.0)
    interval = config.get("range_interval")
    if not isinstance(interval, (list, tuple)) or len(interval) != 2:
        low = _number(config.get("range_start"), 0.2)
        interval = (low, low + _number(config.get("range_length"), 0.6))
    low, high = (_number(value, 0.0) for value in interval)
    if service != SPARSE:
        return low, max(0.0, high - low)
    first = round(low / SPARSE_GRID_M)
    factor = _downsampling(config)
    steps = max(0, round((high - first * SPARSE_GRID_M) / (SPARSE_GRID_M * factor)))
    return first * SPARSE_STEP_M, steps * factor * SPARSE_STEP_M


def _told_shape(config: Mapping[str, Any], told: Mapping[str, Any], service: str) -> tuple[int, int] | None:
    length = told.get("data_length")
    if not isinstance(length, int):
        return None
    sweeps = _sweeps(config, service)
    return sweeps, length // sweeps


def _configured_shape(config: Mapping[str, Any], length: float, service: str) -> tuple[int, int]:
    return _sweeps(config, service), round(length / _step(config, service)) + 1


def _sweeps(config: Mapping[str, Any], service: str) -> int:
    return max(1, int(_number(config.get("sweeps_per_frame"), DEFAULT_SWEEPS))) if service == SPARSE else 1


def _step(config: Mapping[str, Any], service: str) -> float:
    return (SPARSE_STEP_M if service == SPARSE else FINE_STEP_M) * _downsampling(config)


def _downsampling(config: Mapping[str, Any]) -> float:
    return max(1.0, _number(config.get("downsampling_factor"), 1.0))


def _number(value: Any, default: float) -> float:
    usable = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if usable else default


def _data(data: Any, *, sensors: int, sparse: bool) -> NDArray[Any]:
    """Return `(readings, sensors, sweeps, points)`."""
    if isinstance(data, list) and data and all(isinstance(item, np.ndarray) for item in data):
        if len({item.shape for item in data}) != 1:
            raise UserError("Expected readings of one shape. Received: several shapes.")
        data = np.stack(data)
    if not isinstance(data, np.ndarray) or data.dtype.kind not in "iufc":
        raise UserError("Expected readings in the file. Received: none.", "Take a file that holds its sweeps.")
    if sensors == 1 and data.ndim == (3 if sparse else 2):
        data = data[:, None]
    if not sparse and data.ndim == 3:
        data = data[:, :, None]
    if data.ndim != 4 or data.shape[1] != sensors or 0 in data.shape:
        raise UserError(f"Expected readings of {sensors} sensors. Received: data of shape {data.shape}.")
    return np.asarray(data)


def _times(times: Any, count: int, rate: float) -> NDArray[np.float64]:
    if isinstance(times, (list, tuple)) and all(isinstance(time, (int, float)) for time in times):
        times = np.array(times, dtype=np.float64)
    usable = isinstance(times, np.ndarray) and times.shape == (count,) and times.dtype.kind in "iuf"
    if not usable or not np.isfinite(times).all() or (np.diff(times) < 0).any():
        return np.arange(count) / rate
    return np.asarray(times - times[0], dtype=np.float64)


def _qualities(infos: Any, count: int) -> tuple[Quality, ...]:
    if not isinstance(infos, list) or len(infos) != count:
        return (GOOD,) * count
    return tuple(quality_of(infos_of if isinstance(infos_of, list) else [infos_of]) for infos_of in infos)


def quality_of(infos: Sequence[Any]) -> Quality:
    """Return the quality of a reading from what its sensors said with it.

    They only say that readings before it were lost, not how many; "data quality warning" asks for the service to be
    started again, which calibrates it.
    """
    told = [info for info in infos if isinstance(info, dict)]
    saturated, calibration, lost = (any(info.get(name) is True for info in told) for name in _INFOS)
    if not (saturated or calibration or lost):
        return GOOD
    return Quality(saturated=saturated, calibration_needed=calibration, lost_before=int(lost))


def info_of(quality: Quality) -> dict[str, bool]:
    """Return what a sensor says of a reading of some quality."""
    return dict(
        zip(_INFOS, (quality.saturated, quality.calibration_needed, bool(quality.lost_before)), strict=True),
    )
