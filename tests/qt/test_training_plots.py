"""The curves of a training, up to a million batches."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from qtpy.QtCore import QEvent, QObject, QRect
from qtpy.QtGui import QColor, QImage
from qtpy.QtWidgets import QWidget

from exptool_ml_plugin.core.curve import Curve
from exptool_ml_plugin.core.history import TrainingHistory
from exptool_ml_plugin.core.messages import BatchEnd, EpochEnd
from exptool_ml_plugin.qt.widgets.colors import TRAINING, VALIDATION
from exptool_ml_plugin.qt.widgets.curve_canvas import CurveCanvas, Line
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


def test_the_number_at_the_top_of_the_axis_is_not_cut_off(plots: TrainingPlots) -> None:
    for curves in (plots.accuracy, plots.loss):
        above = curves.plot.getViewBox().sceneBoundingRect().top()
        assert above >= curves.fontMetrics().height() / 2


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
    mark = plots.loss._canvas._mark
    assert mark is not None
    assert (mark.x, mark.color) == (3.0, TRAINING)
    assert 0.2 < mark.y < 0.5


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
    before = picture_of(plots.loss._canvas)
    assert count_of(before, TRAINING) > 500
    plots.smoothing.setValue(30)
    plots.redraw(force=True)
    smooth = picture_of(plots.loss._canvas)
    assert count_of(smooth, TRAINING) > 500, "the smooth curve has the colour"
    assert len(np.unique(smooth.reshape(-1, 4), axis=0)) > len(np.unique(before.reshape(-1, 4), axis=0))


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


def test_the_view_follows_what_leaves_it_within_an_epoch(plots: TrainingPlots) -> None:
    history = make_history(10)
    plots.update_from(history)
    plots.redraw(force=True)
    left, right = plots.loss.plot.viewRange()[0]
    assert plots.loss.plot.viewRange()[1][1] < 20
    for _ in range(2):
        history.add_batch(BatchEnd(10, BATCHES, 200.0, 0.5))
        plots.update_from(history)
        for _ in range(2):
            plots.redraw()
    assert plots.loss.plot.viewRange()[0] == [left, right]
    assert plots.loss.plot.viewRange()[1][1] > 20, "the smoothed curve went up"


def picture_of(canvas: CurveCanvas) -> np.ndarray:
    """The picture of the curves, uint8 `(height, width, 4)`."""
    image = canvas._picture.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    return pg.functions.ndarray_from_qimage(image).copy()


def count_of(picture: np.ndarray, color: str) -> int:
    """Number of pixels of a colour."""
    wanted = QColor(color)
    return int((picture[..., 2::-1] == (wanted.red(), wanted.green(), wanted.blue())).all(axis=2).sum())


def test_curves_painted_piece_by_piece_look_like_curves_painted_at_once(plots: TrainingPlots, qtbot: Any) -> None:
    canvas, raw, smooth = plots.loss._canvas, Curve(), Curve()
    qtbot.waitUntil(lambda: canvas.width() > 200)
    random = np.random.default_rng(0)
    lines = [Line(raw, TRAINING), Line(smooth, VALIDATION, width=2, antialias=True, symbols=True)]
    for start in range(0, 60, 3):
        for curve in (raw, smooth):
            curve.append((start + np.arange(3)) / 60, random.random(3))
        canvas.draw(lines, log=False)
    assert canvas.points == 2 * (60 + 19), "each piece begins with the point it is joined to"
    pieces = picture_of(canvas)
    canvas.repaint_all()
    canvas.draw(lines, log=False)
    assert canvas.points == 2 * 60
    different = (np.abs(picture_of(canvas).astype(int) - pieces) > 64).any(axis=2)
    assert min(count_of(pieces, color) for color in (TRAINING, VALIDATION)) > 200
    assert different.mean() < 0.005, "only where pieces are joined and one curve crosses the other"


class Paints(QObject):
    """Notes which part of a widget is painted, each time."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.seen: list[QRect] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: Any) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.seen.append(event.region().boundingRect())
        return False


def test_the_window_copies_only_the_surroundings_of_what_is_new(plots: TrainingPlots, qtbot: Any) -> None:
    plots.update_from(make_history(10))
    plots.redraw(force=True)
    canvas = plots.loss._canvas
    qtbot.waitExposed(plots)
    paints = Paints(canvas)
    history = make_history(10)
    history.add_batch(BatchEnd(11, 1, 0.1, 0.5))
    plots.update_from(history)
    plots.update_from(history)
    plots.redraw(force=True)
    qtbot.waitUntil(lambda: bool(paints.seen))
    paints.seen.clear()
    history.add_batch(BatchEnd(11, 2, 0.1, 0.5))
    plots.update_from(history)
    plots.redraw()
    plots.redraw()
    qtbot.waitUntil(lambda: bool(paints.seen))
    assert all(rect.width() < 60 for rect in paints.seen)


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
        assert plots.loss._canvas.points <= 1.1 * sum(line.points for line in plots.loss._lines())
    assert seconds[1_000_000] < 2.0 * seconds[10_000] + 0.01, seconds


def test_the_values_of_both_plots_follow_the_training(plots: TrainingPlots) -> None:
    history = make_history(1)
    for batch in range(1, 13):
        history.add_batch(BatchEnd(2, batch, 0.001 * batch, 0.01 * batch))
        plots.update_from(history)
        plots.redraw()
        plots.redraw()
    assert all("Train" in plot._values.text for plot in (plots.loss, plots.accuracy))
    shown = float(plots.loss._values.text.split()[2])
    assert shown == pytest.approx(plots.loss._training_at(2.0), rel=0.3)
