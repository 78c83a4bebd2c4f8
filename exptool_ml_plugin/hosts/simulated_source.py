"""Simulated scenes as sensors for scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..core.reading import Reading, SensorSetup
from ..core.simulate import SimulatedSensor, make_scene


class SimulatedSource:
    """A simulated scene, measured in real time."""

    def __init__(self, scene: str, setup: SensorSetup, *, seed: int = 0) -> None:
        self.setup = setup
        self._sensor = SimulatedSensor(setup, make_scene(scene, seed=seed), seed)
        self._open = True

    def __iter__(self) -> Iterator[Reading]:
        """Yield readings at the setup's rate until closed."""
        start = time.monotonic()
        index = 0
        while self._open:
            reading = self._sensor.reading(index)
            time.sleep(max(0.0, start + reading.time_s - time.monotonic()))
            yield reading
            index += 1

    def close(self) -> None:
        """Stop measuring."""
        self._open = False
