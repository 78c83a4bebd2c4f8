"""Opening a session reads what is asked for, not the frames and readings of the whole file."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import load_session, save_session

FRAMES, STEPS, WIDTH = 4000, 64, 48
MAPPED = pytest.mark.skipif(os.name == "nt", reason="Windows cannot replace a mapped file; there it is read at once")


def session_with(values: np.ndarray) -> Session:
    recording = recording_of(setup_of(), 2000)
    frames = LabelledFrames(
        values=values,
        labels=["still", "tap"] * (len(values) // 2),
        recording_of=np.zeros(len(values), dtype=np.int64),
        first_reading=np.arange(len(values), dtype=np.int64) % 1900,
        flags=np.zeros(len(values), dtype=np.uint8),
    )
    recipe = Recipe(sensor=recording.setup, frame=FrameSettings(time_steps=values.shape[1]))
    return Session(recipe, recordings=[recording], frames=frames)


def small_values() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((6, 8, 3)).astype(np.float32)


def largest_memory_kb() -> int:
    """Return this process's largest memory; `getrusage` would begin with that of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def growth_while_opening(small: Path, path: Path, told: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    load_session(small)  # what the first call of anything takes
    before = largest_memory_kb()
    opened = load_session(path)
    told.put((largest_memory_kb() - before, float(opened.values[-1, 0, 0])))


@pytest.mark.skipif(sys.platform != "linux", reason="the largest memory is read from /proc")
def test_opening_a_large_session_takes_a_small_part_of_its_size_in_memory(tmp_path: Path) -> None:
    values = np.zeros((FRAMES, STEPS, WIDTH), dtype=np.float32)
    values[-1, 0, 0] = 7.0
    path = tmp_path / "big.h5"
    save_session(session_with(values), path)
    save_session(session_with(small_values()), tmp_path / "small.h5")
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    child = context.Process(target=growth_while_opening, args=(tmp_path / "small.h5", path, told))
    child.start()
    grown_kb, last = told.get(timeout=60)
    child.join(60)

    assert path.stat().st_size > values.nbytes
    assert last == 7.0
    assert grown_kb * 1024 < values.nbytes / 4


@MAPPED
def test_frames_and_readings_of_an_open_session_are_not_copied_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "session.h5"
    save_session(session_with(small_values()), path)

    opened = load_session(path)

    for values in (opened.values, opened.as_it_is().values):
        assert np.shares_memory(values, opened.values.store.first)
        assert not np.asarray(values).flags.owndata
        assert not np.asarray(values).flags.writeable


@MAPPED
def test_changing_frames_of_an_open_session_copies_none_of_the_others(tmp_path: Path) -> None:
    path, values = tmp_path / "session.h5", small_values()
    save_session(session_with(values), path)
    opened = load_session(path)
    in_file, before = opened.values.store.first, opened.as_it_is()

    taken = opened.take([1, 4])
    opened.remove([1, 4])
    opened.add(Frame(np.ones((8, 3), np.float32), first_reading=3, time_s=0.0, score=None, flags=0), "new", 0, at=0)
    opened.overwrite(1, before.take([5]))

    assert all(np.shares_memory(opened.values[index], in_file) for index in range(1, 5))
    np.testing.assert_array_equal(opened.values[1:], values[[5, 2, 3, 5]])
    opened.insert(taken, [2, 3])
    assert all(np.shares_memory(opened.values[index], in_file) for index in (2, 3))
    np.testing.assert_array_equal(opened.values[1:], values[[5, 1, 4, 2, 3, 5]])
    np.testing.assert_array_equal(before.values, values)


def test_an_open_session_keeps_its_frames_and_readings_when_its_file_is_replaced(tmp_path: Path) -> None:
    path, values = tmp_path / "session.h5", small_values()
    first = session_with(values)
    save_session(first, path)
    opened = load_session(path)

    save_session(session_with(-values), path, overwrite=True)

    np.testing.assert_array_equal(opened.values, values)
    np.testing.assert_array_equal(opened.recordings[0].matrices[0], first.recordings[0].matrices[0])
    np.testing.assert_array_equal(load_session(path).values, -values)


def test_an_open_session_can_be_changed_and_saved_over_its_own_file(tmp_path: Path) -> None:
    path, values = tmp_path / "session.h5", small_values()
    save_session(session_with(values), path)
    opened = load_session(path)

    opened.relabel([0], "changed")
    opened.remove([1])
    opened.add(Frame(np.ones((8, 3), np.float32), first_reading=3, time_s=0.0, score=None, flags=0), "new", 0)
    save_session(opened, path, overwrite=True)

    again = load_session(path)
    assert again.labels[0] == "changed"
    assert again.labels[-1] == "new"
    np.testing.assert_array_equal(again.values[:-1], values[[0, 2, 3, 4, 5]])
    np.testing.assert_array_equal(again.recordings[0].matrices[0], opened.recordings[0].matrices[0])
