"""A worker that is killed costs the current epoch and nothing else: the Train tab says so, and Train goes on."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from exptool_ml_plugin.core.model_file import read_model_info
from exptool_ml_plugin.core.recipe import NetworkSettings, TrainingSettings
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.qt.train_tab import TrainTab
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.workbench import Workbench
from training_runs import SHAKY, checkpoint_bits, losses
from training_sessions import give, make_recipe, make_session

KILLS = 20
WHILE_STARTING = 3
EPOCHS = 200
BATCHES = 8
LABELS = ("pull", "push", "still")

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX"),
    pytest.mark.timeout(600),
]


@pytest.fixture
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """The command of a worker that has Keras loaded already."""
    script = Path(__file__).with_name("forkable_worker.py")
    place = tmp_path_factory.mktemp("fork") / "socket"
    server = subprocess.Popen([sys.executable, str(script), "serve", str(place)], stderr=subprocess.DEVNULL)
    while not place.exists():
        assert server.poll() is None
        time.sleep(0.1)
    yield (sys.executable, str(script), str(place))
    server.kill()
    server.wait()


@pytest.fixture
def tab(qtbot: Any, tmp_path: Path) -> Iterator[TrainTab]:
    """The Train tab in view, with frames to train."""
    workbench = Workbench()
    settings = TrainingSettings(epochs=EPOCHS, batch_size=8, early_stopping=False)
    workbench.set_recipe(make_recipe(network=NetworkSettings(layers=SHAKY), training=settings))
    workbench.training_launch.runs_folder = tmp_path / "runs"
    give(workbench, make_session(20))
    made = TrainTab(workbench)
    qtbot.addWidget(made)
    qtbot.addWidget(made.side)
    made.resize(1000, 800)
    made.show()
    made.shown()
    qtbot.waitUntil(made.side.train.isEnabled)
    yield made
    made.hidden()
    workbench.close()


def test_a_training_killed_at_20_random_moments_ends_as_if_nothing_had_happened(
    tab: TrainTab, forked: tuple[str, ...], tmp_path: Path, qtbot: Any
) -> None:
    dice, training = random.Random(20), tab.workbench.training
    epochs_seen = [_kill_while_starting(tab, dice, qtbot) for _ in range(WHILE_STARTING)]
    training._command = forked
    epochs_seen += [_kill_while_training(tab, dice, qtbot) for _ in range(KILLS - WHILE_STARTING)]
    assert epochs_seen == sorted(epochs_seen)
    assert KILLS / 2 < epochs_seen[-1] < EPOCHS

    tab.side.train.click()
    qtbot.waitUntil(lambda: training.result is not None and not training.busy, timeout=120_000)
    assert training.run_dir is not None
    killed = RunFolder(training.run_dir)
    whole = _train_without_a_break(killed, tmp_path / "whole", forked)
    assert checkpoint_bits(killed) == checkpoint_bits(whole)
    assert losses(killed) == losses(whole)
    assert Predictor(killed.model_path).labels == LABELS


def _kill_while_starting(tab: TrainTab, dice: random.Random, qtbot: Any) -> int:
    """Kill a worker while it loads Keras."""
    training = tab.workbench.training
    tab.side.train.click()
    qtbot.waitUntil(lambda: training.busy and training.worker_pid is not None)
    qtbot.wait(round(1000 * dice.uniform(0.0, 2.0)))
    _kill(training)
    return _look_at_what_is_left(tab, qtbot)


def _kill_while_training(tab: TrainTab, dice: random.Random, qtbot: Any) -> int:
    """Kill a worker while it gets ready, traces, trains, validates or writes a checkpoint."""
    training = tab.workbench.training
    # Counted in batches, because a busy machine may need seconds for one: 0 is while the network is traced.
    left, later_s = dice.randint(0, 3 * BATCHES), dice.uniform(0.0, 0.05)

    def count_down(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == -1:  # here, where the worker is listened to: the window would come some epochs later
            time.sleep(later_s)
            _kill(training)

    training.started.connect(count_down)
    training.batch.connect(count_down)
    tab.side.train.click()
    qtbot.waitUntil(lambda: left < 0, timeout=120_000)
    training.started.disconnect(count_down)
    training.batch.disconnect(count_down)
    return _look_at_what_is_left(tab, qtbot)


def _kill(training: Training) -> None:
    assert training.worker_pid is not None
    os.kill(training.worker_pid, signal.SIGKILL)


def _look_at_what_is_left(tab: TrainTab, qtbot: Any) -> int:
    """Check what the tab says of a worker that was killed, and what it keeps; returns the finished epochs."""
    training = tab.workbench.training
    qtbot.waitUntil(lambda: training.state == "failed", timeout=60_000)
    qtbot.waitUntil(lambda: any("signal 9" in text for text in tab.messages.texts))
    assert any("press Train" in text.replace("Press", "press") for text in tab.messages.texts)
    assert tab.status.headline == "The training failed"
    qtbot.waitUntil(tab.side.train.isEnabled)
    epochs = training.history.epochs
    assert [epoch.epoch for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert len(tab.plots.loss.validation) == len(epochs)
    if epochs:
        assert training.run_dir is not None
        _assert_opens(RunFolder(training.run_dir).best_checkpoint)
    return len(epochs)


def _train_without_a_break(killed: RunFolder, folder: Path, command: tuple[str, ...]) -> RunFolder:
    whole = RunFolder.create(folder, recipe=killed.recipe(), data=killed.data())
    quiet = Training(command=command)
    quiet.start(folder)
    quiet.wait(240)
    quiet.close()
    return whole


def _assert_opens(model: Path) -> None:
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
    assert read_model_info(model).labels == LABELS
