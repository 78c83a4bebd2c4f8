"""Real recordings of the old sensor as stacks of readings, read without a host."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np

from exptool_ml_plugin.core.reading import Channel

SPARSE = ("button_press_sparse", "presence_detection_sparse", "wave_to_exit")
ENVELOPE = ("distance_detector",)


def read_a111(path: Path) -> tuple[Channel, np.ndarray]:
    """Return the channel and complex64 (readings, sweeps, points); an Envelope sweep is a reading of one sweep."""
    with h5py.File(path) as file:
        data = file["data"][:, 0]
        info = json.loads(file["session_info"][()])
    if data.ndim == 2:
        data = data[:, None, :]
    one = Channel(
        sensor_id=1,
        subsweep=0,
        sweeps=data.shape[1],
        points=data.shape[2],
        start_m=info["range_start_m"],
        step_m=info["step_length_m"],
        sweep_rate_hz=info.get("sweep_rate"),
    )
    return one, data.astype(np.complex64)
