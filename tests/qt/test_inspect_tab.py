"""The Inspect tab on a session of simulated gestures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt import inspect_tab
from exptool_ml_plugin.qt.inspect_tab import InspectTab
from exptool_ml_plugin.workbench.workbench import Workbench

RECORDINGS = [record(DEFAULT_SETUP, name, 3.0, name=name, seed=1) for name in ("push", "pull")]
RECIPE = Recipe(
    sensor=DEFAULT_SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=20),
    trigger=TriggerChoice("continuous"),
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


def test_it_begins_with_the_first_frame_and_says_where_it_comes_from(workbench: Workbench, tab: InspectTab) -> None:
    assert tab.index == 0
    assert tab.label_box.currentText() == "push"
    assert "push" in tab.facts.text()
    assert "20 time steps" in tab.facts.text()
    assert tab.image._image.image.shape == workbench.session.values[0].shape
    assert tab.image._image.image.argmax() == workbench.session.values[0].argmax()


def test_slider_spin_box_and_buttons_stay_together(workbench: Workbench, tab: InspectTab) -> None:
    last = len(workbench.session)
    tab.slider.setValue(3)
    assert (tab.index, tab.spin.value()) == (2, 3)
    tab.spin.setValue(last)
    assert tab.slider.value() == last
    assert not tab.next_button.isEnabled()
    tab.previous_button.click()
    assert tab.index == last - 2
    assert "pull" in tab.facts.text()
    tab.next_button.click()
    assert tab.index == last - 1


def test_one_frame_is_relabelled(workbench: Workbench, tab: InspectTab) -> None:
    tab.show_frame(1)
    tab.label_box.setEditText("swipe")
    tab.relabel_button.click()
    assert workbench.session.labels[:3] == ["push", "swipe", "push"]
    assert tab.index == 1
    assert workbench.session.unsaved


def test_an_empty_label_is_refused(workbench: Workbench, tab: InspectTab) -> None:
    tab.label_box.setEditText("  ")
    tab.relabel_button.click()
    assert workbench.session.labels[0] == "push"
    assert "label" in workbench.problems[-1].message


@pytest.mark.parametrize("sure", [True, False])
def test_relabelling_all_frames_is_asked_about(
    workbench: Workbench, tab: InspectTab, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    monkeypatch.setattr(inspect_tab, "ask", lambda *_: sure)
    tab.label_box.setEditText("swipe")
    tab.relabel_all_button.click()
    assert workbench.session.label_names() == (("swipe",) if sure else ("pull", "push"))


def test_removing_the_last_frame_goes_to_the_one_before(workbench: Workbench, tab: InspectTab) -> None:
    last = len(workbench.session) - 1
    tab.show_frame(last)
    tab.remove_button.click()
    assert len(workbench.session) == last
    assert tab.index == last - 1


def test_removing_all_leaves_an_empty_tab_that_says_so(workbench: Workbench, tab: InspectTab) -> None:
    while len(workbench.session):
        tab.remove_button.click()
    assert not tab.remove_button.isEnabled()
    assert not tab.slider.isEnabled()
    assert tab.facts.text() == ""


def test_a_label_in_the_table_leads_to_its_next_frame(workbench: Workbench, tab: InspectTab) -> None:
    tab.counts.chosen.emit("pull")
    assert workbench.session.labels[tab.index] == "pull"
    first = tab.index
    tab.counts.chosen.emit("pull")
    assert tab.index == first + 1


def test_thumbnails_lead_to_their_frame(workbench: Workbench, tab: InspectTab, qtbot: Any) -> None:
    tab.resize(900, 600)
    tab.show()
    qtbot.waitExposed(tab)
    places = tab.thumbnails.places()
    assert len(places) > 3
    index, place = places[3]
    assert tab.thumbnails.frame_at(place.center()) == index
    tab.thumbnails.chosen.emit(index)
    assert tab.index == index
    tab.grab()


def test_frames_that_come_while_it_is_in_view_are_counted(workbench: Workbench, tab: InspectTab) -> None:
    count = len(workbench.session)
    frame = frames_of(RECORDINGS[0], RECIPE, workbench.plugins.parts)[0]
    workbench.session.add(frame, "late", 0)
    workbench.session_changed.emit()
    assert tab.slider.maximum() == count + 1
