"""Frames that come in pieces, written as one NumPy array without being in memory together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from .atomic import replacing
from .stacked_frames import FrameValues, chunks


def save_frames(path: Path, pieces: Iterable[NDArray[np.float32]], frame_shape: tuple[int, int]) -> str:
    """Write pieces `(any number, time_steps, width)` in one step; returns the SHA-256 of the values as hex digits.

    Raises `UserError` if the file exists or cannot be written.
    """
    digest, count = hashlib.sha256(), 0
    with replacing(path) as temporary, temporary.open("wb") as file:
        room = _write_head(file, 0, frame_shape)
        for piece in pieces:
            values = np.ascontiguousarray(piece, dtype="<f4")
            digest.update(values.data)
            file.write(values.data)
            count += len(values)
        file.seek(0)
        if _write_head(file, count, frame_shape) != room:
            raise RuntimeError("the head of the file has another length than was left for it")
    return digest.hexdigest()


def link_frames(path: Path, values: FrameValues, like: Path) -> str | None:
    """Give a file that holds exactly these frames the second name `path`, so that they need no room twice.

    Returns the SHA-256 of the values; None, and no file, where `like` holds others or the disk knows no second names.
    """
    try:
        held = np.load(like, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    if held.dtype != np.float32 or held.shape != tuple(values.shape):
        return None
    digest, start = hashlib.sha256(), 0
    for chunk in chunks(values):
        own = np.ascontiguousarray(chunk, dtype="<f4")
        # As whole numbers: equal bits, not only equal values.
        if not np.array_equal(own.view(np.int32), held[start : start + len(own)].view(np.int32)):
            return None
        digest.update(own.data)
        start += len(own)
    try:
        os.link(like, path)
    except OSError:
        return None
    return digest.hexdigest()


def _write_head(file: BinaryIO, frames: int, frame_shape: tuple[int, int]) -> int:
    """Write the head of the array and return its length, the same for any number of frames: NumPy leaves room."""
    head = {"descr": "<f4", "fortran_order": False, "shape": (frames, *frame_shape)}
    np.lib.format.write_array_header_1_0(file, head)
    return file.tell()
