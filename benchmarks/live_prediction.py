"""Live prediction of a frame, pipeline row and LiteRT, against Keras' `model.predict` for the same network, in one run.

    python benchmarks/live_prediction.py

Wanted: at least 100 times faster than `model.predict` (medians), and less than 1 ms for 99 of 100 frames. The exit
status says whether both were reached. Beside the time on the clock stands that on the processor: where they differ,
other programs had the processor meanwhile.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from exptool_ml_plugin.core.model_file import ModelInfo
from exptool_ml_plugin.core.pipeline import Pipeline
from exptool_ml_plugin.core.recipe import NetworkSettings, Recipe
from exptool_ml_plugin.core.resources import find_recipe
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, record
from exptool_ml_plugin.learn.build import build_model
from exptool_ml_plugin.learn.model_file import save_model
from exptool_ml_plugin.learn.normalisation import Normalisation
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.runtime.predictor import Predictor

LABELS = ("circle", "pull", "push", "swipe")
ROUNDS, LIVE_PER_ROUND, KERAS_PER_ROUND = 20, 200, 6
WANTED_RATIO, WANTED_P99_S = 100.0, 1e-3


def main() -> int:
    """Measure in turns, so that both have the same machine, and print medians, 99th percentiles and their ratio."""
    recipe = Recipe.from_json(find_recipe("gesture").read_text())
    recipe = replace(recipe, sensor=DEFAULT_SETUP, network=NetworkSettings())  # no layers: the default network
    pipeline = Pipeline(recipe, load_plugins().parts)
    shape = (pipeline.time_steps, pipeline.width)
    scale = Normalisation(mean=np.full(shape[1], 5.0), variance=np.full(shape[1], 2.0))
    network = build_model(recipe.network, frame_shape=shape, labels=len(LABELS), normalisation=scale)
    predictor = as_predictor(network, recipe, shape)
    readings = list(record(DEFAULT_SETUP, "push", ROUNDS * LIVE_PER_ROUND / DEFAULT_SETUP.reading_rate_hz, name="push"))

    live, live_cpu, kept = [], [], []
    network.predict(np.zeros((1, *shape), dtype=np.float32), verbose=0)
    for turn in range(ROUNDS):
        for reading in readings[turn * LIVE_PER_ROUND : (turn + 1) * LIVE_PER_ROUND]:
            began, cpu_began = time.perf_counter(), time.thread_time()
            pipeline.push(reading)
            probabilities = predictor.predict(pipeline.window)
            live.append(time.perf_counter() - began)
            live_cpu.append(time.thread_time() - cpu_began)
        for _ in range(KERAS_PER_ROUND):
            frame = pipeline.window[np.newaxis]
            began = time.perf_counter()
            by_keras = network.predict(frame, verbose=0)[0]
            kept.append(time.perf_counter() - began)
        assert np.allclose(probabilities, by_keras, atol=1e-4)
    print(f"default network for frames {shape[0]} x {shape[1]}: {network.count_params():,} parameters")
    return report(np.array(live), np.array(live_cpu), np.array(kept))


def as_predictor(network: keras.Model, recipe: Recipe, shape: tuple[int, int]) -> Predictor:
    """Return the network as it would come out of a training."""
    litert = tf.lite.TFLiteConverter.from_keras_model(network).convert()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        save_model(network, path, info=ModelInfo(recipe=recipe, labels=LABELS, frame_shape=shape), litert=litert)
        return Predictor(path)


def report(live: np.ndarray, live_cpu: np.ndarray, by_keras: np.ndarray) -> int:
    """Print the figures; return 0 if they are what is wanted."""
    rows = (("pipeline row + LiteRT", live), ("  on the processor", live_cpu), ("model.predict", by_keras))
    for name, seconds in rows:
        p50, p99 = 1e3 * np.percentile(seconds, [50, 99])
        print(f"{name:<22} {len(seconds):5d} frames   p50 {p50:8.3f} ms   p99 {p99:8.3f} ms")
    ratio = float(np.median(by_keras) / np.median(live))
    p99_s = float(np.percentile(live, 99))
    print(f"ratio of the medians: {ratio:.0f} (wanted {WANTED_RATIO:.0f}), p99 {1e3 * p99_s:.3f} ms (wanted under 1)")
    return 0 if ratio >= WANTED_RATIO and p99_s < WANTED_P99_S else 1


if __name__ == "__main__":
    sys.exit(main())
