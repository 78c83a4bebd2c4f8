"""A file is the old one or the new one, complete, whenever the process that writes it is killed or the disk is full."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.atomic import write_bytes
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import load_session, save_session

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")

KILLS = 200
FRAMES = 40


def session_of(version: int) -> Session:
    """Return a session whose every part says which version it is."""
    recording = recording_of(setup_of(), 30, name=f"made {version}")
    indices = np.arange(FRAMES, dtype=np.int64)
    frames = LabelledFrames(
        values=np.full((FRAMES, 8, 3), version, dtype=np.float32),
        labels=[f"label {version}"] * FRAMES,
        recording_of=0 * indices,
        first_reading=indices % 20,
        flags=np.zeros(FRAMES, dtype=np.uint8),
    )
    recipe = Recipe(name=f"{version}", sensor=recording.setup, frame=FrameSettings(time_steps=8))
    return Session(recipe, recordings=[recording], frames=frames)


def version_in(path: Path) -> int:
    """Return which version a session file is; every part of it must say the same."""
    session = load_session(path)
    version = int(session.recipe.name)
    assert len(session) == FRAMES
    assert (session.values[:] == version).all()
    assert set(session.labels) == {f"label {version}"}
    assert session.recordings[0].name == f"made {version}"
    assert np.isfinite(session.recordings[0].matrices[0]).all()
    return version


def save_again_and_again(path: Path) -> None:
    """Save newer and newer versions."""
    version = version_in(path)
    while True:
        version += 1
        save_session(session_of(version), path, overwrite=True)


def edit_again_and_again(path: Path) -> None:
    """Open the session, change its labels, save it over its own file."""
    while True:
        session = load_session(path)
        version = int(session.recipe.name) + 1
        newer = session_of(version)
        session.recipe = newer.recipe
        session.relabel(range(FRAMES), f"label {version}")
        session.set_values(np.full((FRAMES, 8, 3), version, dtype=np.float32))
        session.replace_recording(0, newer.recordings[0])
        save_session(session, path, overwrite=True)


def seconds_of_a_save(path: Path) -> float:
    """Return how long it takes here and now to read and save a session."""
    began = time.monotonic()
    for _ in range(5):
        save_session(session_of(version_in(path)), path, overwrite=True)
    return (time.monotonic() - began) / 5


def killed_after(seconds: float, work: Callable[[], None]) -> None:
    """Run the work in a child process and kill it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)  # the work never ends by itself
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child failed before it was killed"


@pytest.mark.parametrize("work", [save_again_and_again, edit_again_and_again])
def test_a_session_is_complete_after_every_kill(work: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "session.h5"
    save_session(session_of(1), path)
    rng, seconds = random.Random(1), seconds_of_a_save(path)
    last, moved, halves = 1, 0, 0
    for _ in range(KILLS // 2):
        killed_after(rng.uniform(0.0, 3.0 * seconds), lambda: work(path))
        version = version_in(path)
        assert version >= last
        moved += version > last
        last = version
        for half in tmp_path.glob(".*.part"):
            halves += 1
            half.unlink()

    assert moved > 0, "nothing was written before the kills"
    assert halves > 0, "no kill came in the middle of a file"


@pytest.mark.parametrize("bytes_left", [0, 1000, 20_000])
def test_a_full_disk_leaves_the_old_session_and_says_so(bytes_left: int, tmp_path: Path) -> None:
    path = tmp_path / "session.h5"
    save_session(session_of(1), path)
    write_bytes(tmp_path / "set.json", b"old")

    child = os.fork()
    if child == 0:
        os._exit(_refused_in_words(path, bytes_left))
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert version_in(path) == 1
    assert (tmp_path / "set.json").read_bytes() == b"old"
    assert not list(tmp_path.glob(".*.part"))


def _refused_in_words(path: Path, bytes_left: int) -> int:
    """Write with a limit on the size of files, which fails as a full disk does; 0 where both were refused."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, bytes_left))
    refused = 0
    for write in (
        lambda: save_session(session_of(2), path, overwrite=True),
        lambda: write_bytes(path.with_name("set.json"), bytes(bytes_left + 1), overwrite=True),
    ):
        try:
            write()
        except UserError:
            refused += 1
    return 2 - refused
