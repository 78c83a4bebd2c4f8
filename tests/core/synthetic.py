"""Recordings made for tests: noise with bursts of motion, and the real ones read without a host."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from exptool_ml_plugin.core.reading import ENVELOPE, GOOD, SPARSE, Channel, Quality, SensorSetup, zero_of
from exptool_ml_plugin.core.recording import Recording

RATE_HZ = 50.0


def channel(**changes: float) -> Channel:
    values = {
        "sensor_id": 1,
        "subsweep": 0,
        "sweeps": 16,
        "points": 6,
        "start_m": 0.05,
        "step_m": 0.03,
        "sweep_rate_hz": 1000.0,
    }
    return Channel(**{**values, **changes})


def setup_of(*channels: Channel) -> SensorSetup:
    return SensorSetup(generation="a121", channels=channels or (channel(),), reading_rate_hz=RATE_HZ)


def recording_of(
    setup: SensorSetup,
    readings: int,
    *,
    bursts: list[tuple[int, int]] = (),
    seed: int = 0,
    name: str = "made",
    quality: dict[int, Quality] | None = None,
) -> Recording:
    """Noise of amplitude 100; from each burst's first to its last reading something moves with amplitude 1000."""
    random = np.random.default_rng(seed)
    matrices = []
    for one in setup.channels:
        shape = (readings, one.sweeps, one.points)
        values = 70 * (random.standard_normal(shape) + 1j * random.standard_normal(shape))
        phase = np.exp(2j * np.pi * 0.2 * np.arange(readings * one.sweeps)).reshape(readings, one.sweeps, 1)
        for begin, end in bursts:
            values[begin:end] += 1000 * phase[begin:end]
        # The sum makes -0 a plain 0.
        matrices.append((as_service(np.round(values), setup.service) + 0.0).astype(np.complex64))
    flags = tuple((quality or {}).get(i, GOOD) for i in range(readings))
    time_s = np.arange(readings) / setup.reading_rate_hz
    return Recording(name=name, setup=setup, time_s=time_s, matrices=tuple(matrices), quality=flags)


def as_service(values: NDArray[np.complex128], service: str) -> NDArray[np.complex128]:
    """What a service has in its readings: whole numbers, real ones but for Sparse IQ and IQ."""
    if service == ENVELOPE:
        return np.round(np.abs(values)) + 0j
    return zero_of(service) + values.real + 0j if service == SPARSE else values


def real_recording(path: Path) -> Recording:
    """One sensor, one subsweep, from the host's layout."""
    with h5py.File(path) as file:
        result = file["session/group_0/entry_0/result"]
        frame = result["frame"][()]
        ticks = result["tick"][()]
    matrix = (frame["real"] + 1j * frame["imag"]).astype(np.complex64)
    time_s = (ticks - ticks[0]) / 1e6
    one = channel(sweeps=matrix.shape[1], points=matrix.shape[2])
    setup = SensorSetup("a121", (one,), reading_rate_hz=float((len(ticks) - 1) / time_s[-1]))
    return Recording(path.stem, setup, time_s, (matrix,), (GOOD,) * len(ticks))
