"""The A121 host's own recording layout, written with h5py alone.

    uuid, timestamp, lib_version, generation, client_info, server_info      texts, once per file
    algo/{key, processor_config}                                           the service that replays the file
    sessions/session_<n>/session_config                                    one measurement each
    sessions/session_<n>/group_<g>/entry_<e>/{sensor_id, metadata}
    sessions/session_<n>/group_<g>/entry_<e>/result/{frame, tick, temperature, data_saturated, frame_delayed,
                                                     calibration_needed}

`frame` is `(readings, sweeps, points)` of two int16 named real and imag; the subsweeps of a sensor stand one after
another along the points. `session` is the older name of `sessions/session_0`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import h5py
import numpy as np
from numpy.typing import NDArray

from .lazy_matrices import LazyMatrices
from .reading import Channel
from .recording import Recording
from .simulate.a121_config import host_attributes
from .stored_arrays import StoredArrays

FRAME_TYPE = np.dtype([("real", "<i2"), ("imag", "<i2")])
"""How the host stores a complex number."""

_FILE_TEXTS = ("uuid", "timestamp", "lib_version", "generation", "client_info", "server_info")
_REPLAY = {"key": "sparse_iq", "processor_config": '{"amplitude_method": "COHERENT"}'}
_TEXT = h5py.string_dtype()
_LIMITS = np.iinfo(np.int16)


@dataclass(frozen=True)
class Entry:
    """One sensor of one group: where its data lie in the file, and which channels of the recording they are."""

    path: str
    sensor_id: int
    channels: tuple[int, ...]
    metadata: str


def with_host_texts(recording: Recording) -> dict[str, str]:
    """Return the recording's host texts, or ones made from its setup where they are missing or do not fit it."""
    texts = dict(recording.host_attributes)
    made = host_attributes(recording.setup, identity=recording.name)
    if not all(name in texts for name in made) or not _fits(texts, recording.setup.channels):
        texts = {**texts, **made}
    return texts


def write_file_texts(file: h5py.File, texts: dict[str, str]) -> None:
    """Write what the layout has once per file."""
    for name in _FILE_TEXTS:
        _write_text(file, name, texts[name])
    for name, text in _REPLAY.items():
        _write_text(file, f"algo/{name}", text)
    file["session"] = h5py.SoftLink("/sessions/session_0")


def write_recording(file: h5py.File, number: int, recording: Recording, texts: dict[str, str]) -> None:
    """Write a recording as measurement `number` of the file; values are rounded to the host's whole numbers."""
    group = file.create_group(f"sessions/session_{number}")
    _write_text(group, "session_config", texts["session_config"])
    ticks_per_second = int(json.loads(texts["server_info"])["ticks_per_second"])
    for entry in entries(texts, recording.setup.channels):
        _write_text(group, f"{entry.path}/metadata", entry.metadata)
        group[f"{entry.path}/sensor_id"] = entry.sensor_id
        frames = np.concatenate([to_host(recording.matrices[i]) for i in entry.channels], axis=2)
        result = group.create_group(f"{entry.path}/result")
        result["frame"] = frames
        result["tick"] = np.rint(recording.time_s * ticks_per_second).astype(np.int64)
        _write_flags(result, recording)
        temperature = int(json.loads(entry.metadata)["calibration_temperature"])
        result["temperature"] = np.full(len(recording), temperature, dtype=np.int64)


def read_matrices(
    group: h5py.Group, texts: dict[str, str], channels: tuple[Channel, ...], *, arrays: StoredArrays
) -> LazyMatrices:
    """Return what `write_recording` wrote, one matrix for each channel."""
    parts: dict[int, NDArray[np.void]] = {}
    for entry in entries(texts, channels):
        stored = arrays.array(group[f"{entry.path}/result/frame"], FRAME_TYPE)
        stop = 0
        for index in entry.channels:
            start, stop = stop, stop + channels[index].points
            parts[index] = stored[:, :, start:stop]
        if stored.ndim != 3 or stored.shape[2] < stop:
            raise ValueError(f"{entry.path} has the shape {stored.shape}")

    def make(index: int) -> NDArray[np.complex64]:
        values = np.empty(parts[index].shape, dtype=np.complex64)
        values.real, values.imag = parts[index]["real"], parts[index]["imag"]
        return values

    return LazyMatrices([parts[index].shape for index in range(len(channels))], make)


def to_host(matrix: NDArray[np.complex64]) -> NDArray[np.void]:
    """Return the values in the host's type, rounded and limited to whole numbers of 16 bits."""
    stored = np.empty(matrix.shape, dtype=FRAME_TYPE)
    stored["real"] = np.clip(np.rint(matrix.real), _LIMITS.min, _LIMITS.max)
    stored["imag"] = np.clip(np.rint(matrix.imag), _LIMITS.min, _LIMITS.max)
    return stored


def is_exact(recording: Recording) -> bool:
    """Tell whether the host's type holds every value of the recording unchanged."""
    return all(
        bool((part == np.rint(part)).all() and np.abs(part, dtype=np.float64).max(initial=0) <= _LIMITS.max)
        for matrix in recording.matrices
        for part in (matrix.real, matrix.imag)
    )


def entries(texts: dict[str, str], channels: tuple[Channel, ...]) -> list[Entry]:
    """Return the entries of a measurement in the host's order; each takes its sensor's next channels."""
    waiting: dict[int, list[int]] = {}
    for index, channel in enumerate(channels):
        waiting.setdefault(channel.sensor_id, []).append(index)
    found = []
    for g, group in enumerate(json.loads(texts["metadata"])):
        for e, (sensor, metadata) in enumerate(group.items()):
            text = metadata if isinstance(metadata, str) else json.dumps(metadata)
            subsweeps = len(json.loads(text)["subsweep_data_length"])
            own = waiting.get(int(sensor), [])
            found.append(Entry(f"group_{g}/entry_{e}", int(sensor), tuple(own[:subsweeps]), text))
            del own[:subsweeps]
    return found


def _fits(texts: dict[str, str], channels: tuple[Channel, ...]) -> bool:
    """Tell whether the host's metadata describe exactly these channels."""
    try:
        found = entries(texts, channels)
        lengths = [json.loads(entry.metadata)["subsweep_data_length"] for entry in found]
        json.loads(texts["server_info"])["ticks_per_second"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    points = [[channels[i].points for i in entry.channels] for entry in found]
    return points == lengths and sum(map(len, points)) == len(channels)


def _write_flags(result: h5py.Group, recording: Recording) -> None:
    result["data_saturated"] = np.array([quality.saturated for quality in recording.quality], dtype=bool)
    result["frame_delayed"] = np.array([quality.delayed for quality in recording.quality], dtype=bool)
    result["calibration_needed"] = np.array([quality.calibration_needed for quality in recording.quality], dtype=bool)


def _write_text(group: h5py.Group, name: str, text: str) -> None:
    group.create_dataset(name, data=text, dtype=_TEXT)
