"""Feature lists and frame settings of the Deep Learning Interface as a recipe."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import UserError
from ..reading import Channel, SensorSetup
from ..recipe import FeatureChoice, FrameSettings, TriggerChoice

_OUTPUTS: Mapping[str, Mapping[str, str]] = {
    "sweep": {"segment": "segment", "integrated": "integrated"},
    "peak": {"peak": "distance", "amplitude": "amplitude"},
    "averages_1d": {name: name for name in ("avg_dist", "avg_std", "avg_ampl", "avg_total")},
    "averages_2d": {name: name for name in ("avg_dist", "avg_std", "avg_ampl", "avg_total")},
    "amplitude_ratios_1d": {"avg_ratio": "avg_ratio"},
    "sparse_fft": {"fft": "fft", "fft_profile": "profile", "fft_yprofile": "yprofile"},
    "sparse_presence": {"presence": "presence", "presence_avg": "time_average"},
    "distance_envelope": {"distance": "distance"},
}
"""Outputs of the features that both have, in the order of the rows, and what they are called here."""

_KEYS = {
    "sweep": "range_segment",
    "averages_1d": "averages",
    "averages_2d": "averages",
    "amplitude_ratios_1d": "amplitude_ratio",
    "sparse_presence": "presence_sparse",
}
_MILLIMETRES = ("peak", "avg_dist", "avg_std")
_ACROSS = {("sweep", "integrated"), ("sparse_fft", "fft_yprofile"), ("sparse_presence", "presence_avg")}
"""Outputs that the old tool laid along the time axis of the frame, filled up with zeros: no rows in time."""


@dataclass(frozen=True)
class Imported:
    """One output of one feature, as it stands in the frame: the choice that makes it, and how it relates to the old.

    Old values are `scale` times ours. With `held` the old tool had the newest value in all rows.
    """

    choice: FeatureChoice
    scale: float = 1.0
    held: bool = False
    known: bool = True
    across: bool = False


def one_dimensional(features: Any) -> bool:
    """Tell whether a list's features give one value per frame, as the old tool's 1D features do."""
    kinds = [feature.get("model_dimension") for feature in listed(features)]
    return all(kind == 1 for kind in kinds) if kinds else False


def listed(features: Any) -> list[Mapping[str, Any]]:
    """Return the entries of a feature list; raise `UserError` where there are none."""
    entries = features if isinstance(features, list) else []
    found: list[Mapping[str, Any]] = [feature for feature in entries if isinstance(feature, dict)]
    if not found or not all(isinstance(feature.get("key"), str) for feature in found):
        raise UserError("Expected a list of features in the old file. Received: none.")
    return found


def imported_features(features: Any, setup: SensorSetup, *, columns: int) -> list[Imported]:
    """Return what makes the rows of the old frames, one entry for each output and sensor, from the first row on.

    `columns` is the length of the old window in readings.
    """
    found: list[Imported] = []
    for feature in listed(features):
        found += _outputs_of(feature, setup, columns)
    if not found:
        raise UserError("Expected a feature with an output in use. Received: none.")
    return found


def choices_of(imported: Sequence[Imported]) -> tuple[FeatureChoice, ...]:
    """Return the feature list of a recipe: outputs of one feature and sensor stand together."""
    choices: list[FeatureChoice] = []
    for one in imported:
        last = choices[-1] if choices else None
        if last and one.known and replace(last, outputs=one.choice.outputs) == one.choice:
            choices[-1] = replace(last, outputs=last.outputs + one.choice.outputs)
        else:
            choices.append(one.choice)
    return tuple(choices)


def _outputs_of(feature: Mapping[str, Any], setup: SensorSetup, columns: int) -> Iterator[Imported]:
    key = feature["key"]
    names = _OUTPUTS.get(key)
    chosen = feature.get("output")
    used = [name for name, on in chosen.items() if on] if isinstance(chosen, dict) else []
    sensors = _sensors(feature.get("sensors"), setup)
    if names is None:
        plain = {str(name): value for name, value in _options(feature).items() if isinstance(value, (int, float, str))}
        yield Imported(FeatureChoice(key, plain, tuple(map(str, used)), sensors), known=False)
        return
    options = _own_options(key, _options(feature), setup.channels[0], columns)
    if key == "amplitude_ratios_1d":
        sensors_of_all = tuple(channel.sensor_id for channel in setup.channels[:2])
        yield Imported(FeatureChoice(_KEYS[key], options, ("avg_ratio",), sensors_of_all))
        return
    for group in _groups(key, sensors, options):
        for name in names:
            if name in used:
                yield Imported(
                    FeatureChoice(_KEYS.get(key, key), options, (names[name],), group),
                    scale=1000.0 if name in _MILLIMETRES else 1.0,
                    held=key == "averages_2d",
                    across=(key, name) in _ACROSS,
                )


def _groups(key: str, sensors: tuple[int, ...], options: Mapping[str, Any]) -> list[tuple[int, ...]]:
    """Return the sensors that are computed together: the stretch of the range segment knows all of them."""
    together = key == "sweep" and options.get("stretch")
    return [sensors] if together else [(sensor,) for sensor in sensors]


def _sensors(sensors: Any, setup: SensorSetup) -> tuple[int, ...]:
    """Return the sensors of a feature; where one was measured, every number meant that one."""
    measured = setup.sensor_ids
    if len(measured) == 1:
        return measured
    wanted = [sensor for sensor in sensors if isinstance(sensor, int)] if isinstance(sensors, (list, tuple)) else []
    return tuple(sensor for sensor in sorted(set(wanted)) if sensor in measured) or measured


def _options(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    options = feature.get("options")
    return options if isinstance(options, dict) else {}


def _own_options(key: str, old: Mapping[str, Any], channel: Channel, columns: int) -> dict[str, Any]:
    if key == "sweep":
        return {
            "method": "coherent_double",
            "downsample": max(1, int(_number(old.get("Down sample"), 8))),
            "tail": "drop",
            "flip": _flag(old.get("Flip"), False),
            "calibrate": _flag(old.get("Calibrate"), False),
            "dead_readings": 200 if _flag(old.get("Calibrate"), False) else 0,
            "stretch": _flag(old.get("Stretch"), False),
            "window": columns,
        }
    if key == "distance_envelope":
        # Start and Stop limited nothing; the length of the frame was taken for seconds.
        return {
            "sweep_average": min(100, max(1, int(_number(old.get("Sweep Avg."), 100)))),
            "threshold": min(20_000, max(1, int(_number(old.get("Threshold"), 600)))),
            "forget_s": float(min(1000, max(3, columns))),
        }
    options: dict[str, Any] = _range(old, channel, with_stop=key != "amplitude_ratios_1d")
    if key == "sparse_fft":
        options["kept_share"] = _number(old.get("High pass"), 1.0)
        options["flip"] = _flag(old.get("Flip"), True)
        options["stretch"] = _flag(old.get("Stretch"), False)
    if key == "sparse_presence":
        options["calibrate"] = _flag(old.get("Calibrate Avg."), False)
        options["dead_readings"] = 200 if options["calibrate"] else 0
    if key != "peak":
        options["window"] = columns
    return options


def _range(old: Mapping[str, Any], channel: Channel, *, with_stop: bool) -> dict[str, Any]:
    """Return the distances of the points nearest to Start and Stop, which the old tool used."""
    distances = channel.distances_m
    millimetres = 1000.0 * np.linspace(channel.start_m, channel.end_m, channel.points)
    first = int(np.argmin((millimetres - 1000.0 * _number(old.get("Start"), 0.2)) ** 2))
    last = int(np.argmin((millimetres - 1000.0 * _number(old.get("Stop"), 0.4)) ** 2))
    last = max(first, last if with_stop else last - 1)
    return {
        "start_m": 0.0 if first == 0 else round(float(distances[first]), 9),
        "stop_m": 0.0 if last == len(distances) - 1 else round(float(distances[last]), 9),
    }


def frame_columns(settings: Mapping[str, Any], rate: float) -> int:
    """Return the readings of a frame: of its time where it is given, as the old tool did."""
    seconds, size = settings.get("frame_time"), settings.get("frame_size")
    if isinstance(seconds, (int, float)) and math.isfinite(seconds) and seconds > 0:
        return min(4096, max(1, int(rate * seconds)))
    return min(4096, max(1, int(_number(size, 25))))


def frame_settings(settings: Mapping[str, Any], time_steps: int) -> FrameSettings:
    """Return frame length, pre-trigger and dead time."""
    offset = min(time_steps - 1, max(0, int(_number(settings.get("auto_offset"), 5))))
    dead = min(100_000, max(0, int(_number(settings.get("dead_time"), 10))))
    return FrameSettings(time_steps=time_steps, pre_trigger=offset, dead_time=dead)


def trigger(settings: Mapping[str, Any], columns: int) -> TriggerChoice:
    """Return the trigger that comes nearest to the old collection mode."""
    said = settings.get("collection_mode")
    mode = said if isinstance(said, str) else ""
    if mode == "presence_sparse":
        return TriggerChoice("presence", {"threshold": max(1.0, _number(settings.get("auto_threshold"), 1.5))})
    if mode == "auto_feature_based":
        threshold, wing = _number(settings.get("auto_threshold"), 1.5), int(_number(settings.get("auto_offset"), 10))
        return TriggerChoice("feature_shape", {"threshold": max(1.0, threshold), "wing": min(2047, max(1, wing))})
    if mode == "single":
        return TriggerChoice("single")
    if mode == "auto" or _flag(settings.get("rolling"), False):
        return TriggerChoice("continuous", {"hop": 1})
    offset = min(columns - 1, max(0, int(_number(settings.get("auto_offset"), 5))))
    return TriggerChoice("continuous", {"hop": max(1, columns - 1 - offset)})


def _flag(value: Any, default: bool) -> bool:
    """Return what a tick box held; anything else, such as a list, leaves it at its default."""
    return bool(value) if isinstance(value, (bool, int, float, np.bool_, np.number)) else default


def _number(value: Any, default: float) -> float:
    usable = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if usable else float(default)
