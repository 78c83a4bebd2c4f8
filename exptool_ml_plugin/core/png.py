"""Pictures of matrices as PNG files in viridis, with nothing but the standard library."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_STOPS = (
    "440154 46085c 471063 481769 481d6f 482475 472a7a 46307e 453781 433d84 414287 3f4889 3d4e8a 3a538b "
    "38598c 355e8d 33638d 31688e 2e6d8e 2c718e 2a768e 297b8e 27808e 25848e 23898e 218e8d 20928c 1f978b "
    "1e9c89 1fa188 21a585 24aa83 28ae80 2eb37c 35b779 3dbc74 46c06f 50c46a 5ac864 65cb5e 70cf57 7cd250 "
    "89d548 95d840 a2da37 b0dd2f bddf26 cae11f d8e219 e5e419 f1e51d fde725"
)
"""Every fifth colour of viridis, by Nathaniel Smith and Stefan van der Walt (CC0), as matplotlib has it."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLORS = np.array([list(bytes.fromhex(stop)) for stop in _STOPS.split()], dtype=np.float64)
VIRIDIS: NDArray[np.uint8] = np.stack(
    [np.interp(np.arange(256) / 5.0, np.arange(len(_COLORS)), _COLORS[:, part]).round() for part in range(3)], axis=1
).astype(np.uint8)
"""The colours from dark to bright, uint8 `(256, 3)`."""


def frame_png(scaled: NDArray[np.float32], *, zoom: int = 1) -> bytes:
    """Return a frame as the file of a picture: time from left to right, the row's positions upwards, as in the tabs.

    `scaled` is float32 `(time_steps, width)` within 0 … 1; every value becomes `zoom` x `zoom` pixels.
    """
    indices = np.rint(np.clip(scaled, 0.0, 1.0) * 255.0).astype(np.uint8).T[::-1]
    return indexed_png(indices.repeat(zoom, axis=0).repeat(zoom, axis=1))


def indexed_png(indices: NDArray[np.uint8]) -> bytes:
    """Return the file of a picture whose pixels, uint8 `(height, width)`, are places in `VIRIDIS`.

    Format: W3C Portable Network Graphics (second edition), sections 5 and 11; 8 bits a pixel with a palette.
    """
    height, width = indices.shape
    lines = np.zeros((height, 1 + width), dtype=np.uint8)  # each line begins with its filter, 0 for none
    lines[:, 1:] = indices
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", VIRIDIS.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes())),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
