"""Stacks what the chosen features make of a reading into one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import PartError, UserError
from .features.base import Feature
from .issues import Issue, Severity, has_errors
from .options import coerce
from .parts import Parts
from .reading import Channel, Reading, SensorSetup
from .recipe import FeatureChoice


@dataclass(frozen=True)
class _Prepared:
    """A choice made fit for use, or what stands against it."""

    feature_type: type[Feature] | None
    options: Any
    outputs: tuple[str, ...]
    channel_indices: tuple[int, ...]
    issues: list[Issue]


class RowMaker:
    """Makes a row of a reading: the enabled features one after another, in the order of the list.

    `width` is the number of values in a row, `slices[i]` the part of the row of the i-th enabled feature.
    """

    def __init__(self, choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> None:
        _refuse(self.check(choices, setup, parts))
        self._features: list[tuple[Feature, tuple[int, ...]]] = []
        slices: list[slice] = []
        start = 0
        for choice in choices:
            if not choice.enabled:
                continue
            feature, indices = _make(choice, setup, parts)
            self._features.append((feature, indices))
            slices.append(slice(start, start + feature.width))
            start += feature.width
        self.width: int = start
        self.slices: tuple[slice, ...] = tuple(slices)
        self._finishing = [
            (feature, place)
            for (feature, _), place in zip(self._features, slices, strict=True)
            if type(feature).finish is not Feature.finish
        ]

    def row(self, reading: Reading) -> NDArray[np.float32]:
        """Return the row of a reading, float32 `(width,)`, a new array."""
        row = np.empty(self.width, dtype=np.float32)
        for (feature, indices), place in zip(self._features, self.slices, strict=True):
            try:
                row[place] = feature.row([reading.matrices[i] for i in indices])
            except Exception as error:
                raise PartError("feature", feature.name, error) from error
        return row

    def rows(self, stacks: Sequence[NDArray[np.complex64]]) -> NDArray[np.float32]:
        """Return the rows of consecutive readings, float32 `(readings, width)`, bit for bit those of `row`.

        `stacks[i]` is complex64 `(readings, sweeps, points)` of channel `i` of the setup.
        """
        rows = np.empty((len(stacks[0]), self.width), dtype=np.float32)
        for (feature, indices), place in zip(self._features, self.slices, strict=True):
            try:
                rows[:, place] = feature.rows([stacks[i] for i in indices])
            except Exception as error:
                raise PartError("feature", feature.name, error) from error
        return rows

    def finish(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Let the features have their last word on a frame, float32 `(time_steps, width)`, in place; returns it."""
        for feature, place in self._finishing:
            try:
                window[:, place] = feature.finish(window[:, place])
            except Exception as error:
                raise PartError("feature", feature.name, error) from error
        return window

    def reset(self) -> None:
        """Let all features forget earlier readings."""
        for feature, _ in self._features:
            feature.reset()

    @staticmethod
    def check(choices: tuple[FeatureChoice, ...], setup: SensorSetup, parts: Parts) -> list[Issue]:
        """Say what does not fit; `Issue.where` is "features", "features.<index>" or "features.<index>.<option>"."""
        if not any(choice.enabled for choice in choices):
            return [Issue("features", "Expected at least one feature in use. Received: none. Add one.")]
        issues: list[Issue] = []
        for index, choice in enumerate(choices):
            if choice.enabled:
                issues += _prepare(choice, setup, parts, where=f"features.{index}").issues
        return issues


def _refuse(issues: list[Issue]) -> None:
    if has_errors(issues):
        first = next(issue for issue in issues if issue.severity is Severity.ERROR)
        raise UserError(first.message)


def _make(choice: FeatureChoice, setup: SensorSetup, parts: Parts) -> tuple[Feature, tuple[int, ...]]:
    prepared = _prepare(choice, setup, parts, where="features")
    channels = tuple(setup.channels[i] for i in prepared.channel_indices)
    assert prepared.feature_type is not None  # `_refuse` has seen to it
    feature = prepared.feature_type(
        prepared.options, outputs=prepared.outputs, channels=channels, reading_rate_hz=setup.reading_rate_hz
    )
    return feature, prepared.channel_indices


def _prepare(choice: FeatureChoice, setup: SensorSetup, parts: Parts, *, where: str) -> _Prepared:
    feature_type = parts.features.get(choice.key)
    if feature_type is None:
        known = ", ".join(parts.features) or "none"
        message = f"Expected a feature that is installed: {known}. Received: {choice.key}. Install or remove it."
        return _Prepared(None, None, (), (), [Issue(where, message)])
    options: Any
    options, issues = coerce(feature_type.Options, choice.options, where)
    indices = tuple(i for i, channel in enumerate(setup.channels) if _chosen(choice, channel))
    outputs = choice.outputs or tuple(feature_type.outputs)[:1]
    issues += _check_outputs(feature_type, outputs, where)
    if not indices:
        issues.append(Issue(f"{where}.sensor_ids", _no_channel(choice, setup)))
    else:
        channels = tuple(setup.channels[i] for i in indices)
        found = feature_type.check_service(options, outputs, setup.service)
        if not has_errors(found):
            found = [*found, *feature_type.check(options, channels)]
        issues += [_at(where, issue) for issue in found]
    return _Prepared(feature_type, options, outputs, indices, issues)


def _chosen(choice: FeatureChoice, channel: Channel) -> bool:
    right_sensor = choice.sensor_ids is None or channel.sensor_id in choice.sensor_ids
    return right_sensor and (choice.subsweeps is None or channel.subsweep in choice.subsweeps)


def _check_outputs(feature_type: type[Feature], outputs: tuple[str, ...], where: str) -> list[Issue]:
    unknown = [output for output in outputs if output not in feature_type.outputs]
    if not unknown:
        return []
    known = ", ".join(feature_type.outputs)
    message = f"Expected outputs among {known}. Received: {', '.join(map(str, unknown))}."
    return [Issue(f"{where}.outputs", message)]


def _no_channel(choice: FeatureChoice, setup: SensorSetup) -> str:
    there = ", ".join(f"sensor {c.sensor_id} subsweep {c.subsweep + 1}" for c in setup.channels) or "none"
    sensors = "all" if choice.sensor_ids is None else list(choice.sensor_ids)
    subsweeps = "all" if choice.subsweeps is None else [subsweep + 1 for subsweep in choice.subsweeps]
    return (
        f"Expected a sensor and subsweep that is measured: {there}. "
        f"Received: sensors={sensors}, subsweeps={subsweeps}. Choose among those measured."
    )


def _at(where: str, issue: Issue) -> Issue:
    return Issue(f"{where}.{issue.where}" if issue.where else where, issue.message, issue.severity)
