"""The frames of a recording as spans of time, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LANES = 3


@dataclass(frozen=True)
class Span:
    """A frame of the recording: its number in the session, where it begins, the colour of its label, its line."""

    index: int
    first: int
    color: str
    lane: int


class Spans:
    """Frames of one length, by where they begin, in up to three lines where they overlap.

    `indices` are their numbers in the session and `firsts` their first readings, int64 `(n,)`, ascending.
    """

    def __init__(self, indices: ArrayLike, firsts: ArrayLike, colors: Sequence[str], time_steps: int) -> None:
        begins = np.asarray(firsts, dtype=np.int64)
        order = np.argsort(begins, kind="stable")
        self.steps = time_steps
        self.indices: NDArray[np.int64] = np.asarray(indices, dtype=np.int64)[order]
        self.firsts: NDArray[np.int64] = begins[order]
        self._colors = np.asarray(colors, dtype=object)[order]
        self._lanes = np.array(_lanes(self.firsts.tolist(), time_steps), dtype=np.int64)
        self.lane_count = 1 + int(self._lanes.max(initial=0))

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, place: int) -> Span:
        index, first, lane = (int(part[place]) for part in (self.indices, self.firsts, self._lanes))
        return Span(index, first, str(self._colors[place]), lane)

    def of(self, index: int | None) -> Span | None:
        """Return the span of a frame of the session, None where it is not among these."""
        found = np.flatnonzero(self.indices == (-1 if index is None else index))
        return self[int(found[0])] if len(found) else None

    def within(self, start: float, stop: float, *, apart: float = 0.0) -> list[Span]:
        """Return those that reach into readings `start` to `stop`, ascending.

        Of those that begin within the same `apart` readings on the same line only the first: the others would be
        painted over it.
        """
        first = int(np.searchsorted(self.firsts, start - self.steps))
        places = np.arange(first, int(np.searchsorted(self.firsts, stop, side="right")))
        if apart > 0.0 and len(places):
            cells = ((self.firsts[places] - start) // apart).astype(np.int64) * LANES + self._lanes[places]
            places = places[np.sort(np.unique(cells, return_index=True)[1])]
        return [self[place] for place in places.tolist()]


def _lanes(firsts: Sequence[int], steps: int) -> list[int]:
    """Give spans, ascending, lines in which they do not overlap, as far as there are lines."""
    ends, lanes = [0] * LANES, []
    for number, first in enumerate(firsts):
        lane = number % LANES
        for free, end in enumerate(ends):
            if end <= first:
                lane = free
                break
        ends[lane] = first + steps
        lanes.append(lane)
    return lanes
