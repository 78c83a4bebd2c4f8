"""Labels, tags and frames of collections in the workbench."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.reading import Quality, Reading
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench.guided import GuidedSettings, Quota
from exptool_ml_plugin.workbench.workbench import Workbench

PUSH = record(DEFAULT_SETUP, "push", 4.0, name="push", seed=1)


class Host:
    title = "Host"
    can_start = True

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench

    def start(self) -> None:
        self.workbench.engine.begin(PUSH.setup, host_attributes=PUSH.host_attributes)

    def stop(self) -> None:
        self.workbench.engine.end()

    def apply_setup(self, setup: object) -> None:
        """Nothing to set."""


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.host = Host(made)
    made.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
        trigger=TriggerChoice("continuous", {"hop": 20}),
    )
    yield made
    made.close()


def play(workbench: Workbench, start: int, stop: int, *, quality: Quality | None = None) -> None:
    for reading in PUSH.part(start, stop):
        changed: Reading = reading if quality is None else replace(reading, quality=quality)
        workbench.engine.push(changed)
    assert workbench.engine.wait(30)


def collect(workbench: Workbench, label: str) -> None:
    workbench.collecting.label = label
    workbench.start("collect")
    play(workbench, 0, len(PUSH))
    workbench.stop()
    assert workbench.engine.wait()


def test_a_label_applies_to_the_frames_cut_from_then_on(workbench: Workbench) -> None:
    workbench.collecting.label = "push"
    workbench.collecting.label = "pull"
    workbench.collecting.choose_by_key(1)
    workbench.start("collect")
    play(workbench, 0, 90)
    workbench.collecting.choose_by_key(2)
    play(workbench, 90, 160)
    assert workbench.session.labels == ["push"] * 4 + ["pull"] * 4
    workbench.collecting.choose_by_key(9)
    assert workbench.collecting.label == "pull"


def test_a_label_keeps_its_key_and_those_of_an_opened_session_get_one(workbench: Workbench, tmp_path: Path) -> None:
    for label in ("push", "pull", "push"):
        workbench.collecting.label = label
    assert workbench.collecting.known_labels == ("push", "pull")
    collect(workbench, "swipe")
    workbench.save_session(tmp_path / "swipes.h5")
    another = Workbench()
    another.open_session(tmp_path / "swipes.h5")
    assert another.collecting.known_labels == ("swipe",)
    another.collecting.label = "circle"
    assert another.collecting.known_labels == ("swipe", "circle")
    another.close()


def test_only_a_label_without_frames_can_be_forgotten(workbench: Workbench) -> None:
    collect(workbench, "push")
    workbench.collecting.label = "pusj"
    workbench.collecting.forget_label("pusj")
    workbench.collecting.forget_label("push")
    assert workbench.collecting.known_labels == ("push",)
    assert workbench.collecting.label == ""


def test_tags_go_to_the_running_recording_and_to_those_after_it(workbench: Workbench, tmp_path: Path) -> None:
    tags = workbench.collecting.tags
    tags.set("person", " Ada ")
    workbench.collecting.label = "push"
    workbench.start("collect")
    play(workbench, 0, 50)
    tags.set("place", "attic")
    play(workbench, 50, 100)
    workbench.stop()
    tags.set("person", "Grace")
    tags.set("place", "")
    assert workbench.engine.wait()
    collect(workbench, "push")
    workbench.save_session(tmp_path / "tagged.h5")
    recordings = load_session(tmp_path / "tagged.h5").recordings
    assert [recording.tags for recording in recordings] == [{"person": "Ada", "place": "attic"}, {"person": "Grace"}]
    assert tags.history("person") == ("Grace", "Ada")


def test_flagged_frames_are_left_out_only_when_asked(workbench: Workbench) -> None:
    workbench.collecting.label = "push"
    workbench.start("collect")
    play(workbench, 0, 40, quality=Quality(saturated=True))
    assert len(workbench.session) == 2
    workbench.collecting.keep_flagged = False
    play(workbench, 40, 80, quality=Quality(saturated=True))
    play(workbench, 80, 120)
    assert len(workbench.session) == 4
    assert workbench.collecting.left_out == 2


def test_removing_can_be_undone_in_the_opposite_order(workbench: Workbench) -> None:
    collect(workbench, "push")
    firsts = list(workbench.session.first_reading)
    workbench.collecting.remove(len(firsts) - 1)
    workbench.collecting.remove(2)
    assert workbench.collecting.removed == 2
    assert len(workbench.session) == len(firsts) - 2
    workbench.collecting.undo_remove()
    workbench.collecting.undo_remove()
    assert list(workbench.session.first_reading) == firsts
    workbench.collecting.undo_remove()
    assert list(workbench.session.first_reading) == firsts


def test_what_was_removed_is_not_put_into_another_session(workbench: Workbench) -> None:
    collect(workbench, "push")
    workbench.collecting.remove(0)
    workbench.new_session()
    assert workbench.collecting.removed == 0
    workbench.collecting.undo_remove()
    assert len(workbench.session) == 0


def test_a_guided_collection_labels_the_frames_and_counts_them(workbench: Workbench) -> None:
    guided = workbench.collecting.guided
    guided.plan = (Quota("push", 1), Quota("pull", 1))
    guided.settings = GuidedSettings(countdown_s=0.0, cue_s=1000.0)
    guided._clock = iter(range(0, 10**9, 10)).__next__  # every look at it is ten seconds later
    workbench.start_guided()
    assert workbench.measuring
    with pytest.raises(UserError, match="guided"):
        workbench.collecting.label = "swipe"
    play(workbench, 0, 100)
    assert guided.phase == "done"
    assert sorted(workbench.session.labels) == ["pull", "push"]
    workbench.collecting.remove(0)
    assert guided.phase == "paused"
    workbench.stop()
    assert workbench.session.recordings[0].name.endswith("guided")


def test_a_guided_collection_waits_when_the_measurement_ends_and_goes_on_with_the_next(workbench: Workbench) -> None:
    guided = workbench.collecting.guided
    guided.plan = (Quota("push", 5),)
    workbench.start_guided()
    assert guided.phase == "ready"
    workbench.stop()
    assert guided.phase == "paused"
    workbench.start("collect")
    assert guided.phase == "ready"


def test_without_a_sensor_a_guided_collection_does_not_begin(workbench: Workbench) -> None:
    workbench.host = None
    workbench.collecting.guided.plan = (Quota("push", 5),)
    with pytest.raises(UserError, match="connected sensor"):
        workbench.start_guided()
    assert not workbench.collecting.guided.active


def test_a_session_is_saved_in_the_background_and_a_failure_is_kept_in_words(
    workbench: Workbench, tmp_path: Path
) -> None:
    collect(workbench, "push")
    workbench.save_session_in_background(tmp_path / "no such folder" / "push.h5")
    workbench.saving.wait()
    assert workbench.saving.problem is not None
    assert workbench.session.unsaved
    workbench.save_session_in_background(tmp_path / "push.h5")
    workbench.saving.wait()
    assert workbench.saving.problem is None
    assert len(load_session(tmp_path / "push.h5")) == len(workbench.session)
    assert not workbench.session.unsaved


def test_a_frame_from_before_the_plan_is_not_counted_by_it(workbench: Workbench) -> None:
    collect(workbench, "push")
    guided = workbench.collecting.guided
    guided.plan = (Quota("push", 5),)
    workbench.collecting.begin_plan()
    guided.count("push", 3)
    before = len(workbench.session)
    workbench.collecting.remove(0)
    assert guided.status.count == 3
    workbench.collecting.undo_remove()
    assert (guided.status.count, len(workbench.session)) == (3, before)
