"""Makes a Keras model of one of the Deep Learning Interface: `python -m exptool_ml_plugin.learn.import_dli OLD NEW`.

A process of its own, since Keras takes seconds to load. The last line it prints is a JSON object: what was made, or
"error" and "hint".
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..core.dli.model import ImportedModel, read_model
from ..core.dli.saved_model import read_model_folder
from ..core.errors import UserError
from ..core.model_file import ModelInfo
from ..core.parts import Parts
from ..plugins import load_plugins

if TYPE_CHECKING:
    import keras

_EXAMPLES = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, build and save; returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    options = parser.parse_args(arguments)
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        told = import_model(options.old, options.new)
    except UserError as error:
        told = {"error": error.message, "hint": error.hint}
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 1 if "error" in told else 0


def import_model(old: Path, new: Path) -> dict[str, Any]:
    """Write the old model as a Keras file with our members, replacing an older one; returns what it is.

    `old` is a model file or, of TensorFlow 2, a folder.
    """
    imported = _read(old, load_plugins().parts)
    model = build(imported)
    from .litert import convert_with
    from .model_file import save_model

    litert = convert_with(model, lambda frames: np.asarray(model(frames, training=False)), _examples(imported))
    save_model(model, new, info=_info(imported, model), litert=litert)
    return {
        "labels": list(imported.labels),
        "frame_shape": list(imported.frame_shape),
        "parameters": model.count_params(),
        "trained_frames": imported.trained_frames,
        "litert": litert is not None,
        "notes": list(imported.notes),
    }


def _read(old: Path, parts: Parts) -> ImportedModel:
    return read_model_folder(old, parts, _variables) if old.is_dir() else read_model(old, parts)


def _variables(folder: Path) -> Mapping[str, NDArray[Any]]:
    from .saved_variables import SavedVariables

    return SavedVariables(folder)


def build(imported: ImportedModel) -> keras.Model:
    """Build the network with its weights, from frames of ours `(batch, time_steps, width)` to probabilities."""
    import keras

    inputs = keras.Input(imported.frame_shape, name="frame")
    tensor = _entering(inputs, imported)
    for number, layer in enumerate(imported.network.layers, start=1):
        try:
            made = getattr(keras.layers, layer.kind)(**layer.arguments)
            tensor = made(tensor)
            made.set_weights(list(layer.weights))
        except (TypeError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            raise UserError(f"The layer {layer.kind} (number {number}) cannot be built: {reason}") from error
    if tensor.shape[1:] != (len(imported.labels),):
        raise UserError(f"Expected one output per label. Received: an output of shape {tuple(tensor.shape[1:])}.")
    return keras.Model(inputs, tensor, name="frames_to_labels")


def _entering(tensor: Any, imported: ImportedModel) -> Any:
    """Bring a frame to the order and the units that the network was trained with."""
    import keras
    from keras import ops

    steps, width = imported.frame_shape
    if (imported.scale != 1.0).any():
        # x / sqrt(1 / scale^2), in a layer that Keras and LiteRT have.
        variance = (1.0 / imported.scale**2).astype(np.float32)
        mean = np.zeros_like(variance)
        tensor = keras.layers.Normalization(axis=(1, 2), mean=mean, variance=variance, name="units")(tensor)
    if imported.held.any() and steps > 1:
        newest = ops.repeat(tensor[:, -1:, :], steps, axis=1)
        columns = [(newest if held else tensor)[:, :, i : i + 1] for i, held in enumerate(imported.held)]
        tensor = ops.concatenate(columns, axis=-1) if width > 1 else columns[0]
    if steps > 1:
        tensor = ops.flip(tensor, axis=1)
    if len(imported.network.input_shape) == 3:
        tensor = keras.layers.Permute((2, 1))(tensor)
    return keras.layers.Reshape(imported.network.input_shape)(tensor)


def _examples(imported: ImportedModel) -> NDArray[np.float32]:
    """Return made-up frames in the usual size of the values, to compare with."""
    random = np.random.default_rng(0)
    values = random.lognormal(size=(_EXAMPLES, *imported.frame_shape)) / np.abs(imported.scale)
    return np.asarray(values, dtype=np.float32)


def _info(imported: ImportedModel, model: keras.Model) -> ModelInfo:
    import keras
    import tensorflow as tf

    return ModelInfo(
        recipe=imported.recipe,
        labels=imported.labels,
        frame_shape=imported.frame_shape,
        split="imported",
        counts={"training": imported.trained_frames},
        trainable_parameters=sum(math.prod(weight.shape) for weight in model.trainable_variables),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        versions={"keras": keras.__version__, "tensorflow": tf.__version__, "python": platform.python_version()},
    )


if __name__ == "__main__":
    sys.exit(main())
