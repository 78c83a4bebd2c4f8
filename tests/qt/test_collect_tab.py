"""The Collect tab on simulated measurements."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication
from scenes import RecordedHost, draw, in_view, in_window

from exptool_ml_plugin.core.reading import Channel, Quality, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt import style
from exptool_ml_plugin.qt.collect_tab import CollectTab
from exptool_ml_plugin.qt.widgets import session_box
from exptool_ml_plugin.qt.widgets.history_plot import HistoryPlot
from exptool_ml_plugin.workbench.guided import Quota
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


def wait_for_file(workbench: Workbench) -> None:
    """Wait until the session is written, and until the window has heard of it."""
    workbench.saving.wait(30)
    QApplication.processEvents()


def collect(workbench: Workbench, host: RecordedHost, tab: CollectTab, label: str) -> None:
    """Collect the whole recording under a label."""
    tab.label_box.setEditText(label)
    tab.start_button.click()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    draw(workbench, tab)


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
    workbench.collecting.label = "pull"
    workbench.collecting.tags.set("person", "Ada")
    workbench.collecting.guided.plan = (Quota("push", 7),)
    workbench.collecting.keep_flagged = False
    tab.newest_box.click()
    again = CollectTab(workbench)
    qtbot.addWidget(again)
    qtbot.addWidget(again.side)
    assert again.label_box.currentText() == "pull"
    assert [again.counts.item(row, 0).text() for row in range(2)] == ["push", "pull"]
    assert [again.counts.item(row, 2).text() for row in range(2)] == ["1", "2"]
    assert again.tags.boxes["person"].currentText() == "Ada"
    assert again.guided_form.table.item(0, 0).text() == "push"
    assert again.guided_form.table.cellWidget(0, 1).value() == 7
    assert not again.frames.flagged_box.isChecked()
    assert again.newest_box.isChecked()


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
    workbench.choose_trigger("single")
    workbench.choose_trigger("presence")  # as another tab's form would
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


def test_frames_that_join_those_of_another_rate_are_told_of(
    workbench: Workbench, host: RecordedHost, tab: CollectTab
) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    assert tab.misfit.isHidden()
    measured = workbench.setup
    assert measured is not None
    workbench.set_setup(replace(measured, reading_rate_hz=2 * measured.reading_rate_hz))
    assert not tab.misfit.isHidden()
    assert f"Rate: expected {measured.reading_rate_hz:g} Hz" in tab.misfit.text
    workbench.set_setup(measured)
    assert tab.misfit.isHidden()


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
    wait_for_file(workbench)
    saved = load_session(tmp_path / "gestures.h5")
    assert np.array_equal(saved.values, workbench.session.values)
    assert len(saved.recordings[0]) == len(PUSH)
    assert not tab.session_box.save_button.isEnabled()
    workbench.relabel([0], "pull")
    tab.session_box.save_button.click()
    wait_for_file(workbench)
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


def test_number_keys_switch_labels_while_measuring_but_not_while_typing(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, qtbot: Any
) -> None:
    with in_window(tab, qtbot) as window:
        for label in ("push", "pull"):
            workbench.collecting.label = label
        tab.start_button.click()
        host.play(0, 200)
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_1)
        assert workbench.collecting.label == "push"
        assert tab.label_box.currentText() == "push"
        host.play(200)
        host.stop()
        assert workbench.engine.wait()
        assert workbench.session.label_names() == ("pull", "push")
        field = tab.tags.boxes["note"].lineEdit()
        field.setFocus()
        qtbot.keyClicks(field, "2 m")
        assert field.text() == "2 m"
        assert workbench.collecting.label == "push"
        box = tab.label_box.lineEdit()
        box.setFocus()
        box.selectAll()
        qtbot.keyClicks(box, "tap 2")
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert workbench.collecting.label == "tap 2"
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_2)
        assert workbench.collecting.label == "pull"


def test_the_delete_key_removes_the_newest_frame_and_undo_brings_it_back(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, qtbot: Any
) -> None:
    with in_window(tab, qtbot) as window:
        collect(workbench, host, tab, "push")
        firsts = list(workbench.session.first_reading)
        assert not tab.frames.undo_button.isEnabled()
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Delete)
        assert list(workbench.session.first_reading) == firsts[:-1]
        assert tab.frames.undo_button.isEnabled()
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert list(workbench.session.first_reading) == firsts
        assert not tab.frames.undo_button.isEnabled()


def test_the_last_frames_stand_newest_first_and_one_can_be_chosen_or_crossed_out(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, qtbot: Any
) -> None:
    with in_window(tab, qtbot):
        collect(workbench, host, tab, "push")
        strip, count = tab.frames.strip, len(workbench.session)
        assert [index for index, _ in strip.places()][:2] == [count - 1, count - 2]
        places = dict(strip.places())
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=places[count - 2].center())
        assert strip.target == count - 2
        firsts = list(workbench.session.first_reading)
        tab.frames.remove_button.click()
        del firsts[-2]
        assert list(workbench.session.first_reading) == firsts
        oldest, place = strip.places()[-1]
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.cross_of(place).center())
        del firsts[oldest]
        assert list(workbench.session.first_reading) == firsts


def test_a_flagged_frame_is_marked_in_the_strip(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, qtbot: Any
) -> None:
    with in_window(tab, qtbot):
        bad = replace(PUSH, quality=tuple(Quality(saturated=True) for _ in PUSH.quality))
        collect(workbench, host, tab, "push")
        good = len(workbench.session)
        host.recording = bad
        collect(workbench, host, tab, "push")
        strip = tab.frames.strip
        picture = strip.grab().toImage()
        marks = {index: picture.pixelColor(place.topLeft() + QPoint(2, 3)).name() for index, place in strip.places()}
        marked = {index for index, color in marks.items() if color == style.WARNING}
        assert marked == {index for index in marks if index >= good}
        assert marked < set(marks)


def test_a_label_without_frames_can_be_taken_off_the_list(workbench: Workbench, tab: CollectTab) -> None:
    for label in ("push", "pusj"):
        workbench.collecting.label = label
    tab.counts.forgotten.emit("pusj")
    assert tab.counts.item(0, 0).text() == "push"
    assert tab.counts.rowCount() == 2
    assert tab.label_box.currentText() == ""


def test_newest_first_turns_the_pictures_and_leaves_the_frames(
    workbench: Workbench, host: RecordedHost, tab: CollectTab
) -> None:
    collect(workbench, host, tab, "push")
    values = np.array(workbench.session.values)
    shown = np.array(tab.last._image.image)
    tab.newest_box.click()
    assert np.array_equal(tab.last._image.image, shown[::-1])
    latest = workbench.collecting.latest
    assert latest is not None
    tab.last.set_frame(latest.frame.values, filling=5)
    assert np.array_equal(tab.last._image.image, shown[::-1])
    assert tab.last._edge.value() == 5
    assert np.array_equal(workbench.session.values, values)


def test_what_is_drawn_already_is_not_drawn_again(workbench: Workbench, host: RecordedHost, tab: CollectTab) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play(0, 60)
    draw(workbench, tab)
    drawn = tab.history._images[0].image
    tab.refresh()
    assert tab.history._images[0].image is drawn
    host.play(60, 61)
    draw(workbench, tab)
    assert tab.history._images[0].image is not drawn
    host.stop()


def test_a_session_that_cannot_be_saved_says_so_where_it_is_saved(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    collect(workbench, host, tab, "push")
    monkeypatch.setattr(session_box, "ask_save", lambda *_: tmp_path / "nowhere" / "push.h5")
    tab.session_box.save_as_button.click()
    wait_for_file(workbench)
    assert "Not saved." in tab.session_box.problem
    assert tab.session_box.save_button.isEnabled()
    monkeypatch.setattr(session_box, "ask_save", lambda *_: tmp_path / "push.h5")
    tab.session_box.save_button.click()
    wait_for_file(workbench)
    assert tab.session_box.problem == ""
    assert (tmp_path / "push.h5").is_file()


def test_while_a_file_is_written_it_is_said_and_nothing_else_can_be_begun(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    collect(workbench, host, tab, "push")
    written = threading.Event()
    monkeypatch.setattr(workbench, "save_session", lambda *_, **__: written.wait(30))
    monkeypatch.setattr(session_box, "ask_save", lambda *_: tmp_path / "push.h5")
    tab.session_box.save_button.click()
    assert tab.session_box.state == "Saving…"
    assert not tab.session_box.new_button.isEnabled()
    assert not tab.session_box.save_button.isEnabled()
    written.set()
    wait_for_file(workbench)
    assert "not saved" in tab.session_box.state
    assert tab.session_box.new_button.isEnabled()


def test_saving_before_another_session_waits_for_the_file(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    collect(workbench, host, tab, "push")
    frames = len(workbench.session)
    monkeypatch.setattr(session_box, "ask_about_unsaved", lambda *_: "save")
    monkeypatch.setattr(session_box, "ask_save", lambda *_: tmp_path / "nowhere" / "push.h5")
    tab.session_box.new_button.click()
    assert len(workbench.session) == frames
    monkeypatch.setattr(session_box, "ask_save", lambda *_: tmp_path / "push.h5")
    tab.session_box.new_button.click()
    assert len(load_session(tmp_path / "push.h5")) == frames
    assert len(workbench.session) == 0


def test_long_texts_do_not_widen_the_window(workbench: Workbench, host: RecordedHost, tab: CollectTab) -> None:
    before = tab.minimumSizeHint().width()
    workbench.collecting.keep_flagged = False
    host.recording = replace(PUSH, quality=tuple(Quality(saturated=True) for _ in PUSH.quality))
    tab.label_box.setEditText("a label that is much longer than any label should ever be, said twice over")
    tab.start_button.click()
    host.play()
    draw(workbench, tab)
    assert "flagged left out" in tab.counter.text()
    assert len(workbench.session) == 0
    workbench.collecting.keep_flagged = True
    host.play()
    draw(workbench, tab)
    host.stop()
    assert len(workbench.session) > 0
    QApplication.processEvents()
    assert tab.minimumSizeHint().width() <= before


def test_a_measurement_of_the_host_is_not_collected_once_the_tab_is_out_of_view(
    workbench: Workbench, host: RecordedHost, tab: CollectTab
) -> None:
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play()
    tab.hidden()
    assert workbench.engine.mode == "collect", "what runs goes on"
    host.stop()
    assert workbench.engine.wait()
    frames = len(workbench.session)
    host.start()
    host.play()
    host.stop()
    assert workbench.engine.wait()
    assert len(workbench.session) == frames
    tab.shown()
    assert workbench.engine.mode == "collect"


def test_the_wheel_changes_neither_label_nor_trigger(workbench: Workbench, tab: CollectTab) -> None:
    for label in ("push", "pull", "still"):
        workbench.collecting.label = label
    tab.label_box.setFocus()
    before = workbench.recipe.trigger
    boxes = [tab.label_box, tab.cutting.trigger_box, *tab.tags.boxes.values()]
    for box in boxes:
        for turn in (-120, 120):
            event = QWheelEvent(
                QPointF(5, 5), QPointF(5, 5), QPoint(0, turn), QPoint(0, turn), Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(box, event)
            assert not event.isAccepted()
    assert workbench.collecting.label == "still"
    assert workbench.recipe.trigger == before


def test_the_button_is_waited_for_in_words(workbench: Workbench, host: RecordedHost, tab: CollectTab) -> None:
    workbench.change_recipe(trigger=TriggerChoice("single"))
    tab.label_box.setEditText("push")
    tab.start_button.click()
    host.play(0, 30)
    draw(workbench, tab)
    assert tab.live.status == "Waiting for the button or a marker"


def test_each_sensor_has_one_picture_with_all_its_subsweeps(qtbot: Any) -> None:
    channels = tuple(Channel(sensor, part, 2, 5, 0.2 + 0.3 * part, 0.02) for sensor in (1, 4) for part in range(3))
    setup = SensorSetup("a121", channels, 50.0)
    plot = HistoryPlot()
    qtbot.addWidget(plot)
    history = [np.full((100, 5), 1.0 + place, dtype=np.float32) for place in range(6)]
    plot.set_history(setup, history)
    plots = [image.getViewBox() for image in plot._images]
    assert [plots.index(box) for box in plots] == [0, 0, 0, 3, 3, 3], "three pictures in the first, three in the second"
    lows = [image.mapRectToParent(image.boundingRect()).top() for image in plot._images]
    np.testing.assert_allclose(lows, [0.19, 0.49, 0.79] * 2, atol=1e-6)
