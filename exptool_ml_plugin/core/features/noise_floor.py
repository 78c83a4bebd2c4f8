"""What a spectrum looks like when nothing happens, learnt while it is measured."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_QUANTILE = 0.25
_LEAST = 1e-6
"""Keeps silence from being divided by nothing; far below the smallest step of any sensor."""


class NoiseFloor:
    r"""Follows the lower quartile of each value of a spectrum.

    It starts as the first spectrum. Then, with `eta = 1 / (time_s * rate_hz)`, the quartile `q` is multiplied by
    `exp(eta / 4)` where the spectrum is above it, else by `exp(-3 eta / 4)`: in balance when a quarter of the
    spectra is below (stochastic approximation of a quantile; H. Robbins and S. Monro, "A stochastic approximation
    method", Annals of Mathematical Statistics 22, 1951, on a logarithmic axis). What is loud for less than three
    quarters of the time does not raise it for long.
    """

    def __init__(self, time_s: float, rate_hz: float) -> None:
        eta = 1.0 / max(time_s * rate_hz, 1.0)
        self._up = math.exp(_QUANTILE * eta)
        self._down = math.exp((_QUANTILE - 1.0) * eta)
        self._floor: NDArray[np.float64] | None = None

    def follow(self, spectra: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the floor after each of the spectra, float64 `(readings, bins)`, the shape of `spectra`; above 0."""
        floors = np.empty(spectra.shape, dtype=np.float64)
        for index, spectrum in enumerate(spectra):
            if self._floor is None:
                self._floor = np.maximum(spectrum, _LEAST)
            else:
                turn = np.where(spectrum > self._floor, self._up, self._down)
                self._floor = np.maximum(self._floor * turn, _LEAST)
            floors[index] = self._floor
        return floors

    def reset(self) -> None:
        """Forget what was learnt."""
        self._floor = None
