"""Arrays that stay in their HDF5 file until somebody looks at them, and texts."""

from __future__ import annotations

import mmap
import os
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .heap_texts import heap_texts


class StoredArrays:
    """Gives the datasets of one open HDF5 file as arrays that cannot be written.

    A dataset that lies in the file as one piece is mapped: its values are read when they are looked at, also after
    the file was closed or replaced by another of its name, since the mapping keeps the old one. On Windows a mapped
    file could not be replaced; there the values are read at once.
    """

    def __init__(self, file: h5py.File) -> None:
        descriptor = file.id.get_vfd_handle()
        self._bytes = os.fstat(descriptor).st_size
        self._map = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)

    def array(self, dataset: Any, dtype: Any) -> NDArray[Any]:
        """Return the values of a dataset; `UserError` where they are no numbers or more than the file could hold."""
        wanted = np.dtype(dtype)
        self.check(dataset)
        if wanted.kind in "iu" and dataset.dtype.kind not in "iu":
            what = f"{dataset.name} of {dataset.dtype}"
            raise UserError(f"Expected whole numbers. Received: {what}.", "Take another copy of the file.")
        offset, size = dataset.id.get_offset(), dataset.size * wanted.itemsize
        if os.name == "nt" or dataset.dtype != wanted or offset is None or not size or offset + size > self._bytes:
            values: NDArray[Any] = np.asarray(dataset[()], dtype=wanted)
            values.flags.writeable = False
            return values
        mapped: NDArray[Any] = np.frombuffer(self._map, wanted, dataset.size, offset).reshape(dataset.shape)
        return mapped

    def texts(self, dataset: Any) -> list[str]:
        """Return the texts of a dataset; `UserError` where there are none, `ValueError` where they are damaged."""
        self.check(dataset)
        if h5py.check_string_dtype(dataset.dtype) is None:
            raise UserError(f"Expected texts. Received: {dataset.name} of {dataset.dtype}.", "Take another copy.")
        with memoryview(self._map) as content:
            found = heap_texts(dataset, content)
        return np.asarray(dataset.asstr()[()]).reshape(-1).tolist() if found is None else found

    def text(self, dataset: Any) -> str:
        """Return the one text of a dataset."""
        found = self.texts(dataset)
        if len(found) != 1:
            raise UserError(f"Expected one text. Received: {len(found)} as {dataset.name}.", "Take another copy.")
        return found[0]

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
