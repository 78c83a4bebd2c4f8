"""Settings changed in the middle of a measurement: every frame can still be made again from its recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.frame_at import RecordedRows
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench.workbench import Workbench

PUSH = record(DEFAULT_SETUP, "push", 6.0, name="push", seed=1)
READINGS = list(PUSH)
REMEMBERING = (
    FeatureChoice("sparse_fft"),
    FeatureChoice("range_segment", {"calibrate": True}),
    FeatureChoice("phase"),
)
EVERY_20 = TriggerChoice("continuous", {"hop": 20})


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(features=REMEMBERING, frame=FrameSettings(time_steps=20), trigger=EVERY_20)
    made.collecting.label = "push"
    made.engine.set_mode("collect")
    made.engine.begin(PUSH.setup, host_attributes=PUSH.host_attributes)
    yield made
    made.close(discard=True)


def play(workbench: Workbench, start: int, stop: int) -> None:
    for reading in READINGS[start:stop]:
        workbench.engine.push(reading)
    assert workbench.engine.wait(30)


def assert_frames_can_be_made_again(workbench: Workbench) -> None:
    session = workbench.session
    rows = [RecordedRows(recording, session.recipe, workbench.plugins.parts) for recording in session.recordings]
    assert len(session)
    for index in range(len(session)):
        made = rows[session.recording_of[index]].frame(int(session.first_reading[index])).values
        np.testing.assert_array_equal(session.values[index], made, err_msg=f"frame {index}")


@pytest.mark.parametrize(
    "change",
    [
        lambda recipe: replace(recipe, trigger=TriggerChoice("continuous", {"hop": 7})),
        lambda recipe: replace(recipe, frame=replace(recipe.frame, dead_time=3)),
        lambda recipe: replace(recipe, trigger=TriggerChoice("presence", {"threshold": 1.5})),
    ],
)
def test_features_remember_the_recording_when_another_trigger_cuts_it(
    workbench: Workbench, change: Callable[[Any], Any]
) -> None:
    play(workbench, 0, 130)
    workbench.set_recipe(change(workbench.recipe))
    play(workbench, 130, 300)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert len(workbench.session.recordings) == 1
    assert len(workbench.session.recordings[0]) == 300
    assert (workbench.session.first_reading > 130).any()
    assert_frames_can_be_made_again(workbench)


def test_other_features_begin_another_recording(workbench: Workbench) -> None:
    play(workbench, 0, 15)  # no frame yet, so that the session takes other features
    workbench.change_recipe(features=REMEMBERING[:2])
    play(workbench, 15, 200)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert [len(recording) for recording in workbench.session.recordings] == [15, 185]
    assert_frames_can_be_made_again(workbench)


def test_readings_are_kept_while_features_do_not_fit_the_session_and_frames_follow_when_they_do(
    workbench: Workbench,
) -> None:
    play(workbench, 0, 100)
    workbench.change_recipe(features=REMEMBERING[:1])
    play(workbench, 100, 160)
    assert len(workbench.session) == 5
    assert len(workbench.problems) == 1
    workbench.change_recipe(features=REMEMBERING)
    play(workbench, 160, 300)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert [len(recording) for recording in workbench.session.recordings] == [160, 140]
    assert len(workbench.session) == 5 + 7
    assert_frames_can_be_made_again(workbench)


def test_frames_are_left_out_while_the_label_is_empty(workbench: Workbench) -> None:
    play(workbench, 0, 60)
    workbench.collecting.label = ""
    play(workbench, 60, 120)
    workbench.collecting.label = "pull"
    play(workbench, 120, 180)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert workbench.session.counts() == {"pull": 3, "push": 3}
    assert len(workbench.session.recordings[0]) == 180
    assert not workbench.problems
    assert_frames_can_be_made_again(workbench)


def test_frames_begin_with_a_label_that_was_missing_when_the_trigger_was_changed(workbench: Workbench) -> None:
    play(workbench, 0, 60)
    workbench.collecting.label = ""
    workbench.change_recipe(trigger=TriggerChoice("continuous", {"hop": 10}))
    play(workbench, 60, 120)
    workbench.collecting.label = "pull"
    play(workbench, 120, 180)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert workbench.session.counts() == {"pull": 5, "push": 3}
    assert sum(len(recording) for recording in workbench.session.recordings) == 180
    assert_frames_can_be_made_again(workbench)


class Impatient(Feature):
    """Fails where a picture asks for a frame that is not full yet."""

    key, name, description, outputs = "impatient", "Impatient", "", {"value": "Value"}
    width = 1

    def row(self, matrices: Any) -> Any:
        return np.ones(1)

    def finish(self, block: Any) -> Any:
        if not block.all():
            raise ValueError("the frame is not full")
        return block


def test_a_guest_that_fails_on_a_picture_costs_neither_readings_nor_frames(workbench: Workbench) -> None:
    workbench.plugins.features["impatient"] = Impatient
    workbench.change_recipe(features=(FeatureChoice("impatient"),))
    workbench.engine.latest()
    play(workbench, 0, 10)
    workbench.engine.latest()
    play(workbench, 10, 100)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert [problem.where for problem in workbench.problems] == ["the pictures of the running measurement"]
    assert sum(len(recording) for recording in workbench.session.recordings) == 100
    assert len(workbench.session) == 5


def test_a_reading_of_another_shape_does_not_end_the_engine(workbench: Workbench) -> None:
    odd = replace(READINGS[50], matrices=tuple(matrix[:, :-1] for matrix in READINGS[50].matrices))
    play(workbench, 0, 50)
    workbench.engine.push(odd)
    assert workbench.engine.wait(5)
    assert workbench.problems
