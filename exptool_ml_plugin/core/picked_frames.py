"""The values of many frames in an order that can change at no cost, wherever they lie."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_ROOM = 16


class FrameStore:
    """Frames one behind the other, each float32 `(time_steps, width)`; one that is in is never changed or taken out.

    The `first` ones are kept as they are given: they may lie in a file, and be more than the memory holds. Those that
    are added lie in memory, with room for more, so that adding a frame costs that frame.
    """

    def __init__(self, first: NDArray[np.float32]) -> None:
        self.first = first
        self._added = np.empty((0, *first.shape[1:]), dtype=np.float32)
        self._count = 0
        self._lock = threading.Lock()

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of every frame."""
        return (self.first.shape[1], self.first.shape[2])

    def add(self, frames: NDArray[np.float32]) -> NDArray[np.int64]:
        """Take frames, float32 `(n, time_steps, width)`; return their places, int64 `(n,)`."""
        with self._lock:
            begin, end = self._count, self._count + len(frames)
            if end > len(self._added):
                larger = np.empty((max(_ROOM, 2 * begin, end), *self.shape), dtype=np.float32)
                larger[:begin] = self._added[:begin]
                self._added = larger
            self._added[begin:end] = frames
            self._count = end
        return len(self.first) + np.arange(begin, end, dtype=np.int64)

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the frames at some places: not copied where these follow one another, read-only in any case."""
        begin, count = int(places[0]) if len(places) else 0, len(places)
        split, added = len(self.first), self._added
        if bool((np.diff(places) == 1).all()):
            if begin + count <= split:
                return _read_only(self.first[begin : begin + count])
            if begin >= split:
                return _read_only(added[begin - split : begin - split + count])
        found = np.empty((count, *self.shape), dtype=np.float32)
        is_first = places < split
        found[is_first] = self.first[places[is_first]]
        found[~is_first] = added[places[~is_first] - split]
        return _read_only(found)


class PickedFrames:
    """Some frames of a store in an order of their own: like an array float32 `(n, time_steps, width)`, read-only.

    It never changes. Taking some of them (`values[indices]` with a slice or an array of numbers or of booleans) copies
    what it returns only where these do not follow one another in the store; `select` never copies anything.
    """

    def __init__(self, store: FrameStore, places: NDArray[np.int64]) -> None:
        self.store = store
        self.places = places

    @classmethod
    def of(cls, values: PickedFrames | NDArray[np.float32]) -> PickedFrames:
        """Return the frames of an array, float32 `(n, time_steps, width)`; one that can be written is copied."""
        if isinstance(values, PickedFrames):
            return values
        kept = np.asarray(values, dtype=np.float32)
        if kept.flags.writeable:
            kept = kept.copy()
        return cls(FrameStore(kept), np.arange(len(kept), dtype=np.int64))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, time steps and width."""
        return (len(self.places), *self.store.shape)

    @property
    def ndim(self) -> int:
        """Three, always."""
        return 3

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """Float32, always."""
        return np.dtype(np.float32)

    @property
    def nbytes(self) -> int:
        """Size in memory, were they copied."""
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, key: Any) -> NDArray[np.float32]:
        of_frames, within = (key[0], key[1:]) if isinstance(key, tuple) else (key, ())
        single = isinstance(of_frames, (int, np.integer))
        places = self.places[[int(of_frames)] if single else of_frames]
        first = (0 if single else slice(None), *within)
        return np.asarray(self.store.at(places)[first])

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return (self[index] for index in range(len(self)))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        found = self.store.at(self.places)
        if dtype is not None and np.dtype(dtype) != self.dtype:
            return found.astype(dtype)
        return np.array(found) if copy else found

    def select(self, indices: NDArray[np.int64] | NDArray[np.bool_] | slice) -> PickedFrames:
        """Return some of the frames, without reading them."""
        return PickedFrames(self.store, self.places[indices])


def _read_only(array: NDArray[np.float32]) -> NDArray[np.float32]:
    view = array[:]
    view.flags.writeable = False
    return view
