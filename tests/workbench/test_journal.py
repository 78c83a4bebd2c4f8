"""The journal of a session: on the disk within a second, nobody waits for it, and gone when the session is saved."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.journal_session import recover
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench import journal_writer, session_store
from exptool_ml_plugin.workbench.journal import journal_folder
from exptool_ml_plugin.workbench.workbench import Workbench

PUSH = record(DEFAULT_SETUP, "push", 4.0, name="push", seed=1)
SETTINGS = {
    "features": (FeatureChoice("range_segment"),),
    "frame": FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
    "trigger": TriggerChoice("continuous"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journals"


@pytest.fixture
def workbench(folder: Path) -> Iterator[Workbench]:
    threads = set(threading.enumerate())
    made = Workbench(journals=folder)
    made.change_recipe(**SETTINGS)
    yield made
    made.close()
    assert set(threading.enumerate()) <= threads


def begin(workbench: Workbench, label: str) -> None:
    workbench.collecting.label = label
    workbench.engine.set_mode("collect")
    workbench.engine.begin(PUSH.setup, source="simulated", host_attributes=PUSH.host_attributes)


def push(workbench: Workbench, start: int = 0, stop: int = len(PUSH), recording: Recording = PUSH) -> None:
    for reading in recording.part(start, stop):
        workbench.engine.push(reading)
    assert workbench.engine.wait(30)


def collect(workbench: Workbench, label: str, start: int = 0, stop: int = len(PUSH)) -> None:
    begin(workbench, label)
    push(workbench, start, stop)
    workbench.engine.end()
    assert workbench.engine.wait(30)


def journals(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"))


def recovered(workbench: Workbench, folder: Path) -> Session:
    """What a program that starts now would find."""
    assert workbench.sessions.journal.wait()
    (path,) = journals(folder)
    return recover(path).session


def assert_same(found: Session, expected: Session) -> None:
    assert found.labels == expected.labels
    for name in ("values", "first_reading", "recording_of", "flags"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    assert len(found.recordings) == len(expected.recordings)
    for one, other in zip(found.recordings, expected.recordings, strict=True):
        assert (one.name, one.setup, one.tags, one.marks) == (other.name, other.setup, other.tags, other.marks)
        assert (one.quality, one.host_attributes) == (other.quality, other.host_attributes)
        assert one.time_s.tobytes() == other.time_s.tobytes()
        # Equal, not the same bits: the host's whole numbers know no minus before a zero.
        assert all(map(np.array_equal, one.matrices, other.matrices))
    assert found.recipe == expected.recipe


def test_without_anything_collected_nothing_is_written(workbench: Workbench, folder: Path) -> None:
    workbench.engine.begin(PUSH.setup)
    push(workbench)
    workbench.engine.end()
    assert list(folder.glob("*.journal*")) == []


def test_what_is_collected_can_be_put_together_again_at_any_time(workbench: Workbench, folder: Path) -> None:
    workbench.collecting.tags.set("person", "Ada")
    begin(workbench, "push")
    push(workbench, 0, 100)
    workbench.collecting.label = "pull"
    push(workbench, 100)
    found = recovered(workbench, folder)
    assert found.counts() == workbench.session.counts() != {}
    workbench.engine.end()
    assert workbench.engine.wait()
    assert_same(recovered(workbench, folder), workbench.session)
    assert found.recordings[0].tags["person"] == "Ada"
    again = frames_of(found.recordings[0], found.recipe, workbench.plugins.parts)
    assert np.asarray(found.values).tobytes() == np.stack([frame.values for frame in again]).tobytes()


def test_a_new_measurement_adds_to_what_is_not_saved_and_clears_nothing(workbench: Workbench, folder: Path) -> None:
    collect(workbench, "push")
    before = np.asarray(workbench.session.values).tobytes()
    begin(workbench, "pull")
    push(workbench, 0, 30)
    workbench.engine.begin(PUSH.setup, host_attributes=PUSH.host_attributes)  # another, without an end
    push(workbench, 0, 50)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert np.asarray(workbench.session.values).tobytes().startswith(before)
    assert [len(recording) for recording in workbench.session.recordings] == [len(PUSH), 30, 50]
    assert workbench.session.unsaved
    assert_same(recovered(workbench, folder), workbench.session)


def test_readings_without_any_frame_are_unsaved_data_too(workbench: Workbench, folder: Path) -> None:
    begin(workbench, "push")
    push(workbench, 0, 10)
    assert workbench.session.unsaved
    assert len(recovered(workbench, folder).recordings[0]) == 10


def test_labels_changed_and_frames_removed_and_put_back_are_in_the_journal(workbench: Workbench, folder: Path) -> None:
    collect(workbench, "push")
    workbench.relabel([0, 2], "wave")
    workbench.remove_frames([1, 3])
    taken = workbench.sessions.take_out(2)
    collect(workbench, "pull")
    workbench.sessions.put_back(taken)
    workbench.relabel(range(3), "wave")
    assert_same(recovered(workbench, folder), workbench.session)


def test_the_journal_is_removed_when_the_session_is_saved(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    collect(workbench, "push")
    assert workbench.sessions.journal.wait()
    assert len(journals(folder)) == 1
    workbench.save_session(tmp_path / "session.h5")
    workbench.sessions.journal.close()
    assert list(folder.glob("*.journal*")) == []


def test_the_journal_stays_when_saving_fails(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    collect(workbench, "push")
    (tmp_path / "not a folder").write_text("")
    with pytest.raises(UserError, match="still in this window"):
        workbench.save_session(tmp_path / "not a folder" / "session.h5")
    assert workbench.session.unsaved
    assert_same(recovered(workbench, folder), workbench.session)


def test_after_saving_the_journal_adds_to_the_file(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    collect(workbench, "push")
    workbench.save_session(tmp_path / "session.h5")
    workbench.relabel([1], "wave")
    collect(workbench, "pull")
    found = recovered(workbench, folder)
    assert_same(found, workbench.session)
    assert found.path == tmp_path / "session.h5"
    assert found.unsaved


def test_saving_while_collecting_loses_nothing_that_comes_later(
    workbench: Workbench, folder: Path, tmp_path: Path
) -> None:
    begin(workbench, "push")
    push(workbench, 0, 50)
    workbench.save_session(tmp_path / "session.h5")
    push(workbench, 50)
    workbench.collecting.tags.set("place", "attic")
    workbench.engine.end()
    assert workbench.engine.wait()
    assert_same(recovered(workbench, folder), workbench.session)
    assert len(load_session(tmp_path / "session.h5").recordings[0]) == 50


@pytest.mark.parametrize("begun", [True, False])
def test_what_comes_while_the_file_is_written_is_in_the_next_journal(
    workbench: Workbench, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    collect(workbench, "still")
    if begun:
        begin(workbench, "push")
        push(workbench, 0, 50)
    save = session_store.save_session

    def slowly(*args: Any, **options: Any) -> None:
        if not begun:
            begin(workbench, "push")
        push(workbench, 50, 90)
        save(*args, **options)
        push(workbench, 90, 110)

    monkeypatch.setattr(session_store, "save_session", slowly)
    workbench.sessions.save(tmp_path / "session.h5", workbench.recipe)
    push(workbench, 110)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert_same(recovered(workbench, folder), workbench.session)
    assert workbench.session.unsaved


def test_without_the_file_it_adds_to_the_journal_still_has_what_is_its_own(
    workbench: Workbench, folder: Path, tmp_path: Path
) -> None:
    begin(workbench, "push")
    push(workbench, 0, 50)
    workbench.save_session(tmp_path / "session.h5")
    push(workbench, 50)
    workbench.engine.end()
    assert workbench.engine.wait()
    collect(workbench, "pull")
    workbench.relabel([0, 8], "wave")
    (tmp_path / "session.h5").unlink()
    found = recovered(workbench, folder)
    assert [len(recording) for recording in found.recordings] == [len(PUSH) - 50, len(PUSH)]
    assert found.path is None
    own = workbench.session.first_reading[:9] >= 50  # frames that begin in readings of the file went with it
    own = np.concatenate([own, np.ones(len(workbench.session) - 9, dtype=bool)])
    kept = np.flatnonzero(own)
    assert found.labels == [workbench.session.labels[index] for index in kept]
    assert np.asarray(found.values).tobytes() == workbench.session.values[kept].tobytes()
    again = frames_of(found.recordings[1], found.recipe, workbench.plugins.parts)
    assert list(found.first_reading[-len(again) :]) == [frame.first_reading for frame in again]


def test_a_new_session_and_an_opened_one_let_the_journal_go(workbench: Workbench, folder: Path, tmp_path: Path) -> None:
    collect(workbench, "push")
    workbench.save_session(tmp_path / "session.h5")
    for replace in (workbench.new_session, lambda: workbench.open_session(tmp_path / "session.h5")):
        collect(workbench, "push")
        assert workbench.sessions.journal.wait()
        assert len(journals(folder)) == 1
        replace()
        workbench.sessions.journal.close()
        assert journals(folder) == []


def test_a_window_that_ends_unsaved_leaves_its_journal_and_a_saved_or_let_go_one_does_not(folder: Path) -> None:
    for discard, left in ((True, 0), (False, 1)):
        workbench = Workbench(journals=folder)
        workbench.change_recipe(**SETTINGS)
        collect(workbench, "push")
        workbench.close(discard=discard)
        assert len(journals(folder)) == left


def test_what_is_noted_is_on_the_disk_within_a_second(workbench: Workbench, folder: Path) -> None:
    synced: list[float] = []
    sync = os.fsync

    def noting(descriptor: int) -> None:
        sync(descriptor)
        synced.append(time.monotonic())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_writer.os, "fsync", noting)
        begin(workbench, "push")
        for index in range(len(PUSH)):
            workbench.engine.push(PUSH.reading(index))
            time.sleep(0.01)
    assert len(synced) >= 4  # two seconds
    assert max(np.diff(synced)) < 1.0
    workbench.engine.end()
    assert len(journals(folder)) == 1


def test_a_folder_that_cannot_be_made_is_said_once_and_collecting_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    workbench = Workbench(journals=tmp_path / "file" / "journals")
    workbench.change_recipe(**SETTINGS)
    collect(workbench, "push")
    collect(workbench, "pull")
    workbench.save_session(tmp_path / "session.h5")
    workbench.close()
    (problem,) = workbench.problems
    assert "file/journals" in problem.message
    assert "Collecting goes on" in problem.hint
    assert "Save the session soon" in problem.hint
    assert load_session(tmp_path / "session.h5").counts() == workbench.session.counts() != {}


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB."""
    place = tmp_path / "tiny"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_once_and_what_was_written_before_is_found(tiny_disk: Path, tmp_path: Path) -> None:
    workbench = Workbench(journals=tiny_disk / "journals")
    workbench.change_recipe(**SETTINGS)
    for label in ("push", "pull", "wave", "still"):
        collect(workbench, label)
    deadline = time.monotonic() + 5.0
    while not workbench.problems and time.monotonic() < deadline:
        time.sleep(0.01)
    frames = len(workbench.session)
    assert [len(recording) for recording in workbench.session.recordings] == 4 * [len(PUSH)]
    (journal,) = journals(tiny_disk / "journals")
    found = recover(journal)
    assert found.summary.damage == ""
    assert 0 < len(found.session) < frames
    assert np.asarray(found.session.values).tobytes() == workbench.session.values[: len(found.session)].tobytes()

    with pytest.raises(UserError, match="still in this window"):
        workbench.save_session(tiny_disk / "session.h5")
    assert sorted(path.name for path in tiny_disk.iterdir()) == ["journals"]
    workbench.save_session(tmp_path / "session.h5")
    assert len(load_session(tmp_path / "session.h5")) == frames
    workbench.close()
    (problem,) = workbench.problems
    assert "No space left" in problem.message
    assert journals(tiny_disk / "journals") == []


