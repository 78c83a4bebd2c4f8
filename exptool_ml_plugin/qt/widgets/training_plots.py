"""Accuracy and loss beside each other, with what both have in common: smoothing, range, cursor."""

from __future__ import annotations

import math
from collections import deque
from functools import partial

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from ...core.history import TrainingHistory
from ...core.messages import EpochEnd
from .. import style
from ..bridge import guarded
from .curve_plot import CurvePlot, Quantity

LAST_EPOCHS = 20
"""Epochs that the view follows when it does not show all."""
_STEPS_PER_DECADE = 20
_VALUES_EVERY = 2
_AHEAD = 1.6
_FIRST_STEP = 20


class TrainingPlots(QWidget):
    """Shows a `TrainingHistory`: `update_from` takes in what is new, `redraw` draws if anything is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.accuracy = CurvePlot(Quantity("Accuracy", percent=True), self)
        self.loss = CurvePlot(Quantity("Loss"), self)
        self._generation = -1
        self._batches = 0
        self._epochs = 0
        self._pictures = 0
        self._stop = 0.0
        self._plots = deque((self.accuracy, self.loss))
        self._dirty: set[CurvePlot] = set()
        self._settled = True
        self._make_tools()
        self._make_layout()
        self._connect()
        self._touched = False
        self._apply_smoothing()

    # --- data --------------------------------------------------------------------------------------------------

    def update_from(self, history: TrainingHistory) -> None:
        """Take in the batches and epochs that are new; a history that began again starts over."""
        if history.generation != self._generation:
            self._start_over(history)
        count = len(history)
        if count > self._batches:
            x = history.batch_x[self._batches : count]
            self.loss.append_training(x, history.batch_loss[self._batches : count])
            self.accuracy.append_training(x, history.batch_accuracy[self._batches : count])
            self._batches = count
            self._dirty.update(self._plots)
        if history.epoch_count > self._epochs:
            epochs = history.epochs
            self._add_epochs(epochs[self._epochs :])
            self._epochs = len(epochs)
            self._dirty.update(self._plots)

    def redraw(self, *, force: bool = False) -> None:
        """Draw what has changed: the plots in turn, one per call so that each call is short; all with `force`."""
        waiting = [plot for plot in self._plots if force or plot in self._dirty]
        if not waiting:
            return
        self._settled = force
        start = self._range_start(exactly=force)
        for plot in waiting if force else waiting[:1]:
            self._dirty.discard(plot)
            if not self._free:
                plot.show_range(start, self._stop, exactly=force)
            plot.redraw()
            # Nobody can read numbers that change at the rate of the pictures.
            if force or self._pictures % (_VALUES_EVERY * len(self._plots)) < len(self._plots):
                plot.show_values()
            self._pictures += 1
            self._plots.rotate()

    def suggest_smoothing(self, batches_per_epoch: int) -> None:
        """Smooth over a quarter of an epoch and at most ten batches, unless the user has chosen something."""
        if not self._touched:
            window = min(10.0, max(1.0, batches_per_epoch / 4))
            blocked = self.smoothing.blockSignals(True)
            self.smoothing.setValue(round(_STEPS_PER_DECADE * math.log10(window)))
            self.smoothing.blockSignals(blocked)
            self._apply_smoothing()

    @property
    def dirty(self) -> bool:
        """Whether there is something new to draw."""
        return bool(self._dirty)

    @property
    def settled(self) -> bool:
        """Whether what is seen is all there is, with its exact range: pictures of a running training save on that."""
        return self._settled and not self._dirty

    # --- inside ------------------------------------------------------------------------------------------------

    def _start_over(self, history: TrainingHistory) -> None:
        self._generation = history.generation
        self._batches = self._epochs = 0
        self.accuracy.clear()
        self.loss.clear()
        self._dirty.update(self._plots)
        # The batches of an earlier training are not kept: its epochs stand for them.
        first = float(history.batch_x[0]) if len(history) else np.inf
        earlier = [epoch for epoch in history.epochs if epoch.epoch < first]
        x = np.array([float(epoch.epoch) for epoch in earlier])
        self.loss.append_training(x, np.array([epoch.loss for epoch in earlier]))
        self.accuracy.append_training(x, np.array([epoch.accuracy for epoch in earlier]))

    def _add_epochs(self, epochs: tuple[EpochEnd, ...]) -> None:
        for plot, values in (
            (self.loss, [epoch.val_loss for epoch in epochs]),
            (self.accuracy, [epoch.val_accuracy for epoch in epochs]),
        ):
            known = [
                (float(epoch.epoch), value) for epoch, value in zip(epochs, values, strict=True) if value is not None
            ]
            if known:
                plot.append_validation(*np.array(known).T)
            plot.set_best(epochs[-1].best_epoch)

    def _end(self) -> float:
        ends = [float(curve.x[-1]) for curve in (self.loss.training, self.loss.validation) if len(curve)]
        return max([1.0, *ends])

    def _range_start(self, *, exactly: bool) -> float:
        """Choose the range to show, unless `exactly` ahead of the curves, because moving it costs most."""
        end = self._end()
        start = 0.0
        if self._last.isChecked():
            self._stop = math.ceil(end)
            start = max(0.0, self._stop - LAST_EPOCHS)
        elif exactly:
            self._stop = math.ceil(end)
        elif not end <= self._stop <= _AHEAD * end + 2.0:
            self._stop = math.ceil(_AHEAD * end)
        return start

    def _make_tools(self) -> None:
        self._free = False
        self.smoothing = QSlider(Qt.Orientation.Horizontal, self)
        self.smoothing.setRange(0, 3 * _STEPS_PER_DECADE)
        self.smoothing.setValue(_FIRST_STEP)
        self.smoothing.setFixedWidth(110)
        self.smoothing.setToolTip("Average the training curves over this many batches; the raw curve stays behind.")
        self._smoothing_text = style.text_label("", self, color=style.MUTED)
        self._smoothing_text.setMinimumWidth(self.fontMetrics().horizontalAdvance("1000 batches"))
        self._all = _toggle("All epochs", "Show the whole training. Double-click a plot to come back to this.", self)
        self._last = _toggle(f"Last {LAST_EPOCHS}", f"Follow the newest {LAST_EPOCHS} epochs.", self)
        self._all.setChecked(True)
        self._ranges = QButtonGroup(self)
        for button in (self._all, self._last):
            self._ranges.addButton(button)
        self.log = QCheckBox("Log loss", self)
        self.log.setToolTip("Show the loss on a logarithmic axis, where small losses can be told apart.")

    def _make_layout(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(self._all)
        tools.addWidget(self._last)
        tools.addStretch(1)
        tools.addWidget(style.text_label("Smoothing", self))
        tools.addWidget(self.smoothing)
        tools.addWidget(self._smoothing_text)
        tools.addSpacing(12)
        tools.addWidget(self.log)
        plots = QHBoxLayout()
        plots.setSpacing(12)
        plots.addWidget(self.accuracy, 1)
        plots.addWidget(self.loss, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(tools)
        column.addLayout(plots, 1)

    def _connect(self) -> None:
        self.smoothing.valueChanged.connect(self._on_smoothing)
        self.log.toggled.connect(self._on_log)
        self._ranges.buttonClicked.connect(self._on_range)
        for plot in (self.accuracy, self.loss):
            plot.hovered.connect(self._on_hovered)
            plot.range_taken.connect(partial(self._on_range_taken, plot))
            plot.reset_wanted.connect(self._on_reset)

    @guarded
    def _on_smoothing(self) -> None:
        self._touched = True
        self._apply_smoothing()

    def _apply_smoothing(self) -> None:
        window = 10 ** (self.smoothing.value() / _STEPS_PER_DECADE)
        rounded = round(window)
        self._smoothing_text.setText("off" if rounded <= 1 else f"{rounded} batches")
        for plot in (self.accuracy, self.loss):
            plot.set_smoothing(window)
        self._dirty.update(self._plots)

    @guarded
    def _on_log(self, log: bool) -> None:
        self.loss.set_log(log)
        self.redraw(force=True)

    @guarded
    def _on_range(self) -> None:
        self._free = False
        self.redraw(force=True)

    def _on_range_taken(self, taken: CurvePlot) -> None:
        """Let both plots show the epochs the user has chosen in one of them."""
        if not self._free:
            self._free = True
            self._uncheck()
        # Not linked by pyqtgraph, which would paint both again whenever one moves along with its curve.
        for plot in self._plots:
            if plot is not taken:
                plot.plot.setXRange(*taken.plot.viewRange()[0], padding=0.0)
        self._dirty.update(self._plots)

    @guarded
    def _on_reset(self) -> None:
        self._all.setChecked(True)
        self._on_range()

    def _uncheck(self) -> None:
        self._ranges.setExclusive(False)
        for button in (self._all, self._last):
            button.setChecked(False)
        self._ranges.setExclusive(True)

    @guarded
    def _on_hovered(self, epoch: float | None) -> None:
        for plot in (self.accuracy, self.loss):
            plot.set_cursor(epoch)


def _toggle(text: str, tip: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button
