"""The Collect tab on simulated measurements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import RecordedHost, draw, in_view

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.collect_tab import CollectTab
from exptool_ml_plugin.qt.widgets import session_box
from exptool_ml_plugin.workbench.workbench import Workbench

PUSH = record(DEFAULT_SETUP, "push", 8.0, name="push", seed=1)


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
        trigger=TriggerChoice("presence"),
    )
    yield made
    made.close()


@pytest.fixture
def host(workbench: Workbench) -> RecordedHost:
    return RecordedHost(workbench, PUSH)


@pytest.fixture
def tab(workbench: Workbench, host: RecordedHost, qtbot: Any) -> Iterator[CollectTab]:
    with in_view(CollectTab(workbench), qtbot) as made:
        yield made


def test_start_collects_under_the_typed_label_and_stop_ends(workbench: Workbench, host: Any, tab: CollectTab) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    assert workbench.measuring
    assert not tab.start_button.isEnabled()
    host.play()
    draw(workbench, tab)
    assert workbench.session.label_names() == ("push",)
    assert tab.counts.item(0, 1).text() == str(len(workbench.session))
    assert "frames of this measurement" in tab.counter.text()
    tab.stop_button.click()
    assert not workbench.measuring
    assert tab.start_button.isEnabled()


def test_without_a_label_nothing_starts_and_it_is_said(workbench: Workbench, tab: CollectTab) -> None:
    tab.start_button.click()
    assert not workbench.measuring
    assert "label" in workbench.problems[-1].message


def test_without_a_sensor_it_cannot_be_started(host: RecordedHost, tab: CollectTab) -> None:
    host.connected = False
    tab.refresh()
    assert not tab.start_button.isEnabled()


def test_it_says_waiting_then_collecting(workbench: Workbench, host: RecordedHost, tab: CollectTab) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    said = set()
    for start in range(0, len(PUSH), 10):
        host.play(start, start + 10)
        draw(workbench, tab)
        said.add(tab.live.status.split()[0])
    workbench.stop()
    assert said == {"Waiting", "Collecting"}
    assert "threshold 2.5" in tab.live.detail


def test_a_measurement_started_in_the_host_is_collected_while_the_tab_is_in_view(
    workbench: Workbench, host: RecordedHost, tab: CollectTab
) -> None:
    workbench.collecting.label = "push"
    host.start()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    assert len(workbench.session) > 0


def test_a_measurement_that_runs_already_can_be_collected(
    workbench: Workbench, host: RecordedHost, tab: CollectTab
) -> None:
    tab.hidden()
    host.start()
    host.play(0, 50)
    tab.shown()
    assert workbench.engine.mode == "preview"
    assert tab.start_button.text() == "Collect from this measurement"
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play(50)
    host.stop()
    assert workbench.engine.wait()
    assert len(workbench.session.recordings[0]) == len(PUSH) - 50


def test_leaving_the_tab_does_not_stop_a_collection(workbench: Workbench, host: RecordedHost, tab: CollectTab) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    tab.hidden()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    assert len(workbench.session) > 0


def test_a_rebuilt_tab_shows_the_same_state(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, qtbot: Any
) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play()
    host.stop()
    again = CollectTab(workbench)
    qtbot.addWidget(again)
    qtbot.addWidget(again.side)
    assert again.label_box.currentText() == "push"
    assert again.counts.item(0, 0).text() == "push"


def test_clicking_a_label_in_the_table_makes_it_the_current_one(workbench: Workbench, tab: CollectTab) -> None:
    tab.counts.set_counts({"pull": 3, "push": 2})
    tab.counts.cellClicked.emit(1, 0)
    assert workbench.collecting.label == "push"
    assert tab.label_box.currentText() == "push"
    tab.counts.cellClicked.emit(2, 0)
    assert workbench.collecting.label == "push"


def test_settings_of_the_frames_reach_the_recipe(workbench: Workbench, tab: CollectTab) -> None:
    tab.cutting.frame.editor("time_steps").setValue(33)
    assert workbench.recipe.frame.time_steps == 33
    options = tab.cutting.options
    assert options is not None
    options.editor("threshold").setValue(4.0)
    assert workbench.recipe.trigger == TriggerChoice("presence", {**workbench.recipe.trigger.options, "threshold": 4.0})


def test_a_trigger_comes_back_with_its_settings(workbench: Workbench, tab: CollectTab) -> None:
    options = tab.cutting.options
    assert options is not None
    options.editor("threshold").setValue(4.0)
    box = tab.cutting.trigger_box
    for key in ("continuous", "presence"):
        box.setCurrentIndex(box.findData(key))
        box.activated.emit(box.currentIndex())
        assert workbench.recipe.trigger.key == key
    assert workbench.recipe.trigger.options["threshold"] == 4.0
    assert tab.cutting.frame.editor("pre_trigger").isEnabled()


def test_frames_of_other_settings_are_offered_a_mend(workbench: Workbench, host: RecordedHost, tab: CollectTab) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    tab.cutting.frame.editor("time_steps").setValue(33)
    assert not tab.misfit.isHidden()
    tab.misfit.use_button.click()
    assert tab.misfit.isHidden()
    assert workbench.recipe.frame.time_steps == 20


@pytest.mark.parametrize(("answer", "left"), [("cancel", True), ("discard", False)])
def test_unsaved_frames_are_asked_about(
    workbench: Workbench,
    host: RecordedHost,
    tab: CollectTab,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    left: bool,
) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    asked: list[int] = []
    monkeypatch.setattr(session_box, "ask_about_unsaved", lambda parent, frames: asked.append(frames) or answer)
    frames = len(workbench.session)
    tab.session_box.new_button.click()
    assert asked == [frames]
    assert (len(workbench.session) > 0) is left


def test_saving_asks_for_a_name_once_and_all_is_in_the_file(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    paths = [tmp_path / "gestures.h5"]
    monkeypatch.setattr(session_box, "ask_save", lambda *_: paths.pop())
    tab.session_box.save_button.click()
    saved = load_session(tmp_path / "gestures.h5")
    assert np.array_equal(saved.values, workbench.session.values)
    assert len(saved.recordings[0]) == len(PUSH)
    assert not tab.session_box.save_button.isEnabled()
    workbench.relabel([0], "pull")
    tab.session_box.save_button.click()
    assert load_session(tmp_path / "gestures.h5").labels[0] == "pull"


def test_the_plots_show_metres_and_the_newest_reading_at_the_right(
    workbench: Workbench, host: RecordedHost, tab: CollectTab
) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play()
    draw(workbench, tab)
    workbench.stop()
    image = tab.history._images[0]
    rect = image.mapRectToParent(image.boundingRect())
    channel = DEFAULT_SETUP.channels[0]
    assert rect.right() == pytest.approx(0.0)
    assert rect.left() == pytest.approx(-100 / DEFAULT_SETUP.reading_rate_hz)
    assert rect.center().y() == pytest.approx((channel.start_m + channel.end_m) / 2)
    newest = np.abs(PUSH.matrices[0][-1]).mean(axis=0)
    assert int(image.image[-1].argmax()) == int(newest.argmax())
