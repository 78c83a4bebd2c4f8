"""Sensor configurations and readings in the files of the Deep Learning Interface; `core.a111` knows what they mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .. import a111
from ..errors import UserError
from ..recording import Recording
from .pickled_values import Inert


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


def service_of(config: Mapping[str, Any], stored: Any = None) -> str:
    """Return the service; old files may hold the object that stood for it."""
    return a111.service_of({"mode": _plain(config.get("mode"))}, _plain(stored))


def _plain(mode: Any) -> Any:
    if isinstance(mode, Inert):
        return mode.arguments[0] if mode.arguments else None
    return mode


def recording_of(record: Mapping[str, Any], frame_settings: Mapping[str, Any], *, name: str) -> Recording:
    """Return the readings of a packed record.

    `record["data"]` is `(readings, sensors, [sweeps,] points)`; with one sensor the second axis may be missing.
    """
    dump = record.get("sensor_config_dump")
    missing = dump is None or (isinstance(dump, str) and not dump)
    config = sensor_config(record.get("sensor_config") if missing else dump)
    infos = as_document(record.get("data_info"), "information of the readings")
    return a111.recording_of(
        config,
        a111.Readings(record.get("data"), record.get("sample_times"), infos),
        service=service_of(config, record.get("mode")),
        name=name,
        rate=a111.rate_hz(config.get("update_rate"), frame_settings.get("update_rate")),
        info=as_document(record.get("session_info"), "information of the measurement"),
    )
