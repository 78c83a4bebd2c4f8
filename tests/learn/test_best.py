"""Which epoch is best and when patience ends."""

from __future__ import annotations

import math

import pytest

from exptool_ml_plugin.core.recipe import TrainingSettings
from exptool_ml_plugin.learn.best import Best, with_possible_monitor

SETTINGS = TrainingSettings(patience=2, min_delta=0.1, monitor="val_loss")


def after(values: list[float], settings: TrainingSettings = SETTINGS) -> Best:
    best = Best()
    for epoch, value in enumerate(values, start=1):
        best = best.after(epoch, value, settings=settings)
    return best


def test_any_improvement_makes_an_epoch_the_best_but_only_a_large_one_renews_the_patience() -> None:
    best = after([1.0, 0.95, 0.93])

    assert (best.epoch, best.value) == (3, 0.93)
    assert best.patience_left(SETTINGS) == 0


def test_slow_steady_progress_renews_the_patience_once_it_adds_up() -> None:
    assert after([1.0, 0.94, 0.88]).patience_left(SETTINGS) == 2


def test_accuracy_is_better_when_larger() -> None:
    settings = TrainingSettings(patience=3, monitor="accuracy")

    assert after([0.5, 0.9, 0.7], settings).epoch == 2


def test_a_value_that_is_no_number_is_never_the_best() -> None:
    assert after([math.nan, 2.0, math.nan]).epoch == 2
    assert after([math.nan]).epoch == 0


def test_without_early_stopping_there_is_no_patience_to_lose() -> None:
    assert Best(waited=9).patience_left(TrainingSettings(early_stopping=False)) is None


@pytest.mark.parametrize(("monitor", "watched"), [("val_loss", "loss"), ("val_accuracy", "accuracy")])
def test_without_validation_frames_the_training_value_is_watched(monitor: str, watched: str) -> None:
    assert with_possible_monitor(TrainingSettings(monitor=monitor), validation_frames=0).monitor == watched
    assert with_possible_monitor(TrainingSettings(monitor=monitor), validation_frames=1).monitor == monitor
