"""Arrays that stay in their HDF5 file until somebody looks at them."""

from __future__ import annotations

import mmap
import os
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .errors import UserError


class StoredArrays:
    """Gives the datasets of one open HDF5 file as arrays that cannot be written.

    A dataset that lies in the file as one piece is mapped: its values are read when they are looked at, also after
    the file was closed or replaced by another of its name, since the mapping keeps the old one. On Windows a mapped
    file could not be replaced; there the values are read at once.
    """

    def __init__(self, file: h5py.File) -> None:
        descriptor = file.id.get_vfd_handle()
        self._bytes = os.fstat(descriptor).st_size
        self._map = None if os.name == "nt" else mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)

    def array(self, dataset: Any, dtype: Any) -> NDArray[Any]:
        """Return the values of a dataset; `UserError` where they are no numbers or more than the file could hold."""
        wanted = np.dtype(dtype)
        self.check(dataset)
        offset, size = dataset.id.get_offset(), dataset.size * wanted.itemsize
        if self._map is None or dataset.dtype != wanted or offset is None or not size or offset + size > self._bytes:
            values: NDArray[Any] = np.asarray(dataset[()], dtype=wanted)
            values.flags.writeable = False
            return values
        mapped: NDArray[Any] = np.frombuffer(self._map, wanted, dataset.size, offset).reshape(dataset.shape)
        return mapped

    def check(self, dataset: Any) -> None:
        """Raise `UserError` for what is no dataset of this file, or says that it is larger than the file."""
        if not isinstance(dataset, h5py.Dataset) or dataset.shape is None or dataset.is_virtual or dataset.external:
            raise UserError(f"Expected an array. Received: {dataset!r}.", "Take another copy of the file.")
        if dataset.size * dataset.dtype.itemsize > self._bytes:
            raise UserError(
                f"Expected an array that fits into the file of {self._bytes:,} bytes. "
                f"Received: {dataset.name} of shape {dataset.shape}.",
                "The file may be damaged; take another copy of it.",
            )
