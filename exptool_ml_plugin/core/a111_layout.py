"""The A111 host's own recording layout, written with h5py alone.

    mode, sensor_config_dump, session_info, data_info                  texts, JSON but for the mode
    module_key, processing_config_dump, rss_version, lib_version, timestamp      texts
    data              `(readings, sensors, [sweeps,] points)`: uint16, or float or complex where these do not hold it
    sample_times      float64 `(readings,)`, seconds

One file is one measurement: recordings of one geometry stand in it one after the other. The host takes whatever is at
the top of the file for an array, so there are no groups.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .a111 import info_of
from .lazy_matrices import LazyMatrices
from .reading import A111, IQ, SERVICES, SPARSE, Channel, SensorSetup
from .recording import Recording
from .simulate.a111_config import host_attributes
from .stored_arrays import StoredArrays

_TEXTS = ("module_key", "processing_config_dump", "rss_version", "lib_version", "timestamp")
_NEEDED = ("mode", "sensor_config_dump", "session_info")
_TEXT = h5py.string_dtype()
_LARGEST = 2**16 - 1


def can_hold(recordings: Sequence[Recording]) -> bool:
    """Tell whether the layout is that of recordings: there are some, all of an A111."""
    return bool(recordings) and all(_fits_layout(recording.setup) for recording in recordings)


def write_recordings(file: h5py.File, recordings: Sequence[Recording]) -> list[tuple[int, int] | None]:
    """Write recordings as one measurement; return first reading and end of each in it.

    None for those of another geometry than the first one that has readings: they are not in it.
    """
    first = next((recording for recording in recordings if len(recording)), recordings[0])
    alike = [recording for recording in recordings if _geometry(recording.setup) == _geometry(first.setup)]
    texts = with_host_texts(first)
    for name in (*_NEEDED, *(name for name in _TEXTS if name in texts)):
        file.create_dataset(name, data=texts[name], dtype=_TEXT)
    infos = [infos for recording in alike for infos in _infos(recording)]
    file.create_dataset("data_info", data=json.dumps(infos), dtype=_TEXT)
    file["sample_times"] = _sample_times(alike)
    data = file.create_dataset("data", shape=(len(infos), *_shape(first.setup)), dtype=_type(alike))
    places: list[tuple[int, int] | None] = []
    start = 0
    for recording in recordings:
        if _geometry(recording.setup) != _geometry(first.setup):
            places.append(None)
            continue
        _write_data(data, start, recording)
        places.append((start, start + len(recording)))
        start += len(recording)
    return places


def read_matrices(
    file: h5py.File, place: tuple[int, int], channels: tuple[Channel, ...], *, arrays: StoredArrays
) -> LazyMatrices:
    """Return what `write_recordings` wrote of a recording, one matrix for each channel."""
    start, stop = place
    dataset = file["data"]
    arrays.check(dataset)
    if dataset.ndim not in (3, 4) or dataset.shape[1] != len(channels) or not 0 <= start <= stop <= len(dataset):
        raise ValueError(f"data has the shape {dataset.shape}")
    stored = arrays.array(dataset, dataset.dtype)
    whole = stored if stored.ndim == 4 else stored[:, :, np.newaxis]

    def make(index: int) -> NDArray[np.complex64]:
        return np.ascontiguousarray(whole[start:stop, index], dtype=np.complex64)

    return LazyMatrices([(stop - start, *whole.shape[2:])] * len(channels), make)


def with_host_texts(recording: Recording) -> dict[str, str]:
    """Return the recording's host texts, or ones made from its setup where they are missing or do not fit it."""
    texts = dict(recording.host_attributes)
    if not all(name in texts for name in _NEEDED) or not _describe(texts, recording.setup):
        texts = {**texts, **host_attributes(recording.setup, identity=recording.name)}
    return texts


def _fits_layout(setup: SensorSetup) -> bool:
    channels = setup.channels
    alike = {(channel.sweeps, channel.points, channel.subsweep) for channel in channels}
    known = setup.generation == A111 and setup.service in SERVICES[A111]
    own_sensors = len(setup.sensor_ids) == len(channels)
    return known and own_sensors and len(alike) == 1 and (setup.service == SPARSE or channels[0].sweeps == 1)


def _describe(texts: dict[str, str], setup: SensorSetup) -> bool:
    """Tell whether the host's texts are about this service and these points."""
    try:
        length = json.loads(texts["session_info"])["data_length"]
        sensors = json.loads(texts["sensor_config_dump"])["sensor"]
    except (ValueError, KeyError, TypeError):
        return False
    channel = setup.channels[0]
    known = sensors if isinstance(sensors, list) else [sensors]
    return bool(
        texts["mode"] == setup.service
        and length == channel.sweeps * channel.points
        and known == [one.sensor_id for one in setup.channels]
    )


def _geometry(setup: SensorSetup) -> tuple[Any, ...]:
    sensors = [channel.sensor_id for channel in setup.channels]
    return setup.service, sensors, setup.channels[0].sweeps, setup.channels[0].points


def _shape(setup: SensorSetup) -> tuple[int, ...]:
    channel = setup.channels[0]
    inner = (channel.sweeps, channel.points) if setup.service == SPARSE else (channel.points,)
    return (len(setup.channels), *inner)


def _type(recordings: Sequence[Recording]) -> str:
    """Return the smallest type that holds all readings exactly."""
    if recordings[0].setup.service == IQ or any(m.imag.any() for r in recordings for m in r.matrices):
        return "<c8"
    whole = all(
        bool((m.real == np.rint(m.real)).all() and m.real.min(initial=0) >= 0 and m.real.max(initial=0) <= _LARGEST)
        for recording in recordings
        for m in recording.matrices
    )
    return "<u2" if whole else "<f4"


def _write_data(data: h5py.Dataset, start: int, recording: Recording) -> None:
    complex_values = data.dtype.kind == "c"
    for index, matrix in enumerate(recording.matrices):
        values = matrix if complex_values else matrix.real
        shaped = values if data.ndim == 4 else values[:, 0]
        if len(shaped):
            data[start : start + len(shaped), index] = shaped.astype(data.dtype)


def _infos(recording: Recording) -> list[list[dict[str, bool]]]:
    """Return what the sensors said with each reading, in the host's words."""
    sensors = len(recording.setup.channels)
    return [[info_of(quality)] * sensors for quality in recording.quality]


def _sample_times(recordings: Sequence[Recording]) -> NDArray[np.float64]:
    """Return the times of all readings one after the other, ascending."""
    parts, begin = [np.zeros(0)], 0.0
    for recording in recordings:
        parts.append(begin + recording.time_s)
        if len(recording):
            begin = float(parts[-1][-1]) + 1.0 / recording.setup.reading_rate_hz
    return np.concatenate(parts)
