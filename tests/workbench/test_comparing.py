"""An honest and a random split, compared beside the training in use."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.leakage import Leakage
from exptool_ml_plugin.core.messages import TrainingDone
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.workbench.comparing import Comparing
from exptool_ml_plugin.workbench.split_comparison import Comparison, Side, compare_splits
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import give, make_recipe, make_session

FAKE = Path(__file__).with_name("fake_worker.py")


def overlapping() -> Session:
    """Frames that begin every other reading: a random split leaks all of them."""
    session = make_session(40)
    first = np.tile(2 * np.arange(40), len(session) // 40)
    frames = LabelledFrames(np.array(session.values), session.labels, session.recording_of, first, session.flags)
    return Session(session.recipe, recordings=session.recordings, frames=frames)


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench()
    made.set_recipe(make_recipe())
    made.training_launch.runs_folder = tmp_path / "runs"
    give(made, overlapping())
    yield made
    made.close()


def with_worker(workbench: Workbench, what: str) -> Comparing:
    """Let the comparison use a worker that is none."""
    made = Comparing(
        workbench.training_data,
        recipe=lambda: workbench.recipe,
        runs_folder=lambda: workbench.training_launch.runs_folder,
        newest_run=lambda: None,
        report=workbench.report,
        command=(sys.executable, str(FAKE), what),
    )
    workbench.__dict__["comparing"] = made
    return made


def until(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def done(accuracy: float) -> TrainingDone:
    return TrainingDone("finished", "best", 3, 2, 0.1, 0.9, 0.2, accuracy, 1.0, "")


def test_two_trainings_are_compared_and_what_is_in_use_stays(workbench: Workbench, tmp_path: Path) -> None:
    training = workbench.training
    before = (training.run_dir, training.result, training.history.epoch_count, workbench.model, workbench.recipe)
    workbench.change_recipe(training=replace(workbench.recipe.training, epochs=6, batch_size=8))
    told: list[object] = []
    workbench.comparing.changed.connect(lambda: told.append(workbench.comparing.result))

    workbench.comparing.begin()
    workbench.comparing.work.wait(200)

    found = workbench.comparing.result
    assert found is not None, list(workbench.problems)
    assert told == [found]
    assert (found.honest.split, found.random.split) == ("recording", "random")
    assert found.honest.leakage.share == 0.0
    assert found.random.leakage.share > 0.9
    assert found.honest.leakage.frames == found.random.leakage.frames == 120
    assert found.honest.accuracy > 0.5
    assert list((tmp_path / "runs").iterdir()) == []
    workbench.change_recipe(training=make_recipe().training)
    after = (training.run_dir, training.result, training.history.epoch_count, workbench.model, workbench.recipe)
    assert before == after
    assert (training.worker_pid, workbench.comparing.result) == (None, None), "it held for six epochs"


def test_a_comparison_can_be_cancelled_and_leaves_nothing(workbench: Workbench, tmp_path: Path) -> None:
    comparing = with_worker(workbench, "train")
    comparing.begin()
    until(lambda: comparing.work.progress > 0)
    with pytest.raises(UserError, match="nothing in progress"):
        comparing.begin()

    comparing.work.cancel()
    comparing.work.wait(30)

    assert (comparing.work.doing, comparing.result, list(workbench.problems)) == ("", None, [])
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_worker_that_dies_is_told(workbench: Workbench, tmp_path: Path) -> None:
    comparing = with_worker(workbench, "killed")
    comparing.begin()
    comparing.work.wait(30)

    assert "killed from outside" in workbench.problems[-1].message
    assert (comparing.result, list((tmp_path / "runs").iterdir())) == (None, [])


def test_both_splits_are_of_the_same_frames_and_as_many_of_them_validate(workbench: Workbench, tmp_path: Path) -> None:
    trained: list[RunFolder] = []

    def train(run: RunFolder) -> TrainingDone:
        trained.append(run)
        return done(0.5 + 0.1 * len(trained))

    said: list[str] = []
    random = replace(workbench.recipe, training=replace(workbench.recipe.training, split="random"))
    found = compare_splits(workbench.training_data, random, tmp_path, train=train, say=said.append)

    one, other = (run.data() for run in trained)
    assert (one.kind, other.kind) == ("recording", "random")
    assert len(one.validation) == len(other.validation)
    assert trained[0].frames_path.samefile(trained[1].frames_path)
    assert found.difference == pytest.approx(0.1)
    assert [text.split(":")[0] for text in said] == ["By recording", "Random frames"]
    with pytest.raises(UserError, match="exists"):
        compare_splits(workbench.training_data, random, tmp_path, train=train)


@pytest.mark.parametrize("validation", ["none", "files"])
def test_without_frames_that_are_split_off_there_is_nothing_to_compare(workbench: Workbench, validation: str) -> None:
    workbench.change_recipe(training=replace(workbench.recipe.training, validation=validation))
    with pytest.raises(UserError, match="split off"):
        workbench.comparing.begin()


def test_data_that_cannot_be_trained_on_are_refused_before_anything_begins(workbench: Workbench) -> None:
    give(workbench, make_session(20, labels=("push",)))
    with pytest.raises(UserError, match="two labels"):
        workbench.comparing.begin()


@pytest.mark.parametrize(
    ("honest", "random", "words"),
    [
        (0.9, 0.98, "8.0 percentage points more: it flatters"),
        (0.9, 0.9, "says the same"),
        (0.9, 0.92, "2.0 percentage points more, which may be chance"),
        (0.9, 0.85, "5.0 percentage points less, which may be chance"),
        (1.0, 0.8, "20.0 percentage points less: it does not flatter"),
    ],
)
def test_the_difference_is_said_in_words(honest: float, random: float, words: str) -> None:
    leakage = Leakage(frames=100, sharing=0, near=0, compared=100, alike=0)
    found = Comparison(
        Side("person", 400, leakage, done(honest)), Side("random", 400, replace(leakage, near=100), done(random))
    )

    assert words in found.meaning()
    assert found.in_words().splitlines()[:2] == [
        f"By person: {honest:.1%} right, 0.0% leak.",
        f"Random frames: {random:.1%} right, 100.0% leak.",
    ]
    assert "By person: 400 frames trained. 0.0% of 100 frames leak" in found.details()
