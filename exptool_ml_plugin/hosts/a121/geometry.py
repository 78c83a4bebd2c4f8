"""A session configuration changed to other sensors, ranges and sweeps; everything else of it stays as it was."""

from __future__ import annotations

import copy
import json
import warnings
from typing import Any

from acconeer.exptool import a121

from ...core.errors import UserError
from ...core.reading import Channel, SensorSetup
from .convert import BASE_STEP_M


def covering(config: a121.SessionConfig, setup: SensorSetup) -> a121.SessionConfig:
    """Return the configuration with the sensors, ranges and sweeps of a setup's channels; steps stay.

    A sensor that was not in it is measured in the first group like the first sensor there. Raises `UserError` where
    the sensor cannot do it, more points than its buffer holds for instance.
    """
    document = json.loads(config.to_json())
    groups: list[dict[str, Any]] = document["groups"]
    waiting = list(setup.channels)
    for group in groups:
        for sensor, settings in group.items():
            _adapt(settings, _take(waiting, int(sensor)))
    model = next(iter(groups[0].values()))
    for sensor_id in dict.fromkeys(channel.sensor_id for channel in waiting):
        settings = copy.deepcopy(model)
        _adapt(settings, _take(waiting, sensor_id))
        groups[0][str(sensor_id)] = settings
    document["extended"] = bool(document["extended"] or len(groups) > 1 or len(groups[0]) > 1)
    return _checked(json.dumps(document))


def _take(waiting: list[Channel], sensor_id: int) -> list[Channel]:
    """Take the sensor's next channels out of those waiting: its subsweeps from 0 to where they begin anew."""
    own: list[Channel] = []
    for channel in [channel for channel in waiting if channel.sensor_id == sensor_id]:
        if own and channel.subsweep == 0:
            break
        own.append(channel)
    for channel in own:
        waiting.remove(channel)
    return own


def _adapt(settings: dict[str, Any], channels: list[Channel]) -> None:
    subsweeps = settings["subsweeps"]
    for channel in channels:
        if channel.subsweep >= len(subsweeps):
            subsweeps.append(dict(subsweeps[-1]))
        subsweep = subsweeps[channel.subsweep]
        subsweep["start_point"] = round(channel.start_m / BASE_STEP_M)
        subsweep["num_points"] = channel.points
        settings["sweeps_per_frame"] = channel.sweeps


def _checked(text: str) -> a121.SessionConfig:
    try:
        config = a121.SessionConfig.from_json(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            config.validate()
    except (ValueError, a121.ValidationError) as error:
        raise UserError(
            f"Expected a configuration the sensor can measure. Received: {error}",
            "Limit the features to less, or set the sensor by hand.",
        ) from error
    return config
