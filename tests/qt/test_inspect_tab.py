"""The Inspect tab on a session of simulated gestures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QScrollBar,
    QWidget,
)

from exptool_ml_plugin.core.augmentation_settings import AugmentationSettings
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.inspect_tab import InspectTab
from exptool_ml_plugin.qt.widgets import edit_bar
from exptool_ml_plugin.qt.widgets.augment_dialog import AugmentDialog
from exptool_ml_plugin.qt.widgets.calibration_box import CalibrationDialog
from exptool_ml_plugin.qt.widgets.make_variants_dialog import MakeVariantsDialog
from exptool_ml_plugin.workbench.workbench import Workbench

RECORDINGS = [record(DEFAULT_SETUP, name, 3.0, name=name, seed=1) for name in ("push", "pull")]
RECIPE = Recipe(
    sensor=DEFAULT_SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=20),
    trigger=TriggerChoice("continuous", {"hop": 1}),
)


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.set_recipe(RECIPE)
    made.new_session()
    for recording in RECORDINGS:
        index = made.session.add_recording(recording)
        for frame in frames_of(recording, RECIPE, made.plugins.parts):
            made.session.add(frame, recording.name, index)
    yield made
    made.close()


@pytest.fixture
def tab(workbench: Workbench, qtbot: Any) -> Iterator[InspectTab]:
    made = InspectTab(workbench)
    qtbot.addWidget(made)
    qtbot.addWidget(made.side)
    made.shown()
    yield made
    made.hidden()


def show(tab: InspectTab, qtbot: Any) -> None:
    tab.resize(1200, 800)
    tab.show()
    qtbot.waitExposed(tab)
    tab.activateWindow()
    qtbot.waitUntil(tab.isActiveWindow)


def test_it_begins_with_the_first_frame_and_says_where_it_comes_from(workbench: Workbench, tab: InspectTab) -> None:
    view = tab.frame_view
    assert tab.index == 0
    assert tab.edit_bar.label == "push"
    assert "push" in view.facts.text()
    assert "20 time steps" in view.facts.text()
    assert view.image._image.image.shape == workbench.session.values[0].shape
    assert view.image._image.image.argmax() == workbench.session.values[0].argmax()


def test_slider_spin_box_and_buttons_stay_together(workbench: Workbench, tab: InspectTab) -> None:
    view, last = tab.frame_view, len(workbench.session)
    view.slider.setValue(3)
    assert (tab.index, view.spin.value()) == (2, 3)
    view.spin.setValue(last)
    assert view.slider.value() == last
    assert not view.next_button.isEnabled()
    view.previous_button.click()
    assert tab.index == last - 2
    assert "pull" in view.facts.text()
    view.next_button.click()
    assert tab.index == last - 1


def test_one_frame_is_relabelled_and_the_label_taken_back(workbench: Workbench, tab: InspectTab) -> None:
    tab.show_frame(1)
    tab.edit_bar.label_box.setEditText("swipe")
    tab.edit_bar.relabel_button.click()
    assert workbench.session.labels[:3] == ["push", "swipe", "push"]
    assert tab.index == 1
    assert workbench.session.unsaved
    assert "swipe" in tab.edit_bar.undo.undo_button.toolTip()
    tab.edit_bar.undo.undo_button.click()
    assert workbench.session.labels[1] == "push"
    assert not tab.edit_bar.undo.undo_button.isEnabled()
    tab.edit_bar.undo.redo_button.click()
    assert workbench.session.labels[1] == "swipe"


def test_an_empty_label_is_refused(workbench: Workbench, tab: InspectTab) -> None:
    tab.edit_bar.label_box.setEditText("  ")
    tab.edit_bar.relabel_button.click()
    assert workbench.session.labels[0] == "push"
    assert "label" in workbench.problems[-1].message


@pytest.mark.parametrize("sure", [True, False])
def test_relabelling_all_frames_is_asked_about(
    workbench: Workbench, tab: InspectTab, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    monkeypatch.setattr(edit_bar, "ask", lambda *_: sure)
    tab.edit_bar.label_box.setEditText("swipe")
    tab.edit_bar.relabel_all_button.click()
    assert workbench.session.label_names() == (("swipe",) if sure else ("pull", "push"))


def test_removing_the_last_frame_goes_to_the_one_before(workbench: Workbench, tab: InspectTab) -> None:
    last = len(workbench.session) - 1
    tab.show_frame(last)
    tab.edit_bar.remove_button.click()
    assert len(workbench.session) == last
    assert tab.index == last - 1


def test_removing_all_leaves_an_empty_tab_that_says_so(workbench: Workbench, tab: InspectTab, qtbot: Any) -> None:
    show(tab, qtbot)
    tab.inspecting.select_all()
    assert f"{len(workbench.session)} frames" in tab.edit_bar.remove_button.text()
    tab.edit_bar.remove_button.click()
    assert len(workbench.session) == 0
    assert not tab.edit_bar.remove_button.isEnabled()
    assert not tab.frame_view.slider.isEnabled()
    assert tab.frame_view.facts.text() == ""
    assert "no frames" in tab.grid.empty_text
    tab.grab()


def test_a_label_in_the_table_leads_to_its_next_frame(workbench: Workbench, tab: InspectTab) -> None:
    tab.counts.chosen.emit("pull")
    assert workbench.session.labels[tab.index] == "pull"
    first = tab.index
    tab.counts.chosen.emit("pull")
    assert tab.index == first + 1


def test_the_table_counts_frames_flags_and_recordings_and_shows_the_number_keys(
    workbench: Workbench, tab: InspectTab
) -> None:
    rows = [[tab.counts.item(row, column).text() for column in range(5)] for row in range(2)]
    known = workbench.collecting.known_labels
    expected = [
        [str(nr), label, str(workbench.session.labels.count(label)), "0", "1"] for nr, label in enumerate(known, 1)
    ]
    assert rows == expected


def test_frames_that_come_while_it_is_in_view_are_counted(workbench: Workbench, tab: InspectTab) -> None:
    count = len(workbench.session)
    tab.edit_bar.label_box.setEditText("half typ")
    frame = frames_of(RECORDINGS[0], RECIPE, workbench.plugins.parts)[0]
    workbench.session.add(frame, "late", 0)
    workbench.session_changed.emit()
    assert tab.frame_view.slider.maximum() == count + 1
    assert tab.edit_bar.label == "half typ"


def test_the_filter_bar_shows_what_was_chosen_and_how_many_pass(workbench: Workbench, tab: InspectTab) -> None:
    bar = tab.filter_bar
    bar.label_box.setCurrentIndex(bar.label_box.findText("pull"))
    bar.label_box.activated.emit(bar.label_box.currentIndex())
    assert set(np.array(workbench.session.labels)[tab.inspecting.shown]) == {"pull"}
    assert bar.text == f"{workbench.session.labels.count('pull')} of {len(workbench.session)} frames"
    bar.clear_button.click()
    assert len(tab.inspecting.shown) == len(workbench.session)


def test_everything_is_done_from_the_keyboard(workbench: Workbench, tab: InspectTab, qtbot: Any) -> None:
    show(tab, qtbot)
    tab.grid.setFocus()
    count, known = len(workbench.session), workbench.collecting.known_labels
    qtbot.keyClick(tab.grid, Qt.Key.Key_Right)
    qtbot.keyClick(tab.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert tab.inspecting.targets == [1, 2]
    qtbot.keyClick(tab.grid, Qt.Key.Key_1)
    assert workbench.session.labels[:4] == ["push", known[0], known[0], "push"]
    assert known[0] == "pull"
    qtbot.keyClick(tab.grid, Qt.Key.Key_Delete)
    assert len(workbench.session) == count - 2
    for _ in range(2):
        qtbot.keyClick(tab.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(workbench.session) == count
    assert workbench.session.labels[:3] == ["push"] * 3
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(tab.grid, Qt.Key.Key_Z, both)
    assert workbench.session.labels[1] == "pull"
    qtbot.keyClick(tab.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(tab.inspecting.targets) == count
    qtbot.keyClick(tab.grid, Qt.Key.Key_Escape)
    assert len(tab.inspecting.targets) == 1


def test_keys_typed_into_the_label_are_text_and_return_gives_it(
    workbench: Workbench, tab: InspectTab, qtbot: Any
) -> None:
    show(tab, qtbot)
    field = tab.edit_bar.label_box.lineEdit()
    field.setFocus()
    field.clear()
    count = len(workbench.session)
    qtbot.keyClicks(field, "2 b1")
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    assert (field.text(), len(workbench.session)) == ("2 b", count)
    assert workbench.session.label_names() == ("pull", "push")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert workbench.session.labels[0] == "2 b"


def test_a_frame_is_tried_elsewhere_and_put_in_the_place_of_the_current_one(
    workbench: Workbench, tab: InspectTab, qtbot: Any
) -> None:
    panel, session = tab.panel, workbench.session
    tab.show_frame(4)
    assert panel.slider.value() == session.first_reading[4]
    panel.slider.setValue(9)
    qtbot.waitUntil(lambda: "readings 9 to 28" in tab.frame_view.facts.text())
    expected = session.values[9]
    np.testing.assert_array_equal(tab.frame_view.image._image.image, tab.frame_view.image._scale.apply(expected, []))
    panel.to_current_button.click()
    assert session.first_reading[4] == 9
    np.testing.assert_array_equal(session.values[4], expected)
    assert panel.trial is None
    tab.edit_bar.undo.undo_button.click()
    assert session.first_reading[4] == 4


def test_a_frame_tried_elsewhere_becomes_a_new_one_with_the_label_in_the_field(
    workbench: Workbench, tab: InspectTab, qtbot: Any
) -> None:
    count = len(workbench.session)
    tab.panel.spin.setValue(12)
    qtbot.waitUntil(lambda: "readings 12" in tab.frame_view.facts.text())
    tab.edit_bar.label_box.setEditText("tap")
    tab.panel.to_new_button.click()
    assert (len(workbench.session), tab.index) == (count + 1, 1)
    assert (workbench.session.labels[1], int(workbench.session.first_reading[1])) == ("tap", 12)


def test_frames_are_shifted_together(workbench: Workbench, tab: InspectTab, qtbot: Any) -> None:
    tab.inspecting.select([2, 3])
    tab.edit_bar.shift_spin.setValue(6)
    tab.edit_bar.shift_button.click()
    qtbot.waitUntil(lambda: workbench.session.first_reading[3] == 9)
    np.testing.assert_array_equal(workbench.session.values[2], workbench.session.values[8])


def test_copies_are_added_as_the_dialog_says(
    workbench: Workbench, tab: InspectTab, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(workbench.session)

    def answer(dialog: AugmentDialog) -> int:
        dialog.field.setText("4, x")
        assert dialog.offsets == []
        dialog.field.setText("-2; 4")
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(AugmentDialog, "exec_", answer, raising=False)
    tab.inspecting.select([0, 5])
    tab.edit_bar.copies_button.click()
    qtbot.waitUntil(lambda: "3 frames" in tab.work_bar.text)
    assert sorted(workbench.session.first_reading[count:].tolist()) == [3, 4, 9]
    assert "1 would have stood out" in tab.work_bar.text


def test_mean_and_spread_of_the_label_are_drawn(workbench: Workbench, tab: InspectTab) -> None:
    box, image = tab.frame_view.view_box, tab.frame_view.image
    own = workbench.session.values[np.array(workbench.session.labels) == "push"]
    for view, expected in (("mean", own.mean(axis=0)), ("spread", own.std(axis=0))):
        box.setCurrentIndex(box.findData(view))
        box.activated.emit(box.currentIndex())
        scaled = (expected - expected.min()) / (expected.max() - expected.min())
        np.testing.assert_allclose(image._image.image, scaled, atol=1e-3)


def test_every_control_says_what_it_does(tab: InspectTab) -> None:
    kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox)
    found = [widget for kind in kinds for widget in tab.findChildren(kind) if not isinstance(widget, QScrollBar)]
    hidden = set(tab.frame_view.image.findChildren(QWidget))  # pyqtgraph's own menus, which are not shown
    controls = [widget for widget in found if widget not in hidden]
    assert len(controls) > 20
    assert [widget for widget in controls if not widget.toolTip()] == []


def test_a_calibration_frame_is_made_shown_used_and_cleared(
    workbench: Workbench, tab: InspectTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, before = tab.calibration_box, np.asarray(workbench.session.values)
    shown: list[np.ndarray] = []

    def answer(dialog: CalibrationDialog) -> int:
        if dialog.label_box.count():
            dialog.label_box.setCurrentText("push")
            dialog.accept()
        shown.append(dialog.frame)
        return int(dialog.result())

    monkeypatch.setattr(CalibrationDialog, "exec_", answer, raising=False)
    assert not box.clear_button.isEnabled()
    box.create_button.click()
    own = before[np.array(workbench.session.labels) == "push"].mean(axis=0)
    np.testing.assert_allclose(shown[0], own, rtol=1e-5)
    np.testing.assert_allclose(workbench.session.values, before / own, rtol=1e-4)
    assert "divided" in box.state
    box.show_button.click()
    np.testing.assert_array_equal(shown[1], shown[0])
    box.clear_button.click()
    np.testing.assert_allclose(workbench.session.values, before, rtol=1e-5)
    assert not box.show_button.isEnabled()


def test_number_keys_and_del_work_after_a_button_was_pressed_too(
    workbench: Workbench, tab: InspectTab, qtbot: Any
) -> None:
    show(tab, qtbot)
    count = len(workbench.session)
    qtbot.mouseClick(tab.frame_view.next_button, Qt.MouseButton.LeftButton)
    tab.frame_view.next_button.setFocus()
    qtbot.keyClick(tab.frame_view.next_button, Qt.Key.Key_1)
    assert workbench.session.labels[:3] == ["push", "pull", "push"]
    qtbot.keyClick(tab.frame_view.slider, Qt.Key.Key_Backspace)
    assert len(workbench.session) == count
    qtbot.keyClick(tab.frame_view.slider, Qt.Key.Key_Delete)
    assert len(workbench.session) == count - 1
    qtbot.keyClick(tab.frame_view.spin, Qt.Key.Key_1)
    assert len(workbench.session) == count - 1
    assert workbench.session.labels[1] == "push"


def test_frames_are_added_to_a_session_that_has_only_readings(
    workbench: Workbench, tab: InspectTab, qtbot: Any
) -> None:
    show(tab, qtbot)
    tab.inspecting.select_all()
    tab.inspecting.remove()
    assert tab.edit_bar.label_box.isEnabled()
    tab.edit_bar.label_box.setEditText("push")
    tab.panel.timeline.wanted.emit(30)
    qtbot.waitUntil(lambda: len(workbench.session) == 1)
    expected = frames_of(RECORDINGS[0], RECIPE, workbench.plugins.parts)[30]
    np.testing.assert_array_equal(workbench.session.values[0], expected.values)
    tab.edit_bar.undo.undo_button.click()
    tab.edit_bar.undo.undo_button.click()
    assert len(workbench.session) > 200


def test_variants_are_previewed_then_kept_beside_their_originals_and_marked(
    workbench: Workbench, tab: InspectTab, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(workbench.session)
    shown: list[Any] = []

    def answer(dialog: MakeVariantsDialog) -> int:
        qtbot.waitUntil(lambda: dialog._preview is not None and not dialog.work.doing)
        shown.append(dialog._preview)
        ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
        for settings, possible in ((AugmentationSettings(copies=2), False), (AugmentationSettings(2, 3), True)):
            dialog.form.set_value(settings)
            dialog._on_changed()
            assert ok.isEnabled() is possible
        qtbot.waitUntil(lambda: not dialog.work.doing and dialog._preview is not shown[0])
        assert dialog.pictures.title.text().startswith(f"{workbench.session.label(0)}, reading")
        dialog.done(int(QDialog.DialogCode.Accepted))
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(MakeVariantsDialog, "exec_", answer, raising=False)
    tab.inspecting.select([0, 5])
    tab.edit_bar.variants_button.click()
    qtbot.waitUntil(lambda: tab.work_bar.text == "Added 4 variants of 2 frames.")
    np.testing.assert_array_equal(shown[0].original, workbench.session.values[0])
    assert len(workbench.session) == count + 4
    label = workbench.session.label(0)
    row = next(row for row in range(tab.counts.rowCount()) if tab.counts.item(row, 1).text() == label)
    assert "+" in tab.counts.item(row, 2).text()
    tab.show_frame(count)
    assert "a variant of the frame there" in tab.frame_view.facts.text()
    assert count not in tab.panel.timeline._spans.indices
    tab.edit_bar.undo.undo_button.click()
    qtbot.waitUntil(lambda: len(workbench.session) == count)
