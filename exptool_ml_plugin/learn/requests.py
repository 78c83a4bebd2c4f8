"""What the worker does for each request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..core.atomic import write_bytes
from ..core.messages import FinishRequest, MatrixRequest, Message, TrainRequest
from ..core.model_file import read_model_info
from ..core.run_folder import RunFolder
from . import matrix
from .data import open_frames
from .finish import finish
from .model_file import load_model
from .prepare import prepare
from .stop import Stop
from .train import Trainer

Emit = Callable[[Message], None]


def train(request: TrainRequest, emit: Emit, stop: Stop) -> None:
    """Train, and make the model: the best weights after early stopping, as asked after Stop, else the last."""
    setup = prepare(request, emit)
    reason = Trainer(setup, emit, stop).run()
    planned = "best" if setup.settings.early_stopping else "last"
    keep = stop.keep if reason == "stopped" else planned
    finish(setup, emit, reason=reason, keep=keep)


def finish_interrupted(request: FinishRequest, emit: Emit) -> None:
    """Make the model of a training that was interrupted."""
    setup = prepare(TrainRequest(request.run_dir, resume=True), emit)
    finish(setup, emit, reason="stopped", keep=request.keep)


def count_matrix(request: MatrixRequest, emit: Emit) -> None:
    """Count the predictions of a model for one subset of a run."""
    run, path = RunFolder.open(Path(request.run_dir)), Path(request.model_path)
    info = read_model_info(path)
    frames = open_frames(run, run.recipe().training, label_names=info.labels)
    model = load_model(path, info)
    signature = [tf.TensorSpec(model.input_shape, tf.float32)]
    predict = tf.function(lambda values: model(values, training=False), input_signature=signature)

    def probabilities(values: NDArray[np.float32]) -> NDArray[np.float32]:
        predicted: NDArray[np.float32] = predict(tf.constant(values)).numpy()
        return predicted

    counted = matrix.count(frames, request.subset, predict=probabilities, emit=emit)
    if path == run.model_path:
        write_bytes(run.confusion_path(request.subset), counted.to_csv().encode(), overwrite=True)
    keras.utils.clear_session()
