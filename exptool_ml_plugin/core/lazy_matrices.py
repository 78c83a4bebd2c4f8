"""The matrices of a measurement that stay in their file, in the host's type, until somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray


class LazyMatrices(Sequence[NDArray[np.complex64]]):
    """Matrices complex64 `(readings, sweeps, points)`, one for each channel, made from the host's at first use.

    `shapes` are theirs, `make` makes the matrix of a channel by its index.
    """

    def __init__(self, shapes: Sequence[tuple[int, ...]], make: Callable[[int], NDArray[np.complex64]]) -> None:
        self.shapes = list(shapes)
        self._make = make
        self._made: dict[int, NDArray[np.complex64]] = {}

    def __len__(self) -> int:
        return len(self.shapes)

    @overload
    def __getitem__(self, index: int) -> NDArray[np.complex64]: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[NDArray[np.complex64], ...]: ...

    def __getitem__(self, index: int | slice) -> NDArray[np.complex64] | tuple[NDArray[np.complex64], ...]:
        places = range(len(self))[index]
        return self._matrix(places) if isinstance(places, int) else tuple(self._matrix(place) for place in places)

    def _matrix(self, index: int) -> NDArray[np.complex64]:
        if index not in self._made:
            self._made[index] = self._make(index)
        return self._made[index]
