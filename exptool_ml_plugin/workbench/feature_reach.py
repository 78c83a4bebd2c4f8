"""What a feature takes of the sensor: which channels, which distances, how many sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..core.features.base import Feature
from ..core.features.ranges import points_between
from ..core.issues import Severity, has_errors
from ..core.options import coerce
from ..core.parts import Parts
from ..core.reading import Channel
from ..core.recipe import FeatureChoice

SLACK_M = 1e-4
"""Differences of distances below this are rounding."""


_MOST_SWEEPS = 64
"""Sweeps per reading up to which it is tried whether a feature would be content."""


def channels_of(choice: FeatureChoice, channels: Sequence[Channel]) -> list[Channel]:
    """Return the channels the feature is computed from."""
    return [channel for channel in channels if uses(choice, channel)]


def uses(choice: FeatureChoice, channel: Channel) -> bool:
    """Tell whether the feature is computed from a channel."""
    right_sensor = choice.sensor_ids is None or channel.sensor_id in choice.sensor_ids
    return right_sensor and (choice.subsweeps is None or channel.subsweep in choice.subsweeps)


def range_of(choice: FeatureChoice, feature_type: type[Feature]) -> tuple[float, float]:
    """Return the feature's start and stop in metres, 0 where it has none or follows the sensor."""
    options: Any = coerce(feature_type.Options, choice.options)[0]
    return float(getattr(options, "start_m", 0.0)), float(getattr(options, "stop_m", 0.0))


def spans(channels: Iterable[Channel]) -> list[tuple[float, float]]:
    """Return the range the channels have together: nearest and farthest distance in metres; none without channels."""
    listed = list(channels)
    return [(min(c.start_m for c in listed), max(c.end_m for c in listed))] if listed else []


def outside(
    channels: Iterable[Channel], wanted_m: tuple[float, float]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Compare a feature's start and stop with the range of its channels.

    Returns what is wanted and what there is where it begins too early, and where it goes too far; each may be empty.
    """
    given = [end for end in wanted_m if end]
    below: list[tuple[float, float]] = []
    above: list[tuple[float, float]] = []
    for low, high in spans(channels) if given else []:
        below += [(min(given), low)] if min(given) < low - SLACK_M else []
        above += [(max(given), high)] if max(given) > high + SLACK_M else []
    return below, above


def in_gap(channels: Sequence[Channel], wanted_m: tuple[float, float]) -> bool:
    """Tell whether the range is neither too near nor too far, and yet no channel has a point of it."""
    start_m, stop_m = wanted_m
    places = (points_between(channel, start_m=start_m, stop_m=stop_m) for channel in channels)
    missed = bool(channels) and start_m < stop_m and all(place.start == place.stop for place in places)
    return missed and outside(channels, wanted_m) == ([], [])


def needed_sweeps(choice: FeatureChoice, feature_type: type[Feature], channels: Sequence[Channel]) -> int:
    """Return how many sweeps per reading would content a feature that now refuses, 0 if it is not for want of them."""
    own = tuple(channels_of(choice, channels))
    options: Any = coerce(feature_type.Options, choice.options)[0]
    if not own or _accepts(feature_type, options, own):
        return 0
    sweeps = 2
    while sweeps <= _MOST_SWEEPS:
        more = tuple(replace(channel, sweeps=max(sweeps, channel.sweeps)) for channel in own)
        if _accepts(feature_type, options, more):
            return sweeps if any(channel.sweeps < sweeps for channel in own) else 0
        sweeps *= 2
    return 0


def service_issue(choice: FeatureChoice, service: str, parts: Parts) -> str:
    """Say why the feature cannot be made of the readings of a service; "" where it can, or is not in use."""
    feature_type = parts.features.get(choice.key)
    if feature_type is None or not choice.enabled:
        return ""
    options: Any = coerce(feature_type.Options, choice.options)[0]
    outputs = choice.outputs or tuple(feature_type.outputs)[:1]
    issues = feature_type.check_service(options, outputs, service)
    return next((issue.message for issue in issues if issue.severity is Severity.ERROR), "")


def _accepts(feature_type: type[Feature], options: Any, channels: tuple[Channel, ...]) -> bool:
    try:
        return not has_errors(feature_type.check(options, channels))
    except Exception:  # noqa: BLE001 - a guest may raise anything; the check of the list says so
        return False
