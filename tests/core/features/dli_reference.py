"""The features of the Deep Learning Interface, slow and obvious: the whole window recomputed for each reading.

Written from their formulas alone, with nothing of the package. Arrays of a window are as they were there: the
newest reading at time index 0, the oldest at K - 1. `env[d, k]` is an amplitude, `sparse[j, d, k]` a sample, `r[d]` a
distance in metres.
"""

from __future__ import annotations

import math

import numpy as np


def window(history: np.ndarray, reading: int, k: int) -> np.ndarray:
    """The K newest of `history (readings, ...)` up to `reading`, newest first, with the time as last axis."""
    assert reading >= k - 1, "the window is full"
    return np.stack([history[reading - back] for back in range(k)], axis=-1)


def peak(env: np.ndarray, r: np.ndarray) -> tuple[list[float], list[float]]:
    distances, amplitudes = [], []
    for column in range(env.shape[1]):
        best = 0
        for d in range(len(r)):
            if env[d, column] > env[best, column]:
                best = d
        distances.append(float(r[best]))
        amplitudes.append(float(env[best, column]))
    return distances, amplitudes


def averages(env: np.ndarray, r: np.ndarray) -> dict[str, float]:
    distances, amplitudes = peak(env, r)
    k = env.shape[1]
    mean = math.fsum(distances) / k
    return {
        "avg_dist": mean,
        "avg_std": math.sqrt(math.fsum((value - mean) ** 2 for value in distances) / k),
        "avg_ampl": math.fsum(amplitudes) / k,
        "avg_total": math.fsum(env.ravel()) / k,
    }


def amplitude_ratio(env_0: np.ndarray, env_1: np.ndarray) -> float:
    return math.fsum(env_0.max(axis=0)) / math.fsum(env_1.max(axis=0))


def down_sampled(sweep: np.ndarray, n: int) -> np.ndarray:
    return np.array([math.fsum(sweep[j * n : (j + 1) * n]) / n for j in range(len(sweep) // n)])


def background(envelopes: np.ndarray, n: int) -> np.ndarray:
    """B[j] of the first 100 of `(readings, points)`."""
    return np.max([1.05 * down_sampled(sweep, n) for sweep in envelopes[:100]], axis=0)


def range_segment(
    envs: list[np.ndarray],
    n: int,
    *,
    flip: bool = False,
    stretch: bool = False,
    backgrounds: list[np.ndarray] | None = None,
) -> list[np.ndarray]:
    """A[j, k] of each sensor."""
    made = [np.stack([down_sampled(env[:, k], n) for k in range(env.shape[1])], axis=1) for env in envs]
    if backgrounds is not None:
        made = [a / b[:, None] for a, b in zip(made, backgrounds, strict=True)]
        for a in made:
            a[a < 1] = 1
    if stretch:
        m = 1.2 * max(a.max() for a in made)
        made = [254 * ((a - 1) / (m - 1 + 1e-9)) ** (1 / 2.2) for a in made]
        for a in made:
            a[a < 1] = 1
    return [a[::-1] if flip else a for a in made]


def integrated(segment: np.ndarray) -> np.ndarray:
    return np.array([math.fsum(values) / len(values) for values in segment])


def magnitudes(sparse: np.ndarray) -> np.ndarray:
    """P[f] of the samples (sweeps, depths), the Fourier sum written out."""
    m, depths = sparse.shape
    h = np.array([0.5 - 0.5 * math.cos(2 * math.pi * j / (m - 1)) for j in range(m)])
    j = np.arange(m)
    p = np.zeros(m // 2 + 1)
    for f in range(m // 2 + 1):
        for d in range(depths):
            x = sparse[:, d].astype(float)
            p[f] += abs(np.sum(h * (x - x.mean()) * np.exp(-2j * np.pi * f * j / m)))
    return p / depths / 10000


def normalised(all_magnitudes: np.ndarray) -> np.ndarray:
    """C[f] for each reading since the start, from P (readings, frequencies)."""
    noise = math.inf
    made = []
    for p in all_magnitudes:
        level = p.mean()
        if level > 1e-8:
            noise = min(noise, level)
        made.append(p / noise)
    return np.array(made)


def sparse_fft(
    c: np.ndarray, *, high_pass: float, flip: bool, stretch: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return fft (rows, K), profile (K,) and yprofile (rows,) of C[f, k]."""
    frequencies = c.shape[0]
    c = c[::-1][int((1 - high_pass) * frequencies) :] if flip else c[: int(high_pass * frequencies) + 1]
    p = c.sum(axis=0)
    profile = (p - p.min()) / p.max() * 256
    yprofile = c.sum(axis=1) * 256 / 6000
    if stretch:
        c = 254 * (c / (1.2 * c.max() + 1e-9)) ** (1 / 2.2)
        c = c - c.mean(axis=0).min()
        c[c < 0] = 0
    return c, profile, yprofile
