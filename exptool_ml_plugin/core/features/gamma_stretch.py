"""The stretch of the Deep Learning Interface: weak values made visible beside strong ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GAMMA = 2.2
HEADROOM = 1.2
FULL = 254.0


def stretch_segment(amplitudes: NDArray[np.floating]) -> NDArray[np.float64]:
    r"""Return the stretched amplitudes of a frame, all sensors together, float64, the shape of `amplitudes`.

    `254 ((a - 1) / (m - 1 + 1e-9))^(1/2.2)` with `m = 1.2 max a`, values below 1 set to 1 (Acconeer Deep Learning
    Interface, "Stretch" of the Range segment). An amplitude below 1 counts as 1, where the original gave NaN.
    """
    values = np.asarray(amplitudes, dtype=np.float64)
    most = HEADROOM * values.max(initial=1.0)
    stretched = FULL * (np.maximum(values - 1.0, 0.0) / (most - 1.0 + 1e-9)) ** (1.0 / GAMMA)
    return np.asarray(np.maximum(stretched, 1.0))


def stretch_spectrum(spectra: NDArray[np.floating]) -> NDArray[np.float64]:
    r"""Return the stretched spectra of a frame of one sensor, float64 `(time_steps, frequencies)` to the same.

    `C' = 254 (C / (1.2 max C + 1e-9))^(1/2.2)`, minus the smallest mean over frequency of any reading, clipped at 0
    (Acconeer Deep Learning Interface, "Stretch" of the Sparse FFT).
    """
    values = np.asarray(spectra, dtype=np.float64)
    stretched = FULL * (values / (HEADROOM * values.max(initial=0.0) + 1e-9)) ** (1.0 / GAMMA)
    return np.asarray(np.maximum(stretched - stretched.mean(axis=1).min(initial=np.inf), 0.0))
