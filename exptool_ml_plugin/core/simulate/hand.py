"""A hand in front of the sensor: where its parts are, and how well they are seen.

The hand moves in a plane through the sensor's beam: `height` above the sensor along the beam, `side` across it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FADE_S = 0.35
"""How long the palm takes to turn towards the sensor before a stroke, and away from it after."""

REST = 0.003
"""Part of the cross section left while the hand is held edge-on between two gestures (-25 dB)."""

_HOLD_S = 0.1
_RETURN_S = 0.3
_TURNS = 2.0


@dataclass(frozen=True, eq=False)
class Stroke:
    """The gesture that is on at each time; every array is float64 `(times,)`.

    `since_s` counts from the start of the stroke (negative before it); the other fields are the person's,
    varied for the repetition the time falls into.
    """

    since_s: Array
    speed_m_s: Array
    reach_m: Array
    distance_m: Array


@dataclass(frozen=True, eq=False)
class Palm:
    """Where the palm is: float64 `(times,)` each. `facing` (0 to 1) is the part of its cross section seen."""

    height_m: Array
    side_m: Array
    facing: Array


def smooth_step(x: Array) -> Array:
    """Go from 0 (x <= 0) to 1 (x >= 1) like a hand reaching for something.

    The minimum-jerk path 10 x^3 - 15 x^4 + 6 x^5 of Flash and Hogan, "The coordination of arm movements", Journal of
    Neuroscience 5 (1985).
    """
    clipped = np.clip(x, 0.0, 1.0)
    return np.asarray(clipped**3 * (10.0 - 15.0 * clipped + 6.0 * clipped**2))


def push(stroke: Stroke) -> Palm:
    """Move fast towards the sensor, and back while the hand is edge-on."""
    gone, facing = _there_and_back(stroke)
    return Palm(stroke.distance_m + stroke.reach_m * (1.0 - gone), np.zeros_like(gone), facing)


def pull(stroke: Stroke) -> Palm:
    """Move fast away from the sensor, and back while the hand is edge-on."""
    gone, facing = _there_and_back(stroke)
    return Palm(stroke.distance_m + stroke.reach_m * gone, np.zeros_like(gone), facing)


def swipe(stroke: Stroke) -> Palm:
    """Move across the beam from one side to the other: nearer, then further."""
    long = Stroke(stroke.since_s, stroke.speed_m_s * 1.6, stroke.reach_m * 2.0, stroke.distance_m)
    gone, facing = _there_and_back(long)
    return Palm(stroke.distance_m + 0.0 * gone, long.reach_m * (gone - 0.5), facing)


def circle(stroke: Stroke) -> Palm:
    """Move in two circles of a quarter of the reach, nearer and further in turn."""
    radius = stroke.reach_m / 4.0
    duration = _TURNS * 2.0 * np.pi * radius / stroke.speed_m_s
    angle = 2.0 * np.pi * _TURNS * smooth_step(stroke.since_s / duration)
    facing = _facing(stroke.since_s, duration)
    return Palm(stroke.distance_m + radius * (2.0 - np.cos(angle)), radius * np.sin(angle), facing)


def still(stroke: Stroke) -> Palm:
    """Hold the hand as still as a hand can be: a slow sway of 2 mm and the tremor of 8 to 12 Hz, 0.1 mm."""
    t = stroke.since_s
    sway = 0.002 * np.sin(2.0 * np.pi * 0.3 * t) + 0.0001 * np.sin(2.0 * np.pi * 9.3 * t)
    return Palm(stroke.distance_m + sway, np.zeros_like(t), np.ones_like(t))


MOTIONS: Mapping[str, Callable[[Stroke], Palm]] = {
    "push": push,
    "pull": pull,
    "swipe": swipe,
    "circle": circle,
    "still": still,
}
"""What a hand can do, by name. `still` wants `since_s` to run on without repetitions."""


def _there_and_back(stroke: Stroke) -> tuple[Array, Array]:
    duration = stroke.reach_m / stroke.speed_m_s
    facing = _facing(stroke.since_s, duration)
    back = smooth_step((stroke.since_s - duration - _HOLD_S - FADE_S) / _RETURN_S)
    return smooth_step(stroke.since_s / duration) - back, facing


def _facing(since_s: Array, duration_s: Array) -> Array:
    shown = smooth_step((since_s + FADE_S) / FADE_S)
    hidden = smooth_step((since_s - duration_s - _HOLD_S) / FADE_S)
    return REST + (1.0 - REST) * (shown - hidden)
