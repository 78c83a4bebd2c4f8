"""Frames are read while those before are worked on."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from exptool_ml_plugin.learn import reading
from exptool_ml_plugin.learn.data import Frames
from exptool_ml_plugin.learn.reading import read_batches
from training_runs import make_data


class Disk:
    """An array that tells by events what is read of it, and in which thread."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.read: list[np.ndarray] = []
        self.threads: set[str] = set()
        self.shape = values.shape
        self.arrived = threading.Semaphore(0)

    def __getitem__(self, which: np.ndarray | slice) -> np.ndarray:
        if isinstance(which, slice):
            return self.values[which]
        if which.max() >= len(self.values):
            raise OSError("the disk is gone")
        self.read.append(which)
        self.threads.add(threading.current_thread().name)
        self.arrived.release()
        return self.values[which]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk(make_data(100).values)
    monkeypatch.setattr(reading, "_PIECE_BYTES", 2 * 8 * made.values[0].nbytes)
    return made


def frames_on(disk: Disk) -> Frames:
    data = make_data(100)
    labels = data.labels.astype(np.int32)
    return Frames(disk, labels, np.ones(100, np.float32), data.label_names, data)  # type: ignore[arg-type]


def test_batches_come_in_their_order_and_the_last_is_shorter(disk: Disk) -> None:
    order = np.random.default_rng(0).permutation(100)

    batches = list(read_batches(frames_on(disk), order, 8))

    assert [len(batch) for batch in batches] == [8] * 12 + [4]
    np.testing.assert_array_equal(np.concatenate(batches), disk.values[order])


def test_the_next_frames_are_read_while_the_caller_has_those_before_and_no_more_than_them(disk: Disk) -> None:
    batches = read_batches(frames_on(disk), np.arange(100), 8)
    next(batches)  # of the first piece
    for _ in range(2):
        assert disk.arrived.acquire(timeout=10), "the second piece is read before anybody asks for it"
    next(batches)
    assert len(disk.read) == 2
    next(batches)  # the first batch of the second piece
    assert disk.arrived.acquire(timeout=10)
    assert len(disk.read) == 3
    batches.close()  # type: ignore[attr-defined]
    assert threading.current_thread().name not in disk.threads
    assert not [thread for thread in threading.enumerate() if thread.name in disk.threads], "the thread has ended"


def test_what_goes_wrong_while_reading_is_raised_where_the_frames_are_wanted(disk: Disk) -> None:
    batches = read_batches(frames_on(disk), np.arange(95, 105), 2)

    with pytest.raises(OSError, match="the disk is gone"):
        list(batches)
