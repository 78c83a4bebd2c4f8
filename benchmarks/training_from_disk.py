"""Trains on a million frames from the disk, in turns with the same training on frames in memory.

    python benchmarks/training_from_disk.py [--frames 1000000] [--turns 3]

Session files with frames of 16 x 12 values are treated as the Train tab treats them: loaded, checked, split, their
leakage measured, their frames written to a run folder. Then two workers train the default network on them for an epoch
each, in turns, so that whatever else the machine does meets both. One reads from the disk, as every training does;
before each of its turns the file is put out of the system's cache. The other one is the same worker, but begins with
reading all frames into its memory. Both report every batch. The first batches of a turn, in which TensorFlow traces the
network, are not counted.

Printed are the ratio of the frames per second, at least 0.9 required, and the largest memory of their own that the
process of the window and the worker had with a tenth of the frames and with all of them, in one training each. Memory
of their own is what Linux calls anonymous; pages of mapped files are the system's cache, which it takes back where it
needs them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from exptool_ml_plugin.core.messages import BatchEnd
from exptool_ml_plugin.core.reading import GOOD, Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.workbench.leakage_watch import leakage_of
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.workbench import Workbench

REQUIRED = 0.9
FLAT = 0.2
"""Part of what the data grow by that memory may grow by: where each frame comes from is kept in memory."""
STEPS, WIDTH = 16, 12
FRAME_BYTES = 4 * STEPS * WIDTH
LABELS = ("push", "pull", "swipe", "still")
FILES, RECORDINGS = 4, 20
SKIPPED = 20
"""Batches until a turn is counted."""


@dataclass(frozen=True)
class Memory:
    """Largest memory of their own of the window's process and the worker, in bytes, for so many frames."""

    frames: int
    window: int
    worker: int


@dataclass(frozen=True)
class Result:
    """Frames per second of each turn, from the disk and from memory; bytes read from the disk in a turn."""

    disk: tuple[float, ...]
    memory: tuple[float, ...]
    read_bytes: int
    few: Memory
    many: Memory

    @property
    def ratio(self) -> float:
        """Median of the ratios of neighbouring turns."""
        return statistics.median(disk / memory for disk, memory in zip(self.disk, self.memory, strict=True))

    @property
    def growth(self) -> tuple[float, float]:
        """What the window's process and the worker grew by, as a part of what the data grew by."""
        more = FRAME_BYTES * (self.many.frames - self.few.frames)
        return (self.many.window - self.few.window) / more, (self.many.worker - self.few.worker) / more

    @property
    def passed(self) -> bool:
        """Whether it is quick enough and flat."""
        return self.ratio >= REQUIRED and max(self.growth) <= FLAT

    def __str__(self) -> str:
        lines = [
            f"{m.frames:>9,} frames of {STEPS} x {WIDTH}, {_mb(m.frames * FRAME_BYTES)} MB: memory of the window's "
            f"process {_mb(m.window)} MB, of the worker {_mb(m.worker)} MB at most"
            for m in (self.few, self.many)
        ]
        lines.append(
            f"from disk / in memory: {self.ratio:.3f} (required {REQUIRED}), {statistics.median(self.disk):,.0f} / "
            f"{statistics.median(self.memory):,.0f} frames/s, {len(self.disk)} turns each, "
            f"{_mb(self.read_bytes)} MB read from the disk in a turn"
        )
        window, worker = self.growth
        lines.append(
            f"memory grew by {window:.2f} (window) and {worker:.2f} (worker) of what the data grew by (at most "
            f"{FLAT}): {'holds' if self.passed else 'DOES NOT HOLD'}"
        )
        return "\n".join(lines)


