"""Amplitude over range in double precision: what the Deep Learning Interface called the envelope."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..issues import Issue, Severity
from ..reading import SPARSE
from .base import Vectorised
from .mean import mean


class OfAmplitudes(Vectorised):
    """A feature that looks at how strong the echo is at each distance."""

    @classmethod
    def check_service(cls, options: Any, outputs: tuple[str, ...], service: str) -> list[Issue]:
        """Check the service, and say where the amplitude is nearly the same whatever is there."""
        if service == SPARSE:
            message = (
                f"Sparse samples lie around 32,768, and so do their amplitudes, whatever is there: {cls.name} says "
                "little. A spectrum, or Slow time, says more."
            )
            return [Issue("", message, Severity.WARNING)]
        return super().check_service(options, outputs, service)


def amplitudes_of(chosen: NDArray[np.complex64]) -> NDArray[np.float64]:
    """Return the magnitude of the mean sweep, float64 `(readings, points)`, of complex64 `(readings, sweeps, points)`.

    The same numbers as the Deep Learning Interface had: an Envelope sweep itself, the magnitude of an IQ sweep, the
    mean over the sweeps of a Sparse frame (whose samples are positive).
    """
    return np.asarray(np.abs(mean(chosen.astype(np.complex128), axis=1)))
