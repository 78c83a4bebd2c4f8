"""How amplitudes become the values of a row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

SCALES: Mapping[str, str] = {
    "log1p": "Logarithmic, ln(1 + a)",
    "db": "Decibel, 20 log10(max(a, 1))",
    "linear": "Linear",
}
"""Scales on offer: what is stored, what is shown; `a` is an amplitude in the sensor's own units."""

SCALE_DOC = (
    "Linear keeps the sensor's amplitude units; the logarithmic scales make weak and strong motion comparable. "
    "Both have their floor at an amplitude of 1, the sensor's smallest step, which becomes 0.69 or 0 dB."
)


def to_scale(amplitudes: NDArray[np.floating], scale: str) -> NDArray[np.float32]:
    """Return the amplitudes (any shape, >= 0) on one of the `SCALES`, as float32."""
    if scale == "log1p":
        return np.asarray(np.log1p(amplitudes), dtype=np.float32)
    if scale == "db":
        return np.asarray(20.0 * np.log10(np.maximum(amplitudes, 1.0)), dtype=np.float32)
    return np.asarray(amplitudes, dtype=np.float32)


POWER_SCALES: Mapping[str, str] = {
    "log1p": "Logarithmic, ln(1 + p)",
    "db": "Decibel, 10 log10(max(p, 1))",
    "linear": "Linear",
}
"""The same for what is the square of an amplitude, `p`."""


def power_to_scale(powers: NDArray[np.floating], scale: str) -> NDArray[np.float32]:
    """Return the powers (any shape, >= 0, squares of amplitudes) on one of the `POWER_SCALES`, as float32."""
    return to_scale(np.sqrt(powers) if scale == "db" else powers, scale)
