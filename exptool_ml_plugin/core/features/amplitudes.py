"""Amplitude over range in double precision: what the Deep Learning Interface called the envelope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def amplitudes_of(chosen: NDArray[np.complex64]) -> NDArray[np.float64]:
    """Return the magnitude of the mean sweep, float64 `(readings, points)`, of complex64 `(readings, sweeps, points)`.

    The same numbers as the Deep Learning Interface had: an Envelope sweep itself, the magnitude of an IQ sweep, the
    mean over the sweeps of a Sparse frame (whose samples are positive).
    """
    return np.asarray(np.abs(chosen.astype(np.complex128).mean(axis=1)))
