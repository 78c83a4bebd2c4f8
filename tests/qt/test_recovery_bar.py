"""The Collect tab offers what an earlier start left unsaved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scenes import RecordedHost

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.collect_tab import CollectTab
from exptool_ml_plugin.qt.widgets import recovery_bar
from exptool_ml_plugin.qt.widgets.recovery_bar import RecoveryBar
from exptool_ml_plugin.workbench.journal import journal_folder
from exptool_ml_plugin.workbench.workbench import Workbench

PUSH = record(DEFAULT_SETUP, "push", 4.0, name="push", seed=1)
SETTINGS = {
    "features": (FeatureChoice("range_segment"),),
    "frame": FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
    "trigger": TriggerChoice("continuous"),
}


def collect(workbench: Workbench, label: str) -> None:
    workbench.change_recipe(**SETTINGS)
    host = RecordedHost(workbench, PUSH)
    workbench.collecting.label = label
    workbench.engine.set_mode("collect")
    host.start()
    host.play()
    host.stop()
    assert workbench.engine.wait()


@pytest.fixture
def left() -> int:
    """An earlier start that ended before its session was saved; returns its frames."""
    workbench = Workbench()
    collect(workbench, "push")
    workbench.close()
    return len(workbench.session)


@pytest.fixture
def bar(left: int, workbench: Workbench, qtbot: Any) -> Iterator[RecoveryBar]:
    tab = CollectTab(workbench)
    qtbot.addWidget(tab)
    qtbot.addWidget(tab.side)
    tab.shown()
    qtbot.waitUntil(lambda: not tab.recovery.isHidden())
    qtbot.waitUntil(tab.recovery.later_button.isEnabled)
    yield tab.recovery
    tab.hidden()


def test_without_anything_left_there_is_no_bar(workbench: Workbench, qtbot: Any) -> None:
    tab = CollectTab(workbench)
    qtbot.addWidget(tab)
    qtbot.addWidget(tab.side)
    workbench.recovery.background.wait()
    assert tab.recovery.isHidden()


def test_it_says_what_was_found_and_recovers_it(bar: RecoveryBar, workbench: Workbench, left: int, qtbot: Any) -> None:
    assert bar.text.startswith(f"Found {left} frames and {len(PUSH)} readings of ")
    assert bar.recover_button.text() == "Recover"
    bar.recover_button.click()
    qtbot.waitUntil(bar.isHidden)
    assert workbench.session.counts() == {"push": left}
    assert workbench.session.unsaved
    assert list(workbench.problems) == []


def test_beside_other_frames_it_recovers_to_a_file(
    bar: RecoveryBar, workbench: Workbench, left: int, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(workbench, "pull")
    bar.refresh()
    assert bar.recover_button.text() == "Recover to a file…"
    monkeypatch.setattr(recovery_bar, "ask_save", lambda *_: None)
    bar.recover_button.click()
    assert not bar.isHidden()
    monkeypatch.setattr(recovery_bar, "ask_save", lambda *_: tmp_path / "recovered.h5")
    bar.recover_button.click()
    qtbot.waitUntil(bar.isHidden)
    assert load_session(tmp_path / "recovered.h5").counts() == {"push": left}
    assert workbench.session.label_names() == ("pull",)


def test_discard_asks_first(bar: RecoveryBar, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [False, True]
    asked: list[str] = []

    def ask(_parent: object, _title: str, question: str) -> bool:
        asked.append(question)
        return answers.pop(0)

    monkeypatch.setattr(recovery_bar, "ask", ask)
    bar.discard_button.click()
    assert len(list(journal_folder().glob("*.journal"))) == 1
    assert not bar.isHidden()
    bar.discard_button.click()
    assert list(journal_folder().glob("*.journal*")) == []
    assert bar.isHidden()
    assert "frames" in asked[0]
    assert "for good" in asked[0]


def test_later_leaves_it_where_it_is(bar: RecoveryBar) -> None:
    bar.later_button.click()
    assert bar.isHidden()
    assert len(list(journal_folder().glob("*.journal"))) == 1


def test_a_journal_that_cannot_be_read_is_said_and_the_next_one_offered(
    left: int, workbench: Workbench, qtbot: Any
) -> None:
    (good,) = journal_folder().glob("*.journal")
    shutil.copyfile(__file__, good.with_name("29991231-000000_1_1.journal"))
    bar = RecoveryBar(workbench)
    qtbot.addWidget(bar)
    bar.show()
    qtbot.waitUntil(lambda: len(workbench.recovery.found) == 2 and bar.later_button.isEnabled())
    qtbot.waitUntil(lambda: "The file is kept" in bar.text)
    assert bar.text.endswith("(1 more after this.)")
    assert bar.recover_button.isHidden()
    bar.later_button.click()
    assert bar.text.startswith(f"Found {left} frames")
    assert not bar.recover_button.isHidden()


def test_every_way_out_has_a_tooltip(bar: RecoveryBar) -> None:
    assert all(button.toolTip() for button in (bar.recover_button, bar.discard_button, bar.later_button))
