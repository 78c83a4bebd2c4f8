"""What an earlier start left unsaved is found, offered, recovered."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from test_journal import PUSH, assert_same, begin, collect, journals, push

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.file_lock import FileLock
from exptool_ml_plugin.core.journal_file import MAGIC, encode_event
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate import A111_SETUPS, record
from exptool_ml_plugin.workbench.recovery import FoundJournal
from exptool_ml_plugin.workbench.workbench import Workbench

SETTINGS = {
    "features": (FeatureChoice("range_segment"),),
    "frame": FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
    "trigger": TriggerChoice("continuous"),
}
Start = Callable[[], Workbench]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journals"


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start the program once more."""
    threads = set(threading.enumerate())
    made: list[Workbench] = []

    def new() -> Workbench:
        made.append(Workbench(journals=folder))
        return made[-1]

    yield new
    for workbench in made:
        workbench.close()
    assert set(threading.enumerate()) <= threads


def left_behind(start: Start, label: str = "push", stop: int = len(PUSH)) -> Workbench:
    """A window that ended, as in a crash, before its session was saved."""
    workbench = start()
    workbench.change_recipe(**SETTINGS)
    collect(workbench, label, 0, stop)
    workbench.close()
    return workbench


def look(workbench: Workbench) -> tuple[FoundJournal, ...]:
    workbench.recovery.look()
    workbench.recovery.background.wait(20)
    return workbench.recovery.found


def recover(workbench: Workbench, found: FoundJournal) -> None:
    workbench.recovery.recover(found)
    workbench.recovery.background.wait(20)
    assert [problem.report for problem in workbench.problems] == [""] * len(workbench.problems)


def test_a_start_after_a_good_end_finds_nothing(start: Start) -> None:
    assert look(start()) == ()


def test_what_was_left_is_offered_in_words_and_recovered_as_it_was(start: Start, folder: Path) -> None:
    before = left_behind(start)
    after = start()
    told: list[int] = []
    after.recovery.changed.connect(lambda: told.append(1))
    (found,) = look(after)
    assert told
    assert f"{len(before.session)} frames and {len(PUSH)} readings of " in found.text
    assert found.text.endswith("that were not saved.")
    recover(after, found)
    assert_same(after.session, before.session)
    assert after.session.unsaved
    assert after.recipe.features == SETTINGS["features"]
    assert after.recovery.found == ()
    again = frames_of(after.session.recordings[0], after.session.recipe, after.plugins.parts)
    assert np.asarray(after.session.values).tobytes() == np.stack([frame.values for frame in again]).tobytes()


def test_readings_of_an_a111_are_recovered_in_its_own_recording_layout(start: Start, tmp_path: Path) -> None:
    before = start()
    setup = A111_SETUPS["sparse"]
    before.set_setup(setup)
    before.change_recipe(**SETTINGS)
    before.collecting.label = "push"
    before.engine.set_mode("collect")
    before.engine.begin(setup, source="simulated")
    push(before, recording=record(setup, "push", 2.0, name="push"))
    before.engine.end()
    assert before.engine.wait(30)
    before.close()

    after = start()
    recover(after, look(after)[0])
    assert_same(after.session, before.session)
    after.save_session(tmp_path / "saved.h5")
    assert_same(load_session(tmp_path / "saved.h5"), before.session)


def test_a_second_crash_after_the_recovery_loses_nothing_either(start: Start, folder: Path) -> None:
    left_behind(start)
    second = start()
    recover(second, look(second)[0])
    second.relabel([0], "wave")
    collect(second, "pull", 0, 60)
    second.close()
    third = start()
    (found,) = look(third)
    recover(third, found)
    assert_same(third.session, second.session)
    assert len(third.session.recordings) == 2


def test_saving_what_was_recovered_removes_its_journal(start: Start, folder: Path, tmp_path: Path) -> None:
    before = left_behind(start)
    after = start()
    recover(after, look(after)[0])
    after.save_session(tmp_path / "session.h5")
    after.close()
    assert list(folder.glob("*.journal*")) == []
    assert_same(load_session(tmp_path / "session.h5"), before.session)


def test_beside_other_frames_it_is_recovered_to_a_file(start: Start, folder: Path, tmp_path: Path) -> None:
    before = left_behind(start)
    after = start()
    after.change_recipe(**SETTINGS)
    (found,) = look(after)
    collect(after, "pull")
    with pytest.raises(UserError, match="empty session"):
        after.recovery.recover(found)
    after.recovery.recover_to(found, tmp_path / "recovered.h5")
    after.recovery.background.wait(20)
    assert_same(load_session(tmp_path / "recovered.h5"), before.session)
    assert after.session.label_names() == ("pull",)
    assert len(journals(folder)) == 1  # its own


