"""Frames read from the disk while the network works on those before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def read_ahead(read: Callable[[T], R], wanted: Iterable[T]) -> Iterator[R]:
    """Yield what `read` returns for everything wanted; the next is read while the caller works on this one.

    Never more than these two are in memory. What `read` raises is raised here, in its turn.
    """
    coming: Future[R] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as reader:
        for one in wanted:
            before, coming = coming, reader.submit(read, one)
            if before is not None:
                yield before.result()
        if coming is not None:
            yield coming.result()
