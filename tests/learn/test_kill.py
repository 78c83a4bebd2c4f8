"""Killing the worker at any moment costs the current epoch and nothing else."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.messages import WorkerFailed
from exptool_ml_plugin.core.model_file import read_model_info
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.training import Training
from training_runs import checkpoint_bits, losses, make_run

KILLS = 20
WHILE_STARTING = 3
EPOCHS = 60
BATCHES = 8

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX"),
    pytest.mark.timeout(600),
]


def assert_opens(model: Path) -> None:
    """A Keras file, whole, with finite weights and our description."""
    with zipfile.ZipFile(model) as archive:
        assert archive.testzip() is None
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as file:
        found: list[bool] = []

        def look(_name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset):
                found.append(bool(np.isfinite(item[()]).all()))

        file.visititems(look)
    assert found
    assert all(found)
    assert read_model_info(model).labels == ("a", "b", "c")


@pytest.fixture
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """The command of a worker that has Keras loaded already."""
    script, place = Path(__file__).with_name("forkable_worker.py"), tmp_path_factory.mktemp("fork") / "socket"
    server = subprocess.Popen([sys.executable, str(script), "serve", str(place)], stderr=subprocess.DEVNULL)
    while not place.exists():
        assert server.poll() is None
        time.sleep(0.1)
    yield (sys.executable, str(script), str(place))
    server.kill()
    server.wait()


def test_a_training_killed_at_20_random_moments_ends_as_if_nothing_had_happened(
    forked: tuple[str, ...], tmp_path: Path
) -> None:
    dice = random.Random(20)
    whole, killed = make_run(tmp_path / "whole", epochs=EPOCHS), make_run(tmp_path / "killed", epochs=EPOCHS)
    quiet = Training(command=forked)
    quiet.start(whole.path)
    epochs_seen = [_start_and_kill(killed, dice) for _ in range(WHILE_STARTING)]
    epochs_seen += [_train_and_kill(killed, dice, command=forked) for _ in range(KILLS - WHILE_STARTING)]
    assert epochs_seen == sorted(epochs_seen)
    assert KILLS / 2 < epochs_seen[-1] < EPOCHS

    last = Training(command=forked)
    last.start(killed.path, resume=True)
    last.wait(240)
    quiet.wait(240)
    last.close()
    quiet.close()

    assert checkpoint_bits(killed) == checkpoint_bits(whole)
    assert losses(killed) == losses(whole)
    assert Predictor(killed.model_path).labels == ("a", "b", "c")


def _start_and_kill(run: RunFolder, dice: random.Random) -> int:
    """Kill a worker while it loads Keras."""
    training = Training()
    training.start(run.path, resume=True)
    while training.worker_pid is None:
        time.sleep(0.01)
    time.sleep(dice.uniform(0.0, 2.0))
    return _kill(training, run)


def _train_and_kill(run: RunFolder, dice: random.Random, *, command: tuple[str, ...]) -> int:
    """Kill a worker while it gets ready, traces, trains, validates or writes a checkpoint."""
    training = Training(command=command)
    # Counted in batches, because a busy machine may need seconds for one: 0 is while the network is traced.
    left = dice.randint(0, 4 * BATCHES)
    reached = threading.Event()

    def count_down(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            reached.set()

    training.started.connect(count_down)
    training.batch.connect(count_down)
    training.start(run.path, resume=True)
    assert reached.wait(120)
    time.sleep(dice.uniform(0.0, 0.1))
    return _kill(training, run)


def _kill(training: Training, run: RunFolder) -> int:
    """Kill the worker, check what is said and what is left; returns the number of finished epochs."""
    failures: list[WorkerFailed] = []
    training.failed.connect(failures.append)
    pid = training.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(UserError, match="signal 9"):
        training.wait(60)
    curves = training.history.epochs
    training.close()

    assert len(failures) == 1
    assert "press Train" in failures[0].hint.replace("Press", "press")
    assert [epoch.epoch for epoch in curves] == list(range(1, len(curves) + 1))
    if curves:
        assert_opens(run.best_checkpoint)
    return len(curves)


def test_after_a_kill_the_same_controller_trains_again_and_the_best_epoch_can_be_kept(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=1000, learning_rate=0.01)
    training = Training()
    three_epochs = threading.Event()
    training.epoch.connect(lambda epoch: three_epochs.set() if epoch.epoch == 3 else None)
    training.start(run.path)
    assert three_epochs.wait(120)
    pid = training.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(UserError, match="go on after epoch"):
        training.wait(60)
    kept = training.history.epoch_count

    training.finish(run.path)
    result = training.wait(120)
    training.close()

    assert kept >= 3
    assert training.history.epoch_count >= kept
    assert result.best_epoch == read_model_info(run.model_path).best_epoch > 0
    assert Predictor(run.model_path).labels == ("a", "b", "c")
