"""Makes model folders as the Deep Learning Interface did with Keras 2: `python saved_models.py FOLDER`.

Every model lies in a folder of its name; `<name>.inputs.npy` are frames as they entered the old network, and
`<name>.expected.npy` what Keras 2 said of them. The folders of `DAMAGED` are copies of one with something wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import dli_files as dli
from dli_files import K

ROWS = 10
LABELS = ["push", "pull", "still"]
SEGMENT = [dli.feature("sweep", [1], ["segment"], Down_sample=40.0)]
AMPLITUDE = [dli.feature("peak", [1], ["amplitude"])]


def build_all(folder: Path) -> None:
    """Build, train a little and save every model."""
    import tensorflow as tf
    import tf_keras as keras

    layers = keras.layers
    # Names without a number, tuples that are not square, and everything that is only there while training.
    wide = [
        layers.Conv2D(4, (3, 2), padding="same", activation="relu"),
        layers.GaussianNoise(0.3),
        layers.Dropout(0.1),
        layers.MaxPooling2D((3, 2)),
        layers.Conv2D(6, (2, 3), strides=(1, 2), padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(3, (1, 2), activation="tanh", use_bias=False),
        layers.Flatten(),
        layers.Dropout(0.2),
        layers.Dense(len(LABELS), activation="softmax"),
    ]
    row = [layers.Conv1D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(len(LABELS), activation="softmax")]
    steps = [layers.LSTM(5, return_sequences=True), layers.Flatten(), layers.Dense(len(LABELS), activation="softmax")]
    for name, shape, chain, features in (
        ("wide", (ROWS, K, 1), wide, SEGMENT),
        ("row", (K, 1), row, AMPLITUDE),
        ("lstm", (K, 1), steps, AMPLITUDE),
    ):
        with tf.distribute.MirroredStrategy().scope():
            model = _chained(keras, shape, chain)
            model.call = tf.function(model.call)
            model.compile(keras.optimizers.Adagrad(0.05), "categorical_crossentropy", metrics=["accuracy"])
        _train_and_save(keras, model, folder / name, shape)
        _save_info(folder / name, features)
    _as_before_2_5(folder / "wide", folder / "before_2_5")
    for name in ("inputs", "expected"):
        shutil.copy(folder / f"wide.{name}.npy", folder / f"before_2_5.{name}.npy")
    for name, damage in DAMAGED.items():
        damage(Path(shutil.copytree(folder / "wide", folder / name)))


def _chained(keras: Any, shape: tuple[int, ...], chain: list[Any]) -> Any:
    inputs = keras.Input(shape)
    tensor = inputs
    for layer in chain:
        tensor = layer(tensor)
    return keras.Model(inputs, tensor)


def _train_and_save(keras: Any, model: Any, path: Path, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(len(path.name))
    values = random.lognormal(size=(64, *shape)).astype(np.float32)
    codes = random.integers(0, len(LABELS), 64)
    model.fit(values, np.eye(len(LABELS))[codes], epochs=2, verbose=0)
    keras.models.save_model(model, str(path), save_format="tf", include_optimizer=True)
    np.save(path.with_name(f"{path.name}.inputs.npy"), values[:8])
    np.save(path.with_name(f"{path.name}.expected.npy"), model.predict(values[:8], verbose=0))


def _save_info(path: Path, features: list[dict[str, Any]]) -> None:
    content = {
        "labels_dict": {label: code for code, label in enumerate(LABELS)},
        "model_dimensions": {"input": None, "output": len(LABELS)},
        "feature_list": features,
        "sensor_config": json.dumps(dli.sensor_config("envelope", [1])),
        "frame_settings": {
            "frame_size": K,
            "update_rate": dli.RATE_HZ,
            "collection_mode": "continuous",
            "rolling": True,
        },
        "nr_of_training_maps": 64,
    }
    np.save(path / "ml_info.npy", content, allow_pickle=True)  # type: ignore[arg-type]


def _as_before_2_5(folder: Path, new: Path) -> None:
    """Put Keras' descriptions of the objects where TensorFlow 2.0 to 2.4 had them: into the graph's own file."""
    from tensorflow.core.protobuf import saved_model_pb2

    from exptool_ml_plugin.core.dli.saved_model import _followed

    shutil.copytree(folder, new)
    graph = saved_model_pb2.SavedModel.FromString((new / "saved_model.pb").read_bytes())
    texts = _followed((new / "keras_metadata.pb").read_bytes(), (1, 5))
    nodes = graph.meta_graphs[0].object_graph_def.nodes
    described = [node for node in nodes if node.user_object.identifier.startswith("_tf_keras_")]
    for node, text in zip(described, texts, strict=False):
        node.user_object.metadata = bytes(text).decode()
    (new / "saved_model.pb").write_bytes(graph.SerializeToString())
    (new / "keras_metadata.pb").unlink()


def _cut(path: Path, part: float = 0.5) -> None:
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])


def _replaced(folder: Path, old: str, new: str) -> None:
    """Change Keras' description, keeping its length."""
    path = folder / "keras_metadata.pb"
    content = path.read_bytes()
    assert len(old) == len(new) and old.encode() in content
    path.write_bytes(content.replace(old.encode(), new.encode()))


class _Runs:
    def __reduce__(self) -> Any:
        return os.system, ("touch ran_by_the_import",)


def _only_metrics(folder: Path) -> None:
    (folder / "keras_metadata.pb").write_bytes(b"")
    (folder / "saved_model.pb").write_bytes(b"")


DAMAGED: dict[str, Callable[[Path], Any]] = {
    "without_info": lambda folder: (folder / "ml_info.npy").unlink(),
    "without_description": lambda folder: [path.unlink() for path in folder.glob("*.pb")],
    "empty_description": _only_metrics,
    "cut_description": lambda folder: _cut(folder / "keras_metadata.pb", 0.05),
    "without_weights": lambda folder: shutil.rmtree(folder / "variables"),
    "cut_weights": lambda folder: _cut(folder / "variables" / "variables.data-00000-of-00001"),
    "cut_index": lambda folder: _cut(folder / "variables" / "variables.index"),
    "other_weights": lambda folder: _replaced(folder, '"filters": 4', '"filters": 5'),
    "code": lambda folder: _replaced(folder, '"class_name": "Flatten"', '"class_name": "Lambda" '),
    "hostile": lambda folder: np.save(folder / "ml_info.npy", {"labels_dict": _Runs()}, allow_pickle=True),  # type: ignore[arg-type]
    "cut_info": lambda folder: _cut(folder / "ml_info.npy"),
}


if __name__ == "__main__":
    build_all(Path(sys.argv[1]))
