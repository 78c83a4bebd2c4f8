"""Scenes to measure: a moving hand before a body that breathes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from .hand import MOTIONS, Stroke
from .person import Person
from .physics import Echoes

HAND_M2 = 0.01
"""Radar cross section of a palm that faces the sensor, -20 dB(m^2): the order of what Huegler, Geiger and Waldschmidt
measured, "RCS measurements of a human hand for radar-based gesture recognition at E-band", GeMiC 2016."""

BODY_M2 = 0.1
SENSOR_SPACING_M = 0.05
"""Sensor number n stands n - 1 times this far to the side of sensor 1."""

_BEAM_EXPONENT = math.log(0.5) / math.log(math.cos(math.radians(65.0 / 2.0)))
"""One-way power pattern cos^n, with the half-power beam width of 65 degrees of the A121's H-plane."""

_SCATTERERS = 5
_REPETITIONS = 128
"""Repetitions whose variations are drawn together."""


class Scene(Protocol):
    """Something to measure: knows where its targets are at any time."""

    name: str

    def echoes(self, times_s: NDArray[np.float64], *, sensor_id: int = 1) -> Echoes:
        """Return the targets at the times: `times_s` is float64 `(sweeps,)`, seconds from the scene's start."""


class HandScene:
    """A hand that does one thing again and again, before the body it belongs to.

    The same motion, person and seed give the same scene; any time may be asked for in any order.
    """

    def __init__(self, motion: str, person: Person | None = None, *, seed: int = 0) -> None:
        self.name = motion
        self.person = person if person is not None else Person()
        self.seed = seed
        self._motion = MOTIONS[motion]
        self._variations: dict[int, NDArray[np.float64]] = {}

    def echoes(self, times_s: NDArray[np.float64], *, sensor_id: int = 1) -> Echoes:
        """Return the hand's scatterers and the body at the times, as a sensor sees them."""
        palm = self._motion(self._stroke(times_s))
        offsets, shares = self._scatterers
        depth = palm.height_m + self.person.size * offsets[0][:, np.newaxis]
        across = palm.side_m + self.person.size * offsets[1][:, np.newaxis] - SENSOR_SPACING_M * (sensor_id - 1)
        hand_range = np.hypot(depth, across)
        section = HAND_M2 * self.person.size**2 * shares[:, np.newaxis] * palm.facing
        section = section * np.clip(depth / hand_range, 0.0, 1.0) ** (2.0 * _BEAM_EXPONENT)
        body = _body(times_s)
        return Echoes(np.vstack([hand_range, body]), np.vstack([section, np.full_like(body, BODY_M2)]))

    @cached_property
    def _scatterers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Offsets of the hand's parts from the palm, `(2, scatterers)` along and across the beam, and their shares."""
        rng = np.random.default_rng([self.seed, 1])
        along = rng.uniform(-0.015, 0.015, _SCATTERERS)
        across = rng.uniform(-0.04, 0.04, _SCATTERERS)
        shares = rng.dirichlet(np.full(_SCATTERERS, 3.0))
        return np.stack([along, across]), shares

    def _stroke(self, times_s: NDArray[np.float64]) -> Stroke:
        person = self.person
        if self.name == "still":
            constant = np.ones_like(times_s)
            return Stroke(times_s, constant, constant * person.reach_m, constant * person.distance_m)
        repetition = np.floor(times_s / person.interval_s).astype(np.int64)
        delay, speed, reach, distance = person.jitter * self._varied(repetition)
        start_s = (repetition + 0.25 + 0.3 * np.clip(delay, -0.2, 0.2)) * person.interval_s
        return Stroke(
            since_s=times_s - start_s,
            speed_m_s=person.speed_m_s * (1.0 + speed),
            reach_m=person.reach_m * (1.0 + 0.5 * reach),
            distance_m=person.distance_m * (1.0 + 0.5 * distance),
        )

    def _varied(self, repetition: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return random numbers from -2 to 2 that belong to the repetitions: float64 `(4, times)`."""
        block, place = np.divmod(repetition, _REPETITIONS)
        drawn = np.empty((4, *repetition.shape))
        for number in np.unique(block):
            chosen = block == number
            drawn[:, chosen] = self._block(int(number))[:, place[chosen]]
        return drawn

    def _block(self, number: int) -> NDArray[np.float64]:
        if number not in self._variations:
            rng = np.random.default_rng([self.seed, 2, number % 2**32])
            self._variations[number] = np.clip(rng.standard_normal((4, _REPETITIONS)), -2.0, 2.0)
        return self._variations[number]


def _body(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Range of a chest at 1.1 m that breathes 15 times a minute with 4 mm: `(1, times)`."""
    return np.atleast_2d(1.1 + 0.004 * np.sin(2.0 * np.pi * 0.25 * times_s))


SCENES: Mapping[str, Callable[..., HandScene]] = {name: partial(HandScene, name) for name in MOTIONS}
"""Every scene by name; call one with a `Person` and `seed=`."""


def make_scene(name: str, person: Person | None = None, *, seed: int = 0) -> HandScene:
    """Return a scene by name; `UserError` for a name that is none."""
    if name not in SCENES:
        raise UserError(f"Expected a scene: {', '.join(SCENES)}. Received: scene={name}.")
    return SCENES[name](person, seed=seed)
