"""The host's own words for a simulated A111: its sensor configurations and session information."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..a111 import setup_of
from ..reading import A111, ENVELOPE, IQ, SPARSE, SensorSetup
from .a111_physics import SAMPLE_S, Settings, sweep_rate_hz

_LIB_VERSION = "7.13.2"
_RSS_VERSION = "2.15.2"

_COMMON: Mapping[str, Any] = {
    "sensor": [1],
    "profile": "PROFILE_2",
    "repetition_mode": "HOST_DRIVEN",
    "gain": 0.5,
    "maximize_signal_attenuation": False,
    "tx_disable": False,
    "power_save_mode": "ACTIVE",
    "asynchronous_measurement": True,
}
_DENSE: Mapping[str, Any] = {
    **_COMMON,
    "range_interval": [0.15, 0.65],
    "update_rate": 50.0,
    "downsampling_factor": 4,
    "hw_accelerated_average_samples": 10,
    "noise_level_normalization": True,
}
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    ENVELOPE: {**_DENSE, "mode": "ENVELOPE", "mur": "MUR_6", "running_average_factor": 0.3},
    IQ: {**_DENSE, "mode": "IQ", "sampling_mode": "A", "depth_lowpass_cutoff_ratio": None},
    SPARSE: {
        **_COMMON,
        "mode": "SPARSE",
        "range_interval": [0.12, 0.66],
        "mur": "MUR_6",
        "update_rate": 50.0,
        "sweep_rate": 2000.0,
        "sweeps_per_frame": 32,
        "sampling_mode": "A",
        "downsampling_factor": 1,
        "hw_accelerated_average_samples": 60,
    },
}
"""For each service the configuration of one A111 for a hand in front of it, as the host writes it down."""

A111_SETUPS: Mapping[str, SensorSetup] = {
    service: setup_of(config, service=service) for service, config in CONFIGS.items()
}
"""For each service of an A111 a setup for a hand in front of it, 50 readings a second.

Envelope and IQ see 259 points from 0.15 to 0.65 m, Sparse 10 points from 0.12 to 0.66 m, with 32 sweeps at 2000 Hz.
"""


def config_of(setup: SensorSetup) -> dict[str, Any]:
    """Return the sensor configuration of a setup by the host's names; made of its geometry where it has none."""
    try:
        known = json.loads(setup.host_config)
        if isinstance(known, dict) and str(known.get("mode", "")).lower() == setup.service:
            return known
    except ValueError:
        pass  # none, or that of another generation
    channels = setup.channels
    config = {
        **CONFIGS[setup.service],
        "sensor": list(setup.sensor_ids),
        "range_interval": [min(c.start_m for c in channels), max(c.end_m for c in channels)],
        "update_rate": setup.reading_rate_hz,
    }
    if setup.service == SPARSE:
        config |= {"sweeps_per_frame": channels[0].sweeps, "sweep_rate": channels[0].sweep_rate_hz}
    return config


def settings_of(setup: SensorSetup) -> Settings:
    """Return what the configuration of a setup says of the data."""
    config, usual = config_of(setup), Settings()
    profile = re.search(r"[1-5]", str(config.get("profile", usual.profile)))
    mode = str(config.get("sampling_mode", usual.sampling_mode))[-1:].upper()
    return Settings(
        profile=int(profile.group()) if profile else usual.profile,
        hwaas=max(1, int(_number(config.get("hw_accelerated_average_samples"), usual.hwaas))),
        gain=_number(config.get("gain"), usual.gain),
        sampling_mode=mode if mode in SAMPLE_S else usual.sampling_mode,
        running_average=min(0.999, max(0.0, _number(config.get("running_average_factor"), usual.running_average))),
        tx_disable=bool(config.get("tx_disable", False)),
    )


def session_info(setup: SensorSetup) -> dict[str, Any]:
    """Return what the sensor answers to a configuration."""
    channel = setup.channels[0]
    info: dict[str, Any] = {
        "range_start_m": channel.start_m,
        "range_length_m": channel.step_m * (channel.points - 1),
        "data_length": channel.points * channel.sweeps,
        "step_length_m": channel.step_m,
        "stitch_count": 0,
    }
    if setup.service == SPARSE:
        info |= {"sweeps_per_frame": channel.sweeps, "sweep_rate": sweep_rate_hz(channel, settings_of(setup))}
    return info


def host_attributes(setup: SensorSetup, *, identity: str) -> dict[str, str]:
    """Return the texts of the host's recording layout that make a simulated recording one of the host's.

    The date is no date, since the same simulation gives the same recording; `identity` is ours.
    """
    return {
        "mode": setup.service,
        "sensor_config_dump": json.dumps(config_of(setup)),
        "session_info": json.dumps(session_info(setup)),
        "module_key": setup.service,
        "rss_version": _RSS_VERSION,
        "lib_version": _LIB_VERSION,
        "timestamp": "1970-01-01T00:00:00",
        "uuid": identity,
    }


def is_a111(setup: SensorSetup) -> bool:
    """Tell whether a setup is one of an A111."""
    return setup.generation == A111 and setup.service in CONFIGS


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) else float(default)
