"""The model in use, and whether it fits the sensor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.model_file import ModelInfo, read_model_info
from ..core.reading import Channel, SensorSetup, service_name


@dataclass(frozen=True)
class OpenModel:
    """A model file that was read: where it lies and what it says of itself."""

    path: Path
    info: ModelInfo

    @classmethod
    def read(cls, path: Path) -> OpenModel:
        """Read a `.keras` file; raise `UserError` where it is none of ours."""
        return cls(path=path, info=read_model_info(path))

    def differences(self, setup: SensorSetup | None) -> tuple[str, ...]:
        """Say in words what about a setup is not as the model was trained with; empty where it fits."""
        expected = self.info.recipe.sensor
        if expected is None or setup is None:
            return ()
        return setup_differences(expected, setup)

    def wants_service(self, setup: SensorSetup | None) -> str:
        """Name the service the model was trained with, where the sensor is set to another one; "" where it is not."""
        expected = self.info.recipe.sensor
        if expected is None or setup is None or expected.generation != setup.generation:
            return ""
        return "" if expected.service == setup.service else service_name(expected.service)


def setup_differences(expected: SensorSetup, received: SensorSetup) -> tuple[str, ...]:
    """List what differs between two setups, one sentence each; empty where they make the same data."""
    if expected.generation != received.generation:
        return (f"Sensor generation: expected {expected.generation}, received {received.generation}.",)
    if expected.service != received.service:
        return (f"Service: expected {service_name(expected.service)}, received {service_name(received.service)}.",)
    if expected.sensor_ids != received.sensor_ids or len(expected.channels) != len(received.channels):
        return (f"Sensors and subsweeps: expected {_names(expected)}, received {_names(received)}.",)
    found = list(_channel_differences(expected, received))
    if abs(expected.reading_rate_hz - received.reading_rate_hz) > 0.01 * expected.reading_rate_hz:
        found.append(f"Rate: expected {expected.reading_rate_hz:g} Hz, received {received.reading_rate_hz:g} Hz.")
    if not found:
        found.extend(_host_differences(expected.host_config, received.host_config))
    return tuple(found)


def _names(setup: SensorSetup) -> str:
    return ", ".join(f"sensor {channel.sensor_id} subsweep {channel.subsweep + 1}" for channel in setup.channels)


def _channel_differences(expected: SensorSetup, received: SensorSetup) -> Iterator[str]:
    many = len(expected.channels) > 1
    for wanted, found in zip(expected.channels, received.channels, strict=True):
        place = f" (sensor {wanted.sensor_id}, subsweep {wanted.subsweep + 1})" if many else ""
        if wanted.sweeps != found.sweeps:
            yield f"Sweeps per reading{place}: expected {wanted.sweeps}, received {found.sweeps}."
        if not wanted.same_points_as(found):
            yield f"Range{place}: expected {_range(wanted)}, received {_range(found)}."
        rates = (wanted.sweep_rate_hz, found.sweep_rate_hz)
        if None not in rates and abs((rates[0] or 0.0) - (rates[1] or 0.0)) > 0.01 * (rates[0] or 0.0):
            yield f"Sweep rate{place}: expected {rates[0]:g} Hz, received {rates[1]:g} Hz."


def _range(channel: Channel) -> str:
    return f"{channel.start_m:.3f} to {channel.end_m:.3f} m in {channel.points} points"


def _host_differences(expected: str, received: str) -> Iterator[str]:
    """Name the settings of the host's own configuration that differ, profile and gain for instance."""
    if not expected or not received:
        return
    try:
        yield from sorted(set(_leaf_differences(json.loads(expected), json.loads(received), "")))
    except ValueError:
        yield "The configuration cannot be compared: it is not JSON."


def _leaf_differences(expected: Any, received: Any, name: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(received, dict):
        # What only one of them names is a setting its host's version added: it has its default.
        for key in expected.keys() & received.keys():
            yield from _leaf_differences(expected[key], received[key], key)
    elif isinstance(expected, list) and isinstance(received, list) and len(expected) == len(received):
        for wanted, found in zip(expected, received, strict=True):
            yield from _leaf_differences(wanted, found, name)
    elif expected != received:
        yield f"{name.replace('_', ' ').capitalize()}: expected {expected}, received {received}."
