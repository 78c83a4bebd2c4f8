"""A client of the host that measures a simulated scene."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import attrs
import numpy as np
from acconeer.exptool import a121
from acconeer.exptool.a121._core.communication.mock_client import MockClient
from acconeer.exptool.a121._core.entities.containers.result import ResultContext
from numpy.typing import NDArray

from ...core.errors import UserError
from ...core.reading import Reading, SensorSetup
from ...core.simulate import SimulatedSensor, host_attributes, make_scene
from .convert import asked_rate_hz, entries, places_of, setup_of

LONGEST_STALL_S = 1.0
"""A client that is further behind than this goes on from now, like a sensor whose buffer is full."""


class SceneClient(MockClient, register=False):  # type: ignore[call-arg]
    """The host's simulated sensor, seeing a scene of `core.simulate` at the rate that is set.

    `scene_name` is asked for every reading, so that another scene takes effect at once.
    """

    MAX_MOCK_UPDATE_RATE_HZ = 200.0

    def __init__(self, scene_name: Callable[[], str]) -> None:
        super().__init__()
        self._scene_name = scene_name
        self._sensor: SimulatedSensor | None = None
        self._measurements = 0
        self._index = 0
        self._begin_s = 0.0

    @property
    def server_info(self) -> a121.ServerInfo:
        """The host's simulated server under another name."""
        return attrs.evolve(super().server_info, hardware_name="Simulated scene")

    @classmethod
    def _session_config_to_metadata(cls, config: a121.SessionConfig) -> list[dict[int, a121.Metadata]]:
        texts = json.loads(host_attributes(setup_of(config), identity="")["metadata"])
        groups: list[dict[int, a121.Metadata]] = [{} for _ in texts]
        for group, sensor_id, _ in entries(config.groups):
            values = texts[group][str(sensor_id)]
            if asked_rate_hz(config) is None:
                values["tick_period"] = 0  # promises nothing
            groups[group][sensor_id] = a121.Metadata.from_json(json.dumps(values))
        return groups

    def start_session(self) -> None:
        """Start measuring; every measurement of a connection has noise and a person's variations of its own."""
        super().start_session()
        self._measurements += 1
        config = self.session_config
        setup = setup_of(config, self.extended_metadata)
        setup = replace(setup, reading_rate_hz=min(setup.reading_rate_hz, self.MAX_MOCK_UPDATE_RATE_HZ))
        self._places = places_of(config)
        self._sensor = self._make_sensor(setup)
        self._index = 0
        self._begin_s = time.perf_counter()

    def get_next(self) -> Any:
        """Wait for the next reading's time and return it as the host's result."""
        self._assert_session_started()
        sensor = self._sensor
        if sensor is None:
            raise RuntimeError("expected a started measurement")
        if sensor.scene.name != self._scene_name():
            sensor = self._sensor = self._make_sensor(sensor.setup)
        reading = sensor.reading(self._index)
        results = self._results(reading)
        self._wait_until(self._begin_s + reading.time_s)
        self._index += 1
        self._recorder_sample(results)
        return self._return_results(results)

    def _make_sensor(self, setup: SensorSetup) -> SimulatedSensor:
        try:
            scene = make_scene(self._scene_name(), seed=self._measurements)
        except UserError as error:
            raise RuntimeError(str(error)) from error  # the host shows it
        return SimulatedSensor(setup, scene, self._measurements)

    def _wait_until(self, due_s: float) -> None:
        ahead_s = due_s - time.perf_counter()
        if ahead_s > 0.0:
            time.sleep(ahead_s)
        elif ahead_s < -LONGEST_STALL_S:
            self._begin_s -= ahead_s

    def _results(self, reading: Reading) -> list[dict[int, a121.Result]]:
        frames: dict[tuple[int, int], list[NDArray[np.complex64]]] = {}
        for place, matrix in zip(self._places, reading.matrices, strict=True):
            frames.setdefault((place.group, place.sensor_id), []).append(matrix)
        results: list[dict[int, a121.Result]] = [{} for _ in self.extended_metadata]
        for group, sensor_id, metadata in entries(self.extended_metadata):
            frame = np.concatenate(frames[group, sensor_id], axis=1)
            results[group][sensor_id] = a121.Result(
                data_saturated=reading.quality.saturated,
                frame_delayed=False,
                calibration_needed=False,
                temperature=metadata.calibration_temperature,
                tick=round(reading.time_s * self.TICKS_PER_SECOND),
                frame=a121.complex_array_to_int16_complex(frame),
                context=ResultContext(ticks_per_second=self.TICKS_PER_SECOND, metadata=metadata),
            )
        return results
