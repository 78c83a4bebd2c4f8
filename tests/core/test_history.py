"""The curves of a training as they grow."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np

from exptool_ml_plugin.core.history import TrainingHistory
from exptool_ml_plugin.core.messages import BatchEnd, EpochEnd

EPOCH = EpochEnd(
    epoch=1,
    loss=0.5,
    accuracy=0.5,
    val_loss=0.6,
    val_accuracy=0.4,
    learning_rate=0.001,
    seconds=1.0,
    best_epoch=1,
    is_best=True,
    patience_left=5,
)


def filled(epochs: int, *, batches: int = 4) -> TrainingHistory:
    history = TrainingHistory()
    history.begin(first_epoch=1, batches_per_epoch=batches)
    for epoch in range(1, epochs + 1):
        for batch in range(1, batches + 1):
            history.add_batch(BatchEnd(epoch, batch, 1.0 / epoch, 0.5))
        history.add_epoch(replace(EPOCH, epoch=epoch, best_epoch=min(epoch, 2)))
    return history


def test_an_epoch_spans_exactly_one() -> None:
    history = filled(2)

    np.testing.assert_array_equal(history.batch_x, [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0])
    np.testing.assert_array_equal(history.batch_loss, [1.0] * 4 + [0.5] * 4)


def test_going_on_after_an_epoch_takes_away_what_came_after_it_and_says_so() -> None:
    history = filled(3)
    history.add_batch(BatchEnd(4, 1, 0.1, 0.9))
    seen, generation = history.batch_loss, history.generation

    history.begin(first_epoch=3, batches_per_epoch=4)
    history.add_batch(BatchEnd(3, 1, 9.0, 0.9))

    assert [epoch.epoch for epoch in history.epochs] == [1, 2]
    assert history.batch_x[-1] == 2.25
    assert history.generation == generation + 1
    assert seen[8] == 1.0 / 3.0, "a view somebody holds must not change"


def test_going_on_where_it_stopped_keeps_the_generation() -> None:
    history = filled(2)
    generation = history.generation

    history.begin(first_epoch=3, batches_per_epoch=4)

    assert history.generation == generation
    assert len(history) == 8


def test_the_best_epoch_is_the_one_the_last_epoch_names() -> None:
    assert TrainingHistory().best is None
    best = filled(4).best
    assert best is not None
    assert best.epoch == 2


def test_epochs_of_an_earlier_training_can_be_restored_and_continued() -> None:
    history = TrainingHistory()
    history.restore(filled(3).epochs)
    history.begin(first_epoch=3, batches_per_epoch=2)
    history.add_batch(BatchEnd(3, 1, 0.1, 0.9))

    assert history.epoch_count == 2
    np.testing.assert_array_equal(history.batch_x, [2.5])


def test_clearing_forgets_everything() -> None:
    history = filled(3)
    history.clear()

    assert (len(history), history.epoch_count, history.best) == (0, 0, None)


def test_appending_costs_the_same_however_long_the_training_has_become() -> None:
    history = TrainingHistory()
    history.begin(first_epoch=1, batches_per_epoch=1_000_000)

    def seconds(count: int) -> float:
        began = time.process_time()
        for batch in range(count):
            history.add_batch(BatchEnd(1, batch, 0.5, 0.5))
        return time.process_time() - began

    first = min(seconds(20_000) for _ in range(3))
    seconds(200_000)
    later = min(seconds(20_000) for _ in range(3))

    assert later < 3 * first


def test_readers_see_whole_points_while_a_thread_writes() -> None:
    history = TrainingHistory()
    history.begin(first_epoch=1, batches_per_epoch=100_000)

    def write() -> None:
        for batch in range(1, 20_000):
            history.add_batch(BatchEnd(1, batch, float(batch), float(batch)))

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        loss, accuracy = history.batch_loss, history.batch_accuracy
        shared = min(len(loss), len(accuracy))
        assert np.array_equal(loss[:shared], accuracy[:shared])
    writer.join()
    assert len(history) == 19_999
