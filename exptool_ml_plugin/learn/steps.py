"""The three things done with a batch: train, judge, predict; each traced once for batches of any size."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


class Steps:
    """Functions of one model and its optimizer.

    Written out instead of using `fit`, so that a stop is seen after any batch, the order of the frames is ours, and
    nothing but the variables of model and optimizer carries over from one batch to the next. One signature with an
    open batch size matters for exactness: a graph made for the first batch's size would round differently from the
    one made when the last, shorter batch comes.
    """

    def __init__(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        self._model = model
        self._optimizer = optimizer
        optimizer.build(model.trainable_variables)
        frames = tf.TensorSpec(model.input_shape, tf.float32)
        labels, weights = tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None,), tf.float32)
        self._train = tf.function(self._train_batch, input_signature=[frames, labels, weights])
        self._judge = tf.function(self._judge_batch, input_signature=[frames, labels])
        self._predict = tf.function(self._predict_batch, input_signature=[frames])

    def train(self, frames: NDArray[np.float32], labels: NDArray[np.int32], weights: NDArray[np.float32]) -> Any:
        """Take one step; returns the sum of the weighted losses and the number of frames that were right.

        `frames` is `(batch, time_steps, width)`, `labels` and `weights` are `(batch,)`.
        """
        loss, right = self._train(tf.constant(frames), tf.constant(labels), tf.constant(weights))
        return float(loss), int(right)

    def judge(self, frames: NDArray[np.float32], labels: NDArray[np.int32]) -> tuple[float, int]:
        """Return the sum of the losses and the number of frames that were right, without learning."""
        loss, right = self._judge(tf.constant(frames), tf.constant(labels))
        return float(loss), int(right)

    def predict(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities of each label: float32 `(batch, labels)`."""
        probabilities: NDArray[np.float32] = self._predict(tf.constant(frames)).numpy()
        return probabilities

    def _train_batch(self, frames: Any, labels: Any, weights: Any) -> Any:
        with tf.GradientTape() as tape:
            probabilities = self._model(frames, training=True)
            losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
            total = tf.reduce_sum(losses * weights)
            mean = total / tf.cast(tf.shape(labels)[0], tf.float32)
            objective = tf.add_n([mean, *self._model.losses])
        variables = self._model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(objective, variables), variables, strict=True))
        return total, _right(labels, probabilities)

    def _judge_batch(self, frames: Any, labels: Any) -> Any:
        probabilities = self._model(frames, training=False)
        losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
        return tf.reduce_sum(losses), _right(labels, probabilities)

    def _predict_batch(self, frames: Any) -> Any:
        return self._model(frames, training=False)


def _right(labels: Any, probabilities: Any) -> Any:
    predicted = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
    return tf.reduce_sum(tf.cast(predicted == labels, tf.int32))
