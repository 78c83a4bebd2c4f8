"""Features are chosen, follow the sensor, and are seen live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from qtpy.QtCore import Qt
from scenes import RecordedHost

from exptool_ml_plugin.core.model_file import ModelInfo
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt import features_tab
from exptool_ml_plugin.qt.features_tab import FeaturesTab
from exptool_ml_plugin.workbench.open_model import OpenModel
from exptool_ml_plugin.workbench.presets import load_presets

CHANNEL = DEFAULT_SETUP.channels[0]
RANGE = FeatureChoice("range_segment")
DOPPLER = FeatureChoice("doppler_spectrum")


@pytest.fixture
def tab(qtbot, workbench):
    workbench.change_recipe(features=(RANGE, DOPPLER), frame=FrameSettings(time_steps=20))
    tab = FeaturesTab(workbench)
    qtbot.addWidget(tab)
    return tab


@pytest.fixture
def measured(workbench):
    """A function that measures a few readings of a push."""

    def measure(seconds=2.0):
        recording = record(DEFAULT_SETUP, "push", seconds, name="push", seed=1)
        workbench.engine.begin(DEFAULT_SETUP, source="simulated")
        for reading in recording:
            workbench.engine.push(reading)
        assert workbench.engine.wait(20)

    return measure


def test_without_a_sensor_the_tab_says_what_to_do(tab):
    assert "Connect a sensor" in tab.status
    assert tab.fact("Frame") == ""


def test_the_tab_follows_the_sensor(tab, workbench):
    workbench.set_setup(DEFAULT_SETUP)
    width = CHANNEL.points + CHANNEL.sweeps
    assert tab.status == f"Ready: {width} values from each reading"
    assert tab.fact("Frame") == f"20 rows × {width} values"
    assert tab.features.cards[0]._facts[0].text() == f"{CHANNEL.points} values"
    half = replace(DEFAULT_SETUP, channels=(replace(CHANNEL, points=CHANNEL.points // 2),))
    workbench.set_setup(half)
    assert tab.features.cards[0]._facts[0].text() == f"{CHANNEL.points // 2} values"


def test_a_feature_is_added_moved_switched_off_and_removed(tab, workbench):
    tab.add_button.chosen.emit("range_segment")
    assert [choice.key for choice in workbench.recipe.features] == [
        "range_segment",
        "doppler_spectrum",
        "range_segment",
    ]
    tab.features.cards[1]._up.click()
    assert workbench.recipe.features == (DOPPLER, RANGE, RANGE)
    tab.features.cards[1]._switch.click()
    assert workbench.recipe.features == (DOPPLER, replace(RANGE, enabled=False), RANGE)
    tab.features.cards[1]._remove.click()
    assert workbench.recipe.features == (DOPPLER, RANGE)
    tab.undo.undo_button.click()
    assert workbench.recipe.features == (DOPPLER, replace(RANGE, enabled=False), RANGE)


def test_an_option_is_edited_and_the_others_stay_as_they_were(tab, workbench):
    tab.features.cards[0]._form.editor("downsample").setValue(2)
    assert workbench.recipe.features == (replace(RANGE, options={"downsample": 2}), DOPPLER)


def test_outputs_are_chosen_and_the_last_one_stays(tab, workbench):
    outputs = tab.features.cards[0]._outputs
    outputs["mean"].click()
    assert workbench.recipe.features[0].outputs == ("segment", "mean")
    outputs["segment"].click()
    assert workbench.recipe.features[0].outputs == ("mean",)
    outputs["mean"].click()
    assert workbench.recipe.features[0].outputs == ("mean",)
    assert outputs["mean"].isChecked()


def test_sensors_and_subsweeps_are_offered_where_there_are_several(tab, workbench):
    workbench.set_setup(DEFAULT_SETUP)
    card = tab.features.cards[0]
    assert card._sensors.isHidden()
    two = replace(DEFAULT_SETUP, channels=(CHANNEL, replace(CHANNEL, sensor_id=3)))
    workbench.set_setup(two)
    assert not card._sensors.isHidden()
    assert card._subsweeps.isHidden()
    card._sensors._boxes[3].click()
    assert workbench.recipe.features[0].sensor_ids == (CHANNEL.sensor_id,)
    card._sensors._boxes[3].click()
    assert workbench.recipe.features[0].sensor_ids is None


def test_what_does_not_fit_is_told_at_the_feature_and_at_the_field(tab, workbench):
    workbench.set_setup(DEFAULT_SETUP)
    card = tab.features.cards[0]
    card._form.editor("start_m").setValue(50.0)
    card._form.editor("stop_m").setValue(60.0)
    assert "50" in card._issues.text()
    assert "c62828" in card._form._labels["start_m"].styleSheet()
    assert tab.status == "1 problem to mend"
    assert tab.features.cards[1]._issues.isHidden()
    card._form.editor("start_m").setValue(0.0)
    card._form.editor("stop_m").setValue(0.0)
    assert card._issues.isHidden()
    assert tab.status.startswith("Ready")


def test_an_empty_list_is_told(tab, workbench):
    workbench.set_setup(DEFAULT_SETUP)
    for _ in range(2):
        tab.features.cards[0]._remove.click()
    assert not tab._problem.isHidden()
    assert tab.status == "1 problem to mend"


def test_a_feature_that_is_not_installed_keeps_its_settings(tab, workbench):
    magic = FeatureChoice("magic", {"power": 9})
    workbench.set_setup(DEFAULT_SETUP)
    workbench.change_recipe(features=(magic, RANGE))
    assert tab.features.cards[0].choice() == magic
    assert "magic" in tab.features.cards[0]._issues.text()


def test_the_picture_follows_the_measurement_only_while_the_tab_is_in_view(tab, workbench, measured, qtbot):
    measured()
    qtbot.wait(100)
    assert tab.preview._last is None
    tab.shown()
    qtbot.waitUntil(lambda: tab.preview._last is not None, timeout=2000)
    assert tab.preview.image._image.image.shape == (20, CHANNEL.points + CHANNEL.sweeps)
    assert "µs per reading" in tab.fact("Cost")
    tab.hidden()
    assert not tab.preview.timer.isActive()


def test_the_features_are_framed_in_the_colours_of_their_cards(tab, workbench):
    workbench.set_setup(DEFAULT_SETUP)
    outlines = tab.preview.image._outlines
    assert [(outline.start, outline.stop) for outline in outlines] == [
        (0, CHANNEL.points),
        (CHANNEL.points, CHANNEL.points + CHANNEL.sweeps),
    ]
    assert [outline.color for outline in outlines] == [card._color for card in tab.features.cards]


def test_while_something_is_wrong_no_picture_is_drawn(tab, workbench, measured, qtbot):
    tab.shown()
    measured()
    tab.features.cards[0]._form.editor("start_m").setValue(90.0)
    qtbot.wait(100)
    assert not tab.preview.image._image.isVisible()
    assert "Mend" in tab.preview.image._text.toPlainText()
    tab.hidden()


def test_features_may_be_edited_while_measuring(tab, workbench, measured, qtbot):
    tab.shown()
    measured()
    tab.features.cards[1]._remove.click()
    measured()
    shape = (20, CHANNEL.points)
    qtbot.waitUntil(lambda: getattr(tab.preview.image._image.image, "shape", None) == shape, timeout=3000)
    tab.hidden()
    assert list(workbench.problems) == []


def test_steps_are_taken_back_and_done_again_with_the_keys(tab, workbench, qtbot):
    with qtbot.waitActive(tab):
        tab.show()
    tab.features.cards[1]._remove.click()
    qtbot.keyClick(tab, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert workbench.recipe.features == (RANGE, DOPPLER)
    qtbot.keyClick(tab, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert workbench.recipe.features == (RANGE,)
    assert not tab.undo.redo_button.isEnabled()


def test_an_edit_is_taken_back_with_the_keyboard_in_its_field(tab, workbench, qtbot):
    with qtbot.waitActive(tab):
        tab.show()
    editor = tab.features.cards[0]._form.editor("downsample")
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert workbench.recipe.features[0].options == {"downsample": 2}
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert workbench.recipe.features == (RANGE, DOPPLER)


def test_the_last_sensor_cannot_be_taken_away(tab, workbench):
    workbench.set_setup(replace(DEFAULT_SETUP, channels=(CHANNEL, replace(CHANNEL, sensor_id=3))))
    boxes = tab.features.cards[0]._sensors._boxes
    boxes[3].click()
    boxes[1].click()
    assert workbench.recipe.features[0].sensor_ids == (1,)
    assert boxes[1].isChecked()


@pytest.fixture
def host(workbench):
    """A host that measures nothing; call it after the tab is made, as a sensor is connected."""
    return lambda: RecordedHost(workbench, record(DEFAULT_SETUP, "push", 0.1, name="push", seed=1))


def test_a_mismatch_is_named_and_mended_either_way(tab, workbench, host):
    sensor = host()
    assert tab.match_bar.isHidden()
    far = replace(RANGE, options={"start_m": 0.2, "stop_m": 2.0})
    for button in (tab.match_bar.follow_button, tab.match_bar.lead_button):
        workbench.change_recipe(features=(far,))
        assert tab.match_bar.text == "1. Range segment: goes to 2 m, the sensor to 0.76 m."
        assert not tab.match_bar.isHidden()
        button.click()
        assert tab.match_bar.isHidden()
    assert [setup.channels[0].end_m >= 2.0 for setup in sensor.applied] == [True]
    assert workbench.recipe.features == (far,)


def test_without_a_sensor_or_while_measuring_none_can_be_set(tab, workbench, host):
    workbench.change_recipe(sensor=DEFAULT_SETUP, features=(replace(RANGE, options={"stop_m": 2.0}),))
    assert not tab.match_bar.lead_button.isEnabled()
    assert "Connect" in tab.match_bar.lead_button.toolTip()
    sensor = host()
    assert tab.match_bar.lead_button.isEnabled()
    sensor.start()
    assert not tab.match_bar.lead_button.isEnabled()
    assert "Stop" in tab.match_bar.lead_button.toolTip()
    sensor.stop()


def test_another_service_changes_nothing_and_coming_back_says_what_no_longer_fits(tab, workbench, host):
    host()
    workbench.change_recipe(features=(replace(RANGE, options={"stop_m": 0.5}),))
    before = workbench.recipe.features
    workbench.set_setup(None)
    assert tab.match_bar.isHidden()
    assert "last sensor settings" in tab.status
    workbench.set_setup(replace(DEFAULT_SETUP, channels=(replace(CHANNEL, points=3),)))
    assert "goes to 0.5 m" in tab.match_bar.text
    assert workbench.recipe.features == before


def test_a_preset_is_chosen_offers_its_sensor_settings_and_is_taken_back(tab, workbench, host):
    sensor = host()
    before = workbench.recipe
    entry = tab.preset_button.menu().actions()[0]
    assert "Profile 1" in entry.toolTip()
    entry.trigger()
    assert entry.text() in tab.match_bar.text
    assert tab.match_bar.follow_button.text() == "Keep the sensor"
    assert sensor.applied == []
    tab.undo.undo_button.click()
    assert workbench.recipe == before
    assert tab.match_bar.isHidden()
    tab.undo.redo_button.click()
    tab.match_bar.lead_button.click()
    assert sensor.applied == [load_presets()[0].recipe.sensor]
    assert tab.match_bar.isHidden()


def test_features_are_saved_and_loaded_and_a_wrong_file_is_told(tab, workbench, monkeypatch, tmp_path):
    workbench.set_setup(DEFAULT_SETUP)
    monkeypatch.setattr(features_tab, "ask_save", lambda *args: tmp_path / "mine.json")
    load, save = tab.file_button.menu().actions()
    save.trigger()
    tab.features.cards[0]._remove.click()
    monkeypatch.setattr(features_tab, "ask_open", lambda *args: tmp_path / "mine.json")
    load.trigger()
    assert workbench.recipe.features == (RANGE, DOPPLER)
    (tmp_path / "mine.json").write_text("no list")
    load.trigger()
    assert "JSON" in tab._problem.text()
    assert not tab._problem.isHidden()
    assert workbench.recipe.features == (RANGE, DOPPLER)


def test_a_recording_is_looked_at_without_a_sensor(tab, workbench, shared_data, qtbot):
    preview, bar = workbench.feature_editing.preview, tab.preview.recording_bar
    bar.open(shared_data / "a121_host" / "hand-motion-default.h5")
    qtbot.waitUntil(lambda: tab.fact("Cost") != "", timeout=20000)
    assert tab.fact("Recording") != ""
    assert tab.fact("Sensor") == ""
    assert "µs per reading" in tab.fact("Cost")
    assert "% of the time between readings" in tab.fact("Cost")
    assert bar.slider.maximum() == len(preview.recording) - 1
    before = tab.preview.image._image.image.copy()
    bar.slider.setValue(0)
    assert (tab.preview.image._image.image != before).any()
    tab.features.cards[1]._remove.click()
    qtbot.waitUntil(lambda: not preview.busy and preview.rows is not None, timeout=20000)
    qtbot.waitUntil(lambda: tab.preview.image._image.image.shape[1] == preview.rows.values.shape[1], timeout=5000)
    bar.close_button.click()
    assert preview.recording is None
    assert bar.slider.isHidden()
    assert "Connect a sensor" in tab.status


def test_a_measurement_takes_the_place_of_the_recording_in_view(tab, workbench, measured, shared_data, qtbot):
    preview = workbench.feature_editing.preview
    tab.preview.recording_bar.open(shared_data / "a121_host" / "hand-motion-default.h5")
    qtbot.waitUntil(lambda: preview.rows is not None and not preview.busy, timeout=20000)
    tab.shown()
    measured()
    assert preview.recording is None
    qtbot.waitUntil(lambda: "readings per second" in tab.fact("Rate"), timeout=2000)
    assert tab.fact("Sensor") != ""
    tab.hidden()


def test_a_model_locks_the_list_until_it_is_unlocked(tab, workbench, host, monkeypatch):
    host()
    info = ModelInfo(recipe=workbench.recipe, labels=("push", "pull"), frame_shape=(20, 28))
    monkeypatch.setattr(OpenModel, "read", classmethod(lambda cls, path: OpenModel(path, info)))
    assert tab.lock_bar.isHidden()
    workbench.load_model(Path("hand.keras"))
    assert "Locked by model hand.keras" in tab.lock_bar.text
    assert not tab.features.cards[0].isEnabled()
    assert not tab.add_button.isEnabled()
    assert not tab.preset_button.isEnabled()
    assert not tab.side.frame.editor("time_steps").isEnabled()
    assert not tab.side.frame_time.isEnabled()
    assert tab.side.trigger_box.isEnabled()
    tab.lock_bar.lock_button.click()
    assert tab.side.frame.editor("time_steps").isEnabled()
    assert tab.lock_bar.lock_button.text() == "Lock again"
    tab.features.cards[0]._remove.click()
    assert workbench.recipe.features == (DOPPLER,)
    assert "differ" in tab.lock_bar.text
    tab.lock_bar.lock_button.click()
    assert workbench.recipe.features == (RANGE, DOPPLER)
    assert "Locked" in tab.lock_bar.text
    workbench.remove_model()
    assert tab.lock_bar.isHidden()
    assert tab.features.cards[0].isEnabled()


def test_a_sensor_that_is_not_as_the_models_can_be_set_from_the_bar(tab, workbench, host, monkeypatch):
    sensor = host()
    other = replace(DEFAULT_SETUP, reading_rate_hz=60.0)
    info = ModelInfo(recipe=replace(workbench.recipe, sensor=other), labels=("a", "b"), frame_shape=(20, 28))
    monkeypatch.setattr(OpenModel, "read", classmethod(lambda cls, path: OpenModel(path, info)))
    workbench.load_model(Path("hand.keras"))
    assert "expected 60 Hz" in tab.lock_bar.text
    tab.lock_bar.sensor_button.click()
    assert sensor.applied == [other]
    assert tab.lock_bar.sensor_button.isHidden()


def test_of_many_settings_the_first_are_shown_and_those_that_matter(tab, workbench):
    workbench.change_recipe(features=(FeatureChoice("presence"),))
    card = tab.features.cards[0]
    form = card._form
    names = form.names

    def shown():
        return [name for name in names if not form.editor(name).isHidden()]

    assert shown() == list(names[:6])
    assert card._more.text() == f"{len(names) - 6} more settings…"
    card._more.click()
    assert shown() == list(names)
    card._more.click()
    workbench.change_recipe(features=(FeatureChoice("presence", {names[-1]: 100}),))
    assert shown() == [*names[:6], names[-1]]
