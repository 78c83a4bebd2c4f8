"""Two windows on one session file, each in a process of its own: the second is told, and nothing is undone unasked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.workbench.session_in_use import ChangedOnDiskError
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import make_session


class OtherWindow:
    """A window of another process on a session."""

    def __init__(self, path: Path, journals: Path) -> None:
        script = Path(__file__).with_name("window_process.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(path), str(journals)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._line() == "ready"

    def do(self, what: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        assert self._line() == ("ended" if what == "end" else "done")

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_session(make_session(20), tmp_path / "session.h5")
    return tmp_path / "session.h5"


@pytest.fixture
def other(path: Path, tmp_path: Path) -> Iterator[OtherWindow]:
    window = OtherWindow(path, tmp_path / "journals_of_another")
    yield window
    window.kill()


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close(discard=True)


def test_who_has_the_file_open_is_told_and_it_opens_all_the_same(
    workbench: Workbench, other: OtherWindow, path: Path
) -> None:
    told = workbench.in_use.who_has(path)
    assert told is not None
    assert told.pid == other.process.pid
    assert told.program == "window_process.py"
    workbench.open_session(path)
    assert workbench.in_use.other == told
    assert len(workbench.session) == len(load_session(path))
    assert f"process {other.process.pid}" in workbench.in_use.warnings([path])[0]


@pytest.mark.parametrize("end", [lambda other: other.do("end"), lambda other: other.kill()], ids=["closed", "killed"])
def test_of_a_window_that_has_ended_in_any_way_nobody_is_told(
    workbench: Workbench, other: OtherWindow, path: Path, end: Callable[[OtherWindow], None]
) -> None:
    workbench.open_session(path)
    end(other)
    assert workbench.in_use.who_has(path) is None
    assert workbench.in_use.ask_again() is None
    assert workbench.in_use.warnings([path]) == []


def test_a_file_that_the_other_window_has_saved_is_overwritten_only_when_asked(
    workbench: Workbench, other: OtherWindow, path: Path, tmp_path: Path
) -> None:
    workbench.open_session(path)
    assert workbench.in_use.changed == ""
    other.do("relabel theirs")
    workbench.relabel([1], "ours")

    assert "session.h5 was changed by another program at" in workbench.in_use.changed
    with pytest.raises(ChangedOnDiskError, match="as it was"):
        workbench.save_session()
    assert load_session(path).labels[0] == "theirs"
    assert workbench.session.unsaved

    workbench.save_session(tmp_path / "mine.h5")
    assert (load_session(path).labels[0], load_session(tmp_path / "mine.h5").labels[1]) == ("theirs", "ours")
    assert workbench.in_use.changed == ""
    assert workbench.in_use.other is None


def test_overwriting_when_asked_makes_the_file_ours_again(workbench: Workbench, other: OtherWindow, path: Path) -> None:
    workbench.open_session(path)
    other.do("relabel theirs")
    workbench.relabel([1], "ours")
    workbench.save_session(overwrite=True)
    assert load_session(path).labels[1] == "ours"
    workbench.relabel([1], "ours again")
    workbench.save_session()
    assert load_session(path).labels[1] == "ours again"


def test_the_first_window_is_known_to_the_second_until_it_opens_another_file(
    workbench: Workbench, path: Path, tmp_path: Path
) -> None:
    second = Workbench()
    try:
        workbench.open_session(path)
        assert workbench.in_use.who_has(path) is None  # its own
        assert second.in_use.who_has(path) is not None
        workbench.save_session(tmp_path / "elsewhere.h5")
        assert second.in_use.who_has(path) is None
        assert second.in_use.who_has(tmp_path / "elsewhere.h5") is not None
        workbench.new_session()
        assert second.in_use.who_has(tmp_path / "elsewhere.h5") is None
        assert sorted(found.name for found in tmp_path.glob("*.h5")) == ["elsewhere.h5", "session.h5"]
        assert not list(tmp_path.glob(".*.lock"))
    finally:
        second.close()


def test_a_file_that_is_gone_is_written_again(workbench: Workbench, path: Path) -> None:
    workbench.open_session(path)
    path.unlink()
    workbench.relabel([0], "kept")
    workbench.save_session()
    assert load_session(path).labels[0] == "kept"


def test_a_session_in_a_folder_that_cannot_be_written_opens(workbench: Workbench, path: Path) -> None:
    (path.with_name(".session.h5.lock")).mkdir()  # not even for the administrator, who runs tests in some places
    workbench.open_session(path)
    assert workbench.in_use.other is None
    workbench.relabel([0], "kept")
    workbench.save_session()
    assert load_session(path).labels[0] == "kept"
