"""The curves of a training, up to a million batches."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.curve import Curve
from exptool_ml_plugin.core.history import TrainingHistory
from exptool_ml_plugin.core.messages import BatchEnd, EpochEnd
from exptool_ml_plugin.qt.widgets.growing_line import POINTS, GrowingLine
from exptool_ml_plugin.qt.widgets.log_axis import log_ticks
from exptool_ml_plugin.qt.widgets.nice_range import nice_range
from exptool_ml_plugin.qt.widgets.training_plots import LAST_EPOCHS, TrainingPlots

BATCHES = 100


@pytest.fixture
def plots(qtbot: Any) -> TrainingPlots:
    made = TrainingPlots()
    qtbot.addWidget(made)
    made.resize(1000, 400)
    made.show()
    return made


def make_history(epochs: int, *, validation: bool = True, batches: int = BATCHES) -> TrainingHistory:
    history = TrainingHistory()
    history.begin(first_epoch=1, batches_per_epoch=batches)
    add(history, range(1, epochs + 1), validation=validation, batches=batches)
    return history


def add(history: TrainingHistory, epochs: range, *, validation: bool = True, batches: int = BATCHES) -> None:
    for epoch in epochs:
        for batch in range(1, batches + 1):
            history.add_batch(BatchEnd(epoch, batch, 1.0 / (epoch + batch / batches), 0.5))
        value = 1.2 / epoch if validation else None
        history.add_epoch(EpochEnd(epoch, 1.0 / epoch, 0.5, value, value, 0.001, 1.0, epoch, True, 5))


def test_what_is_new_is_taken_in_once(plots: TrainingPlots) -> None:
    history = make_history(2)
    plots.update_from(history)
    plots.update_from(history)
    add(history, range(3, 4))
    plots.update_from(history)
    np.testing.assert_array_equal(plots.loss.training.x, history.batch_x)
    np.testing.assert_array_equal(plots.loss.training.y, history.batch_loss)
    np.testing.assert_array_equal(plots.loss.validation.x, [1, 2, 3])


def test_nothing_is_drawn_when_nothing_is_new(plots: TrainingPlots) -> None:
    history = make_history(2)
    plots.update_from(history)
    assert plots.dirty
    plots.redraw()
    assert plots.dirty, "each call draws one plot, so that it is short"
    plots.redraw()
    plots.update_from(history)
    assert not plots.dirty


def test_pictures_of_a_running_training_are_not_the_last_ones(plots: TrainingPlots) -> None:
    plots.update_from(make_history(10))
    while plots.dirty:
        plots.redraw()
    assert not plots.settled, "the range goes ahead of the curves, and the values may be older"
    plots.redraw(force=True)
    assert plots.settled
    assert plots.loss.plot.viewRange()[0][1] == pytest.approx(10, abs=0.5)


def test_going_on_from_an_earlier_epoch_takes_the_later_ones_away(plots: TrainingPlots) -> None:
    history = make_history(5)
    plots.update_from(history)
    history.begin(first_epoch=3, batches_per_epoch=BATCHES)
    plots.update_from(history)
    assert plots.loss.training.x[-1] == 2.0
    assert len(plots.loss.validation) == 2


def test_epochs_from_a_run_folder_stand_for_their_batches(plots: TrainingPlots) -> None:
    history = TrainingHistory()
    history.restore(make_history(4).epochs)
    plots.update_from(history)
    np.testing.assert_array_equal(plots.loss.training.x, [1, 2, 3, 4])
    history.begin(first_epoch=5, batches_per_epoch=BATCHES)
    add(history, range(5, 6))
    plots.update_from(history)
    assert len(plots.loss.training) == 4 + BATCHES
    assert np.all(np.diff(plots.loss.training.x) > 0)


def test_the_best_epoch_is_marked_on_the_training_curve_without_validation(plots: TrainingPlots) -> None:
    plots.update_from(make_history(3, validation=False))
    plots.redraw(force=True)
    x, y = plots.loss._star.getOriginalDataset()
    assert x[0] == 3.0
    assert 0.2 < y[0] < 0.5


def test_the_view_shows_all_epochs_or_follows_the_last(plots: TrainingPlots) -> None:
    plots.update_from(make_history(50))
    plots.redraw(force=True)
    assert plots.loss.plot.viewRange()[0] == pytest.approx([0, 50])
    plots._last.click()
    for plot in (plots.loss, plots.accuracy):
        assert plot.plot.viewRange()[0] == pytest.approx([50 - LAST_EPOCHS, 50], abs=0.5)


def test_a_view_the_user_has_chosen_stays_until_it_is_reset(plots: TrainingPlots) -> None:
    history = make_history(10)
    plots.update_from(history)
    plots.redraw()
    plots.loss.plot.setXRange(2, 4, padding=0.0)
    plots.loss.range_taken.emit()
    assert plots.accuracy.plot.viewRange()[0] == pytest.approx([2, 4]), "both show the same epochs"
    add(history, range(11, 13))
    plots.update_from(history)
    plots.redraw(force=True)
    assert plots.loss.plot.viewRange()[0] == pytest.approx([2, 4])
    plots.loss.reset_wanted.emit()
    assert plots.loss.plot.viewRange()[0] == pytest.approx([0, 12])


def test_values_under_the_mouse_are_shown_in_both_plots(plots: TrainingPlots) -> None:
    plots.update_from(make_history(10))
    plots.redraw()
    plots.loss.hovered.emit(4.2)
    for plot in (plots.loss, plots.accuracy):
        assert "epoch 4.2" in plot._values.text
    assert "0.3" in plots.loss._values.text
    plots.loss.hovered.emit(None)
    assert "epoch" not in plots.loss._values.text


def test_smoothing_keeps_the_raw_curve_behind(plots: TrainingPlots) -> None:
    plots.update_from(make_history(10))
    plots.smoothing.setValue(0)
    plots.redraw(force=True)
    assert not plots.loss._smooth.visible
    plots.smoothing.setValue(30)
    plots.redraw(force=True)
    assert plots.loss._smooth.visible
    assert plots.loss._raw.points > 0


def test_smoothing_is_suggested_until_the_user_chooses(plots: TrainingPlots) -> None:
    plots.suggest_smoothing(4)
    assert plots.smoothing.value() == 0
    plots.suggest_smoothing(1000)
    assert plots._smoothing_text.text() == "10 batches"
    plots.smoothing.setValue(40)
    plots.suggest_smoothing(4)
    assert plots.smoothing.value() == 40


def test_a_logarithmic_loss_survives_a_loss_of_zero(plots: TrainingPlots) -> None:
    history = make_history(3)
    history.add_batch(BatchEnd(4, 1, 0.0, 1.0))
    plots.update_from(history)
    plots.log.setChecked(True)
    plots.redraw()
    low, high = plots.loss.plot.viewRange()[1]
    assert np.isfinite([low, high]).all()
    assert low < high


def test_a_loss_that_is_no_number_is_survived(plots: TrainingPlots) -> None:
    history = make_history(3)
    history.add_batch(BatchEnd(4, 1, float("nan"), 0.2))
    plots.update_from(history)
    plots.redraw()
    assert np.isfinite(plots.loss.plot.viewRange()).all()


@pytest.mark.parametrize(("low", "high"), [(-6, 1), (-0.3, 0.2), (0.01, 0.2), (-3, -1)])
def test_logarithmic_ticks_are_neither_crowded_nor_missing(low: float, high: float) -> None:
    assert 2 <= len(log_ticks(low, high)) <= 16


def test_the_view_goes_ahead_of_the_curves_so_that_axes_are_seldom_painted(plots: TrainingPlots) -> None:
    history = make_history(10)
    plots.update_from(history)
    plots.redraw(force=True)
    moved: list[object] = []
    plots.loss.plot.getViewBox().sigRangeChanged.connect(lambda *_: moved.append(1))
    for epoch in range(11, 101):
        add(history, range(epoch, epoch + 1))
        plots.update_from(history)
        plots.redraw()
        plots.redraw()
    assert plots.loss.plot.viewRange()[0][1] >= 100
    assert len(moved) < 20


def test_only_what_is_new_is_painted_and_nothing_is_drawn_twice_or_left_out(plots: TrainingPlots) -> None:
    curve = Curve()
    line = GrowingLine(plots.loss.plot, "r", antialias=False)
    for index in range(500):
        curve.append(np.array([index / 100]), np.array([1.0]))
        line.draw(curve, 0.0, 10.0, log=False)
        pieces = [item.xData for item in line._items if item.xData is not None and len(item.xData)]
        np.testing.assert_array_equal(np.unique(np.concatenate(pieces)), curve.x)
        assert line.points < len(curve) + len(line._items)
        if len(pieces) > 1:
            assert len(pieces[-1]) == 2  # the new point and the one it is joined to
    assert len(pieces) > 1


@pytest.mark.parametrize("low", [0.0, 0.2, 0.9])
def test_round_ranges_hold_their_values_and_waste_little(low: float) -> None:
    for percent, log in ((True, False), (False, True), (False, False)):
        for high in (0.95, 0.97, 1.0):
            bottom, top = nice_range(low, high, percent=percent, log=log)
            assert bottom <= low < high <= top
            assert top - bottom < 2.5 * (high - low) + 0.35


def filled(batches: int) -> TrainingHistory:
    """A history of so many batches, written at once."""
    history = TrainingHistory()
    history.begin(first_epoch=1, batches_per_epoch=BATCHES)
    history._room = np.stack(
        [np.arange(1, batches + 1) / BATCHES, np.random.default_rng(0).random(batches), np.full(batches, 0.5)]
    )
    history._count = batches
    epochs = batches // BATCHES
    history._epochs = [
        EpochEnd(epoch, 0.5, 0.5, 0.5, 0.5, 0.001, 1.0, 1, epoch == 1, 5) for epoch in range(1, epochs + 1)
    ]
    history._ends = [epoch * BATCHES for epoch in range(1, epochs + 1)]
    return history


def picture_seconds(plots: TrainingPlots, history: TrainingHistory) -> float:
    """Time from a new batch to painted curves, the least of several."""
    plots.update_from(history)
    plots.redraw()
    times = []
    for index in range(12):
        history.add_batch(BatchEnd(10**6, index, 0.5, 0.5))
        start = time.perf_counter()
        plots.update_from(history)
        plots.redraw()
        plots.grab()
        times.append(time.perf_counter() - start)
    return min(times)


def test_a_picture_of_a_million_batches_costs_as_much_as_one_of_ten_thousand(qtbot: Any) -> None:
    seconds = {}
    for batches in (10_000, 1_000_000):
        plots = TrainingPlots()
        qtbot.addWidget(plots)
        plots.resize(1000, 400)
        seconds[batches] = picture_seconds(plots, filled(batches))
        assert plots.loss._raw.points <= 1.1 * POINTS
        assert len(plots.loss._val.getOriginalDataset()[0]) <= POINTS
    assert seconds[1_000_000] < 2.0 * seconds[10_000] + 0.01, seconds
