"""Who has a file open is known, by real processes, and never stands in anybody's way."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exptool_ml_plugin.core import file_lock
from exptool_ml_plugin.core.file_in_use import FileClaim, Holder, holder_of
from exptool_ml_plugin.core.file_lock import FileLock

HOLDING = """
import sys
from pathlib import Path
from exptool_ml_plugin.core.file_in_use import FileClaim
claim = FileClaim(Path(sys.argv[1]))
print(claim.take(), flush=True)
sys.stdin.readline()
claim.release()
"""
Start = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "session.h5"
    made.write_bytes(b"a session")
    return made


@pytest.fixture
def holding() -> Iterator[Start]:
    """Starts a process that has a file open; returns when it has."""
    started: list[subprocess.Popen[str]] = []

    def start(path: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "None\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def lock_of(path: Path) -> Path:
    return path.with_name(".session.h5.lock")


def test_the_second_is_told_which_process_on_which_computer_has_the_file_and_since_when(
    path: Path, holding: Start
) -> None:
    process = holding(path)
    for told in (FileClaim(path).take(), holder_of(path)):
        assert told is not None
        assert (told.pid, told.host, told.program) == (process.pid, socket.gethostname(), "-c")
        assert told.since.startswith(time.strftime("%Y-%m-%d"))
        assert f"process {process.pid} (-c)" in told.in_words()
        assert f"on this computer, since {told.since[11:16]}" in told.in_words()


def test_a_file_that_was_let_go_is_nobodys_and_leaves_nothing_beside_it(path: Path, holding: Start) -> None:
    process = holding(path)
    process.communicate("\n")
    assert holder_of(path) is None
    assert not lock_of(path).exists()
    claim = FileClaim(path)
    assert (claim.take(), claim.held) == (None, True)
    claim.release()
    assert not lock_of(path).exists()


def test_what_a_killed_process_left_is_recognised(path: Path, holding: Start) -> None:
    process = holding(path)
    process.kill()
    process.wait()
    assert lock_of(path).exists()
    assert holder_of(path) is None
    claim = FileClaim(path)
    assert claim.take() is None
    told = holder_of(path)
    assert told is not None
    assert told.pid == os.getpid()
    claim.release()


def test_a_file_under_another_name_is_the_same_file(path: Path, holding: Start) -> None:
    link = path.with_name("link.h5")
    link.symlink_to(path)
    process = holding(link)
    told = holder_of(path)
    assert told is not None
    assert told.pid == process.pid


@pytest.mark.parametrize("place", ["/proc/version", "/nowhere/session.h5"])
def test_a_folder_that_cannot_be_written_is_no_obstacle(place: str) -> None:
    claim = FileClaim(Path(place))
    assert (claim.take(), claim.held, holder_of(Path(place))) == (None, False, None)
    claim.release()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "many"}', b"\xff\xfe", b'{"pid": 1e999}'])
def test_a_lock_with_anything_in_it_still_tells_that_somebody_has_the_file(path: Path, content: bytes) -> None:
    lock = FileLock(lock_of(path))
    assert lock.acquire()
    lock.write(content)
    told = holder_of(path)
    assert told == Holder()
    assert told.in_words() == "another program"
    lock.release(remove=True)


def without_locks(_: int) -> bool:
    raise OSError(errno.ENOLCK, "No locks available")


def test_where_a_file_system_has_no_locks_what_stands_in_the_file_is_believed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "_lock", without_locks)
    first, second = FileClaim(path), FileClaim(path)
    assert first.take() is None
    assert first.held
    told = second.take()
    assert told is not None
    assert told.pid == os.getpid()
    first.release()
    assert second.take() is None
    second.release()
    assert not lock_of(path).exists()


@pytest.mark.parametrize(("host", "is_told"), [(socket.gethostname(), False), ("another", True)])
def test_without_locks_a_process_of_this_computer_that_is_gone_is_not_believed(
    path: Path, monkeypatch: pytest.MonkeyPatch, host: str, is_told: bool
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    since = "2026-01-01 09:30:00"
    lock_of(path).write_text(
        json.dumps({"pid": gone.pid, "program": "app", "user": "ada", "host": host, "since": since})
    )
    monkeypatch.setattr(file_lock, "_lock", without_locks)
    told = holder_of(path)
    assert (told is not None) is is_told
    if told is not None:
        assert told.in_words() == f"process {gone.pid} (app) of ada on another, since 2026-01-01, 09:30"


def test_of_many_that_take_and_remove_a_lock_only_one_ever_has_it(tmp_path: Path) -> None:
    inside, most, taken = [0], [0], [0]
    guard = threading.Lock()

    def work() -> None:
        lock = FileLock(tmp_path / "lock")
        own = 0
        while own < 50:
            if lock.acquire():
                own += 1
                with guard:
                    inside[0] += 1
                    taken[0] += 1
                    most[0] = max(most[0], inside[0])
                time.sleep(0)
                with guard:
                    inside[0] -= 1
                lock.release(remove=True)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most[0], taken[0]) == (1, 300)
