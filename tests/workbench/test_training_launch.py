from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.messages import EpochEnd, TrainRequest
from exptool_ml_plugin.core.model_file import ModelInfo
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.workbench.background import Background
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.training_launch import TrainingLaunch
from exptool_ml_plugin.workbench.workbench import Workbench
from training_sessions import STEPS, WIDTH, give, make_recipe, make_session

FAKE = Path(__file__).with_name("fake_worker.py")


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    made = Workbench()
    made.__dict__["training"] = Training(command=(sys.executable, str(FAKE), "train"))
    made.set_recipe(make_recipe())
    made.training_launch.runs_folder = tmp_path / "runs"
    yield made
    made.close()


@pytest.fixture
def launch(workbench: Workbench) -> TrainingLaunch:
    return workbench.training_launch


def finish(workbench: Workbench, epochs: int) -> None:
    """Leave the training as a worker that was killed after some epochs does."""
    training = workbench.training
    training.close()
    assert training.run_dir is not None
    run = RunFolder(training.run_dir)
    run.last_checkpoint.write_bytes(b"state")
    training.history.restore(tuple(_epoch(number) for number in range(1, epochs + 1)))


def _epoch(number: int) -> EpochEnd:
    return EpochEnd(number, 1.0, 0.5, 1.0, 0.5, 0.001, 1.0, 1, number == 1, 5)


def train(workbench: Workbench) -> None:
    workbench.training_launch.train()
    workbench.training_launch.background.wait(30)


def test_a_training_gets_a_folder_of_its_own_and_begins_with_random_weights(
    workbench: Workbench, launch: TrainingLaunch
) -> None:
    give(workbench, make_session(20))
    assert launch.beginning().kind == "fresh"
    train(workbench)
    assert workbench.training.busy
    assert workbench.training.run_dir is not None
    assert workbench.training.run_dir.parent == launch.runs_folder
    assert len(RunFolder.open(workbench.training.run_dir).data().values) == 120


def test_what_goes_wrong_on_the_way_is_reported(workbench: Workbench) -> None:
    problems: list[Any] = []
    workbench.problem.connect(problems.append)
    train(workbench)
    assert "labelled frames" in problems[0].message
    assert not workbench.training.busy


def test_train_again_goes_on_in_the_same_folder(workbench: Workbench, launch: TrainingLaunch) -> None:
    give(workbench, make_session(20))
    train(workbench)
    folder = workbench.training.run_dir
    finish(workbench, 3)
    assert (launch.beginning().kind, launch.beginning().epoch) == ("resume", 3)
    train(workbench)
    assert workbench.training.run_dir == folder
    request = workbench.training._request
    assert isinstance(request, TrainRequest)
    assert request.resume


def test_a_finished_training_that_goes_on_gets_as_many_epochs_again(workbench: Workbench) -> None:
    workbench.change_recipe(training=replace(workbench.recipe.training, epochs=4))
    give(workbench, make_session(20))
    train(workbench)
    finish(workbench, 4)
    train(workbench)
    assert workbench.training.run_dir is not None
    assert RunFolder(workbench.training.run_dir).recipe().training.epochs == 8


@pytest.mark.parametrize("change", ["data", "network", "seed"])
def test_other_data_network_or_seed_cannot_go_on(workbench: Workbench, launch: TrainingLaunch, change: str) -> None:
    give(workbench, make_session(20))
    train(workbench)
    finish(workbench, 3)
    if change == "data":
        give(workbench, make_session(20, seed=1))
    elif change == "network":
        workbench.change_recipe(network=replace(workbench.recipe.network, layers=()))
    else:
        workbench.change_recipe(training=replace(workbench.recipe.training, seed=5))
    assert launch.beginning().kind == "fresh"


def test_more_epochs_and_another_rate_can_go_on(workbench: Workbench, launch: TrainingLaunch) -> None:
    give(workbench, make_session(20))
    train(workbench)
    finish(workbench, 3)
    workbench.change_recipe(training=replace(workbench.recipe.training, epochs=500, learning_rate=1e-4))
    assert launch.beginning().kind == "resume"


def test_cleared_weights_begin_afresh_in_another_folder(workbench: Workbench, launch: TrainingLaunch) -> None:
    give(workbench, make_session(20))
    train(workbench)
    folder = workbench.training.run_dir
    finish(workbench, 3)
    launch.begin_afresh()
    assert launch.beginning().kind == "fresh"
    assert workbench.training.history.epoch_count == 0
    train(workbench)
    assert workbench.training.run_dir != folder


def test_background_work_is_named_while_it_lasts_and_only_one_at_a_time() -> None:
    reported: list[tuple[Exception, str]] = []
    background = Background(lambda error, where: reported.append((error, where)))
    go_on = threading.Event()
    background.run("Counting sheep…", lambda: go_on.wait(10))
    assert background.doing == "Counting sheep…"
    with pytest.raises(UserError, match="Counting sheep"):
        background.run("Sleeping…", lambda: None)
    go_on.set()
    background.wait(10)
    assert background.doing == ""
    assert reported == []


def test_an_error_in_background_work_is_reported_and_work_can_go_on() -> None:
    reported: list[tuple[Exception, str]] = []
    background = Background(lambda error, where: reported.append((error, where)))

    def fail() -> None:
        raise UserError("Expected luck. Received: none.")

    background.run("Trying…", fail)
    background.wait(10)
    assert [(str(error), where) for error, where in reported] == [("Expected luck. Received: none.", "Trying…")]
    background.run("Trying again…", lambda: None)
    background.wait(10)


def test_test_data_loaded_later_do_not_end_what_can_go_on(workbench: Workbench, launch: TrainingLaunch) -> None:
    give(workbench, make_session(20))
    train(workbench)
    finish(workbench, 3)
    give(workbench, make_session(4, seed=3), subset="test")
    assert launch.beginning().kind == "resume"


def test_frames_that_were_left_out_cannot_come_in_when_going_on(workbench: Workbench, launch: TrainingLaunch) -> None:
    give(workbench, make_session(20))
    train(workbench)
    finish(workbench, 3)
    workbench.change_recipe(training=replace(workbench.recipe.training, leave_out_flagged=True))
    assert launch.beginning().kind != "resume"


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (make_session(4, recipe=make_recipe(features=(FeatureChoice("phase"),))), "other features"),
        (make_session(4, labels=("wave", "nod")), "labels the model knows"),
        (None, "Expected test frames"),
    ],
)
def test_frames_that_a_model_cannot_judge_are_refused_in_words(
    workbench: Workbench, session: Session | None, words: str
) -> None:
    if session is not None:
        give(workbench, session, subset="test")
    info = ModelInfo(recipe=make_recipe(), labels=("pull", "push", "still"), frame_shape=(STEPS, WIDTH))
    with pytest.raises(UserError, match=words):
        workbench.training_data.judged_by(info, "test", workbench.recipe)
