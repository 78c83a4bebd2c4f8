"""Journal files: what is collected, one record after another, so that a crash costs the last record at most.

    magic                                                     20 bytes, b"exptool-ml journal 1"
    length  kind  crc of the payload  crc of these nine bytes   uint32 uint8 uint32 uint32, little-endian
    payload                                                   `length` bytes
    ...

Three kinds of records: events (JSON), readings and frames (numbers, see `encode_reading` and `encode_frame`). The
checksums are CRC-32. What a journal says is put together again by `journal_session`.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .frames import Frame
from .reading import GOOD, Quality, Reading, SensorSetup

MAGIC = b"exptool-ml journal 1"
EVENT, READING, FRAME = 1, 2, 3

_START = struct.Struct("<IBI")
_CHECK = struct.Struct("<I")
_HEAD_BYTES = _START.size + _CHECK.size
_READING = struct.Struct("<dBi")
_FRAME = struct.Struct("<qBIIH")
_SATURATED, _DELAYED, _CALIBRATION_NEEDED, _MARKED = 1, 2, 4, 8


class DamagedError(ValueError):
    """A record that is complete and says something impossible."""


@dataclass(frozen=True, eq=False)
class KeptFrame:
    """A frame as a session keeps it: `values` is float32 `(time_steps, width)`."""

    values: NDArray[np.float32]
    label: str
    first_reading: int
    flags: int


def record(kind: int, payload: bytes) -> bytes:
    """Return a record as it stands in the file."""
    start = _START.pack(len(payload), kind, zlib.crc32(payload))
    return start + _CHECK.pack(zlib.crc32(start)) + payload


def encode_event(what: str, **fields: Any) -> bytes:
    """Return the record of an event; the fields are what JSON can hold."""
    return record(EVENT, json.dumps({"what": what, **fields}).encode())


def encode_reading(reading: Reading) -> bytes:
    """Return the record of a reading.

    Time (float64, seconds), bits (1 saturated, 2 delayed, 4 calibration needed, 8 marked), readings lost before
    (int32), then each channel's matrix, complex64, as the setup of the recording says.
    """
    quality = reading.quality
    bits = _SATURATED * quality.saturated | _DELAYED * quality.delayed | _MARKED * reading.marked
    bits |= _CALIBRATION_NEEDED * quality.calibration_needed
    parts = [_READING.pack(reading.time_s, bits, quality.lost_before)]
    parts += [np.ascontiguousarray(matrix, dtype="<c8").tobytes() for matrix in reading.matrices]
    return record(READING, b"".join(parts))


def encode_frame(frame: Frame, label: str) -> bytes:
    """Return the record of a frame.

    Number of its first reading in the recording (int64), bits of `reading.Flag` (uint8), time steps and width
    (uint32), bytes of the label (uint16), the label (UTF-8), the values (float32).
    """
    return record(FRAME, frame_payload(frame, label))


def frame_payload(frame: Frame, label: str) -> bytes:
    """Return what stands in the record of a frame."""
    text = label.encode()
    start = _FRAME.pack(frame.first_reading, frame.flags, *frame.values.shape, len(text))
    return start + text + np.ascontiguousarray(frame.values, dtype="<f4").tobytes()


def decode_event(payload: bytes) -> dict[str, Any]:
    """Return an event; raise `DamagedError` for anything else."""
    try:
        event = json.loads(payload)
    except ValueError as error:
        raise DamagedError("an event that is no JSON") from error
    if not isinstance(event, dict) or not isinstance(event.get("what"), str):
        raise DamagedError("an event without a name")
    return event


def decode_reading(payload: bytes, setup: SensorSetup) -> Reading:
    """Return a reading of the setup; raise `DamagedError` where its size is another."""
    shapes = [(channel.sweeps, channel.points) for channel in setup.channels]
    if len(payload) != _READING.size + 8 * sum(sweeps * points for sweeps, points in shapes):
        raise DamagedError("a reading of another size than its sensor setting says")
    time_s, bits, lost_before = _READING.unpack_from(payload)
    matrices, place = [], _READING.size
    for sweeps, points in shapes:
        values = np.frombuffer(payload, dtype="<c8", count=sweeps * points, offset=place)
        matrices.append(values.reshape(sweeps, points).astype(np.complex64, copy=False))
        place += values.nbytes
    saturated, delayed, calibration = (bool(bits & bit) for bit in (_SATURATED, _DELAYED, _CALIBRATION_NEEDED))
    good = not (saturated or delayed or calibration or lost_before)
    quality = GOOD if good else Quality(saturated, delayed, calibration, lost_before)
    return Reading(time_s, tuple(matrices), quality, marked=bool(bits & _MARKED))


def decode_frame(payload: bytes) -> KeptFrame:
    """Return a frame; raise `DamagedError` where its size is not what it says."""
    if len(payload) < _FRAME.size:
        raise DamagedError("a frame without values")
    first_reading, flags, steps, width, length = _FRAME.unpack_from(payload)
    begin = _FRAME.size + length
    if len(payload) != begin + 4 * steps * width:
        raise DamagedError("a frame of another size than it says")
    values = np.frombuffer(payload, dtype="<f4", offset=begin).reshape(steps, width)
    label = payload[_FRAME.size : begin].decode(errors="replace")
    return KeptFrame(values.astype(np.float32, copy=False), label, first_reading, flags)


class JournalReader:
    """Gives the records of a journal, `(kind, payload)`, up to the first that is not whole.

    After the last one `good_bytes` is how far the file is good, and `damage` says what is wrong there: "" where the
    file just ends, be it in the middle of a record, as after a crash.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.good_bytes = 0
        self.damage = ""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Read the file once; raise `UserError` if it cannot be read or is no journal."""
        try:
            with self.path.open("rb") as file:
                magic = file.read(len(MAGIC))
                if not MAGIC.startswith(magic):
                    raise UserError(f"Expected a journal. Received: {self.path}, which begins with {magic!r}.")
                self.good_bytes = len(magic)
                while (found := self._next(file)) is not None:
                    yield found
                    self.good_bytes = file.tell()
        except OSError as error:
            raise UserError(
                f"Expected to read {self.path}. Received: {error.strerror or error}.", "Check that it may be read."
            ) from error

    def _next(self, file: Any) -> tuple[int, bytes] | None:
        head = file.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES:
            return None
        start = head[: _START.size]
        length, kind, checksum = _START.unpack(start)
        if zlib.crc32(start) != _CHECK.unpack_from(head, _START.size)[0]:
            # A file system that lost its power may leave zeros where the last records would be.
            self.damage = "" if not any(head) and _only_zeros(file) else "a record is not as it was written"
            return None
        payload = file.read(length)
        if len(payload) < length:
            return None
        if zlib.crc32(payload) != checksum:
            self.damage = "the data of a record are not as they were written" if file.read(1) else ""
            return None
        return kind, payload


def _only_zeros(file: Any) -> bool:
    while block := file.read(1 << 20):
        if block.count(0) != len(block):
            return False
    return True
