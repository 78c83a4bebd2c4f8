"""Where a feature list and a sensor's configuration do not fit, in words, and how either can follow the other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.features.base import Feature
from ..core.issues import has_errors
from ..core.options import coerce, describe
from ..core.parts import Parts
from ..core.reading import Channel, SensorSetup
from ..core.recipe import FeatureChoice
from .open_model import setup_differences

_MOST_SWEEPS = 64
"""Sweeps per reading up to which it is tried whether a feature would be content."""

_SLACK_M = 1e-4
"""Differences of distances below this are rounding."""


@dataclass(frozen=True)
class Match:
    """What does not fit, one sentence each, and what either side would become; None where it need not change.

    `features` is the list that fits the sensor ("Sensor to feature"), `setup` the sensor that covers the features
    ("Feature to sensor").
    """

    sentences: tuple[str, ...] = ()
    features: tuple[FeatureChoice, ...] | None = None
    setup: SensorSetup | None = None


def match(
    choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts, *, wanted: SensorSetup | None = None
) -> Match:
    """Compare a feature list with what the sensor is set to.

    `wanted` is the configuration the list was made for, that of a preset; the sensor is then led to it as a whole.
    """
    sentences = tuple(_sentences(choices, setup, parts))
    differences = () if wanted is None else setup_differences(wanted, setup)
    following = follow_sensor(choices, setup, parts)
    leading = wanted if wanted is not None and differences else lead_sensor(choices, setup, parts)
    return Match(
        sentences=(*sentences, *differences),
        features=None if following == choices else following,
        setup=None if leading == setup else leading,
    )


def follow_sensor(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> tuple[FeatureChoice, ...]:
    """Return the features limited to what is measured: sensors, subsweeps and ranges; the others stay as they are.

    An end of a range outside the sensor's becomes the sensor's own end, written as 0.
    """
    return tuple(
        _followed(choice, setup, parts) if choice.enabled and choice.key in parts.features else choice
        for choice in choices
    )


def lead_sensor(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> SensorSetup:
    """Return the setup widened until it covers the features: sensors, subsweeps, ranges and sweeps.

    Nothing that is measured is given up. Steps stay as they are; a range begins exactly where a feature wants it,
    and ends at the first point that reaches its end.
    """
    channels = list(setup.channels)
    for choice in choices:
        feature_type = parts.features.get(choice.key)
        if choice.enabled and feature_type is not None and channels:
            channels = _with_places(channels, choice)
            channels = _with_range(channels, choice, _range_of(choice, feature_type))
            channels = _with_sweeps(channels, choice, feature_type)
    return replace(setup, channels=tuple(channels))


def _sentences(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> Iterator[str]:
    for number, choice in enumerate(choices, start=1):
        feature_type = parts.features.get(choice.key)
        if not choice.enabled or feature_type is None:
            continue
        name = f"{number}. {feature_type.name}"
        missing = _missing(choice, setup)
        if missing:
            yield f"{name}: {missing} not measured."
        start_m, stop_m = _range_of(choice, feature_type)
        for channel_range in _ranges(_chosen(choice, setup.channels)):
            low, high = channel_range
            if start_m and start_m < low - _SLACK_M:
                yield f"{name}: starts at {start_m:g} m, the sensor at {low:.3g} m."
            if (stop_m and stop_m > high + _SLACK_M) or (start_m and start_m > high + _SLACK_M):
                yield f"{name}: goes to {stop_m or start_m:g} m, the sensor to {high:.3g} m."
        if _needed_sweeps(choice, feature_type, setup.channels):
            yield f"{name}: needs more sweeps per reading."


def _missing(choice: FeatureChoice, setup: SensorSetup) -> str:
    sensors = set(choice.sensor_ids or ()) - set(setup.sensor_ids)
    subsweeps = set(choice.subsweeps or ()) - {channel.subsweep for channel in setup.channels}
    found = [f"sensor {sensor}" for sensor in sorted(sensors)]
    found += [f"subsweep {subsweep + 1}" for subsweep in sorted(subsweeps)]
    if not found and not _chosen(choice, setup.channels):
        found = ["this pair of sensor and subsweep"]
    return ", ".join(found) and f"{', '.join(found)} {'is' if len(found) == 1 else 'are'}"


def _ranges(channels: Iterable[Channel]) -> list[tuple[float, float]]:
    """Return the range the channels have together: nearest and farthest distance in metres; none without channels."""
    listed = list(channels)
    return [(min(c.start_m for c in listed), max(c.end_m for c in listed))] if listed else []


def _chosen(choice: FeatureChoice, channels: Sequence[Channel]) -> list[Channel]:
    return [channel for channel in channels if _uses(choice, channel)]


def _uses(choice: FeatureChoice, channel: Channel) -> bool:
    right_sensor = choice.sensor_ids is None or channel.sensor_id in choice.sensor_ids
    return right_sensor and (choice.subsweeps is None or channel.subsweep in choice.subsweeps)


def _range_of(choice: FeatureChoice, feature_type: type[Feature]) -> tuple[float, float]:
    """Return the feature's start and stop in metres, 0 where it has none or follows the sensor."""
    options: Any = coerce(feature_type.Options, choice.options)[0]
    return float(getattr(options, "start_m", 0.0)), float(getattr(options, "stop_m", 0.0))


