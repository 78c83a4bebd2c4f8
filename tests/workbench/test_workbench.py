"""The workbench: recipe, sensor, session and model of one window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate import A111_SETUPS
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.plugins import Plugins, load_plugins
from exptool_ml_plugin.workbench.first_recipe import first_features
from exptool_ml_plugin.workbench.problems import UserProblem
from exptool_ml_plugin.workbench.workbench import Workbench

PUSH = record(DEFAULT_SETUP, "push", 8.0, name="push", seed=1)
SETTINGS = {
    "features": (FeatureChoice("range_segment"),),
    "frame": FrameSettings(time_steps=20, pre_trigger=5, dead_time=5),
    "trigger": TriggerChoice("continuous"),
}


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(**SETTINGS)
    yield made
    made.close()


def collect(workbench: Workbench, label: str) -> None:
    """Collect the whole recording under a label."""
    workbench.collecting.label = label
    workbench.engine.set_mode("collect")
    workbench.engine.begin(PUSH.setup, source="simulated", host_attributes=PUSH.host_attributes)
    for reading in PUSH:
        workbench.engine.push(reading)
    workbench.engine.end()
    assert workbench.engine.wait(30)


def test_a_new_window_has_a_feature_and_a_trigger() -> None:
    workbench = Workbench()
    assert [choice.key for choice in workbench.recipe.features] == ["doppler_spectrum"]
    assert workbench.recipe.trigger.key == "presence"
    workbench.close()


def test_it_works_without_any_plugin() -> None:
    workbench = Workbench(Plugins())
    assert workbench.recipe.features == ()
    assert workbench.next_step
    workbench.close()


def test_a_changed_recipe_is_told_once_and_the_same_recipe_never(workbench: Workbench) -> None:
    told: list[Recipe] = []
    workbench.recipe_changed.connect(told.append)
    workbench.change_recipe(name="gestures")
    workbench.change_recipe(name="gestures")
    assert [recipe.name for recipe in told] == ["gestures"]


def test_the_recipe_follows_the_sensor(workbench: Workbench) -> None:
    told: list[SensorSetup | None] = []
    workbench.setup_changed.connect(told.append)
    workbench.set_setup(DEFAULT_SETUP)
    workbench.set_setup(DEFAULT_SETUP)
    assert told == [DEFAULT_SETUP]
    assert workbench.recipe.sensor == DEFAULT_SETUP


def test_collected_frames_get_the_label_and_are_those_of_the_recording(workbench: Workbench) -> None:
    collect(workbench, "push")
    expected = frames_of(PUSH, workbench.recipe, workbench.plugins.parts)
    session = workbench.session
    assert session.counts() == {"push": len(expected)}
    assert np.array_equal(session.values, np.stack([frame.values for frame in expected]))
    assert len(session.recordings[0]) == len(PUSH)


def test_every_measurement_is_a_recording_of_its_own_and_none_is_cleared(workbench: Workbench) -> None:
    collect(workbench, "push")
    first = len(workbench.session)
    collect(workbench, "pull")
    collect(workbench, "pull")
    assert len(workbench.session) == 3 * first
    names = [recording.name for recording in workbench.session.recordings]
    assert len(set(names)) == 3
    assert names[0].endswith("push")
    assert "pull" in names[1]


def test_the_label_may_be_changed_while_collecting(workbench: Workbench) -> None:
    workbench.collecting.label = "push"
    workbench.engine.set_mode("collect")
    workbench.engine.begin(PUSH.setup, host_attributes=PUSH.host_attributes)
    for reading in PUSH.part(0, 20):
        workbench.engine.push(reading)
    assert workbench.engine.wait()
    workbench.collecting.label = "pull"
    for reading in PUSH.part(20, 60):
        workbench.engine.push(reading)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert workbench.session.labels == ["push", "pull", "pull"]
    assert len(workbench.session.recordings) == 1


def test_a_saved_session_has_all_readings_even_while_collecting(workbench: Workbench, tmp_path: Path) -> None:
    workbench.collecting.label = "push"
    workbench.engine.set_mode("collect")
    workbench.engine.begin(PUSH.setup, host_attributes=PUSH.host_attributes)
    for reading in PUSH.part(0, 50):
        workbench.engine.push(reading)
    assert workbench.engine.wait()
    workbench.save_session(tmp_path / "half.h5")
    for reading in PUSH.part(50, 100):
        workbench.engine.push(reading)
    workbench.engine.end()
    workbench.save_session(tmp_path / "whole.h5")
    half, whole = load_session(tmp_path / "half.h5"), load_session(tmp_path / "whole.h5")
    assert (len(half), len(half.recordings[0])) == (2, 50)
    assert (len(whole), len(whole.recordings[0])) == (5, 100)
    assert not workbench.session.unsaved


def test_frames_of_other_settings_do_not_join_and_the_reason_is_said(workbench: Workbench) -> None:
    collect(workbench, "push")
    frames = len(workbench.session)
    problems: list[UserProblem] = []
    workbench.problem.connect(problems.append)
    workbench.change_recipe(frame=FrameSettings(time_steps=11))
    assert not workbench.session_fits
    collect(workbench, "push")
    assert len(workbench.session) == frames
    assert len(problems) == 1
    assert "session" in problems[0].message
    workbench.use_session_settings()
    assert workbench.session_fits


def test_settings_changed_while_collecting_begin_to_fit_again_after_new_session(workbench: Workbench) -> None:
    workbench.collecting.label = "push"
    workbench.engine.set_mode("collect")
    workbench.engine.begin(PUSH.setup, host_attributes=PUSH.host_attributes)
    for reading in PUSH.part(0, 40):
        workbench.engine.push(reading)
    assert workbench.engine.wait()
    workbench.change_recipe(frame=FrameSettings(time_steps=10))
    for reading in PUSH.part(40, 80):
        workbench.engine.push(reading)
    assert workbench.engine.wait()
    assert len(workbench.session) == 2
    workbench.new_session()
    for reading in PUSH.part(80, 120):
        workbench.engine.push(reading)
    workbench.engine.end()
    assert workbench.engine.wait()
    assert workbench.session.values.shape[:2] == (4, 10)
    assert len(workbench.session.recordings[0]) == 40


def test_another_trigger_joins_the_same_session(workbench: Workbench) -> None:
    collect(workbench, "push")
    workbench.change_recipe(trigger=TriggerChoice("presence"))
    assert workbench.session_fits


def test_opening_a_session_brings_its_settings(workbench: Workbench, tmp_path: Path) -> None:
    collect(workbench, "push")
    workbench.save_session(tmp_path / "session.h5")
    other = Workbench(load_plugins())
    other.open_session(tmp_path / "session.h5")
    assert other.recipe.frame == workbench.recipe.frame
    assert other.recipe.sensor == DEFAULT_SETUP
    assert other.session_fits
    other.close()


def test_saving_replaces_only_its_own_file_unless_told(workbench: Workbench, tmp_path: Path) -> None:
    taken = tmp_path / "taken.h5"
    taken.write_bytes(b"mine")
    collect(workbench, "push")
    with pytest.raises(UserError, match="exists"):
        workbench.save_session(taken)
    assert taken.read_bytes() == b"mine"
    workbench.save_session(taken, overwrite=True)
    workbench.relabel([0], "pull")
    workbench.save_session()
    assert load_session(taken).labels[0] == "pull"


def test_a_file_that_is_no_session_leaves_the_open_one(workbench: Workbench, tmp_path: Path) -> None:
    collect(workbench, "push")
    frames = len(workbench.session)
    (tmp_path / "broken.h5").write_bytes(b"no session")
    with pytest.raises(UserError):
        workbench.open_session(tmp_path / "broken.h5")
    assert len(workbench.session) == frames


def test_collecting_needs_a_label(workbench: Workbench) -> None:
    with pytest.raises(UserError, match="label"):
        workbench.start("collect")


def test_starting_needs_a_sensor(workbench: Workbench) -> None:
    workbench.collecting.label = "push"
    with pytest.raises(UserError, match="sensor"):
        workbench.start("collect")


def test_predicting_needs_a_model(workbench: Workbench) -> None:
    with pytest.raises(UserError, match="model"):
        workbench.start("predict")


def test_labels_are_remembered_newest_first(workbench: Workbench) -> None:
    for label in ("push", " pull ", "push"):
        workbench.collecting.label = label
    assert workbench.collecting.label_history == ("push", "pull")


def test_a_bug_is_reported_with_its_traceback_and_a_user_error_without(workbench: Workbench) -> None:
    workbench.report(UserError("Expected two labels.", "Collect more."), "the test")
    try:
        raise ZeroDivisionError("1/0")
    except ZeroDivisionError as error:
        workbench.report(error, "the test")
    mended, bug = workbench.problems
    assert (mended.message, mended.hint, mended.is_bug) == ("Expected two labels.", "Collect more.", False)
    assert bug.is_bug
    assert "test_workbench.py" in bug.report


def test_the_next_step_goes_from_collecting_to_training(workbench: Workbench) -> None:
    steps = [workbench.next_step]
    collect(workbench, "push")
    steps.append(workbench.next_step)
    collect(workbench, "pull")
    steps.append(workbench.next_step)
    assert "Connect" in steps[0]
    assert "another label" in steps[1]
    assert "train" in steps[2]


def test_the_recipe_saved_with_a_session_has_the_network_of_the_moment(workbench: Workbench, tmp_path: Path) -> None:
    collect(workbench, "push")
    workbench.change_recipe(training=replace(workbench.recipe.training, epochs=7))
    workbench.save_session(tmp_path / "session.h5")
    assert load_session(tmp_path / "session.h5").recipe.training.epochs == 7


def test_untouched_features_follow_the_service_and_chosen_ones_stay(workbench: Workbench) -> None:
    workbench.set_setup(None)
    workbench.change_recipe(features=first_features(workbench.plugins, "sparse_iq"), sensor=None)

    workbench.set_setup(A111_SETUPS["envelope"])
    assert [choice.key for choice in workbench.recipe.features] == ["range_segment"]
    workbench.set_setup(A111_SETUPS["sparse"])
    assert [choice.key for choice in workbench.recipe.features] == ["doppler_spectrum"]

    workbench.change_recipe(features=(FeatureChoice("doppler_spectrum", {"scale": "db"}),))
    workbench.set_setup(A111_SETUPS["iq"])

    assert [choice.key for choice in workbench.recipe.features] == ["doppler_spectrum"]
