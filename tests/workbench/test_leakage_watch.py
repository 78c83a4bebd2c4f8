from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.cli.inputs import read_recipe, read_recordings
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import TriggerChoice
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.workbench.leakage_watch import leakage_of
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import give, make_recipe, make_session


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.set_recipe(make_recipe())
    yield made
    made.close()


def overlapping(seed: int = 0) -> Session:
    """Frames that begin every other reading."""
    session = make_session(40, seed=seed)
    first = np.tile(2 * np.arange(40), len(session) // 40)
    frames = LabelledFrames(np.array(session.values), session.labels, session.recording_of, first, session.flags)
    return Session(session.recipe, recordings=session.recordings, frames=frames)


def choose(workbench: Workbench, split: str) -> None:
    workbench.change_recipe(training=replace(workbench.recipe.training, split=split))


def test_a_random_split_of_overlapping_frames_leaks_nearly_all_and_one_by_recording_nothing(
    workbench: Workbench,
) -> None:
    give(workbench, overlapping())
    shares = {}
    for split in ("random", "recording", "stratified"):
        choose(workbench, split)
        shares[split] = leakage_of(workbench.training_data, workbench.recipe)["validation"].share
    assert shares["random"] > 0.95
    assert shares["recording"] == shares["stratified"] == 0.0


def test_test_data_that_hold_a_training_recording_are_seen(workbench: Workbench) -> None:
    give(workbench, overlapping())
    give(workbench, overlapping(), subset="test")
    found = leakage_of(workbench.training_data, workbench.recipe)
    assert found["test"].share == 0.5, "one of two recordings of each label trains"
    give(workbench, overlapping(seed=7), subset="test")
    assert leakage_of(workbench.training_data, workbench.recipe)["test"].share == 0.0


def test_the_watch_measures_again_when_the_split_changes_and_only_then(workbench: Workbench) -> None:
    give(workbench, overlapping())
    watch = workbench.leakage
    watch.refresh()
    watch.wait(20)
    honest = watch.measured
    assert honest["validation"].share == 0.0
    watch.refresh()
    watch.wait(20)
    assert watch.measured is honest
    choose(workbench, "random")
    watch.refresh()
    watch.wait(20)
    assert watch.measured["validation"].share > 0.95
    assert not watch.measuring


def test_without_data_there_is_nothing_to_measure(workbench: Workbench) -> None:
    assert leakage_of(workbench.training_data, workbench.recipe) == {}


def test_of_recorded_gestures_a_random_split_of_overlapping_frames_leaks_all_and_an_honest_one_nothing(
    workbench: Workbench, shared_data: Path
) -> None:
    recipe = replace(read_recipe("gesture"), trigger=TriggerChoice("continuous", {"hop": 10}))
    session = Session(recipe)
    for label in ("tap_in", "wiggle"):
        for number in (1, 2):
            path = shared_data / "a121_gesture" / f"label_{label}_idx_{number}.h5"
            recording = read_recordings(path, workbench.plugins)[0]
            index = session.add_recording(recording)
            for frame in frames_of(recording, recipe, workbench.plugins.parts):
                session.add(frame, label, index)
    give(workbench, session)
    shares = {}
    for split in ("random", "recording", "stratified", "day"):
        choose(workbench, split)
        shares[split] = leakage_of(workbench.training_data, workbench.recipe)["validation"].share
    assert shares == {"random": 1.0, "recording": 0.0, "stratified": 0.0, "day": 0.0}
