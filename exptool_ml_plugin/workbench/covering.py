"""A sensor's setup changed and widened until it covers a feature list."""

from __future__ import annotations

import math
from dataclasses import replace

from ..core.a111 import with_service
from ..core.features.base import Feature
from ..core.parts import Parts
from ..core.reading import SERVICES, Channel, SensorSetup
from ..core.recipe import FeatureChoice
from .feature_reach import SLACK_M, channels_of, in_gap, needed_sweeps, outside, range_of, service_issue, uses


def lead_sensor(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> SensorSetup:
    """Return the setup widened until it covers the features: service, sensors, subsweeps, ranges and sweeps.

    Nothing that is measured is given up, but for the service where another one is needed. Steps stay as they are; a
    range begins exactly where a feature wants it, and ends at the first point that reaches its end.
    """
    setup = with_service(setup, _fitting_service(choices, setup, parts))
    channels = list(setup.channels)
    for choice in choices:
        feature_type = parts.features.get(choice.key)
        fits = not service_issue(choice, setup.service, parts)
        if choice.enabled and feature_type is not None and channels and fits:
            channels = _with_places(channels, choice)
            channels = _with_range(channels, choice, range_of(choice, feature_type))
            channels = _with_sweeps(channels, choice, feature_type)
    return replace(setup, channels=tuple(channels))


def _fitting_service(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> str:
    """Return the first service of the sensor that all features can be made of, its own if it is one or none is."""
    services: tuple[str, ...] = (setup.service, *SERVICES.get(setup.generation, ()))
    for service in services:
        if not any(service_issue(choice, service, parts) for choice in choices):
            return service
    return setup.service


def _with_places(channels: list[Channel], choice: FeatureChoice) -> list[Channel]:
    """Add the sensors and subsweeps the feature names, each like one that is there."""
    for sensor in sorted(set(choice.sensor_ids or ()) - {channel.sensor_id for channel in channels}):
        model = [channel for channel in channels if channel.sensor_id == channels[0].sensor_id]
        channels = [*channels, *(replace(channel, sensor_id=sensor) for channel in model)]
    for sensor in dict.fromkeys(channel.sensor_id for channel in channels):
        if choice.subsweeps and (choice.sensor_ids is None or sensor in choice.sensor_ids):
            channels = _with_subsweeps(channels, sensor, max(choice.subsweeps))
    return channels


def _with_subsweeps(channels: list[Channel], sensor: int, last: int) -> list[Channel]:
    own = [index for index, channel in enumerate(channels) if channel.sensor_id == sensor]
    end = own[-1]
    model = channels[end]
    added = [replace(model, subsweep=number) for number in range(model.subsweep + 1, last + 1)]
    return [*channels[: end + 1], *added, *channels[end + 1 :]]


def _with_range(channels: list[Channel], choice: FeatureChoice, wanted_m: tuple[float, float]) -> list[Channel]:
    """Widen for each sensor the nearest of the feature's subsweeps downwards and the farthest upwards."""
    below, above = outside(channels_of(choice, channels), wanted_m)
    gap = in_gap(channels_of(choice, channels), wanted_m)
    channels = list(channels)
    for sensor in dict.fromkeys(channel.sensor_id for channel in channels):
        own = [i for i, c in enumerate(channels) if c.sensor_id == sensor and uses(choice, c)]
        if not own:
            continue
        near = min(own, key=lambda i: channels[i].start_m)
        nearer = [i for i in own if channels[i].end_m < wanted_m[0]]
        if gap and nearer:
            last = max(nearer, key=lambda i: channels[i].end_m)
            channels[last] = _to(channels[last], wanted_m[1])
        for low_m, _ in below:
            channels[near] = _from(channels[near], low_m)
        far = max(own, key=lambda i: channels[i].end_m)
        for high_m, _ in above:
            channels[far] = _to(channels[far], high_m)
    return channels


def _from(channel: Channel, start_m: float) -> Channel:
    if start_m >= channel.start_m - SLACK_M:
        return channel
    return _to(replace(channel, start_m=start_m, points=1), channel.end_m)


def _to(channel: Channel, stop_m: float) -> Channel:
    if stop_m <= channel.end_m + SLACK_M or channel.step_m <= 0:
        return channel
    return replace(channel, points=math.ceil((stop_m - channel.start_m - SLACK_M) / channel.step_m) + 1)


def _with_sweeps(channels: list[Channel], choice: FeatureChoice, feature_type: type[Feature]) -> list[Channel]:
    sweeps = needed_sweeps(choice, feature_type, channels)
    sensors = {channel.sensor_id for channel in channels if uses(choice, channel)}
    return [
        replace(channel, sweeps=max(sweeps, channel.sweeps)) if sweeps and channel.sensor_id in sensors else channel
        for channel in channels
    ]
