"""Features are chosen, follow the sensor, and are seen live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.features_tab import FeaturesTab

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
