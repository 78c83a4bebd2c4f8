"""What is made when a training ends: the model file, the confusion matrices, the result."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from datetime import datetime, timezone

import keras
import tensorflow as tf

from ..core.atomic import write_bytes
from ..core.messages import EpochEnd, Message, Progress, TrainingDone
from ..core.model_file import ModelInfo
from ..core.run_data import SUBSETS
from ..core.text_column import TextColumn
from . import matrix
from .litert import convert
from .model_file import save_model
from .prepare import Setup

Emit = Callable[[Message], None]


def model_info(setup: Setup, epoch: EpochEnd | None) -> ModelInfo:
    """Describe the model whose weights are those after `epoch`; None: no epoch was finished."""
    frames = setup.frames
    metrics = ("loss", "accuracy", "val_loss", "val_accuracy")
    return ModelInfo(
        recipe=setup.recipe,
        labels=frames.label_names,
        frame_shape=frames.frame_shape,
        split=frames.data.kind,
        counts={subset: len(frames.subset(subset)) for subset in SUBSETS},
        label_counts=frames.label_counts(),
        recordings=TextColumn.of(frames.data.recordings).take(frames.data.training).used,
        metrics={} if epoch is None else {name: getattr(epoch, name) for name in metrics},
        epochs=setup.state.epoch,
        best_epoch=setup.state.best.epoch,
        trainable_parameters=sum(math.prod(weight.shape) for weight in setup.model.trainable_variables),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        versions={"keras": keras.__version__, "tensorflow": tf.__version__, "python": platform.python_version()},
    )


def finish(setup: Setup, emit: Emit, *, reason: str, keep: str) -> TrainingDone:
    """Make the model of the "best" or the "last" weights, count the matrices, note the result and tell it."""
    emit(Progress("Making the model…", phase="counting"))
    epoch = _put_weights(setup, keep)
    litert = convert(setup.model, setup.steps, setup.frames)
    save_model(setup.model, setup.run.model_path, info=model_info(setup, epoch), litert=litert)
    for subset in SUBSETS:
        if len(setup.frames.subset(subset)):
            counted = matrix.count(setup.frames, subset, predict=setup.steps.predict, emit=emit)
            write_bytes(setup.run.confusion_path(subset), counted.to_csv().encode(), overwrite=True)
    done = TrainingDone(
        reason=reason,
        kept=keep,
        epochs=setup.state.epoch,
        best_epoch=setup.state.best.epoch,
        loss=math.nan if epoch is None else epoch.loss,
        accuracy=math.nan if epoch is None else epoch.accuracy,
        val_loss=None if epoch is None else epoch.val_loss,
        val_accuracy=None if epoch is None else epoch.val_accuracy,
        seconds=setup.state.seconds,
        model_path=str(setup.run.model_path),
    )
    setup.run.set_result(done)
    emit(done)
    return done


def _put_weights(setup: Setup, keep: str) -> EpochEnd | None:
    """Give the model the weights to keep; returns the epoch they are from, None for the middle of one."""
    history = setup.run.history()
    if keep == "last" or setup.best_weights is None:
        return history[-1] if history and not setup.moved else None
    setup.model.set_weights(setup.best_weights)
    return next((epoch for epoch in history if epoch.epoch == setup.state.best.epoch), None)
