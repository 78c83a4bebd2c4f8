"""A sensor that measures a scene."""

from __future__ import annotations

import uuid

import numpy as np
from numpy.typing import NDArray

from ..reading import GOOD, Quality, Reading, SensorSetup
from ..recording import Recording
from .a121_config import host_attributes, subsweep_settings
from .person import Person
from .physics import frame, is_saturated, sweep_times
from .scenes import Scene, make_scene


class SimulatedSensor:
    """Measures a scene with a setup, reading by reading.

    The same setup, scene and seed give the same readings, whatever the order they are asked for in. Profile, hwaas and
    the like come from the setup's `host_config` where it is an A121 session configuration.
    """

    def __init__(self, setup: SensorSetup, scene: Scene, seed: int = 0) -> None:
        self.setup = setup
        self.scene = scene
        self.seed = seed
        self._settings = subsweep_settings(setup)

    def reading(self, index: int) -> Reading:
        """Return reading `index` of the measurement; it starts at `index / reading_rate_hz`."""
        return self.measure(index / self.setup.reading_rate_hz, index=index)

    def measure(self, time_s: float, *, index: int) -> Reading:
        """Return the reading that starts at `time_s` of the scene; `index` chooses its noise."""
        rng = np.random.default_rng([self.seed, 3, index])
        matrices = tuple(self._matrix(i, time_s, rng) for i in range(len(self.setup.channels)))
        saturated = any(is_saturated(matrix) for matrix in matrices)
        return Reading(time_s=time_s, matrices=matrices, quality=Quality(saturated=True) if saturated else GOOD)

    def _matrix(self, index: int, time_s: float, rng: np.random.Generator) -> NDArray[np.complex64]:
        channel, settings = self.setup.channels[index], self._settings[index]
        times = sweep_times(channel, time_s, settings=settings)
        return frame(channel, self.scene.echoes(times, sensor_id=channel.sensor_id), rng, settings=settings)


def record(
    setup: SensorSetup,
    scene: str | Scene,
    seconds: float,
    *,
    name: str,
    seed: int = 0,
    person: Person | None = None,
) -> Recording:
    """Record a scene, given as such or by name with the person who makes it; `UserError` for a name that is none."""
    chosen = make_scene(scene, person, seed=seed) if isinstance(scene, str) else scene
    sensor = SimulatedSensor(setup, chosen, seed)
    readings = [sensor.reading(index) for index in range(round(seconds * setup.reading_rate_hz))]
    tags = {"scene": chosen.name, **({"person": person.name} if person is not None else {})}
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{name} {chosen.name} {seed} {seconds}")
    attributes = host_attributes(setup, identity=str(identity))
    return Recording.from_readings(readings, name=name, setup=setup, tags=tags, host_attributes=attributes)
