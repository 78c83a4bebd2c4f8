"""A session configuration changed to other sensors, ranges and sweeps; everything else of it stays as it was."""

from __future__ import annotations

import copy
import json
import math
import warnings
from collections.abc import Sequence
from typing import Any

from acconeer.exptool import a121

from ...core.errors import UserError
from ...core.reading import Channel, SensorSetup


def covering(config: a121.SessionConfig, setup: SensorSetup, *, alike: bool) -> a121.SessionConfig:
    """Return the configuration with the sensors, ranges and sweeps of a setup's channels; steps stay.

    A sensor that was not in it is measured in the first group. With `alike`, for the Exploration Tool, which shows one
    configuration for all sensors and cannot show others, all of them get what any of them needs. Raises `UserError`
    where the sensor cannot do it, more points than its buffer holds for instance.
    """
    document = json.loads(config.to_json())
    groups: list[dict[str, Any]] = document["groups"]
    first = next(iter(groups[0].values()))
    known = {int(sensor) for group in groups for sensor in group}
    groups[0] |= {str(sensor): copy.deepcopy(first) for sensor in setup.sensor_ids if sensor not in known}
    if alike:
        document["groups"] = groups = [dict.fromkeys(group, first) for group in groups]
    for sensor, settings in [item for group in groups for item in group.items()]:
        own = [channel for channel in setup.channels if alike or channel.sensor_id == int(sensor)]
        if own:
            _widen(settings, own)
    document["extended"] = bool(document["extended"] or len(groups) > 1 or len(groups[0]) > 1)
    return _checked(json.dumps(document))


def _widen(settings: dict[str, Any], channels: Sequence[Channel]) -> None:
    subsweeps = settings["subsweeps"]
    for number in sorted({channel.subsweep for channel in channels}):
        if number >= len(subsweeps):
            subsweeps.append(dict(subsweeps[-1]))
        step_length = subsweeps[number]["step_length"]
        own = [channel for channel in channels if channel.subsweep == number]
        # In the sensor's own grid, which is not quite the nominal one.
        start = min(round(channel.start_m * step_length / channel.step_m) for channel in own)
        end = max(round(channel.end_m * step_length / channel.step_m) for channel in own)
        subsweeps[number]["start_point"] = start
        subsweeps[number]["num_points"] = math.ceil((end - start) / step_length) + 1
    settings["sweeps_per_frame"] = max(channel.sweeps for channel in channels)


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
