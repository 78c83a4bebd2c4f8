from __future__ import annotations

import pytest

from exptool_ml_plugin.core.messages import BatchEnd, EpochEnd, TrainingDone, TrainingStarted
from exptool_ml_plugin.core.recipe import TrainingSettings
from exptool_ml_plugin.workbench.training import Training
from exptool_ml_plugin.workbench.training_words import Clock, describe, duration, ending

SETTINGS = TrainingSettings(epochs=10, patience=5)


def epoch(number: int, *, val_loss: float | None = 0.25, seconds: float = 2.0) -> EpochEnd:
    return EpochEnd(number, 0.5, 0.75, val_loss, None if val_loss is None else 0.8, 0.001, seconds, 1, number == 1, 3)


def running(*epochs: EpochEnd, batch: int = 4) -> Training:
    training = Training()
    training._on_started(TrainingStarted(1, 10, 8, 100, 20, 1000))
    for item in epochs:
        training._on_epoch(item)
    training._on_batch(BatchEnd(len(epochs) + 1, batch, 0.5, 0.5))
    return training


def facts(training: Training, elapsed_s: float = 1.0) -> dict[str, str]:
    return dict(describe(training, SETTINGS, elapsed_s=elapsed_s).facts)


def test_everything_is_said_while_training() -> None:
    training = running(epoch(1), epoch(2))
    assert facts(training) == {
        "Epoch": "3 of 10",
        "Batch": "4 of 8",
        "Per epoch": "2.0 s",
        "Time left": "15 s",
        "Patience left": "3 of 5",
        "Best so far": "epoch 1, validation loss 0.25",
    }
    assert describe(training, SETTINGS, elapsed_s=1.0).part == pytest.approx(2.5 / 10)


def test_the_pace_of_the_first_epoch_comes_from_its_batches() -> None:
    said = facts(running(batch=5), elapsed_s=4.0)
    assert said["Per epoch"] == "8.0 s"
    assert said["Time left"] == "1 min 16 s"


def test_without_validation_the_best_is_judged_by_the_training() -> None:
    assert facts(running(epoch(1, val_loss=None)))["Best so far"] == "epoch 1, training loss 0.5"


def test_nothing_is_said_before_the_first_training() -> None:
    status = describe(Training(), SETTINGS, elapsed_s=0.0)
    assert (status.headline, status.facts) == ("No training yet", ())


@pytest.mark.parametrize(
    ("reason", "kept", "text"),
    [
        ("finished", "best", "Finished after 10 epochs, best weights kept"),
        ("early stopping", "best", "Stopped early after 10 epochs, best weights kept"),
        ("stopped", "last", "Stopped by you after 10 epochs, last weights kept"),
    ],
)
def test_the_end_is_told(reason: str, kept: str, text: str) -> None:
    assert ending(TrainingDone(reason, kept, 10, 7, 0.1, 0.9, None, None, 20.0, "model.keras")) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.42, "0.4 s"), (12.4, "12 s"), (200.0, "3 min 20 s"), (7530.0, "2 h 5 min")]
)
def test_durations_are_written_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_clock_starts_anew_with_every_epoch() -> None:
    clock, training = Clock(), running(batch=1)
    assert clock.elapsed(training, 100.0) == 0.0
    assert clock.elapsed(training, 103.0) == 3.0
    training._on_epoch(epoch(1))
    training._on_batch(BatchEnd(2, 1, 0.5, 0.5))
    assert clock.elapsed(training, 104.0) == 0.0
