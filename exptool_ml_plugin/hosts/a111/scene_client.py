"""A client of the A111's host that measures a simulated scene."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from acconeer.exptool.a111._clients.base import ClientError
from acconeer.exptool.a111._clients.mock.client import MockClient
from acconeer.exptool.a111._modes import Mode
from numpy.typing import NDArray

from ...core.a111 import info_of
from ...core.errors import UserError
from ...core.reading import A111, IQ, SERVICES, SPARSE, Reading
from ...core.simulate import SimulatedSensor, a111_config, make_scene
from .convert import setup_of_config

LONGEST_STALL_S = 1.0
"""A client that is further behind than this goes on from now, like a sensor whose buffer is full."""

FASTEST_HZ = 200.0


class SceneClient(MockClient):
    """The host's simulated sensor, seeing a scene of `core.simulate` at the rate that is set.

    `scene_name` may be changed at any time, from any thread; it takes effect at the next reading.
    """

    def __init__(self, scene_name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scene_name = scene_name
        self._sensor: SimulatedSensor | None = None
        self._measurements = 0
        self._index = 0
        self._begin_s = 0.0

    @property
    def description(self) -> str:
        """What the host says it is connected to."""
        return "simulated scene"

    def _get_supported_modes(self) -> set[Any]:
        return {Mode[service.upper()] for service in SERVICES[A111]}

    def _setup_session(self, config: Any) -> dict[str, Any]:
        setup = setup_of_config(config)
        info = a111_config.session_info(setup)
        setup = setup_of_config(config, info=info)
        rate_hz = min(setup.reading_rate_hz, self._fastest_hz(info, setup.channels[0].sweeps))
        self._setup = replace(setup, reading_rate_hz=rate_hz)
        return info

    @staticmethod
    def _fastest_hz(info: dict[str, Any], sweeps: int) -> float:
        return min(FASTEST_HZ, info["sweep_rate"] / sweeps) if "sweep_rate" in info else FASTEST_HZ

    def _start_session(self) -> None:
        self._measurements += 1
        self._sensor = self._make_sensor()
        self._index = 0
        self._begin_s = time.perf_counter()

    def _get_next(self) -> tuple[Any, NDArray[Any]]:
        sensor = self._sensor
        if sensor is None or sensor.scene.name != self.scene_name:
            sensor = self._sensor = self._make_sensor()
        reading = sensor.reading(self._index)
        data = self._data(reading)
        self._wait_until(self._begin_s + reading.time_s)
        self._index += 1
        infos = [info_of(reading.quality) for _ in data]
        return (infos[0], data[0]) if self.squeeze and len(data) == 1 else (infos, data)

    def _make_sensor(self) -> SimulatedSensor:
        try:
            scene = make_scene(self.scene_name, seed=self._measurements)
        except UserError as error:
            raise ClientError(str(error)) from error  # the host shows it
        return SimulatedSensor(self._setup, scene, self._measurements)

    def _data(self, reading: Reading) -> NDArray[Any]:
        """Return the matrices as the host's clients give them: float64, or complex128 of IQ, without one axis."""
        stacked = np.stack(reading.matrices)
        if self._setup.service == SPARSE:
            return stacked.real.astype(np.float64)
        dense = stacked[:, 0]
        return dense.astype(np.complex128) if self._setup.service == IQ else dense.real.astype(np.float64)

    def _wait_until(self, due_s: float) -> None:
        ahead_s = due_s - time.perf_counter()
        if ahead_s > 0.0:
            time.sleep(ahead_s)
        elif ahead_s < -LONGEST_STALL_S:
            self._begin_s -= ahead_s
