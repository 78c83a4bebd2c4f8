"""Confusion matrices of the subsets of a run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..core.messages import MatrixCounted, Message, Progress
from ..core.metrics import ConfusionMatrix
from .data import Frames
from .reading import read_batches

BATCH = 256

Emit = Callable[[Message], None]
Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def count(frames: Frames, subset: str, *, predict: Predict, emit: Emit) -> ConfusionMatrix:
    """Predict the frames of a subset and count; tells its progress and the result."""
    indices = frames.subset(subset)
    predicted = np.zeros(len(indices), dtype=np.int64)
    done = 0
    for values in read_batches(frames, indices, BATCH):
        emit(Progress(f"Confusion matrix of the {subset} frames…", done, len(indices), "counting"))
        predicted[done : done + len(values)] = np.argmax(predict(values), axis=-1)
        done += len(values)
    matrix = ConfusionMatrix.from_predictions(frames.labels[indices], predicted, labels=frames.label_names)
    emit(MatrixCounted(subset, matrix.labels, tuple(tuple(row) for row in matrix.counts.tolist())))
    return matrix
