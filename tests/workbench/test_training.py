"""The controller of the training, with workers that misbehave in every way."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.messages import BatchEnd, Progress, WorkerFailed
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.worker_end import words_for_end
from training_runs import make_run

FAKE = Path(__file__).with_name("fake_worker.py")


@pytest.fixture(autouse=True)
def nothing_survives() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    threads = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= threads


@pytest.fixture
def controller() -> Iterator[Callable[[str], Training]]:
    """Return a function that makes a controller whose worker behaves as said; ended after the test."""
    made: list[Training] = []

    def make(behaviour: str) -> Training:
        made.append(Training(command=(sys.executable, str(FAKE), behaviour)))
        return made[-1]

    yield make
    for training in made:
        training.close(timeout=2.0)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [("killed", "memory"), ("crash", "SIGSEGV"), ("exit", "code 3"), ("babble", "code 3")],
)
def test_the_end_of_the_worker_is_a_failure_in_words_with_its_last_words_in_the_report(
    controller: Callable[[str], Training], tmp_path: Path, behaviour: str, words: str
) -> None:
    training = controller(behaviour)
    failures: list[WorkerFailed] = []
    training.failed.connect(failures.append)
    training.start(make_run(tmp_path / "run").path)

    with pytest.raises(UserError, match=words):
        training.wait(30)

    assert training.state == "failed"
    assert [failure.message for failure in failures] == [training.problem.message if training.problem else ""]
    assert "last words" in failures[0].report
    assert words in training.last_message


def test_a_worker_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    training = Training(command=("/no/such/python",))
    training.start(make_run(tmp_path / "run").path)

    with pytest.raises(UserError, match="could not be started"):
        training.wait(10)
    training.close()


def test_starting_and_stopping_return_at_once(controller: Callable[[str], Training], tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    training = controller("deaf")

    began = time.perf_counter()
    training.start(run.path)
    training.stop()
    seconds = time.perf_counter() - began

    assert training.state == "stopping"
    assert seconds < 0.1


def test_after_a_failure_the_next_start_gets_a_new_worker(
    controller: Callable[[str], Training], tmp_path: Path
) -> None:
    training = controller("exit")
    run = make_run(tmp_path / "run")
    for _ in range(2):
        training.start(run.path)
        with pytest.raises(UserError):
            training.wait(30)

    assert training.worker_pid is None


def test_only_one_thing_is_done_at_a_time(controller: Callable[[str], Training], tmp_path: Path) -> None:
    training = controller("train")
    run = make_run(tmp_path / "run")
    training.start(run.path)

    with pytest.raises(UserError, match="nothing in progress"):
        training.start(run.path)


def test_a_listener_that_fails_does_not_end_the_training(controller: Callable[[str], Training], tmp_path: Path) -> None:
    training = controller("train")
    heard = threading.Event()

    def fail(_batch: BatchEnd) -> None:
        heard.set()
        raise RuntimeError("a slot failed")

    training.batch.connect(fail)
    training.start(make_run(tmp_path / "run").path)

    assert heard.wait(30)
    assert training.state == "training"
    assert len(training.history) == 1


def test_closing_ends_the_process_even_if_it_does_not_listen(
    controller: Callable[[str], Training], tmp_path: Path
) -> None:
    training = controller("deaf")
    ready = threading.Event()
    training.changed.connect(lambda: ready.set() if training.state == "preparing" else None)
    training.start(make_run(tmp_path / "run").path)
    assert ready.wait(30)
    pid = training.worker_pid
    assert pid is not None

    training.close(timeout=0.3)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert training.state == "idle"


def test_closing_before_the_process_runs_leaves_nothing_behind(controller: Callable[[str], Training]) -> None:
    training = controller("train")
    training.warm_up()

    training.close()

    assert training.worker_pid is None


def test_resuming_needs_a_run(controller: Callable[[str], Training], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder of a training"):
        controller("train").start(tmp_path, resume=True)


def test_waiting_has_an_end(controller: Callable[[str], Training], tmp_path: Path) -> None:
    training = controller("train")
    training.start(make_run(tmp_path / "run").path)

    with pytest.raises(UserError, match=r"within 0\.2 s"):
        training.wait(0.2)


def test_a_worker_that_dies_after_some_epochs_says_where_it_goes_on() -> None:
    assert "go on after epoch 7" in words_for_end(-9, "", finished_epochs=7).hint
    assert "start again" in words_for_end(-9, "", finished_epochs=0).hint


def test_progress_of_the_preparation_does_not_look_like_counting(
    controller: Callable[[str], Training], tmp_path: Path
) -> None:
    training = controller("babble")
    states: list[str] = []
    heard: list[Progress] = []
    training.progress.connect(heard.append)
    training.changed.connect(lambda: states.append(training.state))
    training.start(make_run(tmp_path / "run").path)
    with pytest.raises(UserError):
        training.wait(30)

    assert [progress.what for progress in heard] == ["still here"]
    assert "counting" not in states