def _followed(choice: FeatureChoice, setup: SensorSetup, parts: Parts) -> FeatureChoice:
    choice = replace(
        choice,
        sensor_ids=_kept(choice.sensor_ids, setup.sensor_ids),
        subsweeps=_kept(choice.subsweeps, sorted({channel.subsweep for channel in setup.channels})),
    )
    if not _chosen(choice, setup.channels):
        choice = replace(choice, sensor_ids=None, subsweeps=None)
    feature_type = parts.features[choice.key]
    start_m, stop_m = _range_of(choice, feature_type)
    names = {info.name for info in describe(feature_type.Options)}
    options = dict(choice.options)
    for low, high in _ranges(_chosen(choice, setup.channels)):
        outside = bool(start_m > high + _SLACK_M or (stop_m and stop_m < low - _SLACK_M))
        if "start_m" in names and start_m and (outside or start_m < low - _SLACK_M):
            options["start_m"] = 0.0
        if "stop_m" in names and stop_m and (outside or stop_m > high + _SLACK_M):
            options["stop_m"] = 0.0
    return replace(choice, options=options)


def _kept(chosen: tuple[int, ...] | None, there: Sequence[int]) -> tuple[int, ...] | None:
    kept = None if chosen is None else tuple(number for number in chosen if number in there)
    return kept or None


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
    start_m, stop_m = wanted_m
    channels = list(channels)
    for sensor in dict.fromkeys(channel.sensor_id for channel in channels):
        own = [i for i, c in enumerate(channels) if c.sensor_id == sensor and _uses(choice, c)]
        if not own:
            continue
        near = min(own, key=lambda i: channels[i].start_m)
        if start_m:
            channels[near] = _from(channels[near], start_m)
        far = max(own, key=lambda i: channels[i].end_m)
        channels[far] = _to(channels[far], max(start_m, stop_m))
    return channels


def _from(channel: Channel, start_m: float) -> Channel:
    if start_m >= channel.start_m - _SLACK_M:
        return channel
    return _to(replace(channel, start_m=start_m, points=1), channel.end_m)


def _to(channel: Channel, stop_m: float) -> Channel:
    if stop_m <= channel.end_m + _SLACK_M or channel.step_m <= 0:
        return channel
    return replace(channel, points=math.ceil((stop_m - channel.start_m - _SLACK_M) / channel.step_m) + 1)


def _with_sweeps(channels: list[Channel], choice: FeatureChoice, feature_type: type[Feature]) -> list[Channel]:
    sweeps = _needed_sweeps(choice, feature_type, channels)
    sensors = {channel.sensor_id for channel in channels if _uses(choice, channel)}
    return [
        replace(channel, sweeps=max(sweeps, channel.sweeps)) if sweeps and channel.sensor_id in sensors else channel
        for channel in channels
    ]


def _needed_sweeps(choice: FeatureChoice, feature_type: type[Feature], channels: Sequence[Channel]) -> int:
    """Return how many sweeps per reading would content a feature that now refuses, 0 if it is not for want of them."""
    own = tuple(_chosen(choice, channels))
    options: Any = coerce(feature_type.Options, choice.options)[0]
    if not own or not has_errors(feature_type.check(options, own)):
        return 0
    sweeps = 2
    while sweeps <= _MOST_SWEEPS:
        more = tuple(replace(channel, sweeps=max(sweeps, channel.sweeps)) for channel in own)
        if not has_errors(feature_type.check(options, more)):
            return sweeps if any(channel.sweeps < sweeps for channel in own) else 0
        sweeps *= 2
    return 0
