"""Somebody who makes gestures: how fast, how far, how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Person:
    """What differs between people when they make the same gesture.

    `speed_m_s` is the mean speed of a stroke and `reach_m` its length; `distance_m` is where the hand is nearest.
    `size` scales the hand. A gesture is made every `interval_s`; `jitter` is the relative spread of all of it from
    one repetition to the next.
    """

    name: str = "somebody"
    speed_m_s: float = 0.7
    reach_m: float = 0.22
    distance_m: float = 0.2
    size: float = 1.0
    interval_s: float = 2.5
    jitter: float = 0.1

    @classmethod
    def random(cls, seed: int, *, name: str = "") -> Person:
        """Return one of many different people, always the same for the same seed."""
        rng = np.random.default_rng([seed, 0x50])
        return cls(
            name=name or f"person_{seed}",
            speed_m_s=float(rng.uniform(0.55, 0.95)),
            reach_m=float(rng.uniform(0.17, 0.27)),
            distance_m=float(rng.uniform(0.16, 0.24)),
            size=float(rng.uniform(0.8, 1.25)),
            interval_s=float(rng.uniform(2.2, 2.8)),
            jitter=float(rng.uniform(0.05, 0.15)),
        )