def test_a_file_that_cannot_be_written_is_said_and_the_journal_stays(start: Start, folder: Path) -> None:
    left_behind(start)
    after = start()
    (found,) = look(after)
    after.recovery.recover_to(found, folder / "nowhere" / "recovered.h5")
    after.recovery.background.wait(20)
    assert "Expected to write" in after.problems[-1].message
    assert after.recovery.found == (found,)
    assert journals(folder) == [found.path]


def test_discarded_is_gone_and_later_is_offered_again(start: Start, folder: Path) -> None:
    left_behind(start)
    left_behind(start, "pull")
    second = start()
    newest, oldest = look(second)
    second.recovery.later(newest)
    second.recovery.discard(oldest)
    assert journals(folder) == [newest.path]
    second.close()
    assert [found.path for found in look(start())] == [newest.path]


def test_corrections_alone_are_offered_too(start: Start, tmp_path: Path) -> None:
    first = left_behind(start)
    second = start()
    recover(second, look(second)[0])
    second.save_session(tmp_path / "session.h5")
    second.relabel([1], "wave")
    second.close()
    third = start()
    (found,) = look(third)
    assert found.text.startswith("Found 1 change of frames of ")
    recover(third, found)
    assert third.session.labels[:3] == ["push", "wave", "push"]
    assert len(third.session) == len(first.session)
    third.save_session()
    assert load_session(tmp_path / "session.h5").labels[1] == "wave"


def test_when_the_session_file_was_changed_meanwhile_the_new_frames_are_recovered_and_it_is_said(
    start: Start, tmp_path: Path
) -> None:
    first = start()
    first.change_recipe(**SETTINGS)
    collect(first, "push")
    first.save_session(tmp_path / "session.h5")
    collect(first, "pull")
    first.close()
    (tmp_path / "session.h5").write_bytes(b"another file")
    second = start()
    recover(second, look(second)[0])
    assert second.session.label_names() == ("pull",)
    assert second.session.path is None
    assert str(tmp_path / "session.h5") in second.problems[-1].message
    second.remove_frames([0])
    second.close()
    third = start()
    recover(third, look(third)[0])
    assert_same(third.session, second.session)
    assert list(third.problems) == []


def test_a_running_windows_journal_is_not_taken_for_a_crashed_ones(start: Start, folder: Path) -> None:
    first = start()
    first.change_recipe(**SETTINGS)
    begin(first, "push")
    push(first)
    assert first.sessions.journal is not None
    assert first.sessions.journal.wait()
    assert len(journals(folder)) == 1
    assert look(start()) == ()
    first.close()
    assert len(look(start())) == 1


def test_two_windows_do_not_recover_the_same_journal(start: Start) -> None:
    left_behind(start)
    assert len(look(start())) == 1
    assert look(start()) == ()


def test_a_lock_ends_with_its_process_however_it_ends(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from exptool_ml_plugin.core.file_lock import FileLock; "
        f"lock = FileLock(Path({str(tmp_path / 'some.lock')!r})); print(lock.acquire(), flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "True"
    lock = FileLock(tmp_path / "some.lock")
    assert not lock.acquire()
    process.kill()
    process.communicate()
    assert lock.acquire()
    assert lock.held
    lock.release(remove=True)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_damaged_in_the_middle_is_recovered_up_to_there_and_kept(start: Start, folder: Path) -> None:
    before = left_behind(start)
    (path,) = journals(folder)
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    path.write_bytes(bytes(broken))
    after = start()
    recover(after, look(after)[0])
    count = len(after.session)
    assert 0 < count < len(before.session)
    assert np.asarray(after.session.values).tobytes() == before.session.values[:count].tobytes()
    (kept,) = folder.glob("*.damaged")
    assert kept.read_bytes() == bytes(broken)
    assert str(kept) in after.problems[-1].hint


@pytest.mark.parametrize(
    "content", [b"not a journal", MAGIC + b"x" * 50, MAGIC + encode_event("journal", schema=9)], ids=str
)
def test_a_journal_of_which_nothing_can_be_read_is_said_and_kept(start: Start, folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "20261123-140300_1_1.journal").write_bytes(content)
    workbench = start()
    (found,) = look(workbench)
    assert found.summary is None
    assert found.text.startswith("Expected a journal")
    assert found.text.endswith("The file is kept.")
    workbench.recovery.later(found)
    assert found.path.read_bytes() == content


def test_a_journal_with_nothing_in_it_is_removed_without_a_word(start: Start, folder: Path) -> None:
    folder.mkdir()
    for number, content in enumerate((b"", MAGIC[:5], MAGIC)):
        (folder / f"20261123-140300_1_{number}.journal").write_bytes(content)
    assert look(start()) == ()
    assert list(folder.glob("*.journal*")) == []
