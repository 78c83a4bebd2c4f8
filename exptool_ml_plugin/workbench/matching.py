"""Where a feature list and a sensor's configuration do not fit, in words, and how either can follow the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..core.options import describe
from ..core.parts import Parts
from ..core.reading import SensorSetup
from ..core.recipe import FeatureChoice
from .covering import lead_sensor
from .feature_reach import SLACK_M, channels_of, in_gap, needed_sweeps, outside, range_of, service_issue, spans
from .open_model import setup_differences


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

    An end of a range outside the sensor's becomes the sensor's own end, written as 0. What cannot be made of the
    readings of the service is switched off, unless nothing would be left.
    """
    unfit = [bool(service_issue(choice, setup.service, parts)) for choice in choices]
    some_fit = any(choice.enabled and not wrong for choice, wrong in zip(choices, unfit, strict=True))
    followed = []
    for choice, wrong in zip(choices, unfit, strict=True):
        if choice.enabled and choice.key in parts.features:
            choice = replace(choice, enabled=not some_fit) if wrong else _followed(choice, setup, parts)
        followed.append(choice)
    return tuple(followed)


def _sentences(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> Iterator[str]:
    for number, choice in enumerate(choices, start=1):
        feature_type = parts.features.get(choice.key)
        if not choice.enabled or feature_type is None:
            continue
        name = f"{number}. {feature_type.name}"
        problem = service_issue(choice, setup.service, parts)
        if problem:
            yield f"{name}: {problem}"
            continue
        missing = _missing(choice, setup)
        if missing:
            yield f"{name}: {missing} not measured."
        own, range_m = channels_of(choice, setup.channels), range_of(choice, feature_type)
        below, above = outside(own, range_m)
        if in_gap(own, range_m):
            yield f"{name}: {range_m[0]:g} to {range_m[1]:g} m lies between what the subsweeps measure."
        for wanted_m, there_m in below:
            yield f"{name}: begins at {wanted_m:g} m, the sensor at {there_m:.3g} m."
        for wanted_m, there_m in above:
            yield f"{name}: goes to {wanted_m:g} m, the sensor to {there_m:.3g} m."
        if needed_sweeps(choice, feature_type, setup.channels):
            yield f"{name}: needs more sweeps per reading."


def _missing(choice: FeatureChoice, setup: SensorSetup) -> str:
    sensors = set(choice.sensor_ids or ()) - set(setup.sensor_ids)
    subsweeps = set(choice.subsweeps or ()) - {channel.subsweep for channel in setup.channels}
    found = [f"sensor {sensor}" for sensor in sorted(sensors)]
    found += [f"subsweep {subsweep + 1}" for subsweep in sorted(subsweeps)]
    if not found and not channels_of(choice, setup.channels):
        found = ["this pair of sensor and subsweep"]
    return ", ".join(found) and f"{', '.join(found)} {'is' if len(found) == 1 else 'are'}"


def _followed(choice: FeatureChoice, setup: SensorSetup, parts: Parts) -> FeatureChoice:
    choice = replace(
        choice,
        sensor_ids=_kept(choice.sensor_ids, setup.sensor_ids),
        subsweeps=_kept(choice.subsweeps, sorted({channel.subsweep for channel in setup.channels})),
    )
    if not channels_of(choice, setup.channels):
        choice = replace(choice, sensor_ids=None, subsweeps=None)
    feature_type = parts.features[choice.key]
    start_m, stop_m = range_of(choice, feature_type)
    names = {info.name for info in describe(feature_type.Options)}
    options = dict(choice.options)
    for low, high in spans(channels_of(choice, setup.channels)):
        gap = in_gap(channels_of(choice, setup.channels), (start_m, stop_m))
        missed = bool(gap or start_m > high + SLACK_M or (stop_m and stop_m < low - SLACK_M))
        if "start_m" in names and start_m and (missed or start_m < low - SLACK_M):
            options["start_m"] = 0.0
        if "stop_m" in names and stop_m and (missed or stop_m > high + SLACK_M):
            options["stop_m"] = 0.0
    return replace(choice, options=options)


def _kept(chosen: tuple[int, ...] | None, there: Sequence[int]) -> tuple[int, ...] | None:
    kept = None if chosen is None else tuple(number for number in chosen if number in there)
    return kept or None
