"""The training itself: epochs of batches, validation, the best epoch, and a checkpoint after each."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core.errors import UserError
from ..core.messages import BatchEnd, EpochEnd, Message, Progress, TrainingStarted
from .batches import batches_of, epoch_order, shown_frames
from .finish import model_info
from .litert import convert
from .model_file import save_model
from .prepare import Setup
from .reading import read_batches
from .stop import Stop

BEST_FILE_PART = 0.02
"""Part of the time that may go into writing the best epoch as a Keras file."""

Emit = Callable[[Message], None]


class Stopped(Exception):  # noqa: N818 - not an error: the user pressed Stop
    """Training ends here because it was asked to."""


@dataclass
class Running:
    """Loss and accuracy of the frames of an epoch so far."""

    loss_sum: float = 0.0
    right: int = 0
    frames: int = 0

    def add(self, loss_sum: float, right: int, frames: int) -> None:
        """Count one more batch."""
        self.loss_sum += loss_sum
        self.right += right
        self.frames += frames

    @property
    def loss(self) -> float:
        """Mean loss."""
        return self.loss_sum / max(self.frames, 1)

    @property
    def accuracy(self) -> float:
        """Part of the frames that were right."""
        return self.right / max(self.frames, 1)


class Trainer:
    """Runs the epochs of a prepared training and keeps the best weights."""

    def __init__(self, setup: Setup, emit: Emit, stop: Stop) -> None:
        self._setup = setup
        self._emit = emit
        self._stop = stop
        self.running = Running()
        self._best_end: EpochEnd | None = None
        self._next_write = 0.0

    def run(self) -> str:
        """Train until the epochs are done, patience is at its end or Stop; returns which of the three, in words."""
        self._emit(self._started())
        try:
            return self._epochs()
        finally:
            self._next_write = 0.0
            self._write_best()

    def _epochs(self) -> str:
        setup = self._setup
        while setup.state.epoch < setup.settings.epochs:
            if setup.state.best.patience_left(setup.settings) == 0:
                return "early stopping"
            try:
                self._epoch(setup.state.epoch + 1)
            except Stopped:
                return "stopped"
        return "finished"

    def _started(self) -> TrainingStarted:
        setup = self._setup
        training = setup.frames.data.training
        return TrainingStarted(
            first_epoch=setup.state.epoch + 1,
            epochs=setup.settings.epochs,
            batches_per_epoch=math.ceil(len(training) / setup.settings.batch_size),
            training_frames=len(training),
            validation_frames=len(setup.frames.data.validation),
            trainable_parameters=sum(math.prod(weight.shape) for weight in setup.model.trainable_variables),
        )

    def _epoch(self, epoch: int) -> None:
        began = time.monotonic()
        self._train_epoch(epoch)
        validation = self._validate()
        seconds = time.monotonic() - began
        self._close_epoch(epoch, validation, seconds)

    def _train_epoch(self, epoch: int) -> None:
        frames, settings = self._setup.frames, self._setup.settings
        self.running = Running()
        order = epoch_order(frames.data.training, seed=settings.seed, epoch=epoch, frame_bytes=frames.frame_bytes)
        variant_of, count = frames.data.variant_of, len(frames.values)
        shown = shown_frames(order, variant_of, frames=count, seed=settings.seed, epoch=epoch)
        seen = read_batches(frames, shown, settings.batch_size)
        cut = zip(batches_of(order, settings.batch_size), seen, strict=True)
        for number, (batch, values) in enumerate(cut, start=1):
            loss, right = self._setup.steps.train(values, frames.labels[batch], frames.weights[batch])
            self._setup.moved = True
            self.running.add(loss, right, len(batch))
            self._emit(BatchEnd(epoch, number, self.running.loss, self.running.accuracy))
            if not math.isfinite(loss):
                raise UserError(
                    f"The loss is no longer a number (epoch {epoch}, batch {number}): the weights grew without limit. "
                    f"Received: learning_rate={settings.learning_rate:g}.",
                    "Lower the learning rate to a tenth and start again; the best epoch so far is kept.",
                )
            self._heed_stop()

    def _validate(self) -> Running | None:
        frames = self._setup.frames
        indices = frames.data.validation
        if not len(indices):
            return None
        judged, size = Running(), self._setup.settings.batch_size
        seen = read_batches(frames, indices, size)
        for batch, values in zip(batches_of(indices, size), seen, strict=True):
            judged.add(*self._setup.steps.judge(values, frames.labels[batch]), len(batch))
            self._heed_stop()
        return judged

    def _heed_stop(self) -> None:
        if self._stop.is_asked:
            raise Stopped

    def _close_epoch(self, epoch: int, validation: Running | None, seconds: float) -> None:
        """Decide whether the epoch is the best, write everything down, and tell."""
        setup = self._setup
        values = {"loss": self.running.loss, "accuracy": self.running.accuracy}
        if validation is not None:
            values |= {"val_loss": validation.loss, "val_accuracy": validation.accuracy}
        best = setup.state.best.after(epoch, values[setup.settings.monitor], settings=setup.settings)
        is_best = best.epoch == epoch
        end = EpochEnd(
            epoch=epoch,
            loss=values["loss"],
            accuracy=values["accuracy"],
            val_loss=values.get("val_loss"),
            val_accuracy=values.get("val_accuracy"),
            learning_rate=float(setup.optimizer.learning_rate),
            seconds=seconds,
            best_epoch=best.epoch,
            is_best=is_best,
            patience_left=best.patience_left(setup.settings),
        )
        setup.state = dataclasses.replace(setup.state, epoch=epoch, seconds=setup.state.seconds + seconds, best=best)
        setup.moved = False
        if is_best:
            self._keep_best(end)
        # The line first: one too many is cut off when going on, one too few could not be made up.
        setup.run.add_epoch(end)
        setup.save_state()
        self._write_best()
        self._emit(end)

    def _keep_best(self, end: EpochEnd) -> None:
        setup = self._setup
        setup.best_weights = [np.array(weights) for weights in setup.model.get_weights()]
        self._best_end = end
        if setup.save_best_to is None:
            return
        monitor = setup.settings.monitor
        # With the run's name, so that no two trainings write the same file.
        name = f"{setup.run.path.name}_epoch_{end.epoch}_{monitor}_{getattr(end, monitor):.4f}.keras"
        litert = convert(setup.model, setup.steps, setup.frames)
        try:
            save_model(setup.model, setup.save_best_to / name, info=model_info(setup, end), litert=litert)
        except (OSError, UserError) as error:
            self._emit(Progress(f"The best iterations are no longer written to {setup.save_best_to}: {error}"))
            setup.save_best_to = None

    def _write_best(self) -> None:
        """Write the best epoch as a Keras file, unless that would take more than a small part of the time.

        The checkpoint holds the best weights in any case; this file is for people, and short epochs come faster than
        Keras writes files.
        """
        setup, began = self._setup, time.monotonic()
        if self._best_end is None or setup.best_weights is None or began < self._next_write:
            return
        current = setup.model.get_weights()
        setup.model.set_weights(setup.best_weights)
        save_model(setup.model, setup.run.best_checkpoint, info=model_info(setup, self._best_end))
        setup.model.set_weights(current)
        self._best_end = None
        ended = time.monotonic()
        self._next_write = ended + (ended - began) / BEST_FILE_PART
