"""The form of trigger and frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qtpy.QtCore import Qt
from scenes import RecordedHost

from exptool_ml_plugin.core.marker import send_mark
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.widgets import learn_threshold
from exptool_ml_plugin.qt.widgets.cutting_form import CuttingForm
from exptool_ml_plugin.qt.widgets.score_plot import ScorePlot
from exptool_ml_plugin.workbench.workbench import Workbench

STILL = record(DEFAULT_SETUP, "still", 12.0, name="still", seed=1)
RATE_HZ = DEFAULT_SETUP.reading_rate_hz


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(
        features=(FeatureChoice("range_segment"), FeatureChoice("doppler_spectrum")),
        frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
        trigger=TriggerChoice("presence", {"smoothing": 7}),
    )
    yield made
    made.close()


@pytest.fixture
def host(workbench: Workbench) -> RecordedHost:
    return RecordedHost(workbench, STILL)


@pytest.fixture
def form(workbench: Workbench, host: RecordedHost, qtbot: Any) -> CuttingForm:
    made = CuttingForm(workbench)
    qtbot.addWidget(made)
    return made


def choose(form: CuttingForm, key: str) -> None:
    """Choose a trigger as the user does."""
    form.trigger_box.setCurrentIndex(form.trigger_box.findData(key))
    form.trigger_box.activated.emit(form.trigger_box.currentIndex())


def test_every_installed_trigger_can_be_chosen(workbench: Workbench, form: CuttingForm) -> None:
    keys = [form.trigger_box.itemData(index) for index in range(form.trigger_box.count())]
    assert {"continuous", "single", "presence", "feature_shape", "feature_level", "model"} <= set(keys)
    for key in keys:
        choose(form, key)
        assert workbench.recipe.trigger.key == key
        assert form.options is not None
    assert not workbench.problems


@pytest.mark.parametrize(
    ("key", "pre_trigger", "dead_time", "button", "learns"),
    [
        ("continuous", False, False, False, False),
        ("single", True, True, True, False),
        ("presence", True, True, False, True),
        ("feature_shape", False, True, False, True),
        ("feature_level", True, True, False, True),
        ("model", True, True, False, True),
    ],
)
def test_only_what_has_a_meaning_for_the_trigger_can_be_used(
    form: CuttingForm, key: str, pre_trigger: bool, dead_time: bool, button: bool, learns: bool
) -> None:
    choose(form, key)
    assert form.frame.editor("pre_trigger").isEnabled() is pre_trigger
    assert form.frame.editor("dead_time").isEnabled() is dead_time
    assert form.markers.isHidden() is not button
    assert form.learn.isHidden() is not learns


def test_the_frame_can_be_given_in_seconds(workbench: Workbench, form: CuttingForm) -> None:
    assert form.frame_time.editor.value() == pytest.approx(20 / RATE_HZ)
    form.frame_time.editor.setValue(1.0)
    assert workbench.recipe.frame == FrameSettings(time_steps=round(RATE_HZ), pre_trigger=5, dead_time=5)
    assert form.frame.editor("time_steps").value() == round(RATE_HZ)
    form.frame.editor("time_steps").setValue(40)
    assert form.frame_time.editor.value() == pytest.approx(40 / RATE_HZ)


def test_a_time_between_two_numbers_of_rows_becomes_the_nearest(workbench: Workbench, form: CuttingForm) -> None:
    form.frame_time.editor.setValue(30.3 / RATE_HZ)
    assert workbench.recipe.frame.time_steps == 30
    assert form.frame_time.editor.value() == pytest.approx(30 / RATE_HZ)


def test_another_rate_of_the_sensor_changes_the_time_and_not_the_rows(workbench: Workbench, form: CuttingForm) -> None:
    workbench.set_setup(replace(DEFAULT_SETUP, reading_rate_hz=10.0))
    assert form.frame_time.editor.value() == pytest.approx(2.0)
    assert workbench.recipe.frame.time_steps == 20


def test_without_a_sensor_there_is_no_time(qtbot: Any) -> None:
    workbench = Workbench()
    form = CuttingForm(workbench)
    qtbot.addWidget(form)
    assert not form.frame_time.isEnabled()
    workbench.close()


def test_a_model_has_its_own_frame_length(workbench: Workbench, qtbot: Any) -> None:
    form = CuttingForm(workbench, with_time_steps=False)
    qtbot.addWidget(form)
    assert form.frame_time.isHidden()
    assert "time_steps" not in form.frame.names


def test_a_number_that_was_put_to_its_limit_is_explained(form: CuttingForm, qtbot: Any) -> None:
    assert form.options is not None
    editor = form.options.editor("smoothing")
    editor.selectAll()
    qtbot.keyClicks(editor, "99999999")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.value() == 10000
    assert "10000 readings is used" in form.problem.text().replace(",", "")
    editor.setValue(20)
    assert form.problem.isHidden()


@pytest.mark.parametrize(
    ("hop", "said"),
    [(5, "share 15 of 20 rows (75 %)"), (0, "without overlap"), (20, "without overlap"), (25, "5 rows")],
)
def test_the_overlap_of_continuous_frames_is_said(form: CuttingForm, hop: int, said: str) -> None:
    choose(form, "continuous")
    assert form.options is not None
    form.options.editor("hop").setValue(hop)
    assert said in form.overlap.text()
    assert not form.overlap.isHidden()
    choose(form, "presence")
    assert form.overlap.isHidden()


def test_what_cannot_be_used_is_said_at_once(form: CuttingForm) -> None:
    assert form.problem.isHidden()
    choose(form, "feature_level")
    assert form.options is not None
    form.options.editor("feature").setValue(3)
    assert "feature in use (1, 2)" in form.problem.text()
    form.options.editor("feature").setValue(2)
    assert form.problem.isHidden()
    choose(form, "model")
    assert "Expected a detector model" in form.problem.text()


def test_a_trigger_that_is_not_installed_is_said(workbench: Workbench, form: CuttingForm) -> None:
    workbench.change_recipe(trigger=TriggerChoice("clap"))
    assert "Received: clap" in form.problem.text()
    assert form.options is None


def test_the_button_cuts_one_frame(workbench: Workbench, host: RecordedHost, form: CuttingForm, qtbot: Any) -> None:
    choose(form, "single")
    assert not form.markers.button.isEnabled()
    host.start()
    assert form.markers.button.isEnabled()
    host.play(0, 30)
    form.markers.button.click()
    host.play(30, 60)
    host.stop()
    assert workbench.engine.wait()
    assert workbench.engine.latest().frames == 1


def test_alt_t_does_what_the_button_does(
    workbench: Workbench, host: RecordedHost, form: CuttingForm, qtbot: Any
) -> None:
    choose(form, "single")
    with qtbot.waitExposed(form):
        form.show()
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    host.start()
    host.play(0, 30)
    qtbot.keyClick(form, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    host.play(30, 60)
    host.stop()
    assert workbench.engine.wait()
    assert workbench.engine.latest().frames == 1


def test_a_marker_from_elsewhere_cuts_a_frame(workbench: Workbench, host: RecordedHost, form: CuttingForm) -> None:
    choose(form, "single")
    workbench.markers.listen(0)
    assert form.markers.listen_box.isChecked()
    assert form.markers.port.value() == workbench.markers.port
    assert not form.markers.port.isEnabled()
    host.start()
    host.play(0, 30)
    assert send_mark(port=workbench.markers.port)
    host.play(30, 60)
    host.stop()
    assert workbench.engine.wait()
    assert workbench.engine.latest().frames == 1
    form.markers.listen_box.click()
    assert not workbench.markers.listening
    assert form.markers.port.isEnabled()


def test_a_port_that_is_taken_is_said_and_the_box_stays_empty(workbench: Workbench, form: CuttingForm) -> None:
    other = Workbench()
    other.markers.listen(0)
    form.markers.port.set_value(other.markers.port)
    form.markers.listen_box.click()
    other.close()
    assert "port" in workbench.problems[-1].message
    assert not form.markers.listen_box.isChecked()


def test_a_dragged_line_sets_the_threshold(workbench: Workbench, form: CuttingForm, qtbot: Any) -> None:
    plot = ScorePlot()
    qtbot.addWidget(plot)
    form.connect_score(plot)
    plot.threshold_moved.emit(4.56789)
    assert form.options is not None
    assert form.options.editor("threshold").value() == pytest.approx(4.57)
    assert "threshold" not in workbench.recipe.trigger.options, "only where it is let go"
    plot.threshold_dragged.emit(4.56789)
    assert workbench.recipe.trigger == TriggerChoice("presence", {"smoothing": 7, "threshold": 4.57})
    plot.threshold_dragged.emit(0.0)
    assert workbench.recipe.trigger.options["threshold"] == 1.0
    choose(form, "continuous")
    plot.threshold_dragged.emit(5.0)
    assert workbench.recipe.trigger == TriggerChoice("continuous")


def test_the_line_can_be_dragged_only_where_the_trigger_has_a_threshold(form: CuttingForm, qtbot: Any) -> None:
    plot = ScorePlot()
    qtbot.addWidget(plot)
    form.connect_score(plot)
    assert plot._line.movable
    choose(form, "single")
    assert not plot._line.movable
    choose(form, "feature_shape")
    assert plot._line.movable


def test_a_threshold_is_learned_from_the_running_measurement(
    workbench: Workbench, host: RecordedHost, form: CuttingForm
) -> None:
    last_10_s = form.learn.menu.actions()[0]
    assert not last_10_s.isEnabled()
    host.start()
    host.play()
    assert last_10_s.isEnabled()
    last_10_s.trigger()
    host.stop()
    threshold = workbench.recipe.trigger.options["threshold"]
    assert workbench.recipe.trigger.options["smoothing"] == 7
    assert form.options is not None
    assert form.options.editor("threshold").value() == pytest.approx(threshold)
    assert form.learn.words.text().endswith(f"threshold set to {threshold:.3g}.")
    form.options.editor("threshold").setValue(9.0)
    assert form.learn.words.isHidden()


def test_a_threshold_is_learned_from_a_recording(
    workbench: Workbench, form: CuttingForm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: Any
) -> None:
    path = tmp_path / "still.h5"
    save_session(Session(Recipe(sensor=DEFAULT_SETUP), recordings=[STILL]), path)
    monkeypatch.setattr(learn_threshold, "ask_open", lambda *_: path)
    form.learn.menu.actions()[-1].trigger()
    assert form.learn.button.isHidden()
    assert not form.learn.cancel_button.isHidden()
    qtbot.waitUntil(lambda: not form.learn.button.isHidden(), timeout=30_000)
    workbench.threshold_learning.close()
    assert "threshold" in workbench.recipe.trigger.options
    assert form.learn.words.text().startswith("Highest score at rest")


def test_learning_can_be_cancelled(
    workbench: Workbench, form: CuttingForm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: Any
) -> None:
    path = tmp_path / "still.h5"
    save_session(Session(Recipe(sensor=DEFAULT_SETUP), recordings=[STILL]), path)
    monkeypatch.setattr(learn_threshold, "ask_open", lambda *_: path)
    source = workbench.plugins.sources["a121"]
    read, cancelled = source.read, threading.Event()
    monkeypatch.setattr(source, "read", lambda path: (read(path), cancelled.wait(30))[0])
    form.learn.menu.actions()[-1].trigger()
    form.learn.cancel_button.click()
    cancelled.set()
    qtbot.waitUntil(lambda: not form.learn.button.isHidden(), timeout=30_000)
    workbench.threshold_learning.close()
    assert "threshold" not in workbench.recipe.trigger.options
    assert form.learn.words.text() == ""
