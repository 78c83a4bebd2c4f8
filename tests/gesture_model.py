"""Trains a small real model on simulated gestures: `python gesture_model.py RECIPE.json MODEL.keras`.

Run as a process of its own, because the tests that use the model must live without TensorFlow.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from exptool_ml_plugin.core.model_file import ModelInfo, add_members
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import Recipe
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.plugins import load_plugins

LABELS = ("pull", "push", "swipe")
SECONDS = 30.0
SEEDS = (11, 12)


def train(recipe: Recipe, path: Path) -> None:
    """Train on some simulated recordings per label and write the model."""
    assert recipe.sensor is not None
    parts = load_plugins().parts
    values, codes = [], []
    for code, (label, seed) in ((code, (label, seed)) for code, label in enumerate(LABELS) for seed in SEEDS):
        recording = record(recipe.sensor, label, SECONDS, name=label, seed=seed)
        frames = frames_of(recording, recipe, parts)
        values += [frame.values for frame in frames]
        codes += [code] * len(frames)
    x, y = np.stack(values), np.array(codes)
    keras.utils.set_random_seed(0)
    model = network(x)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(x, y, epochs=30, verbose=0)
    info = ModelInfo(recipe=recipe, labels=LABELS, frame_shape=x.shape[1:])
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.keras"
        model.save(plain)
        litert = tf.lite.TFLiteConverter.from_keras_model(model).convert()
        add_members(plain, path, info=info, litert=litert, overwrite=False)


def network(x: np.ndarray) -> keras.Model:
    """A hidden layer is enough for these frames."""
    inputs = keras.Input(x.shape[1:])
    normalise = keras.layers.Normalization(axis=-1)
    normalise.adapt(x)
    hidden = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(normalise(inputs)))
    return keras.Model(inputs, keras.layers.Dense(len(LABELS), activation="softmax")(hidden))


if __name__ == "__main__":
    train(Recipe.from_json(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
