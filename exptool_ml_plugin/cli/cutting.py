"""Frames of many files, cut in this process or in several; the result is the same, in the order of the files."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.synchronize import Event
from pathlib import Path

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.pipeline import frames_of
from ..core.recipe import Recipe
from ..core.recording import Recording
from ..plugins import Plugins, load_plugins
from .inputs import read_recordings

WORTH_A_PROCESS = 200_000_000
"""Bytes of recordings that take longer to cut than a process to start."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A recording and its frames, or what stood against cutting them."""

    recording: Recording
    frames: list[Frame]
    problem: UserError | None = None


class Cutter:
    """Cuts the frames of the recordings in a file."""

    def __init__(self, recipe: Recipe, plugins: Plugins, *, measurement: int | None = None) -> None:
        self._recipe = recipe
        self._plugins = plugins
        self._measurement = measurement

    def cut(self, path: Path) -> list[Cut]:
        """Read a file and cut all its recordings, or the chosen measurement; `UserError` if it cannot be read."""
        recordings = read_recordings(path, self._plugins)
        if self._measurement is not None:
            recordings = [one for one in recordings if one.tags.get("session") == str(self._measurement)]
            if not recordings:
                raise UserError(
                    f"Expected a measurement {self._measurement} with readings. Received: {path} without.",
                    "Choose another --measurement.",
                )
        return [self._cut(recording) for recording in recordings]

    def _cut(self, recording: Recording) -> Cut:
        try:
            return Cut(recording, frames_of(recording, self._recipe, self._plugins.parts))
        except UserError as problem:
            # Said later, where something that is said before it may be the reason.
            return Cut(recording, [], _plain(problem))


def _plain(problem: UserError) -> UserError:
    """Return the problem as what every process can hand over; its subclasses may not say how they are made."""
    return UserError(problem.message, problem.hint)


def sensible_processes(paths: Sequence[Path]) -> int:
    """Return the number of processes that pays for these files: 1 for few."""
    size = sum(path.stat().st_size for path in paths if path.is_file())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, len(paths), 1 + size // WORTH_A_PROCESS))


def cut_files(
    paths: Sequence[Path], recipe: Recipe, plugins: Plugins, *, processes: int = 1, measurement: int | None = None
) -> Generator[list[Cut], None, None]:
    """Yield for each file, in their order, what was cut of it; `UserError` where one cannot be read.

    Whoever stops before the end closes the generator: no process outlives it.
    """
    if processes <= 1 or len(paths) <= 1:
        cutter = Cutter(recipe, plugins, measurement=measurement)
        yield from map(cutter.cut, paths)
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    executor = ProcessPoolExecutor(
        min(processes, len(paths)),
        mp_context=context,
        initializer=_begin,
        initargs=(recipe.to_json(), measurement, stop),
    )
    try:
        with _uninterrupted():
            waiting = deque(executor.submit(_cut_file, path) for path in paths)
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            "Expected every process to finish its files. Received: one ended before (out of memory?).",
            "Try --processes 1.",
        ) from error
    finally:
        stop.set()
        executor.shutdown(cancel_futures=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let processes start that do not hear Ctrl+C, which is for the one that started them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# --- in the other processes ------------------------------------------------------------------------------------

_cutter: Cutter | None = None
_stop: Event | None = None


def _begin(recipe: str, measurement: int | None, stop: Event) -> None:
    global _cutter, _stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _cutter, _stop = Cutter(Recipe.from_json(recipe), load_plugins(), measurement=measurement), stop


def _end_with_parent() -> None:
    """End this process when the one that started it was killed: nobody would tell it to."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _cut_file(path: Path) -> list[Cut]:
    assert _cutter is not None  # `_begin` has seen to it
    assert _stop is not None
    try:
        return [] if _stop.is_set() else _cutter.cut(path)
    except UserError as problem:
        raise _plain(problem) from None
