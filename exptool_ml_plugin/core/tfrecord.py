"""Frames as records of TensorFlow (`tf.data.TFRecordDataset`), written without TensorFlow.

A record is its length, uint64, and that length's checksum; its bytes and their checksum (tensorflow/core/lib/io:
record_writer.cc). Its bytes are a `tf.train.Example` in the protocol buffers' wire format (protobuf.dev, "Encoding";
tensorflow/core/example: example.proto, feature.proto). The checksum is CRC-32C (RFC 3720, B.4), rotated and offset
("masked"). The frame's values are put last: all frames are of one size, so their checksums are computed side by side.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_BYTES, _FLOATS, _INTS = 1, 2, 3
"""Kinds of a `Feature`, the numbers of its fields."""


def _make_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


_TABLE = _make_table()


def records(frames: NDArray[np.float32], details: Sequence[Mapping[str, str | int | Sequence[int]]]) -> Iterator[bytes]:
    """Yield a record for each frame, float32 `(n, time_steps, width)`, with what belongs to it by name.

    The frame's values are the float feature "frame", row by row; texts become bytes features, whole numbers int ones.
    """
    values = np.ascontiguousarray(frames, dtype="<f4").reshape(len(frames), -1)
    tails = values.view(np.uint8).reshape(len(frames), -1)
    heads = [_example_head(detail, tails.shape[1]) for detail in details]
    states = np.array([_crc(np.frombuffer(head, dtype=np.uint8)[np.newaxis])[0] for head in heads], dtype=np.uint32)
    sums = _crc(tails, states)
    for head, tail, crc in zip(heads, tails, sums.tolist(), strict=True):
        length = struct.pack("<Q", len(head) + len(tail))
        yield length + _masked(crc32c(length)) + head + tail.tobytes() + _masked(crc ^ 0xFFFFFFFF)


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of some bytes."""
    return int(_crc(np.frombuffer(data, dtype=np.uint8)[np.newaxis])[0]) ^ 0xFFFFFFFF


def _crc(rows: NDArray[np.uint8], states: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
    """Go on with the checksums of rows of bytes, uint8 `(n, length)`, uint32 `(n,)`, not yet inverted at the end."""
    crc = np.full(len(rows), 0xFFFFFFFF, dtype=np.uint32) if states is None else states
    for column in np.ascontiguousarray(rows.T):
        crc = _TABLE[(crc ^ column) & 0xFF] ^ (crc >> 8)
    return crc


def _masked(crc: int) -> bytes:
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def _example_head(details: Mapping[str, str | int | Sequence[int]], tail: int) -> bytes:
    """Return an `Example` up to where the `tail` bytes of the frame's values begin."""
    entries = b"".join(_field(1, _entry(name, *_encoded(value))) for name, value in details.items())
    begin = b""
    for number in (1, _FLOATS, 2):  # packed values in a FloatList in a Feature, the value of the entry
        begin = _key(number) + _varint(len(begin) + tail) + begin
    begin = _field(1, b"frame") + begin
    features = entries + _key(1) + _varint(len(begin) + tail) + begin
    return _key(1) + _varint(len(features) + tail) + features


def _entry(name: str, kind: int, values: bytes) -> bytes:
    return _field(1, name.encode()) + _field(2, _field(kind, _field(1, values)))


def _encoded(value: str | int | Sequence[int]) -> tuple[int, bytes]:
    if isinstance(value, str):
        return _BYTES, value.encode()
    numbers = [value] if isinstance(value, int) else value
    return _INTS, b"".join(_varint(number) for number in numbers)


def _field(number: int, data: bytes) -> bytes:
    return _key(number) + _varint(len(data)) + data


def _key(number: int) -> bytes:
    return _varint(number << 3 | 2)  # 2: what follows has a length


def _varint(number: int) -> bytes:
    number &= 0xFFFFFFFFFFFFFFFF  # negative ones as 64 bits of two's complement
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)
