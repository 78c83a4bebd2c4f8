"""Sensor configurations and readings of the Deep Learning Interface (A111) as ours."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..reading import Channel, SensorSetup
from ..recording import Recording, qualities
from .pickled_values import Inert

GENERATION = "a111"
SPARSE_STEP_M = 0.06
FINE_STEP_M = 0.06 / 124
"""Distance of neighbouring points of an Envelope or IQ sweep."""

_DEFAULT_RATE_HZ = 50.0
"""What the old interface assumed where no rate was set."""
_MAX_POINTS = 20_000


def as_document(value: Any, what: str) -> Any:
    """Return what JSON text holds; old files may hold the object itself."""
    if isinstance(value, Inert):
        state = value.state if isinstance(value.state, dict) else {}
        return {str(name).lstrip("_"): item for name, item in state.items()}
    if not isinstance(value, (str, bytes)):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise UserError(f"Expected {what} as JSON. Received: {str(value)[:40]!r}.") from error


def sensor_config(value: Any) -> Mapping[str, Any]:
    """Return the sensor configuration by the names that the old tool gave its settings."""
    config = as_document(value, "a sensor configuration")
    if not isinstance(config, dict) or not config:
        raise UserError("Expected a sensor configuration in the old file. Received: none.")
    return config


def mode_of(config: Mapping[str, Any], stored: Any = None) -> str:
    """Return "sparse", "envelope" or "iq"."""
    for value in (stored, config.get("mode")):
        if isinstance(value, Inert):
            value = value.arguments[0] if value.arguments else None
        mode = str(value).lower().rpartition(".")[2]
        if mode in ("sparse", "envelope", "iq"):
            return mode
    raise UserError(f"Expected the mode sparse, envelope or iq. Received: mode={str(config.get('mode'))[:40]}.")


def rate_hz(config: Mapping[str, Any], frame_settings: Mapping[str, Any]) -> float:
    """Return the readings per second."""
    for value in (config.get("update_rate"), frame_settings.get("update_rate")):
        if isinstance(value, (int, float)) and math.isfinite(value) and value > 0:
            return float(value)
    return _DEFAULT_RATE_HZ


def sensors_of(config: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the sensors in the order of the data."""
    sensors = config.get("sensor", [1])
    listed = sensors if isinstance(sensors, (list, tuple)) else [sensors]
    if not listed or len(listed) > 8 or not all(isinstance(sensor, int) for sensor in listed):
        raise UserError(f"Expected the numbers of the sensors. Received: sensor={str(sensors)[:40]}.")
    return tuple(listed)


def setup_of(
    config: Mapping[str, Any], *, mode: str, rate: float, info: Any = None, shape: tuple[int, int] | None = None
) -> SensorSetup:
    """Return the setup: of what the sensor said (`info`) and the data's `(sweeps, points)`, else as configured."""
    start, length = _range(config, info)
    step = SPARSE_STEP_M if mode == "sparse" else FINE_STEP_M * _number(config.get("downsampling_factor"), 1.0)
    if shape is None:
        sweeps = int(_number(config.get("sweeps_per_frame"), 16.0)) if mode == "sparse" else 1
        points = int(round(length / step, 6)) + (1 if mode == "sparse" else 0)
    else:
        sweeps, points = shape
        # The old tool spread the points evenly over the range that the sensor reported.
        step = length / (points - 1) if points > 1 and length > 0 else step
    if not (0 < points <= _MAX_POINTS and 0 < sweeps <= _MAX_POINTS):
        raise UserError(f"Expected a range with points in it. Received: {sweeps} sweeps of {points} points.")
    sweep_rate = config.get("sweep_rate")
    per_second = float(sweep_rate) if isinstance(sweep_rate, (int, float)) and sweep_rate > 0 else None
    channels = tuple(
        Channel(sensor, 0, sweeps, points, start, step, per_second if mode == "sparse" else None)
        for sensor in sensors_of(config)
    )
    return SensorSetup(
        GENERATION, channels, rate, host_config=json.dumps(config, sort_keys=True, default=str), service=mode
    )


def _range(config: Mapping[str, Any], info: Any) -> tuple[float, float]:
    told = info[0] if isinstance(info, list) and info else info
    if isinstance(told, dict) and "range_start_m" in told and "range_length_m" in told:
        return _number(told["range_start_m"], 0.0), _number(told["range_length_m"], 0.0)
    interval = config.get("range_interval")
    if not isinstance(interval, (list, tuple)) or len(interval) != 2:
        low = _number(config.get("range_start"), 0.2)
        interval = (low, low + _number(config.get("range_length"), 0.6))
    low, high = (_number(value, 0.0) for value in interval)
    return low, max(0.0, high - low)


def _number(value: Any, default: float) -> float:
    usable = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if usable else default


def recording_of(record: Mapping[str, Any], frame_settings: Mapping[str, Any], *, name: str) -> tuple[Recording, str]:
    """Return the readings of a packed record, and their mode.

    `record["data"]` is `(readings, sensors, [sweeps,] points)`; with one sensor the second axis may be missing.
    """
    dump = record.get("sensor_config_dump")
    missing = dump is None or (isinstance(dump, str) and not dump)
    config = sensor_config(record.get("sensor_config") if missing else dump)
    mode, rate = mode_of(config, record.get("mode")), rate_hz(config, frame_settings)
    data = _data(record.get("data"), sensors=len(sensors_of(config)), sparse=mode == "sparse")
    info = as_document(record.get("session_info"), "information of the measurement")
    setup = setup_of(config, mode=mode, rate=rate, info=info, shape=(data.shape[2], data.shape[3]))
    times = _times(record.get("sample_times"), len(data), rate)
    saturated, lost = _flags(as_document(record.get("data_info"), "information of the readings"), len(data))
    none = np.zeros(len(data), dtype=np.bool_)
    recording = Recording(
        name=name,
        setup=setup,
        time_s=times,
        matrices=tuple(np.ascontiguousarray(data[:, index], dtype=np.complex64) for index in range(data.shape[1])),
        quality=qualities(saturated, none, none, lost),
    )
    return recording, mode


def _data(data: Any, *, sensors: int, sparse: bool) -> NDArray[Any]:
    """Return `(readings, sensors, sweeps, points)`."""
    if isinstance(data, list) and data and all(isinstance(item, np.ndarray) for item in data):
        if len({item.shape for item in data}) != 1:
            raise UserError("Expected readings of one shape in the old file. Received: several shapes.")
        data = np.stack(data)
    if not isinstance(data, np.ndarray) or data.dtype.kind not in "iufc":
        raise UserError("Expected readings in the old file. Received: none.", "Take a file that holds its sweeps.")
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


def _flags(info: Any, count: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which readings were saturated, and how many were lost before each; the old tool only said that some."""
    saturated, lost = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.int64)
    if isinstance(info, list) and len(info) == count:
        for index, of_reading in enumerate(info):
            of_sensors = of_reading if isinstance(of_reading, list) else [of_reading]
            told = [item for item in of_sensors if isinstance(item, dict)]
            saturated[index] = any(item.get("data_saturated") is True for item in told)
            lost[index] = any(item.get("missed_data") is True for item in told)
    return saturated, lost
