"""Texts of any length as HDF5 keeps them: in "global heaps", read here with every length checked.

The library trusts what a damaged heap says of itself, and crashes or never comes back. The layout is that of the "HDF5
File Format Specification", version 3.0: III.E (global heap) and IV.A.2.d (datatype message, variable length).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import h5py
import numpy as np

_ENTRY = np.dtype([("length", "<u4"), ("address", "<u8"), ("index", "<u4")])
_COLLECTION = struct.Struct("<4sB3xQ")
_OBJECT = struct.Struct("<HH4xQ")
_SIZES = (8, 8)
"""Bytes of addresses and of lengths in a file as h5py writes it."""

Content = memoryview
"""The whole file."""


def heap_texts(dataset: h5py.Dataset, content: Content) -> list[str] | None:
    """Return the texts of a dataset in the file `content`, None where they do not lie in heaps as a list in one piece.

    Raises `ValueError` for a heap that does not hold what it says.
    """
    info = h5py.check_string_dtype(dataset.dtype)
    offset = dataset.id.get_offset()
    if info is None or info.length is not None or dataset.file.id.get_create_plist().get_sizes() != _SIZES:
        return None
    if offset is None or dataset.file.userblock_size:
        return None
    if offset + dataset.size * _ENTRY.itemsize > len(content):
        raise ValueError(f"{dataset.name} is larger than the file")
    entries = np.frombuffer(content, _ENTRY, dataset.size, offset)
    heaps = {address: dict(_objects(content, address)) for address in np.unique(entries["address"]).tolist()}
    found = (_text(content, heaps[address], length, index) for length, address, index in entries.tolist())
    once: dict[str, str] = {}  # a million labels are a few texts
    return [once.setdefault(text, text) for text in found]


def _objects(content: Content, address: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield number, place and length of what lies in the heap at an address; 0 stands for no text at all."""
    if not address:
        return
    if address + _COLLECTION.size > len(content):
        raise ValueError(f"no heap at {address}")
    signature, version, size = _COLLECTION.unpack_from(content, address)
    end = address + size
    if (signature, version) != (b"GCOL", 1) or end > len(content):
        raise ValueError(f"no heap at {address}")
    place = address + _COLLECTION.size
    while place + _OBJECT.size <= end:
        number, _, length = _OBJECT.unpack_from(content, place)
        place += _OBJECT.size
        if not number:  # the rest is free
            return
        if place + length > end:
            raise ValueError(f"a text of {length} bytes in the heap at {address}, which ends before that")
        yield number, (place, length)
        place += -(-length // 8) * 8


def _text(content: Content, heap: dict[int, tuple[int, int]], length: int, index: int) -> str:
    if not length:
        return ""
    place, size = heap.get(index, (0, 0))
    if length > size:
        raise ValueError(f"a text of {length} bytes, of which there are {size}")
    return bytes(content[place : place + length]).decode()
