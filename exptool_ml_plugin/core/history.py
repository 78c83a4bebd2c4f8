"""The curves of a training while it runs: appending costs the same however long it has become."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from .messages import BatchEnd, EpochEnd

_FIRST_CAPACITY = 1024
_COLUMNS = 3
Array = NDArray[np.float64]


class TrainingHistory:
    """Every batch and every epoch of a training, written by one thread and read by others.

    Batch `b` of `n` in epoch `e` lies at place `e - 1 + b / n`, so that an epoch spans exactly 1 and the validation
    of epoch `e` belongs at place `e`. Nothing is ever changed in place; only going on from an earlier epoch takes
    batches away, and raises `generation`, which tells plots to start afresh.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room: Array = np.empty((_COLUMNS, _FIRST_CAPACITY))
        self._count = 0
        self._epochs: list[EpochEnd] = []
        self._ends: list[int] = []
        self._batches_per_epoch = 1
        self.generation = 0

    def __len__(self) -> int:
        """Return the number of batches."""
        return self._count

    @property
    def batch_x(self) -> Array:
        """Place of each batch in epochs, ascending: float64 `(batches,)`, read-only."""
        return self._column(0)

    @property
    def batch_loss(self) -> Array:
        """Running training loss of the epoch after each batch: float64 `(batches,)`, read-only."""
        return self._column(1)

    @property
    def batch_accuracy(self) -> Array:
        """Running training accuracy of the epoch after each batch, 0 to 1: float64 `(batches,)`, read-only."""
        return self._column(2)

    @property
    def epochs(self) -> tuple[EpochEnd, ...]:
        """The finished epochs in order."""
        with self._lock:
            return tuple(self._epochs)

    @property
    def epoch_count(self) -> int:
        """Number of finished epochs."""
        return len(self._epochs)

    @property
    def best(self) -> EpochEnd | None:
        """The best epoch so far; None before the first has ended."""
        with self._lock:
            if not self._epochs:
                return None
            best = self._epochs[-1].best_epoch
            return next((epoch for epoch in reversed(self._epochs) if epoch.epoch == best), None)

    def begin(self, *, first_epoch: int, batches_per_epoch: int) -> None:
        """Get ready for the batches of `first_epoch`: forget that epoch and later ones, keep the earlier."""
        with self._lock:
            self._batches_per_epoch = max(batches_per_epoch, 1)
            kept = sum(epoch.epoch < first_epoch for epoch in self._epochs)
            end = self._ends[kept - 1] if kept else 0
            if end != self._count or kept != len(self._epochs):
                # A new room, because views of the old one may be in use.
                self._room = self._room.copy()
                self._count = end
                del self._epochs[kept:], self._ends[kept:]
                self.generation += 1

    def clear(self) -> None:
        """Forget everything."""
        self.begin(first_epoch=0, batches_per_epoch=1)

    def add_batch(self, batch: BatchEnd) -> None:
        """Append one batch; amortised O(1)."""
        with self._lock:
            if self._count == self._room.shape[1]:
                larger = np.empty((_COLUMNS, 2 * self._count))
                larger[:, : self._count] = self._room
                self._room = larger
            place = batch.epoch - 1 + batch.batch / self._batches_per_epoch
            self._room[:, self._count] = (place, batch.loss, batch.accuracy)
            self._count += 1

    def add_epoch(self, epoch: EpochEnd) -> None:
        """Append one finished epoch."""
        with self._lock:
            self._epochs.append(epoch)
            self._ends.append(self._count)

    def restore(self, epochs: tuple[EpochEnd, ...]) -> None:
        """Take the epochs of an earlier training from its run folder; its batches are not kept there."""
        with self._lock:
            self._count = 0
            self._epochs = list(epochs)
            self._ends = [0] * len(epochs)
            self.generation += 1

    def _column(self, index: int) -> Array:
        with self._lock:
            view = self._room[index, : self._count]
        view.flags.writeable = False
        return view
