"""Guided collection in the Collect tab, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from qtpy.QtCore import Qt
from scenes import RecordedHost, draw, in_view, in_window

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.collect_tab import CollectTab
from exptool_ml_plugin.qt.widgets.guided_form import GuidedForm
from exptool_ml_plugin.qt.widgets.tags_form import TagsForm
from exptool_ml_plugin.workbench.guided import GuidedSettings, Quota
from exptool_ml_plugin.workbench.workbench import Workbench

STILL = record(DEFAULT_SETUP, "push", 4.0, name="push", seed=1)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workbench(clock: Clock) -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=20),
        trigger=TriggerChoice("continuous", {"hop": 20}),
    )
    made.collecting.guided._clock = clock
    made.collecting.guided.settings = GuidedSettings(cue_s=4.0, countdown_s=3.0, break_every=2, break_s=10.0)
    made.collecting.guided.plan = (Quota("tap_in", 2), Quota("tap_out", 2))
    yield made
    made.close()


@pytest.fixture
def host(workbench: Workbench) -> RecordedHost:
    return RecordedHost(workbench, STILL)


@pytest.fixture
def tab(workbench: Workbench, host: RecordedHost, qtbot: Any) -> Iterator[CollectTab]:
    with in_view(CollectTab(workbench), qtbot) as made:
        yield made


def after(clock: Clock, tab: CollectTab, seconds: float) -> str:
    clock.now += seconds
    tab.refresh()
    return tab.guided.text


def test_a_plan_in_the_workbench_is_shown_and_nothing_is_said_before_it_starts(tab: CollectTab) -> None:
    assert tab.guided.isHidden()
    assert not tab.guided_form.isHidden()
    assert tab.guided_form.table.rowCount() == 2


def test_it_says_in_large_letters_what_to_do(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, clock: Clock
) -> None:
    tab.guided_form.start_button.click()
    assert workbench.measuring
    label = workbench.collecting.label
    assert not tab.guided.isHidden()
    assert tab.guided.text == f"Get ready: {label} (0/2)"
    assert tab.guided.detail == "Begins in 3 s"
    assert tab.guided._text.font().pixelSize() > 2 * tab.guided._total.fontInfo().pixelSize()
    assert after(clock, tab, 3.0) == f"Now do: {label} (0/2)"
    assert tab.label_box.currentText() == label
    assert not tab.label_box.isEnabled()
    assert after(clock, tab, 2.5) == f"Now do: {label} (0/2)"
    assert tab.guided.detail == "2 s left"
    host.play(0, 20)
    draw(workbench, tab)
    assert tab.guided.text == f"Now do: {label} (1/2)"
    assert tab.guided._total.text() == "1 of 4 frames"


def test_the_label_switches_itself_until_all_have_their_frames(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, clock: Clock
) -> None:
    tab.guided_form.start_button.click()
    after(clock, tab, 3.0)
    host.play(0, 40)
    assert after(clock, tab, 0.0).startswith("Get ready")
    after(clock, tab, 3.0)
    host.play(40, 80)
    assert after(clock, tab, 0.0) == "Done: 4 frames"
    host.play(80, 120)
    assert workbench.session.counts() == {"tap_in": 2, "tap_out": 2}
    tab.guided.stop_button.click()
    assert tab.guided.isHidden()
    assert tab.label_box.isEnabled()
    assert workbench.measuring
    workbench.stop()


def test_breaks_are_announced_and_can_be_ended(workbench: Workbench, tab: CollectTab, clock: Clock) -> None:
    tab.guided_form.start_button.click()
    for _ in range(2):
        after(clock, tab, 3.0)
        after(clock, tab, 4.0)
    assert tab.guided.text == "Break"
    assert "Goes on in 10 s" in tab.guided.detail
    tab.guided.pause_button.click()
    assert tab.guided.text.startswith("Get ready")
    workbench.stop()


def test_pausing_waits_and_going_on_counts_down_again(workbench: Workbench, tab: CollectTab, clock: Clock) -> None:
    tab.guided_form.start_button.click()
    after(clock, tab, 3.0)
    tab.guided.pause_button.click()
    assert tab.guided.text.startswith("Paused before")
    assert after(clock, tab, 100.0).startswith("Paused before")
    assert tab.guided.pause_button.text() == "Go on"
    tab.guided.pause_button.click()
    assert tab.guided.text.startswith("Get ready")
    workbench.stop()
    assert tab.guided.text.startswith("Paused before")
    tab.guided.pause_button.click()
    assert workbench.measuring
    assert tab.guided.text.startswith("Get ready")


def test_it_waits_while_another_tab_is_in_view_and_survives_a_rebuilt_tab(
    workbench: Workbench, tab: CollectTab, clock: Clock, qtbot: Any
) -> None:
    tab.guided_form.start_button.click()
    after(clock, tab, 3.0)
    label = workbench.collecting.label
    tab.hidden()
    with in_view(CollectTab(workbench), qtbot) as again:
        assert again.guided.text == f"Paused before {label} (0/2)"
        assert not again.label_box.isEnabled()
        assert not again.guided_form.start_button.isEnabled()
        again.guided.pause_button.click()
        assert again.guided.text == f"Get ready: {label} (0/2)"


def test_the_plan_is_edited_by_hand(workbench: Workbench, tab: CollectTab) -> None:
    guided = workbench.collecting.guided
    form = tab.guided_form
    form.table.item(0, 0).setText("circle")
    form.table.cellWidget(1, 1).setValue(40)
    assert guided.plan == (Quota("circle", 2), Quota("tap_out", 40))
    form.add_button.click()
    assert guided.plan[2:] == (Quota("label_3", 40),)
    form.table.setCurrentCell(0, 0)
    form.remove_button.click()
    assert guided.plan == (Quota("tap_out", 40), Quota("label_3", 40))
    form.options.editor("cue_s").setValue(6.0)
    assert guided.settings.cue_s == 6.0


def test_an_empty_plan_is_filled_with_the_labels_there_are(workbench: Workbench, qtbot: Any) -> None:
    workbench.collecting.guided.plan = ()
    workbench.collecting.label = "push"
    with in_view(CollectTab(workbench), qtbot) as tab:
        assert tab.guided_form.isHidden()
        tab.guided_button.click()
        assert not tab.guided_form.isHidden()
        assert workbench.collecting.guided.plan == (Quota("push", 20),)


def test_without_a_plan_it_does_not_start_and_it_is_said(workbench: Workbench, tab: CollectTab) -> None:
    for _ in range(2):
        tab.guided_form.remove_button.click()
    tab.guided_form.start_button.click()
    assert not workbench.measuring
    assert "empty plan" in workbench.problems[-1].message


def test_the_usual_start_button_goes_on_with_a_plan_that_waits(
    workbench: Workbench, host: RecordedHost, tab: CollectTab
) -> None:
    tab.guided_form.start_button.click()
    host.stop()
    assert tab.guided.text.startswith("Paused before")
    tab.refresh()
    tab.start_button.click()
    assert workbench.measuring
    assert tab.guided.text.startswith("Get ready")
    assert not workbench.problems


def test_keys_in_the_plan_belong_to_the_plan(
    workbench: Workbench, host: RecordedHost, tab: CollectTab, qtbot: Any
) -> None:
    with in_window(tab, qtbot):
        for label in ("tap_in", "tap_out"):
            workbench.collecting.label = label
        tab.start_button.click()
        host.play(0, 60)
        host.stop()
        frames = len(workbench.session)
        table = tab.guided_form.table
        table.setCurrentCell(0, 0)
        table.setFocus()
        qtbot.keyClick(table, Qt.Key.Key_1)
        assert workbench.collecting.label == "tap_out"
        assert table.state() == table.State.EditingState
        table.setFocus()
        qtbot.keyClick(table, Qt.Key.Key_Delete)
        assert [quota.label for quota in workbench.collecting.guided.plan] == ["tap_out"]
        assert len(workbench.session) == frames > 0


def test_person_and_plan_of_an_earlier_start_are_shown(qtbot: Any, workbench: Workbench) -> None:
    earlier = Workbench()
    earlier.collecting.tags.set("person", "Ada")
    earlier.collecting.guided.plan = (Quota("push", 30),)
    earlier.collecting.guided.settings = GuidedSettings(cue_s=6.0)
    earlier.close()
    again = Workbench()
    form, tags = GuidedForm(again), TagsForm(again)
    for widget in (form, tags):
        qtbot.addWidget(widget)
    assert tags.boxes["person"].currentText() == "Ada"
    assert (form.table.item(0, 0).text(), form.table.cellWidget(0, 1).value()) == ("push", 30)
    assert form.options.value().cue_s == 6.0
    again.close()
