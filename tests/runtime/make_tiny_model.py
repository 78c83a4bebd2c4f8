"""Make tiny.tflite, the model of the tests of this folder, which run where there is no TensorFlow.

Run with an environment that has TensorFlow: python tests/runtime/make_tiny_model.py
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

FRAME_SHAPE, LABELS = (4, 3), 2


def weights() -> np.ndarray:
    """float32 `(12, 2)`: the first label likes positive values, the second negative ones."""
    return np.linspace(0.1, 1.2, 12, dtype=np.float32)[:, np.newaxis] * np.array([1.0, -1.0], dtype=np.float32)


def main() -> None:
    """Write the file beside this script."""
    network = keras.Sequential(
        [keras.Input(FRAME_SHAPE), keras.layers.Flatten(), keras.layers.Dense(LABELS, activation="softmax")]
    )
    network.set_weights([weights(), np.zeros(LABELS, dtype=np.float32)])
    content = tf.lite.TFLiteConverter.from_keras_model(network).convert()
    Path(__file__).with_name("tiny.tflite").write_bytes(content)


if __name__ == "__main__":
    main()
