"""What each kind of sensor makes of the echoes of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..reading import ENVELOPE, SPARSE, SensorSetup
from . import a111_physics, physics
from .a111_config import is_a111, settings_of
from .a121_config import subsweep_settings
from .physics import Echoes

Raw = tuple[NDArray[np.complex128], ...]
"""What is known of a reading before it is averaged and rounded: complex128 `(sweeps, points)` of each channel."""


class FrontEnd(Protocol):
    """One sensor's way from echoes to matrices. A reading depends on the `memory` readings before it, too."""

    memory: int

    def sweep_times(self, index: int) -> NDArray[np.float64]:
        """Return when the sweeps of channel `index` are measured, seconds from the reading's start: `(sweeps,)`."""

    def noiseless(self, index: int, echoes: Echoes) -> NDArray[np.complex128]:
        """Return what arrives at channel `index` without noise, complex128 `(sweeps, points)`."""

    def raw(self, clean: Sequence[NDArray[np.complex128]], rng: np.random.Generator) -> Raw:
        """Add the noise of one reading, all channels."""

    def matrices(self, raws: Sequence[Raw]) -> tuple[NDArray[np.complex64], ...]:
        """Return the matrices of the last of consecutive readings."""

    def is_saturated(self, matrix: NDArray[np.complex64]) -> bool:
        """Tell whether a value is at the sensor's limit."""


class A121FrontEnd:
    """Sparse IQ."""

    memory = 0

    def __init__(self, setup: SensorSetup) -> None:
        self._channels = setup.channels
        self._settings = subsweep_settings(setup)

    def sweep_times(self, index: int) -> NDArray[np.float64]:
        """As `FrontEnd`."""
        return physics.sweep_times(self._channels[index], 0.0, settings=self._settings[index])

    def noiseless(self, index: int, echoes: Echoes) -> NDArray[np.complex128]:
        """As `FrontEnd`."""
        return physics.noiseless(self._channels[index], echoes, settings=self._settings[index])

    def raw(self, clean: Sequence[NDArray[np.complex128]], rng: np.random.Generator) -> Raw:
        """As `FrontEnd`."""
        pairs = zip(clean, self._settings, strict=True)
        return tuple(physics.with_noise(one, rng, settings=settings).astype(np.complex128) for one, settings in pairs)

    def matrices(self, raws: Sequence[Raw]) -> tuple[NDArray[np.complex64], ...]:
        """As `FrontEnd`."""
        return tuple(matrix.astype(np.complex64) for matrix in raws[-1])

    def is_saturated(self, matrix: NDArray[np.complex64]) -> bool:
        """As `FrontEnd`."""
        return physics.is_saturated(matrix)


class A111FrontEnd:
    """Envelope, IQ or Sparse."""

    def __init__(self, setup: SensorSetup) -> None:
        self._channels = setup.channels
        self._service = setup.service
        self._settings = settings_of(setup)
        self.memory = self._settings.memory if setup.service == ENVELOPE else 0

    def sweep_times(self, index: int) -> NDArray[np.float64]:
        """As `FrontEnd`."""
        channel = self._channels[index]
        if self._service != SPARSE:
            return np.zeros(1)
        return np.arange(channel.sweeps) / a111_physics.sweep_rate_hz(channel, self._settings)

    def noiseless(self, index: int, echoes: Echoes) -> NDArray[np.complex128]:
        """As `FrontEnd`."""
        channel = self._channels[index]
        return a111_physics.noiseless(channel, echoes, service=self._service, settings=self._settings)

    def raw(self, clean: Sequence[NDArray[np.complex128]], rng: np.random.Generator) -> Raw:
        """As `FrontEnd`."""
        made = []
        for channel, one in zip(self._channels, clean, strict=True):
            noisy = a111_physics.with_noise(one, channel, rng, service=self._service, settings=self._settings)
            made.append(a111_physics.as_service(noisy, channel, service=self._service))
        return tuple(made)

    def matrices(self, raws: Sequence[Raw]) -> tuple[NDArray[np.complex64], ...]:
        """As `FrontEnd`."""
        made = []
        for of_channel in zip(*raws, strict=True):
            values = a111_physics.averaged(list(of_channel), service=self._service, settings=self._settings)
            made.append(a111_physics.rounded(values, service=self._service))
        return tuple(made)

    def is_saturated(self, matrix: NDArray[np.complex64]) -> bool:
        """As `FrontEnd`."""
        return a111_physics.is_saturated(matrix, service=self._service)


def front_end_of(setup: SensorSetup) -> FrontEnd:
    """Return the front end that measures a setup."""
    return A111FrontEnd(setup) if is_a111(setup) else A121FrontEnd(setup)
