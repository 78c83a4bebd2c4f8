"""Looking through the frames of a session, without a window."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench.frame_list import FrameFilter
from exptool_ml_plugin.workbench.inspecting import Inspecting
from exptool_ml_plugin.workbench.label_statistics import label_counts, label_means
from exptool_ml_plugin.workbench.problems import UserProblem
from exptool_ml_plugin.workbench.workbench import Workbench

RECIPE = Recipe(
    sensor=DEFAULT_SETUP,
    features=(FeatureChoice("doppler_spectrum", {"noise_floor_s": 1.0}),),
    frame=FrameSettings(time_steps=20),
    trigger=TriggerChoice("continuous", {"hop": 5}),
)
RECORDINGS = [
    dataclasses.replace(record(DEFAULT_SETUP, name, 3.0, name=f"{name}_{person}", seed=seed), tags={"person": person})
    for seed, (name, person) in enumerate([("push", "Ada"), ("pull", "Ada"), ("push", "Bo")])
]


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.set_recipe(RECIPE)
    made.new_session()
    for recording in RECORDINGS:
        index = made.session.add_recording(recording)
        for frame in frames_of(recording, RECIPE, made.plugins.parts):
            made.session.add(frame, recording.name[:4], index)
    yield made
    made.close()


@pytest.fixture
def inspecting(workbench: Workbench) -> Iterator[Inspecting]:
    made = Inspecting(workbench)
    workbench.session_changed.connect(made.refresh)  # as a tab does
    yield made
    made.close()


def test_filters_leave_what_was_asked_for(inspecting: Inspecting) -> None:
    session = inspecting.session
    inspecting.set_filter(FrameFilter(label="push"))
    assert {session.labels[index] for index in inspecting.shown} == {"push"}
    inspecting.set_filter(FrameFilter(label="push", tag=("person", "Bo")))
    assert {int(session.recording_of[index]) for index in inspecting.shown} == {2}
    inspecting.set_filter(FrameFilter(recording=1))
    assert list(inspecting.shown) == [index for index, nr in enumerate(session.recording_of) if nr == 1]
    inspecting.set_filter(FrameFilter(flag="flagged"))
    assert (len(inspecting.shown), inspecting.current, inspecting.targets) == (0, None, [])
    inspecting.set_filter(FrameFilter(flag="good"))
    assert len(inspecting.shown) == len(session)


def test_the_current_frame_stays_when_others_are_filtered_away(inspecting: Inspecting) -> None:
    pull = inspecting.session.labels.index("pull") + 2
    inspecting.go_to(pull)
    inspecting.set_filter(FrameFilter(label="pull"))
    assert (inspecting.current, inspecting.place) == (pull, 2)


def test_frames_added_late_stand_at_their_time_when_sorted_by_it(inspecting: Inspecting) -> None:
    inspecting.augment([0, 1], [2])
    inspecting.work.wait()
    inspecting.refresh()
    inspecting.set_sort("time")
    firsts = inspecting.session.first_reading[inspecting.shown][:5]
    assert list(firsts) == [0, 2, 5, 7, 10]


def test_sorted_by_distance_the_frame_of_another_gesture_comes_first(inspecting: Inspecting) -> None:
    odd = inspecting.session.labels.index("pull")
    values = np.array(inspecting.session.values)
    values[0] = 50 * values[odd]  # as far as can be
    inspecting.session.set_values(values)
    inspecting.relabel("push", [0])
    inspecting.set_sort("distance")
    inspecting.work.wait()
    inspecting.refresh()
    assert inspecting.shown[0] == 0
    distance = [inspecting.distance(int(index)) for index in inspecting.shown]
    assert distance == sorted(distance, key=lambda far: -(far or 0.0))
    assert (distance[0] or 0.0) > 2 * (distance[1] or 0.0)


def test_selecting_goes_by_range_and_by_one(inspecting: Inspecting) -> None:
    inspecting.go_to_place(3)
    inspecting.go_to_place(6, extend=True)
    assert inspecting.targets == [3, 4, 5, 6]
    inspecting.go_to_place(2, extend=True)
    assert inspecting.targets == [2, 3]
    inspecting.go_to_place(8, toggle=True)
    assert inspecting.targets == [2, 3, 8]
    inspecting.go_to_place(2, toggle=True)
    assert inspecting.targets == [3, 8]
    inspecting.go_to_place(5)
    assert inspecting.targets == [5]
    inspecting.select_all()
    assert len(inspecting.targets) == len(inspecting.session)


def test_what_is_selected_is_relabelled_and_removed_and_all_is_taken_back(inspecting: Inspecting) -> None:
    before, values = inspecting.session.labels, np.asarray(inspecting.session.values).tobytes()
    inspecting.select([1, 2, 3])
    inspecting.relabel("circle")
    assert inspecting.session.labels[1:4] == ["circle"] * 3
    inspecting.remove()
    assert len(inspecting.session) == len(before) - 3
    assert inspecting.selected == frozenset()
    inspecting.edits.undo()
    inspecting.edits.undo()
    assert (inspecting.session.labels, np.asarray(inspecting.session.values).tobytes()) == (before, values)


def test_after_removing_the_next_frame_is_the_current_one(inspecting: Inspecting) -> None:
    inspecting.go_to_place(4)
    following = int(inspecting.session.first_reading[5])
    inspecting.remove()
    assert inspecting.place == 4
    assert inspecting.session.first_reading[inspecting.current or 0] == following


def test_a_moved_frame_is_what_the_pipeline_cuts_there_though_the_feature_has_memory(inspecting: Inspecting) -> None:
    session = inspecting.session
    own = np.flatnonzero(session.recording_of == 1)
    there = int(own[7])
    expected, first = session.values[there].copy(), int(session.first_reading[there])
    inspecting.move(int(own[3]), first)
    inspecting.work.wait()
    inspecting.refresh()
    np.testing.assert_array_equal(session.values[own[3]], expected)
    assert session.first_reading[own[3]] == first
    inspecting.select([int(own[3])])
    inspecting.shift(-20)
    assert session.first_reading[own[3]] == first - 20
    inspecting.edits.undo()
    np.testing.assert_array_equal(session.values[own[3]], expected)


def test_a_frame_that_would_stand_out_of_its_recording_stays_where_it_is(inspecting: Inspecting) -> None:
    inspecting.prepare(0)
    inspecting.work.wait()
    with pytest.raises(UserError, match="Expected the first reading"):
        inspecting.shift(-1)
    assert not inspecting.edits.can_undo


def test_a_new_frame_stands_after_the_current_one_and_becomes_it(inspecting: Inspecting) -> None:
    inspecting.go_to_place(2)
    inspecting.add(0, 13, "tap")
    inspecting.work.wait()
    inspecting.refresh()
    session = inspecting.session
    assert inspecting.current == 3
    assert (session.labels[3], int(session.first_reading[3]), int(session.recording_of[3])) == ("tap", 13, 0)


def test_augmented_frames_keep_label_and_recording_and_are_cut_with_full_history(inspecting: Inspecting) -> None:
    session, count = inspecting.session, len(inspecting.session)
    said: list[str] = []
    inspecting.done.connect(said.append)
    inspecting.augment(range(count), [-5, 5])
    inspecting.work.wait()
    at_an_end = sum(
        not 0 <= first + offset <= len(RECORDINGS[0]) - 20 for first in session.first_reading[:count].tolist()
        for offset in (-5, 5)
    )  # fmt: skip
    assert len(session) == 3 * count - at_an_end
    assert f"{at_an_end} would have stood out" in said[0]
    place = {(int(session.recording_of[index]), int(session.first_reading[index])): index for index in range(count)}
    for index in range(count, len(session)):  # every one lies where the pipeline has cut another
        original = place[int(session.recording_of[index]), int(session.first_reading[index])]
        np.testing.assert_array_equal(session.values[index], session.values[original])
        assert session.labels[index] == session.labels[original]
    inspecting.edits.undo()
    assert len(session) == count


def test_a_recording_without_readings_says_why_nothing_can_be_cut(workbench: Workbench, inspecting: Inspecting) -> None:
    problems = []
    workbench.problem.connect(problems.append)
    workbench.session.replace_recording(0, RECORDINGS[0].part(0, 0))
    inspecting.move(0, 3)
    inspecting.work.wait()
    assert "readings were kept" in problems[0].hint


def test_predictions_are_needed_only_once_and_tell_right_from_wrong(
    workbench: Workbench, gesture_model: Path, gesture_recipe: Recipe
) -> None:
    recording = record(DEFAULT_SETUP, "push", 10.0, name="push", seed=5)
    workbench.set_recipe(gesture_recipe)
    workbench.new_session()
    place = workbench.session.add_recording(recording)
    frames = frames_of(recording, gesture_recipe, workbench.plugins.parts)
    for frame in frames:
        workbench.session.add(frame, "push", place)
    inspecting = Inspecting(workbench)
    with pytest.raises(UserError, match="model"):
        inspecting.predict()
    workbench.load_model(gesture_model)
    inspecting.set_sort("confidence")
    inspecting.work.wait()
    inspecting.refresh()
    confidence = [(inspecting.prediction(int(index)) or ("", 0.0))[1] for index in inspecting.shown]
    assert confidence == sorted(confidence)
    assert min(confidence) > 0.0
    inspecting.set_filter(FrameFilter(prediction="right"))
    right = set(inspecting.shown.tolist())
    assert right == {nr for nr in range(len(frames)) if (inspecting.prediction(nr) or ("",))[0] == "push"}
    assert right
    inspecting.relabel("pull", sorted(right))
    inspecting.refresh()
    assert len(inspecting.shown) == 0
    inspecting.set_filter(FrameFilter(prediction="wrong"))
    assert right <= set(inspecting.shown.tolist())
    workbench.remove_model()
    inspecting.refresh()
    assert inspecting.prediction(0) is None
    inspecting.close()


def test_statistics_count_and_average_as_numpy_does(workbench: Workbench) -> None:
    session = workbench.session
    session._frames._arrays["flags"][0] = 1
    pull, push = label_counts(session)
    assert (pull.label, pull.frames, pull.flagged, pull.recordings) == ("pull", session.labels.count("pull"), 0, 1)
    assert (push.label, push.frames, push.flagged, push.recordings) == ("push", session.labels.count("push"), 1, 2)
    own = session.values[np.array(session.labels) == "push"].astype(np.float64)
    mean = label_means(session)["push"]
    np.testing.assert_allclose(mean.mean, own.mean(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mean.spread, own.std(axis=0), rtol=1e-4, atol=1e-5)


def test_long_work_can_be_cancelled_and_changes_nothing_then(inspecting: Inspecting) -> None:
    count = len(inspecting.session)
    inspecting.work.changed.connect(inspecting.work.cancel)
    inspecting.augment(range(count), [-5, 5])
    inspecting.work.wait()
    assert len(inspecting.session) == count
    assert inspecting.work.doing == ""


def test_frames_cut_after_a_calibration_are_divided_as_the_others_are_and_so_is_what_comes(
    workbench: Workbench, inspecting: Inspecting, tmp_path: Path
) -> None:
    session = inspecting.session
    mean = inspecting.mean_before_calibration("pull")
    inspecting.calibrate(mean)
    assert workbench.recipe.calibration == session.recipe.calibration
    assert workbench.session_fits
    expected = frames_of(RECORDINGS[0], workbench.recipe, workbench.plugins.parts)
    np.testing.assert_array_equal(session.values[4], expected[4].values)
    values = session.values[4].copy()
    inspecting.move(3, int(session.first_reading[4]))
    inspecting.work.wait()
    np.testing.assert_array_equal(session.values[3], values)
    np.testing.assert_allclose(inspecting.means()["pull"].mean, 1.0, atol=1e-4)
    np.testing.assert_allclose(inspecting.mean_before_calibration("pull"), mean, rtol=1e-4)
    workbench.save_session(tmp_path / "calibrated.h5")
    workbench.new_session()
    workbench.change_recipe(calibration="")
    workbench.open_session(tmp_path / "calibrated.h5")
    assert inspecting.calibration is not None
    np.testing.assert_array_equal(inspecting.calibration, mean)
    assert workbench.session_fits
    inspecting.calibrate(None)
    assert (inspecting.calibration, workbench.recipe.calibration) == (None, "")


def test_other_features_let_go_of_the_calibration(workbench: Workbench, inspecting: Inspecting) -> None:
    inspecting.calibrate(inspecting.mean_before_calibration("pull"))
    workbench.change_recipe(features=(FeatureChoice("range_segment"),))
    assert workbench.recipe.calibration == ""
    assert inspecting.calibration is not None


def test_a_step_that_waited_for_the_readings_is_not_taken_on_frames_that_were_changed_meanwhile(
    workbench: Workbench, inspecting: Inspecting
) -> None:
    problems: list[UserProblem] = []
    workbench.problem.connect(problems.append)
    with workbench.sessions.lock:  # the step waits
        inspecting.move(3, 10)
        inspecting.select([0])
        inspecting.remove()
        before = inspecting.session.first_reading.tolist()
    inspecting.work.wait()
    assert inspecting.session.first_reading.tolist() == before
    assert "changed" in problems[0].message