def measure(*, frames: int, turns: int) -> Result:
    """Train with a tenth of the frames, then with all of them, then in turns."""
    with tempfile.TemporaryDirectory() as name, Watch() as watch:
        folder = Path(name)
        _check_space(folder, frames)
        with _training() as training:
            run = _run(frames // 10, folder / "few")
            few = watch.turn(training, run, frames // 10)
        with _training() as training, _training("--in-memory") as other:
            run = _run(frames, folder / "many")
            many = watch.turn(training, run, frames)
            disk, memory = FromDisk(training, run), InMemory(other, _linked(run, folder / "memory"))
            for turn in range(turns):
                for one in (disk, memory) if turn % 2 else (memory, disk):
                    one.turn()
    return Result(tuple(disk.rates), tuple(memory.rates), disk.read_bytes // turns, few, many)


class InMemory:
    """A worker whose frames are in memory, its run, and the frames per second of each turn."""

    def __init__(self, training: Training, run: RunFolder) -> None:
        self._training = training
        self._run = run
        self.rates: list[float] = []

    def turn(self) -> None:
        """Train for an epoch."""
        self.rates.append(train(self._training, self._run))


class FromDisk(InMemory):
    """A worker that reads its frames from the disk; `read_bytes` counts what did come from there."""

    read_bytes = 0

    def turn(self) -> None:
        """Put the frames out of the system's cache, then train for an epoch."""
        with self._run.frames_path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        io = Path(f"/proc/{self._training.worker_pid}/io")
        before = _figure(io, "read_bytes")
        super().turn()
        self.read_bytes += _figure(io, "read_bytes") - before


def _run(frames: int, folder: Path) -> RunFolder:
    """Write session files in a process of their own, and make a run of them as the Train tab does."""
    folder.mkdir()
    writer = multiprocessing.get_context("spawn").Process(target=write_sessions, args=(folder, frames))
    writer.start()
    writer.join()
    workbench = Workbench(journals=folder)
    try:
        files = workbench.training_data
        files.load(sorted(folder.glob("*.h5")))
        recipe = files.recipe_of_run(workbench.recipe)
        recipe = replace(recipe, training=replace(recipe.training, early_stopping=False, epochs=1))
        print(f"{frames:,} frames. Validation: {leakage_of(files, recipe)['validation'].in_words()}", flush=True)
        return files.prepare_run(folder / "run", recipe)
    finally:
        workbench.close()


def write_sessions(folder: Path, frames: int) -> None:
    """Write session files of recordings with a frame for every reading; a bump in noise tells the labels apart."""
    channel = Channel(sensor_id=1, subsweep=0, sweeps=1, points=WIDTH, start_m=0.2, step_m=0.02, sweep_rate_hz=3000.0)
    setup = SensorSetup(generation="a121", channels=(channel,), reading_rate_hz=100.0)
    recipe = Recipe("made", setup, (FeatureChoice("range_segment"),), FrameSettings(time_steps=STEPS))
    each = frames // (FILES * RECORDINGS)
    readings = each + STEPS
    for number in range(FILES):
        random = np.random.default_rng(number)
        matrix = np.zeros((readings, 1, WIDTH), dtype=np.complex64)
        recordings = [
            Recording(f"{number}_{index}", setup, np.arange(readings) / 100, (matrix,), (GOOD,) * readings)
            for index in range(RECORDINGS)
        ]
        of = np.repeat(np.arange(RECORDINGS), each)
        codes = of % len(LABELS)
        values = random.standard_normal((len(of), STEPS, WIDTH), dtype=np.float32)
        values[np.arange(len(of)), :, 3 * codes] += 0.5
        first = np.tile(np.arange(each), RECORDINGS)
        labelled = LabelledFrames(values, [LABELS[code] for code in codes], of, first, np.zeros(len(of), np.uint8))
        save_session(Session(recipe, recordings=recordings, frames=labelled), folder / f"{number}.h5")


def _linked(run: RunFolder, folder: Path) -> RunFolder:
    """Return the same run once more, with frames that need no room on the disk."""
    return RunFolder.create(folder, recipe=run.recipe(), data=run.data(), like=run.path)


def train(training: Training, run: RunFolder) -> float:
    """Train for an epoch more; returns the frames per second."""
    ends: list[tuple[float, int]] = []

    def note(batch: BatchEnd) -> None:
        ends.append((time.perf_counter(), batch.batch))

    resume = run.can_resume
    run.change_training(replace(run.recipe().training, epochs=len(run.history()) + 1))
    training.batch.connect(note)
    training.start(run.path, resume=resume)
    training.wait()
    training.batch.disconnect(note)
    (first_s, first), (last_s, last) = ends[SKIPPED - 1], ends[-2]  # the very last one may be shorter
    return (last - first) * run.recipe().training.batch_size / (last_s - first_s)


@contextmanager
def _training(*arguments: str) -> Iterator[Training]:
    training = Training(command=(sys.executable, __file__, *arguments)) if arguments else Training()
    try:
        yield training
    finally:
        training.close()


class Watch:
    """Looks at the memory of this process and of a worker fifty times a second, and remembers the largest."""

    def __init__(self) -> None:
        self._training: Training | None = None
        self._window = self._worker = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def turn(self, training: Training, run: RunFolder, frames: int) -> Memory:
        """Train for an epoch; returns the largest memory since the last call, that for making the run included."""
        self._training = training
        train(training, run)
        found = Memory(frames, self._window, self._worker)
        self._training, self._window, self._worker = None, 0, 0
        return found

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            self._window = max(self._window, _figure(Path("/proc/self/status"), "RssAnon"))
            pid = None if self._training is None else self._training.worker_pid
            if pid is not None:
                self._worker = max(self._worker, _figure(Path(f"/proc/{pid}/status"), "RssAnon"))


def _figure(path: Path, name: str) -> int:
    """Return a figure of Linux' /proc in bytes; 0 for a process that is not there."""
    try:
        fields = next(line.split() for line in path.read_text().splitlines() if line.startswith(f"{name}:"))
    except (OSError, StopIteration):
        return 0
    return int(fields[1]) * (1024 if fields[-1] == "kB" else 1)


def _check_space(folder: Path, frames: int) -> None:
    needed = int(2.6 * frames * FRAME_BYTES)
    if shutil.disk_usage(folder).free < needed:
        sys.exit(f"{folder} has less than the {needed / 1e9:.1f} GB needed.")


def _mb(count: float) -> str:
    return f"{count / 1e6:,.0f}"


def serve_in_memory() -> None:
    """Be a training worker that reads all frames into its memory before it begins."""
    from exptool_ml_plugin.learn import data, prepare, worker

    opened: Callable[..., data.Frames] = prepare.open_frames

    def open_in_memory(*arguments: object, **more: object) -> data.Frames:
        frames = opened(*arguments, **more)
        values = np.array(frames.values)
        return replace(frames, values=values, data=replace(frames.data, values=values))

    prepare.open_frames = open_in_memory  # type: ignore[assignment]
    worker.main()


def main() -> None:
    """Measure, print, and fail below what is required."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--in-memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_memory:
        serve_in_memory()
        return
    if sys.platform != "linux":
        sys.exit("Memory and cache are measured with Linux' /proc only.")
    result = measure(frames=options.frames, turns=options.turns)
    print(result)
    sys.exit(not result.passed)


if __name__ == "__main__":
    main()
