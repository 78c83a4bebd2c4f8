"""Checks of a feature or a trigger, for the tests of the package it comes from.

from exptool_ml_plugin.plugins.checks import check_feature

def test_my_feature_keeps_its_promises():
    check_feature(MyFeature)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.features.base import Feature
from ..core.issues import has_errors
from ..core.options import describe
from ..core.parts import Parts
from ..core.pipeline import Pipeline
from ..core.reading import (
    A111,
    A121,
    ENVELOPE,
    GOOD,
    SERVICES,
    SPARSE,
    SPARSE_ZERO,
    Channel,
    Quality,
    SensorSetup,
    service_name,
)
from ..core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from ..core.recording import Recording
from ..core.triggers.base import Trigger

_READINGS = 77
_STEPS = 24


def check_feature(feature_type: type[Feature]) -> None:
    """Raise `AssertionError`, in words, where a feature breaks a promise of `core.features.base.Feature`.

    Every output is tried with default options on setups of every service, of one and of several sensors and
    subsweeps, with one and with many sweeps; those that `check_service` and `check` refuse are left out, but one must
    be left.
    """
    _check_texts(feature_type)
    _expect(len(feature_type.outputs) > 0, feature_type, "at least one output", f"outputs={feature_type.outputs}")
    _check_options(feature_type)
    options = feature_type.Options()
    fitting = [
        (setup, output)
        for setup in _setups()
        for output in feature_type.outputs
        if not has_errors(feature_type.check_service(options, (output,), setup.service))
        and not has_errors(feature_type.check(options, setup.channels))
    ]
    _expect(bool(fitting), feature_type, "a setup that `check` accepts with default options", "none of those tried")
    for setup, output in fitting:
        _check_rows(feature_type, options, output, _recording(setup))


def check_trigger(trigger_type: type[Trigger], options: Any = None) -> None:
    """Raise `AssertionError`, in words, where a trigger breaks a promise of `core.triggers.base.Trigger`.

    It cuts frames of a feature made of noise, with default options or those given.
    """
    _check_texts(trigger_type)
    _check_options(trigger_type)
    chosen = {} if options is None else {f.name: getattr(options, f.name) for f in dataclasses.fields(options)}
    recording = _recording(next(iter(_setups())))
    recipe = Recipe(
        sensor=recording.setup,
        features=(FeatureChoice(_Loudness.key),),
        frame=FrameSettings(time_steps=_STEPS),
        trigger=TriggerChoice(trigger_type.key, chosen),
    )
    parts = Parts(features={_Loudness.key: _Loudness}, triggers={trigger_type.key: trigger_type}, layers={})
    pipeline = Pipeline(recipe, parts)
    first = [frame.first_reading for reading in recording if (frame := pipeline.push(reading)) is not None]
    pipeline.reset()
    again = [frame.first_reading for reading in recording if (frame := pipeline.push(reading)) is not None]
    _expect(first == again, trigger_type, "the same frames after `reset`", f"first={first}, again={again}")
    pipeline.reset()
    together = [frame.first_reading for frame in pipeline.push_many(recording)]
    _expect(first == together, trigger_type, "`updates` to do as `update`", f"single={first}, together={together}")


class _Loudness(Feature):
    key = "loudness"
    name = "Loudness"
    description = "Largest amplitude of each channel."
    outputs = {"loudness": "Loudness"}  # noqa: RUF012 - as a guest writes it

    @property
    def width(self) -> int:
        return len(self.channels)

    def row(self, matrices: Any) -> NDArray[np.float32]:
        return np.array([np.abs(matrix).max() for matrix in matrices], dtype=np.float32)


def _check_texts(part: type[Feature] | type[Trigger]) -> None:
    for name in ("key", "name", "description"):
        text = getattr(part, name, None)
        _expect(isinstance(text, str) and bool(text), part, f"a text in `{name}`", f"{name}={text!r}")


def _check_options(part: type[Feature] | type[Trigger]) -> None:
    settings = part.Options
    parameters: Any = getattr(settings, "__dataclass_params__", None)
    _expect(parameters is not None and parameters.frozen, part, "a frozen dataclass as `Options`", repr(settings))
    documented = {info.name for info in describe(settings)}
    undocumented = [f.name for f in dataclasses.fields(settings) if f.name not in documented]
    _expect(not undocumented, part, "every option made with `core.options.option`", f"undocumented={undocumented}")


def _check_rows(feature_type: type[Feature], options: Any, output: str, recording: Recording) -> None:
    setup = recording.setup
    feature = feature_type(options, outputs=(output,), channels=setup.channels, reading_rate_hz=setup.reading_rate_hz)
    channels = f"{len(setup.channels)} channels of {setup.channels[0].sweeps} sweeps"
    where = f"output {output!r} on {channels} of {service_name(setup.service)}"
    kept = [matrix.copy() for matrix in recording.matrices]
    rows = _rows_one_by_one(feature, recording)
    shape = (feature.width,)
    _expect(
        all(row.shape == shape for row in rows), feature_type, f"rows of shape {shape}, {where}", f"{rows[0].shape}"
    )
    single = np.stack(rows)
    _expect(bool(np.isfinite(single).all()), feature_type, f"finite values, {where}", "NaN or infinity")
    unchanged = all(np.array_equal(a, b) for a, b in zip(kept, recording.matrices, strict=True))
    _expect(unchanged, feature_type, "matrices that are left as they are", "changed ones")
    feature.reset()
    again = np.stack(_rows_one_by_one(feature, recording))
    _expect(_same(single, again), feature_type, f"the same rows after `reset`, {where}", "others")
    feature.reset()
    together = np.asarray(feature.rows(list(recording.matrices)))
    _expect(_same(single, together), feature_type, f"`rows` to do as `row`, {where}", "others")
    block = np.asarray(single[-_STEPS:], dtype=np.float32)
    for window in (block, np.zeros_like(block)):  # what has not come yet is 0 in the live picture
        finished = feature.finish(window.copy())
        _expect(finished.shape == block.shape, feature_type, f"`finish` to keep {block.shape}", f"{finished.shape}")


def _rows_one_by_one(feature: Feature, recording: Recording) -> list[NDArray[np.floating]]:
    return [np.asarray(feature.row(list(reading.matrices))) for reading in recording]


def _same(first: NDArray[np.floating], second: NDArray[np.floating]) -> bool:
    return first.shape == second.shape and first.tobytes() == second.astype(first.dtype).tobytes()


def _setups() -> Iterable[SensorSetup]:
    for sweeps in (16, 1):
        one = Channel(1, 0, sweeps, 20, 0.2, 0.02, 1000.0)
        yield SensorSetup(A121, (one,), 50.0)
        others = tuple(
            Channel(sensor, subsweep, sweeps, 12 + 4 * subsweep, 0.2 + 0.2 * subsweep, 0.02, 1000.0)
            for sensor in (1, 3)
            for subsweep in (0, 1)
        )
        yield SensorSetup(A121, others, 50.0)
    for service in SERVICES[A111]:
        sweeps, points, step_m = (16, 5, 0.06) if service == SPARSE else (1, 124, 0.0005)
        two = tuple(Channel(sensor, 0, sweeps, points, 0.2, step_m, 5000.0) for sensor in (2, 4))
        yield SensorSetup(A111, two, 50.0, service=service)


def _recording(setup: SensorSetup) -> Recording:
    """Noise, and something that moves away while the middle third lasts; whole numbers, as sensors give them."""
    random = np.random.default_rng(0)
    matrices = []
    for channel in setup.channels:
        shape = (_READINGS, channel.sweeps, channel.points)
        values = 70 * (random.standard_normal(shape) + 1j * random.standard_normal(shape))
        turns = np.arange(_READINGS * channel.sweeps).reshape(_READINGS, channel.sweeps, 1) / 7.0
        third = slice(_READINGS // 3, 2 * _READINGS // 3)
        values[third] += 1000 * np.exp(2j * np.pi * turns)[third]
        matrices.append((np.round(_as_measured(values, setup.service)) + 0.0).astype(np.complex64))
    quality: list[Quality] = [GOOD] * _READINGS
    time_s = np.arange(_READINGS) / setup.reading_rate_hz
    return Recording("check", setup, time_s, tuple(matrices), tuple(quality), marks=(_READINGS // 2,))


def _as_measured(values: NDArray[np.complex128], service: str) -> NDArray[Any]:
    """Return what a service measures of complex echoes."""
    if service == ENVELOPE:
        return np.abs(values)
    return SPARSE_ZERO + values.real if service == SPARSE else values


def _expect(kept: bool, part: type[Feature] | type[Trigger], expected: str, received: str) -> None:
    if not kept:
        raise AssertionError(f"{part.__name__}: expected {expected}. Received: {received}.")
