from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

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