LIMITED = """
import signal, resource, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sys.path.insert(0, {tests!r})
import test_journal as t
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
workbench = t.Workbench(journals=Path({folder!r}))
workbench.change_recipe(**t.SETTINGS)
for label in ("push", "pull", "wave"):
    t.collect(workbench, label)
workbench.sessions.journal.wait()
print(len(workbench.session.recordings), len(workbench.problems), workbench.problems[0].message)
workbench.close()
"""


def test_a_limit_on_the_size_of_files_is_said_once_too(folder: Path) -> None:
    assert resource.RLIM_INFINITY is not None
    script = LIMITED.format(tests=str(Path(__file__).parent), folder=str(folder))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 1 Expected to write"), done.stdout
    assert "File too large" in done.stdout
    (path,) = journals(folder)
    assert len(recover(path).session) > 0


def test_a_disk_that_hangs_holds_nobody_up_and_memory_stays_bounded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_writer, "MOST_WAITING_BYTES", 100_000)
    hanging = threading.Event()
    write = os.write

    def slow(descriptor: int, data: Any) -> int:
        hanging.wait(20)
        return write(descriptor, data)

    monkeypatch.setattr(journal_writer.os, "write", slow)
    workbench = Workbench(journals=folder)
    workbench.change_recipe(**SETTINGS)
    collect(workbench, "push")
    assert len(workbench.session.recordings[0]) == len(PUSH)
    assert "too slow" in workbench.problems[0].message
    assert len(workbench.problems) == 1
    hanging.set()
    workbench.close()


def test_the_folder_is_the_users_own_unless_set_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXPTOOL_ML_JOURNALS", str(tmp_path))
    assert journal_folder() == tmp_path
    monkeypatch.delenv("EXPTOOL_ML_JOURNALS")
    for platform, variable in (("win32", "LOCALAPPDATA"), ("linux", "XDG_DATA_HOME")):
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setenv(variable, str(tmp_path / platform))
        assert journal_folder() == tmp_path / platform / "exptool-ml" / "journals"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert journal_folder().parts[-4:] == ("Library", "Application Support", "exptool-ml", "journals")


def test_what_cannot_be_written_at_all_is_said_and_collecting_goes_on(workbench: Workbench, folder: Path) -> None:
    begin(workbench, "x" * 70_000)  # longer than the journal's records can say
    push(workbench)
    workbench.engine.end()
    assert workbench.engine.wait(30)
    assert workbench.sessions.journal is not None
    workbench.sessions.journal.wait(5)
    assert [problem.where for problem in workbench.problems] == ["the journal of what is collected"]
    assert len(workbench.session) > 0
