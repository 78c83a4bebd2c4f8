"""After a kill the controller of the worker goes on."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.model_file import read_model_info
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.training import Training
from training_runs import make_run

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX"),
    pytest.mark.timeout(600),
]


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
