"""The detectors of the A111, slow and obvious, from their formulas alone; nothing of the package or the host."""

from __future__ import annotations

import math

import numpy as np


def presence(
    frames: np.ndarray,
    rate_hz: float,
    *,
    fast_hz: float = 100.0,
    slow_hz: float = 0.9,
    deviation_s: float = 0.05,
    intra_s: float = 0.03,
    weight: float = 0.8,
) -> np.ndarray:
    """Depth-wise presence (readings, depths) of samples (readings, sweeps, depths), without a filter over depth."""
    sweeps, depths = frames.shape[1:]
    state = {name: [0.0] * depths for name in ("noise", "fast", "slow", "inter", "intra")}
    made = np.zeros((len(frames), depths))
    for n, frame in enumerate(frames):

        def smoothed(name: str, d: int, value: float, factor: float, n: int = n) -> float:
            factor = min(factor, 1.0 - 1.0 / (1.0 + n))
            state[name][d] = factor * state[name][d] + (1.0 - factor) * value
            return state[name][d]

        for d in range(depths):
            x = [float(value) for value in frame[:, d]]
            thirds = [x[j + 3] - 3 * x[j + 2] + 3 * x[j + 1] - x[j] for j in range(sweeps - 3)]
            noise = smoothed("noise", d, math.fsum(map(abs, thirds)) / len(thirds) / math.sqrt(20), time(1.0, rate_hz))
            mean = math.fsum(x) / sweeps
            spread = math.fsum(abs(value - mean) for value in x) / sweeps * math.sqrt(sweeps / (sweeps - 1))
            intra = smoothed("intra", d, spread, time(intra_s, rate_hz))
            fast = smoothed("fast", d, mean, cutoff(fast_hz, rate_hz))
            slow = smoothed("slow", d, mean, cutoff(slow_hz, rate_hz))
            inter = smoothed("inter", d, abs(fast - slow), time(deviation_s, rate_hz)) * math.sqrt(sweeps)
            made[n, d] = ((1 - weight) * inter + weight * intra) / noise if noise > 1.0 else 0.0
    return made


def cutoff(hz: float, rate_hz: float) -> float:
    if hz > rate_hz / 2:
        return 0.0
    c = math.cos(2 * math.pi * hz / rate_hz)
    return 2 - c - math.sqrt(c * c - 4 * c + 3)


def time(seconds: float, rate_hz: float) -> float:
    return math.exp(-1 / (seconds * rate_hz))


def distance(sweeps: np.ndarray, r: np.ndarray, *, average: int, threshold: float) -> np.ndarray:
    """Distance of the strongest peak (readings,) of amplitudes (readings, points), 0 until there is one."""
    made, known = np.zeros(len(sweeps)), 0.0
    for n in range(len(sweeps)):
        if (n + 1) % average == 0:
            mean = np.zeros(len(r))
            for number, sweep in enumerate(sweeps[n + 1 - average : n + 1], start=1):
                mean = (1 / number) * sweep + (1 - 1 / number) * mean  # whose last bits decide what is a plateau
            peaks = merged(peaks_of(mean, threshold), round(0.005 / (r[1] - r[0])))
            if peaks:
                known = r[max(peaks, key=lambda d: mean[d])]
        made[n] = known
    return made


def peaks_of(mean: np.ndarray, threshold: float) -> list[int]:
    """Points or plateaus above the threshold between lower neighbours that are above it, too."""
    found, d = [], 1
    while d < len(mean) - 1:
        end = d
        while end < len(mean) - 1 and mean[end + 1] == mean[d]:
            end += 1
        inside = end < len(mean) - 1 and min(mean[d - 1 : end + 2]) > threshold
        if inside and mean[d - 1] < mean[d] > mean[end + 1]:
            found.append(d + math.ceil((end - d) / 2))
        d = end + 1
    return found


def merged(peaks: list[int], near: int) -> list[int]:
    """Groups of peaks closer than `near` become their mean, the largest group first."""
    peaks = list(peaks)
    while peaks:
        counts = [sum(abs(other - peak) < near for other in peaks) for peak in peaks]
        if max(counts) <= 1:
            break
        centre = peaks[counts.index(max(counts))]
        group = [peak for peak in peaks if abs(peak - centre) < near]
        peaks = sorted([peak for peak in peaks if peak not in group] + [round(sum(group) / len(group))])
    return peaks
