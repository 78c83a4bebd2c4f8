"""A trained network as LiteRT, which predicts without TensorFlow."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from .data import Frames
from .steps import Steps

log = logging.getLogger(__name__)

Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]

TOLERANCE = 1e-3
"""Largest difference of a probability to Keras' that is accepted; measured differences are below 1e-5."""
VERIFIED_FRAMES = 32
MAX_UNROLLED = 100
"""Time steps up to which recurrent layers are written out step by step, which any batch size can use."""


def convert(model: keras.Model, steps: Steps, frames: Frames) -> bytes | None:
    """Convert and compare with Keras on some frames; None, with a note in the log, if it cannot be used."""
    return convert_with(model, steps.predict, _examples(frames))


def convert_with(model: keras.Model, predict: Predict, examples: NDArray[np.float32]) -> bytes | None:
    """Convert and compare with what `predict` says of examples `(frames, time_steps, width)`; None as `convert`."""
    try:
        litert: bytes = tf.lite.TFLiteConverter.from_keras_model(_convertible(model)).convert()
        _verify(litert, predict, examples)
    except Exception:  # the converter raises anything, and the Keras model is there all the same
        log.exception("The model could not be converted to LiteRT")
        return None
    return litert


def _convertible(model: keras.Model) -> keras.Model:
    """Return a model the converter takes: loops over time steps need a known batch size, or no loop."""
    if not any(isinstance(layer, (keras.layers.LSTM, keras.layers.GRU)) for layer in model.layers):
        return model
    _, time_steps, width = model.input_shape
    if time_steps <= MAX_UNROLLED:
        copy = keras.models.clone_model(model, clone_function=_unrolled)
    else:
        copy = keras.models.clone_model(model, input_tensors=keras.Input(batch_shape=(1, time_steps, width)))
    copy.set_weights(model.get_weights())
    return copy


def _unrolled(layer: keras.layers.Layer) -> keras.layers.Layer:
    settings = layer.get_config()
    if isinstance(layer, (keras.layers.LSTM, keras.layers.GRU)):
        settings["unroll"] = True
    return type(layer).from_config(settings)


def _examples(frames: Frames) -> NDArray[np.float32]:
    indices = frames.data.training
    chosen = indices[:: max(1, len(indices) // VERIFIED_FRAMES)][:VERIFIED_FRAMES]
    examples: NDArray[np.float32] = frames.values[np.sort(chosen)]
    return examples


def _verify(litert: bytes, predict: Predict, examples: NDArray[np.float32]) -> None:
    interpreter: Any = Interpreter(model_content=litert, num_threads=1)
    interpreter.allocate_tensors()
    entry, end = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    expected = predict(examples)
    for frame, probabilities in zip(examples, expected, strict=True):
        interpreter.set_tensor(entry, frame[np.newaxis])
        interpreter.invoke()
        difference = float(np.abs(interpreter.get_tensor(end)[0] - probabilities).max())
        if not difference <= TOLERANCE:
            raise ValueError(f"LiteRT and Keras differ by {difference:g} in a probability")
