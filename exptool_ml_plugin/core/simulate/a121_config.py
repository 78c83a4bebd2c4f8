"""The host's own words for a simulated A121: its session configuration and metadata, as the JSON texts it reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..reading import Channel, SensorSetup
from .physics import DEFAULT_SETTINGS, SAMPLE_S, SubsweepSettings

BASE_STEP_M = 0.0025
"""Distance of two neighbouring points of the sensor's grid."""

TICKS_PER_SECOND = 1_000_000
_LIB_VERSION = "7.13.2"  # the oldest host supported: a newer one reads its files without a warning
_TEMPERATURE = 25


def _session_config() -> str:
    subsweep = {
        "start_point": 40,
        "num_points": 12,
        "step_length": 24,
        "profile": "PROFILE_3",
        "hwaas": 8,
        "receiver_gain": 16,
        "enable_tx": True,
        "enable_loopback": False,
        "phase_enhancement": False,
        "prf": "PRF_15_6_MHz",
    }
    sensor = {"sweep_rate": 2000.0, "frame_rate": 50.0, "sweeps_per_frame": 16, "subsweeps": [subsweep]}
    return json.dumps({"groups": [{"1": sensor}], "extended": False, "update_rate": None})


DEFAULT_SETUP = SensorSetup(
    generation="a121",
    channels=(Channel(sensor_id=1, subsweep=0, sweeps=16, points=12, start_m=0.1, step_m=0.06, sweep_rate_hz=2000.0),),
    reading_rate_hz=50.0,
    host_config=_session_config(),
)
"""Sparse IQ of one A121 for a hand in front of it: 12 points from 0.1 to 0.76 m, profile 3, 50 readings a second of
16 sweeps at 2000 Hz, which tells speeds up to 2.5 m/s from each other."""


def subsweep_settings(setup: SensorSetup) -> tuple[SubsweepSettings, ...]:
    """Return what the host's configuration says of each channel; defaults where it says nothing that is understood."""
    known: dict[tuple[int, int], list[SubsweepSettings]] = {}
    for place, settings in _configured(setup.host_config):
        known.setdefault(place, []).append(settings)
    found = []
    for channel in setup.channels:
        # The same sensor may be in several groups: its channels come in the order of the groups.
        candidates = known.get((channel.sensor_id, channel.subsweep), [])
        found.append(candidates.pop(0) if candidates else DEFAULT_SETTINGS)
    return tuple(found)


def _configured(host_config: str) -> Iterator[tuple[tuple[int, int], SubsweepSettings]]:
    try:
        groups = json.loads(host_config)["groups"]
        pairs = [(int(sensor), config) for group in groups for sensor, config in group.items()]
        for sensor_id, config in pairs:
            for index, subsweep in enumerate(config["subsweeps"]):
                yield (sensor_id, index), _settings(subsweep)
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # the configuration of another generation, or none


def _settings(subsweep: dict[str, Any]) -> SubsweepSettings:
    profile = re.search(r"[1-5]", str(subsweep.get("profile", DEFAULT_SETTINGS.profile)))
    return SubsweepSettings(
        profile=int(profile.group()) if profile else DEFAULT_SETTINGS.profile,
        hwaas=max(int(subsweep.get("hwaas", DEFAULT_SETTINGS.hwaas)), 1),
        enable_tx=bool(subsweep.get("enable_tx", True)),
        enable_loopback=bool(subsweep.get("enable_loopback", False)),
    )


def host_attributes(setup: SensorSetup, *, identity: str) -> dict[str, str]:
    """Return the texts of the host's recording layout that make a simulated recording one of the host's.

    The date is no date, since the same simulation gives the same recording.
    """
    config = setup.host_config if next(_configured(setup.host_config), None) else session_config(setup)
    infos = {str(sensor): {"connected": sensor in setup.sensor_ids, "serial": None} for sensor in range(1, 6)}
    server = {
        "rss_version": "a121-v1.0.0",
        "sensor_count": len(infos),
        "ticks_per_second": TICKS_PER_SECOND,
        "sensor_infos": infos,
        "hardware_name": "Simulated scene",
    }
    return {
        "generation": "a121",
        "lib_version": _LIB_VERSION,
        "timestamp": "1970-01-01T00:00:00",
        "uuid": identity,
        "client_info": json.dumps({"mock": {}}),
        "server_info": json.dumps(server),
        "session_config": config,
        "metadata": json.dumps(_metadata(setup, config)),
    }


def session_config(setup: SensorSetup) -> str:
    """Return an A121 session configuration with the setup's geometry, one group, as JSON."""
    sensors: dict[str, Any] = {}
    for channel, settings in zip(setup.channels, subsweep_settings(setup), strict=True):
        sensor = sensors.setdefault(
            str(channel.sensor_id),
            {
                "sweep_rate": channel.sweep_rate_hz,
                "frame_rate": setup.reading_rate_hz,
                "sweeps_per_frame": channel.sweeps,
                "subsweeps": [],
            },
        )
        sensor["subsweeps"].append(
            {
                "start_point": round(channel.start_m / BASE_STEP_M),
                "num_points": channel.points,
                "step_length": max(round(channel.step_m / BASE_STEP_M), 1),
                "profile": f"PROFILE_{settings.profile}",
                "hwaas": settings.hwaas,
            }
        )
    return json.dumps({"groups": [sensors], "extended": len(sensors) > 1, "update_rate": None})


def _metadata(setup: SensorSetup, config: str) -> list[dict[str, Any]]:
    """Return the metadata of each sensor of each group, as the layout wants it."""
    groups = json.loads(config)["groups"]
    return [{sensor: _sensor_metadata(setup, settings) for sensor, settings in group.items()} for group in groups]


def _sensor_metadata(setup: SensorSetup, sensor: dict[str, Any]) -> dict[str, Any]:
    lengths = [int(subsweep["num_points"]) for subsweep in sensor["subsweeps"]]
    samples = sum(int(s["num_points"]) * (int(s.get("hwaas", 8)) + 1) for s in sensor["subsweeps"])
    return {
        "frame_data_length": int(sensor["sweeps_per_frame"]) * sum(lengths),
        "sweep_data_length": sum(lengths),
        "subsweep_data_offset": [sum(lengths[:i]) for i in range(len(lengths))],
        "subsweep_data_length": lengths,
        "calibration_temperature": _TEMPERATURE,
        "tick_period": round(TICKS_PER_SECOND / setup.reading_rate_hz) if setup.reading_rate_hz > 0 else 0,
        "base_step_length_m": BASE_STEP_M,
        "max_sweep_rate": 1.0 / (samples * SAMPLE_S),
        "high_speed_mode": False,
    }
