"""A sensor that measures a scene."""

from __future__ import annotations

import uuid

import numpy as np
from numpy.typing import NDArray

from ..reading import GOOD, Quality, Reading, SensorSetup
from ..recording import Recording
from . import a111_config, a121_config
from .front_ends import Raw, front_end_of
from .person import Person
from .scenes import Scene, make_scene

_BLOCK_VALUES = 10_000
"""About how many values are computed at once: enough to make NumPy fast, few enough to wait for."""


class SimulatedSensor:
    """Measures a scene with a setup, reading by reading.

    The same setup, scene and seed give the same readings, whatever the order they are asked for in. Profile, hwaas and
    the like come from the setup's `host_config` where it is a configuration of the host.
    """

    def __init__(self, setup: SensorSetup, scene: Scene, seed: int = 0) -> None:
        self.setup = setup
        self.scene = scene
        self.seed = seed
        self._front_end = front_end_of(setup)
        values = sum(channel.sweeps * channel.points for channel in setup.channels)
        self._block_size = max(1, min(64, _BLOCK_VALUES // max(values, 1)))
        self._block_number: int | None = None
        self._block: list[NDArray[np.complex128]] = []
        self._raws: dict[int, Raw] = {}

    def reading(self, index: int) -> Reading:
        """Return reading `index` of the measurement; it starts at `index / reading_rate_hz`."""
        first = max(0, index - self._front_end.memory)
        self._raws = {number: raw for number, raw in self._raws.items() if first <= number <= index}
        for number in range(first, index + 1):
            if number not in self._raws:
                self._raws[number] = self._raw(number)
        matrices = self._front_end.matrices([self._raws[number] for number in range(first, index + 1)])
        saturated = any(self._front_end.is_saturated(matrix) for matrix in matrices)
        quality = Quality(saturated=True) if saturated else GOOD
        return Reading(time_s=index / self.setup.reading_rate_hz, matrices=matrices, quality=quality)

    def _raw(self, index: int) -> Raw:
        number, place = divmod(index, self._block_size)
        if number != self._block_number:
            # Whole blocks, so that a reading is the same to the last bit however it was come by.
            starts = (number * self._block_size + np.arange(self._block_size)) / self.setup.reading_rate_hz
            self._block = [self._noiseless(i, starts) for i in range(len(self.setup.channels))]
            self._block_number = number
        rng = np.random.default_rng([self.seed, 3, index])
        return self._front_end.raw([clean[place] for clean in self._block], rng)

    def _noiseless(self, index: int, starts_s: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Return complex128 `(readings, sweeps, points)` of a channel for readings that start at `starts_s`."""
        channel = self.setup.channels[index]
        times = (starts_s[:, np.newaxis] + self._front_end.sweep_times(index)).ravel()
        echoes = self.scene.echoes(times, sensor_id=channel.sensor_id)
        clean = self._front_end.noiseless(index, echoes)
        return clean.reshape(len(starts_s), channel.sweeps, channel.points)


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
    words = a111_config if a111_config.is_a111(setup) else a121_config
    attributes = words.host_attributes(setup, identity=str(identity))
    return Recording.from_readings(readings, name=name, setup=setup, tags=tags, host_attributes=attributes)
