"""Frames of several arrays seen as one, so that those of many files need no room in memory together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .picked_frames import PickedFrames

_CHUNK_BYTES = 4 << 20


class StackedFrames:
    """Arrays of frames, one after another, and of these all or only those that are `kept`.

    `parts` are float32 `(n, time_steps, width)` of one shape but for `n`; `kept` int64 indices into all of them.
    Nothing is copied but the frames that are asked for.
    """

    def __init__(
        self, parts: Sequence[NDArray[np.float32] | PickedFrames], kept: NDArray[np.int64] | None = None
    ) -> None:
        self._parts = tuple(parts)
        self._ends = np.cumsum([len(part) for part in parts])
        self._kept = kept

    @classmethod
    def of(cls, values: FrameValues) -> StackedFrames:
        """Return the frames of one array as a stack; a stack is returned as it is."""
        return values if isinstance(values, StackedFrames) else cls([values])

    @classmethod
    def joined(cls, stacks: Sequence[StackedFrames]) -> StackedFrames:
        """Return the frames of all stacks, one after another."""
        parts = [part for stack in stacks for part in stack._parts]
        if all(stack._kept is None for stack in stacks):
            return cls(parts)
        begins = np.cumsum([0, *(int(stack._ends[-1]) for stack in stacks[:-1])])
        kept = [begin + stack._places() for begin, stack in zip(begins, stacks, strict=True)]
        return cls(parts, np.concatenate(kept))

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._kept is None else len(self._kept)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, time steps and width."""
        return (len(self), self._parts[0].shape[1], self._parts[0].shape[2])

    @property
    def ndim(self) -> int:
        """Number of axes, as an array's."""
        return 3

    def __getitem__(self, which: int | slice | NDArray[np.integer]) -> NDArray[np.float32]:
        if isinstance(which, slice):
            start, stop, step = which.indices(len(self))
            if self._kept is None and step == 1:
                return self._stretch(start, stop)
            which = np.arange(start, stop, step)
        if isinstance(which, (int, np.integer)):
            return np.asarray(self[np.array([which])][0])
        return self._frames(which if self._kept is None else self._kept[which])

    def take(self, indices: NDArray[np.int64]) -> StackedFrames:
        """Return the frames with these indices, in their order, without copying them."""
        return StackedFrames(self._parts, indices if self._kept is None else self._kept[indices])

    def _places(self) -> NDArray[np.int64]:
        return np.arange(len(self), dtype=np.int64) if self._kept is None else self._kept

    def _stretch(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return consecutive frames; they are no copy where they lie in one array."""
        found: list[NDArray[np.float32]] = []
        for part, end in zip(self._parts, self._ends.tolist(), strict=True):
            begin = end - len(part)
            if begin < stop and start < end:
                found.append(part[max(0, start - begin) : stop - begin])
        if len(found) == 1:
            return found[0]
        return np.concatenate(found) if found else np.asarray(self._parts[0][:0])

    def _frames(self, places: NDArray[np.integer]) -> NDArray[np.float32]:
        if len(self._parts) == 1:
            return np.asarray(self._parts[0][places])
        frames = np.empty((len(places), *self.shape[1:]), dtype=np.float32)
        numbers = np.searchsorted(self._ends, places, side="right")
        for number in np.unique(numbers).tolist():
            own, part = numbers == number, self._parts[number]
            frames[own] = part[places[own] - (self._ends[number] - len(part))]
        return frames


FrameValues = NDArray[np.float32] | PickedFrames | StackedFrames
"""Frames `(n, time_steps, width)`: in memory, mapped from a file, of a session, or of several of these."""


def chunks(
    values: FrameValues, indices: NDArray[np.int64] | None = None, *, at_most: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """Yield all frames, or those with these indices, a few megabytes and at most so many frames at a time."""
    size = max(1, _CHUNK_BYTES // max(1, 4 * values.shape[1] * values.shape[2]))
    size = size if at_most is None else min(size, at_most)
    for start in range(0, len(values) if indices is None else len(indices), size):
        part = slice(start, start + size)
        yield values[part if indices is None else indices[part]]
