"""Data need little memory of their own, however many frames they have: neither in the window nor in the worker."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.recipe import TrainingSettings
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.workbench.leakage_watch import leakage_of
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import make_recipe, make_session

STEPS, WIDTH = 10, 80
FRAMES = {"first": 8000, "few": 8000, "many": 64_000}
"""The first training of a process takes what is there for all of them."""
FRAME_BYTES = 4 * STEPS * WIDTH

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")


class Peak:
    """The largest memory of its own, in bytes, that a process had: without pages of mapped files, which are cache."""

    def __init__(self, pid: int | str) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self.bytes = self.now()

    def now(self) -> int:
        line = next(one for one in self._status.read_text().splitlines() if one.startswith("RssAnon:"))
        return 1024 * int(line.split()[1])

    @contextmanager
    def watched(self) -> Iterator[None]:
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(0.005):
                self.bytes = max(self.bytes, self.now())

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def save_frames_of(path: Path, count: int) -> None:
    """Write a session in which a bump tells two labels apart."""
    pattern = np.random.default_rng(0).normal(size=(1000, STEPS, WIDTH)).astype(np.float32)
    pattern[::2, :, :8] += 1.0
    frames = LabelledFrames(
        values=np.resize(pattern, (count, STEPS, WIDTH)),
        labels=["push", "pull"] * (count // 2),
        recording_of=np.arange(count) * 4 // count,
        first_reading=np.arange(count),
        flags=np.zeros(count, dtype=np.uint8),
    )
    recordings = make_session(1, labels=("push", "pull")).recordings
    save_session(Session(make_recipe(), recordings=recordings, frames=frames), path)


def make_run(path: Path, folder: Path) -> None:
    """What the Train tab does with a file until the worker begins."""
    workbench = Workbench(journals=folder / "journals")
    try:
        files = workbench.training_data
        files.load([path])
        recipe = make_recipe(training=TrainingSettings(epochs=1, early_stopping=False))
        assert not [check for check in files.examine(recipe) if check.mend is not None]
        assert "validation" in leakage_of(files, recipe)
        files.prepare_run(folder / "run", recipe)
    finally:
        workbench.close()


def peaks_of_the_window(folder: Path, told: Any) -> None:
    peak = Peak("self")
    for name in FRAMES:
        with peak.watched():
            make_run(folder / f"{name}.h5", folder / name)
        told.put(peak.bytes)


def is_flat(few: int, many: int) -> bool:
    """Whether memory grew by less than a fifth of what the data grew by."""
    return many - few < FRAME_BYTES * (FRAMES["many"] - FRAMES["few"]) / 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    for name, count in FRAMES.items():
        (made / name).mkdir()
        save_frames_of(made / f"{name}.h5", count)
    return made


@pytest.fixture(scope="module")
def window_peaks(folder: Path) -> list[int]:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    child = context.Process(target=peaks_of_the_window, args=(folder, told))
    child.start()
    peaks = [told.get(timeout=120) for _ in FRAMES]
    child.join(60)
    return peaks


def test_the_window_holds_no_frames_from_loading_files_to_the_run_folder(folder: Path, window_peaks: list[int]) -> None:
    assert len(RunFolder.open(folder / "many" / "run").data().values) == FRAMES["many"]
    assert is_flat(*window_peaks[1:])


@pytest.mark.usefixtures("window_peaks")
def test_the_worker_holds_no_frames_while_it_trains_validates_and_counts(folder: Path, training: Training) -> None:
    training.start(folder / "first" / "run")
    training.wait(120)
    assert training.worker_pid is not None
    peak, peaks = Peak(training.worker_pid), []
    for name in ("few", "many"):
        with peak.watched():
            training.start(folder / name / "run")
            done = training.wait(300)
        peaks.append(peak.bytes)

    assert sum(map(sum, training.matrices["training"].counts)) > FRAMES["many"] / 2
    assert done.val_accuracy is not None
    assert done.val_accuracy > 0.9
    assert is_flat(*peaks)
