"""A reading: one radar result, without the words of any host."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

A121, A111 = "a121", "a111"
"""Sensor generations."""

SPARSE_IQ, ENVELOPE, IQ, SPARSE = "sparse_iq", "envelope", "iq", "sparse"

SERVICES: Mapping[str, Mapping[str, str]] = {
    A121: {SPARSE_IQ: "Sparse IQ"},
    A111: {ENVELOPE: "Envelope", IQ: "IQ", SPARSE: "Sparse"},
}
"""The services of each generation: what a sensor measures, and its name for people.

Sparse IQ and IQ are complex; Envelope is an amplitude, in the real part. Sparse samples are real and lie around
`SPARSE_ZERO`. A reading of Envelope or IQ is one sweep.
"""

SPARSE_ZERO = 2.0**15
"""What an A111 gives in Sparse where there is no echo."""


def service_name(service: str) -> str:
    """Return the name of a service for people; one that is not known keeps its key."""
    return next((names[service] for names in SERVICES.values() if service in names), service)


_NOMINAL = 0.0012
"""The steps that sensors tell are 0.09 % longer than what they are called; before a measurement only that is known."""


@dataclass(frozen=True)
class Channel:
    """One sensor's subsweep: where one matrix of every reading comes from, and what it looks like.

    `sensor_id` is the host's number of the sensor, `subsweep` counts from 0. A matrix of the channel has the
    shape `(sweeps, points)`; point `k` lies at `start_m + k * step_m`. `sweep_rate_hz` is the rate of the sweeps
    within one reading, None where the sensor does not say.
    """

    sensor_id: int
    subsweep: int
    sweeps: int
    points: int
    start_m: float
    step_m: float
    sweep_rate_hz: float | None = None

    @property
    def distances_m(self) -> NDArray[np.float64]:
        """Distance of each point: float64 `(points,)`, metres."""
        return np.asarray(self.start_m + self.step_m * np.arange(self.points), dtype=np.float64)

    @property
    def end_m(self) -> float:
        """Distance of the last point, metres."""
        return self.start_m + self.step_m * (self.points - 1)

    def same_points_as(self, other: Channel) -> bool:
        """Tell whether the points lie at the same distances, but for what a sensor's steps differ from their name."""
        return (
            self.points == other.points
            and math.isclose(self.start_m, other.start_m, rel_tol=_NOMINAL, abs_tol=5e-5)
            and math.isclose(self.step_m, other.step_m, rel_tol=_NOMINAL, abs_tol=5e-7)
        )


@dataclass(frozen=True)
class SensorSetup:
    """What a sensor configuration means for the data: host-neutral, part of the recipe.

    `generation` is "a121" or "a111", `service` what of it measures, a key of `SERVICES`. `host_config` is the
    host's own configuration as its own JSON text, kept so that the host can be set to it; nothing outside `hosts` reads
    it.
    """

    generation: str
    channels: tuple[Channel, ...]
    reading_rate_hz: float
    host_config: str = ""
    service: str = SPARSE_IQ

    @property
    def sensor_ids(self) -> tuple[int, ...]:
        """The sensors in use, ascending, each once."""
        return tuple(sorted({channel.sensor_id for channel in self.channels}))


def is_real(service: str) -> bool:
    """Tell whether the readings of a service are real numbers, without a phase."""
    return service in (ENVELOPE, SPARSE)


def zero_of(service: str) -> float:
    """Return what a sensor gives where there is no echo."""
    return SPARSE_ZERO if service == SPARSE else 0.0


def sensor_kind(setup: SensorSetup | None) -> str:
    """Name sensor and service of a setup, "A111 (Sparse)": readings of different kinds cannot be compared.

    "" where it is of no sensor, as that of imported frames.
    """
    if setup is None or setup.generation not in SERVICES:
        return ""
    return f"{setup.generation.upper()} ({service_name(setup.service)})"


@dataclass(frozen=True)
class Quality:
    """What the sensor said about one reading, and what its clock showed.

    `lost_before` is the number of readings lost between the previous one and this one.
    """

    saturated: bool = False
    delayed: bool = False
    calibration_needed: bool = False
    lost_before: int = 0

    @property
    def good(self) -> bool:
        """True when nothing is to be said against the reading."""
        return not (self.saturated or self.delayed or self.calibration_needed or self.lost_before)


GOOD = Quality()


class Flag(IntFlag):
    """What is to be said of a frame, the bits of its `flags`: most of them against its readings."""

    SATURATED = 1
    DELAYED = 2
    CALIBRATION_NEEDED = 4
    LOST = 8
    """Readings were lost within the frame."""
    VARIANT = 128
    """Nothing against the readings: the frame is a variant of the one that was cut there (augmentation)."""


_FLAG_WORDS = {
    Flag.SATURATED: "saturated",
    Flag.DELAYED: "late",
    Flag.CALIBRATION_NEEDED: "calibration needed",
    Flag.LOST: "readings lost",
    Flag.VARIANT: "variant",
}
GOOD_FLAGS = ~int(Flag.VARIANT) & 0xFF
"""The bits that speak against a frame."""


def flag_words(flags: int) -> str:
    """Say what the bits of `Flag` stand for, "saturated, readings lost"; empty for none."""
    return ", ".join(words for flag, words in _FLAG_WORDS.items() if flags & flag)


@dataclass(frozen=True, eq=False)
class Reading:
    """One radar result.

    `matrices[i]` is complex64 `(sweeps, points)` of channel `i` of the `SensorSetup` it was measured with, in
    the sensor's own amplitude units. `time_s` counts from the start of the measurement. `marked` says that somebody
    pressed the button just before it came.
    """

    time_s: float
    matrices: tuple[NDArray[np.complex64], ...]
    quality: Quality = GOOD
    marked: bool = False
