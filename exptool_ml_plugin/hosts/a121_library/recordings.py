"""The host's recordings and results as ours."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import acconeer.exptool
import numpy as np
from acconeer.exptool import a121
from numpy.typing import NDArray

from ...core.reading import Quality, Reading
from ...core.recording import Recording, qualities
from .convert import GENERATION, Extended, entries, matrices_of_result, places_of, setup_of
from .ticks import TickClock, lost_readings, usual_period_s

_FLAGS = ("data_saturated", "frame_delayed", "calibration_needed")
"""What a sensor says about a result, in the order of the fields of `Quality`."""


def recordings_of(record: a121.Record, *, name: str, tags: Mapping[str, str] | None = None) -> list[Recording]:
    """Return a recording for each of the host's sessions that has readings.

    `name` is the recording's; where there are several they are told apart as "name session 1" and so on.
    """
    sessions = [(index + 1, record.session(index)) for index in range(record.num_sessions)]
    kept = [(number, session) for number, session in sessions if session.num_frames]
    return [
        _recording_of(
            record,
            session,
            name=name if len(kept) == 1 else f"{name} session {number}",
            tags={**(tags or {}), "session": str(number)},
        )
        for number, session in kept
    ]


def readings_of(results: Iterable[Extended], config: a121.SessionConfig, metadata: Extended) -> Iterator[Reading]:
    """Turn results of the host's client, extended, into readings as they come."""
    places = places_of(config)
    clock: TickClock | None = None
    for result in results:
        first = result[places[0].group][places[0].sensor_id]
        if clock is None:
            ticks_per_second = _ticks_per_second(first)
            clock = TickClock(ticks_per_second, promised_period_s(metadata, ticks_per_second))
        time_s, lost = clock.step(first.tick)
        items = [item for _, _, item in entries(result)]
        saturated, delayed, calibration = (any(getattr(item, flag) for item in items) for flag in _FLAGS)
        yield Reading(time_s, matrices_of_result(result, places), Quality(saturated, delayed, calibration, lost))


def promised_period_s(metadata: Extended, ticks_per_second: float) -> float | None:
    """Return the time between readings that the sensor promised, None where it measures as fast as it can."""
    periods = [item.tick_period / ticks_per_second for _, _, item in entries(metadata) if item.tick_period]
    return periods[0] if periods else None


def attributes_of_now(
    config: a121.SessionConfig, metadata: Extended, *, client_info: a121.ClientInfo, server_info: a121.ServerInfo
) -> dict[str, str]:
    """Return the texts that make the recording of a measurement that begins now one of the host's."""
    return {
        "generation": GENERATION,
        "lib_version": acconeer.exptool.__version__,
        "timestamp": datetime.now().isoformat(timespec="seconds"),
        "uuid": str(uuid.uuid4()),
        "client_info": client_info.to_json(),
        "server_info": server_info.to_json(),
        "session_config": config.to_json(),
        "metadata": _metadata_json(metadata),
    }


def calibrations_of(measured: Any) -> dict[str, str]:
    """Return the calibrations of the sensors of a client or of a session in a file as a text, none where it has none.

    The host's older files have none.
    """
    try:
        found, provided = measured.calibrations, measured.calibrations_provided
    except Exception:  # noqa: BLE001 - the host's exception for "none" is not public, and nothing depends on them
        return {}
    calibrations = {
        str(sensor): {"temperature": int(item.temperature), "data": item.data, "provided": bool(provided[sensor])}
        for sensor, item in found.items()
    }
    return {"sensor_calibrations": json.dumps(calibrations)} if calibrations else {}


def _metadata_json(metadata: Extended) -> str:
    groups = [{str(sensor): json.loads(item.to_json()) for sensor, item in group.items()} for group in metadata]
    return json.dumps(groups)


def _ticks_per_second(result: a121.Result) -> float:
    # The context is not public, but a result knows its tick in both units.
    return float(result.tick / result.tick_time) if result.tick_time else 1e6


def _recording_of(record: a121.Record, session: Any, *, name: str, tags: dict[str, str]) -> Recording:
    config = session.session_config
    metadata = session.extended_metadata
    stacked = session.extended_stacked_results
    places = places_of(config)
    ticks_s = stacked[places[0].group][places[0].sensor_id].tick_time
    time_s = np.asarray(ticks_s - ticks_s[0], dtype=np.float64)
    promised_s = promised_period_s(metadata, record.server_info.ticks_per_second)
    return Recording(
        name=name,
        setup=setup_of(config, metadata),
        time_s=time_s,
        matrices=matrices_of_result(stacked, places),
        quality=_qualities(stacked, time_s, promised_s),
        tags=tags,
        host_attributes=_host_attributes(record, session),
    )


def _qualities(stacked: Extended, time_s: NDArray[np.float64], promised_s: float | None) -> tuple[Quality, ...]:
    gaps_s = np.diff(time_s)
    lost = np.concatenate([np.zeros(1, dtype=np.int64), lost_readings(gaps_s, usual_period_s(gaps_s, promised_s))])
    items = [item for _, _, item in entries(stacked)]
    saturated, delayed, calibration = (np.any([getattr(item, flag) for item in items], axis=0) for flag in _FLAGS)
    return qualities(saturated, delayed, calibration, lost)


def _host_attributes(record: a121.Record, session: Any) -> dict[str, str]:
    return {
        "generation": GENERATION,
        "lib_version": record.lib_version,
        "timestamp": record.timestamp,
        "uuid": record.uuid,
        "client_info": record.client_info.to_json(),
        "server_info": record.server_info.to_json(),
        "session_config": session.session_config.to_json(),
        "metadata": _metadata_json(session.extended_metadata),
        **calibrations_of(session),
    }
