"""Trainings in the real worker: what they make, how they stop, and what they refuse."""

from __future__ import annotations

import dataclasses
import math
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.messages import BatchEnd, EpochEnd, MatrixCounted, Progress, WorkerReady, decode
from exptool_ml_plugin.core.model_file import read_model_info
from exptool_ml_plugin.core.recipe import LayerChoice, TrainingSettings
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.training import Training
from training_runs import checkpoint_bits, losses, make_data, make_run

SECONDS = 120.0
PLAIN = (LayerChoice("flatten"), LayerChoice("dense"))


def train(training: Training, run: RunFolder, **how: str) -> None:
    training.start(run.path, **how)
    training.wait(SECONDS)


def accuracy(run: RunFolder, model: Path, subset: str) -> float:
    """Accuracy of a model on a subset of a run, predicted without Keras."""
    data, predictor = run.data(), Predictor(model)
    indices = data.subset(subset)
    predicted = predictor.predict_many(np.asarray(data.values[indices])).argmax(axis=1)
    names = np.array(predictor.labels)[predicted]
    return float(np.mean(names == np.array(data.label_names)[data.labels[indices]]))


def test_a_training_tells_every_batch_and_epoch_and_leaves_a_model_that_predicts(
    training: Training, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", epochs=8, learning_rate=0.01)
    batches: list[BatchEnd] = []
    epochs: list[EpochEnd] = []
    matrices: list[MatrixCounted] = []
    for signal, heard in ((training.batch, batches), (training.epoch, epochs), (training.matrix, matrices)):
        signal.connect(heard.append)

    train(training, run)

    for signal, heard in ((training.batch, batches), (training.epoch, epochs), (training.matrix, matrices)):
        signal.disconnect(heard.append)
    result = training.wait()
    assert [(batch.epoch, batch.batch) for batch in batches] == [(e, b) for e in range(1, 9) for b in range(1, 9)]
    assert [epoch.epoch for epoch in epochs] == list(range(1, 9))
    assert run.history() == tuple(epochs) == training.history.epochs
    assert training.history.batch_x[-1] == 8.0
    assert {matrix.subset: sum(map(sum, matrix.counts)) for matrix in matrices} == {
        "training": 120,
        "validation": 40,
        "test": 40,
    }
    assert (result.reason, result.kept, result.epochs) == ("finished", "last", 8)
    assert run.result() == result
    assert accuracy(run, run.model_path, "validation") == result.val_accuracy
    assert accuracy(run, run.model_path, "test") > 0.9
    assert run.confusion_path("test").read_text().startswith("true")


def test_the_model_is_a_normal_keras_file_with_recipe_labels_and_figures(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=1)
    train(training, run)

    info = read_model_info(run.model_path)
    script = (
        "import sys, keras, numpy\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "assert model.predict(numpy.zeros((2, 10, 12)), verbose=0).shape == (2, 3)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(run.model_path)], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert (info.recipe, info.labels, info.frame_shape) == (run.recipe(), ("a", "b", "c"), (10, 12))
    assert info.counts == {"training": 120, "validation": 40, "test": 40}
    assert info.metrics["val_loss"] == run.history()[0].val_loss
    assert zipfile.ZipFile(run.model_path).testzip() is None


def test_a_training_continued_gives_the_bits_of_one_never_interrupted(training: Training, tmp_path: Path) -> None:
    whole, parts = make_run(tmp_path / "whole", epochs=5), make_run(tmp_path / "parts", epochs=2)
    train(training, whole)
    train(training, parts)
    for epochs in (3, 5):
        parts.change_training(dataclasses.replace(parts.recipe().training, epochs=epochs))
        train(training, parts, resume=True)

    assert checkpoint_bits(parts) == checkpoint_bits(whole)
    assert losses(parts) == losses(whole)
    assert [epoch.epoch for epoch in training.history.epochs] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("told", [1, 2])
def test_the_epochs_shown_when_going_on_are_those_in_the_checkpoint(
    training: Training, tmp_path: Path, told: int
) -> None:
    """A worker may be killed before it tells of an epoch that it has finished, or while it writes one down."""
    run = make_run(tmp_path / "run", epochs=2)
    train(training, run)
    training.history.begin(first_epoch=told + 1, batches_per_epoch=8)
    run.add_epoch(dataclasses.replace(run.history()[-1], epoch=3, loss=99.0))
    run.change_training(dataclasses.replace(run.recipe().training, epochs=4))
    counts: list[int] = []

    def count() -> None:
        counts.append(training.history.epoch_count)

    training.started.connect(count)
    training.start(run.path, resume=True)
    count()
    training.wait(SECONDS)
    training.started.disconnect(count)

    assert counts == [told, 2]
    assert [epoch.loss for epoch in training.history.epochs] == [epoch.loss for epoch in run.history()]
    assert len(run.history()) == 4


def test_early_stopping_stops_and_really_restores_the_best_weights(training: Training, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    data = make_data(120)
    noise = dataclasses.replace(data, labels=random.integers(0, 3, 120))
    run = make_run(tmp_path / "run", noise, epochs=200, early_stopping=True, patience=3, learning_rate=0.01)

    train(training, run)

    result, epochs = training.wait(), run.history()
    best = min(epochs, key=lambda epoch: epoch.val_loss or 0.0)
    assert result.reason == "early stopping"
    assert result.best_epoch == best.epoch < len(epochs)
    assert epochs[-1].patience_left == 0
    assert result.val_loss == best.val_loss
    assert accuracy(run, run.model_path, "validation") == best.val_accuracy
    assert read_model_info(run.model_path).metrics["val_loss"] == best.val_loss


def test_training_on_after_early_stopping_gives_new_patience(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=50, early_stopping=True, patience=1, min_delta=10.0)
    train(training, run)
    first = training.wait().epochs

    train(training, run, resume=True)

    assert training.wait().epochs > first


@pytest.mark.parametrize("keep", ["best", "last"])
def test_stop_comes_within_a_batch_and_keeps_what_is_asked(training: Training, tmp_path: Path, keep: str) -> None:
    big = (LayerChoice("conv2d", {"filters": 64, "kernel_rows": 5, "kernel_columns": 5}), *PLAIN)
    run = make_run(tmp_path / "run", make_data(3000), layers=big, epochs=500, batch_size=64)
    times: list[float] = []
    asked: list[float] = []
    acknowledged: list[float] = []

    def on_batch(batch: BatchEnd) -> None:
        times.append(time.monotonic())
        if (batch.epoch, batch.batch) == (2, 5):
            asked.append(time.monotonic())
            training.stop(keep)

    def on_progress(progress: Progress) -> None:
        if progress.phase == "counting":
            acknowledged.append(time.monotonic())

    training.batch.connect(on_batch)
    training.progress.connect(on_progress)
    train(training, run)
    training.batch.disconnect(on_batch)
    training.progress.disconnect(on_progress)

    slowest_batch = float(np.max(np.diff(times[-20:])))
    result = training.wait()
    assert (result.reason, result.kept, result.epochs) == ("stopped", keep, 1)
    assert math.isnan(result.loss) == (keep == "last"), "weights of mid-epoch have no figures of an epoch"
    assert acknowledged[0] - asked[0] < slowest_batch + 0.2


def test_a_stop_before_the_first_batch_is_not_lost(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=500)
    training.start(run.path)
    training.stop()

    assert training.wait(SECONDS).reason == "stopped"
    assert RunFolder.open(run.path).can_resume


def test_after_each_better_epoch_a_model_that_predicts_is_saved(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=3, learning_rate=0.01)

    train(training, run, save_best_to=str(tmp_path / "best models"))

    names = sorted(path.name for path in (tmp_path / "best models").iterdir())
    better = [epoch for epoch in run.history() if epoch.is_best]
    assert names == [f"{run.path.name}_epoch_{epoch.epoch}_val_loss_{epoch.val_loss:.4f}.keras" for epoch in better]
    assert Predictor(tmp_path / "best models" / names[-1]).labels == ("a", "b", "c")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX")
def test_a_folder_for_best_iterations_that_cannot_be_made_is_said_before_the_training(
    training: Training, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", epochs=2)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="Expected a folder for the best iterations"):
        train(training, run, save_best_to=str(tmp_path / "file" / "best"))
    assert not run.history()


def test_a_folder_for_best_iterations_that_goes_away_does_not_end_the_training(
    training: Training, tmp_path: Path
) -> None:
    run, best = make_run(tmp_path / "run", epochs=6, learning_rate=0.01), tmp_path / "best"
    said: list[str] = []

    def on_epoch(epoch: EpochEnd) -> None:
        if epoch.epoch == 1:
            shutil.rmtree(best)
            best.write_text("no folder any more")

    def on_progress(progress: Progress) -> None:
        said.append(progress.what)

    training.epoch.connect(on_epoch)
    training.progress.connect(on_progress)
    train(training, run, save_best_to=str(best))
    training.epoch.disconnect(on_epoch)
    training.progress.disconnect(on_progress)
    assert training.wait().epochs == 6
    assert any("no longer written" in what for what in said)


def test_another_monitor_starts_the_search_for_the_best_epoch_afresh(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=2, early_stopping=True, patience=50)
    train(training, run)
    settings = dataclasses.replace(run.recipe().training, epochs=5, monitor="val_accuracy")
    run.change_training(settings)

    train(training, run, resume=True)

    later = run.history()[2:]
    expected = max(later, key=lambda epoch: (epoch.val_accuracy or 0.0, -epoch.epoch)).epoch
    assert training.wait().best_epoch == later[-1].best_epoch == expected


def test_a_model_can_be_taken_further_with_its_labels_matched_by_name(training: Training, tmp_path: Path) -> None:
    first = make_run(tmp_path / "first", make_data(labels=("b", "a", "c")), epochs=6, learning_rate=0.01)
    train(training, first)
    data = make_data(labels=("b", "a", "c"))
    renamed = dataclasses.replace(
        data, label_names=("a", "b", "c"), labels=np.array([1, 0, 2])[data.labels], test=data.test[:0]
    )
    second = make_run(tmp_path / "second", renamed, epochs=1, learning_rate=1e-9)

    train(training, second, start_from=str(first.model_path))

    assert read_model_info(second.model_path).labels == ("b", "a", "c")
    assert accuracy(second, second.model_path, "validation") > 0.9
    assert training.wait().accuracy > 0.8


def test_a_model_that_does_not_know_a_label_or_the_frames_is_refused(training: Training, tmp_path: Path) -> None:
    model = make_run(tmp_path / "first", epochs=1)
    train(training, model)
    other = make_run(tmp_path / "labels", make_data(labels=("a", "b", "wave")))
    data = make_data()
    shape = make_run(tmp_path / "shape", dataclasses.replace(data, values=data.values[:, :8]))

    with pytest.raises(UserError, match="wave"):
        train(training, other, start_from=str(model.model_path))
    with pytest.raises(UserError, match=r"\(10, 12\)"):
        train(training, shape, start_from=str(model.model_path))


def test_one_label_only_is_refused_in_words(training: Training, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="at least 2 labels"):
        train(training, make_run(tmp_path / "run", make_data(labels=("a",))))


def test_frames_with_invalid_values_are_refused_in_words(training: Training, tmp_path: Path) -> None:
    data = make_data()
    data.values[data.training[7], 2, 3] = np.nan

    with pytest.raises(UserError, match=f"frame {data.training[7]} "):
        train(training, make_run(tmp_path / "run", data))


def test_a_loss_that_is_no_number_ends_the_training_in_words(training: Training, tmp_path: Path) -> None:
    data = make_data()
    data.values[:] *= 1e30
    layers = (LayerChoice("flatten"), LayerChoice("dense", {"units": 8, "activation": "exponential"}), PLAIN[1])
    run = make_run(tmp_path / "run", data, layers=layers, normalisation="none", optimizer="SGD", learning_rate=10.0)

    with pytest.raises(UserError, match="no longer a number"):
        train(training, run)


@pytest.mark.parametrize("normalisation", ["feature", "log", "unit_maximum"])
def test_a_training_with_any_normalisation_predicts_without_keras_and_goes_on_exactly(
    training: Training, tmp_path: Path, normalisation: str
) -> None:
    data = dataclasses.replace(make_data(), feature_widths=(9, 3))
    # A recurrent layer is written out before it is converted, and the logarithm with it.
    layers = (LayerChoice("lstm", {"units": 3}), LayerChoice("dense")) if normalisation == "log" else PLAIN
    whole, in_two = (
        make_run(tmp_path / name, data, layers=layers, normalisation=normalisation, epochs=epochs)
        for name, epochs in (("whole", 2), ("in two", 1))
    )
    train(training, whole)
    train(training, in_two)
    in_two.change_training(dataclasses.replace(in_two.recipe().training, epochs=2))
    train(training, in_two, resume=True)

    assert checkpoint_bits(in_two) == checkpoint_bits(whole)
    assert accuracy(whole, whole.model_path, "validation") == training.wait().val_accuracy


def test_a_training_without_the_widths_of_its_features_is_refused(training: Training, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Expected the widths of the features"):
        train(training, make_run(tmp_path / "run", normalisation="feature", layers=PLAIN))


def test_a_run_is_never_overwritten(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=1)
    train(training, run)

    with pytest.raises(UserError, match="was begun"):
        train(training, run)


def test_without_validation_the_training_loss_decides(training: Training, tmp_path: Path) -> None:
    data = make_data()
    nothing = data.validation[:0]
    run = make_run(
        tmp_path / "run", dataclasses.replace(data, validation=nothing), layers=PLAIN, early_stopping=True, epochs=3
    )

    train(training, run)

    assert run.history()[-1].val_loss is None
    assert training.wait().best_epoch == 3
    assert set(training.matrices) == {"training", "test"}


def test_a_matrix_is_counted_on_demand(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=1)
    train(training, run)
    counted = training.matrices["test"]
    training.matrices.clear()

    training.count_matrix(run.model_path, "test")
    training.wait_idle(SECONDS)

    assert training.matrices["test"] == counted


@pytest.mark.parametrize("time_steps", [12, 130])
def test_recurrent_networks_predict_without_keras_too(training: Training, tmp_path: Path, time_steps: int) -> None:
    data = make_data(60)
    long = dataclasses.replace(data, values=np.resize(data.values, (60, time_steps, 12)))
    layers = (LayerChoice("gru", {"units": 4, "return_sequences": True}), LayerChoice("lstm", {"units": 4}), PLAIN[1])
    run = make_run(tmp_path / "run", long, layers=layers, epochs=1)

    train(training, run)

    assert accuracy(run, run.model_path, "validation") == pytest.approx(training.wait().val_accuracy)


def test_changed_settings_are_taken_over_when_going_on(training: Training, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", epochs=1)
    train(training, run)
    run.change_training(dataclasses.replace(run.recipe().training, epochs=2, optimizer="SGD", learning_rate=0.125))

    train(training, run, resume=True)

    assert run.history()[-1].learning_rate == 0.125
    assert run.recipe().training == TrainingSettings(
        epochs=2, batch_size=16, early_stopping=False, optimizer="SGD", learning_rate=0.125
    )


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is POSIX")
def test_the_worker_stands_back_behind_the_window(training: Training) -> None:
    pid = training.worker_pid

    assert pid is not None
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores can be chosen on Linux only")
def test_the_worker_leaves_a_core_to_the_window(training: Training) -> None:
    mine, pid = os.sched_getaffinity(0), training.worker_pid

    assert pid is not None
    assert os.sched_getaffinity(pid) == (mine if len(mine) == 1 else mine - {min(mine)})


def test_the_worker_ends_with_its_parent_knows_no_qt_and_nothing_printed_disturbs_its_messages() -> None:
    script = (
        "import sys\n"
        "from exptool_ml_plugin.learn import worker\n"
        "load = worker._load_keras\n"
        "def load_and_print(threads):\n"
        "    version = load(threads)\n"
        "    print('hello from a library')\n"
        "    assert not {'PySide6', 'PyQt5', 'qtpy', 'pyqtgraph'} & set(sys.modules)\n"
        "    return version\n"
        "worker._load_keras = load_and_print\n"
        "worker.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        ready = decode(process.stdout.readline())
        out, err = process.communicate(timeout=20)

    assert isinstance(ready, WorkerReady)
    assert ready.threads == max(1, len(os.sched_getaffinity(0)) - 1)
    assert out == b""
    assert b"hello from a library" in err
    assert process.returncode == 0
