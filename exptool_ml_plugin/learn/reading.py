"""Frames read from the disk while the network works on those before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from .batches import Indices, batches_of
from .data import Frames

_PIECE_BYTES = 4 << 20
"""Read at a time; so much that handing it from thread to thread costs nothing beside it."""

Values = NDArray[np.float32]


def read_batches(frames: Frames, indices: Indices, batch_size: int) -> Iterator[Values]:
    """Yield the frames of batch after batch; while the caller works on some, the next are read."""
    batches = max(1, _PIECE_BYTES // max(1, batch_size * frames.frame_bytes))
    pieces = batches_of(indices, batches * batch_size)
    for piece in _read_ahead(lambda wanted: frames.values[wanted], pieces):
        for start in range(0, len(piece), batch_size):
            yield piece[start : start + batch_size]


def _read_ahead(read: Callable[[Indices], Values], pieces: Iterator[Indices]) -> Iterator[Values]:
    """Yield what is read for each piece, one ahead: never more than two are in memory.

    What `read` raises is raised here, in its turn.
    """
    coming: Future[Values] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as reader:
        for piece in pieces:
            before, coming = coming, reader.submit(read, piece)
            if before is not None:
                yield before.result()
        if coming is not None:
            yield coming.result()
