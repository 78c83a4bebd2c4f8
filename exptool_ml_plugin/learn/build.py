"""Keras models and optimizers of a recipe."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from ..core.errors import UserError
from ..core.network import LAYERS, LayerType, entry_shape, layers_in_use, plan
from ..core.normalisations import NORMALISATIONS
from ..core.recipe import NetworkSettings, TrainingSettings
from ..plugins import load_plugins
from .normalisation import Normalisation

_SMALLEST_MAXIMUM = 1e-30
"""What a frame is divided by at least, so that one of zeros stays one."""


def layer_types(network: NetworkSettings) -> Mapping[str, LayerType]:
    """Return the layer types a network needs; guests' packages are loaded only for networks that use them."""
    shipped = {kind.key: kind for kind in LAYERS}
    if all(layer.key in shipped for layer in network.layers):
        return shipped
    return {**load_plugins().layers, **shipped}


def build_model(
    network: NetworkSettings,
    *,
    frame_shape: tuple[int, int],
    labels: int,
    normalisation: Normalisation | None,
) -> keras.Model:
    """Build the network from frames `(batch, time_steps, width)` to probabilities `(batch, labels)`.

    `normalisation` is what `measure` returned for these frames. The initial weights follow Keras' global seed.
    `UserError` names the layer that does not fit.
    """
    if network.normalisation not in NORMALISATIONS:
        raise UserError(
            f"Expected a normalisation of {', '.join(NORMALISATIONS)}. Received: {network.normalisation!r}."
        )
    layers, types = layers_in_use(network.layers, frame_shape), layer_types(network)
    planned = plan(layers, frame_shape=frame_shape, labels=labels, layers_types=types)
    inputs = keras.Input(frame_shape, name="frame")
    tensor = _normalised(inputs, network.normalisation, normalisation)
    shape = entry_shape(layers, frame_shape, types)
    tensor = _reshaped(tensor, shape)
    for layer in planned:
        tensor = _reshaped(tensor, layer.takes)
        tensor = _made(layer.kind, layer.options, layer.index)(tensor)
    return keras.Model(inputs, tensor, name="frames_to_labels")


def _normalised(tensor: Any, kind: str, measured: Normalisation | None) -> Any:
    """Normalise with what Keras itself has, so that it opens the model without this package."""
    if kind == "unit_maximum":
        return tensor / ops.maximum(ops.max(ops.abs(tensor), axis=(1, 2), keepdims=True), _SMALLEST_MAXIMUM)
    if measured is None or kind == "none":
        return tensor
    if kind == "log":
        tensor = ops.sign(tensor) * ops.log(1.0 + ops.abs(tensor))  # LiteRT has no log1p
    # float32 lists, because the file holds them as text and must give back the same numbers.
    return keras.layers.Normalization(
        axis=-1,
        mean=measured.mean.astype("float32"),
        variance=measured.variance.astype("float32"),
        name="normalisation",
    )(tensor)


def make_optimizer(settings: TrainingSettings) -> keras.optimizers.Optimizer:
    """Make a fresh optimizer with its learning rate."""
    kind = getattr(keras.optimizers, settings.optimizer, None)
    if kind is None:
        raise UserError(f"Expected an optimizer Keras has. Received: optimizer={settings.optimizer!r}.")
    return kind(learning_rate=settings.learning_rate)


def _reshaped(tensor: Any, shape: tuple[int, ...]) -> Any:
    return tensor if tuple(tensor.shape[1:]) == shape else keras.layers.Reshape(shape)(tensor)


def _made(kind: LayerType, options: Any, index: int) -> keras.layers.Layer:
    module, _, name = kind.keras_class.rpartition(":")
    try:
        layer_class = getattr(importlib.import_module(module) if module else keras.layers, name)
        return layer_class(**kind.to_keras(options))
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UserError(f"The layer {kind.name} (network.{index}) cannot be built: {error}") from error
