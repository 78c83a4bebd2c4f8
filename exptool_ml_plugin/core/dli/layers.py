"""Networks of the Deep Learning Interface: Keras 2's description and weights, without Keras."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..layer_settings import ACTIVATIONS
from ..recipe import LayerChoice
from .restricted_pickle import read_pickle

_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "Conv2D": ("filters", "kernel_size", "strides", "padding", "dilation_rate", "activation", "use_bias"),
    "Conv1D": ("filters", "kernel_size", "strides", "padding", "dilation_rate", "activation", "use_bias"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "Dense": ("units", "activation", "use_bias"),
    "LSTM": ("units", "activation", "recurrent_activation", "return_sequences", "use_bias"),
    "Dropout": ("rate",),
    "GaussianNoise": ("stddev",),
    "BatchNormalization": ("momentum", "epsilon", "center", "scale"),
    "Flatten": (),
}
"""Kinds of layers the old interface offered, and what of their description matters for what they compute."""

_KEYS = {
    "Conv2D": "conv2d",
    "Conv1D": "conv1d",
    "MaxPooling2D": "max_pooling2d",
    "Dense": "dense",
    "LSTM": "lstm",
    "Dropout": "dropout",
    "GaussianNoise": "gaussian_noise",
    "BatchNormalization": "batch_normalization",
    "Flatten": "flatten",
}
_PAIRS = {
    "kernel_size": ("kernel_rows", "kernel_columns"),
    "strides": ("stride_rows", "stride_columns"),
    "pool_size": ("pool_rows", "pool_columns"),
}
_KEPT = ("filters", "padding", "activation", "units", "rate", "stddev", "recurrent_activation", "return_sequences")


@dataclass(frozen=True, eq=False)
class OldLayer:
    """A layer: its class in Keras, the arguments that make it, and its weights in Keras' order."""

    kind: str
    arguments: Mapping[str, Any]
    weights: tuple[NDArray[np.float32], ...] = ()

    def choice(self) -> LayerChoice:
        """Return the layer as a recipe has it: there the rows of an image are time, here they were the values."""
        params: dict[str, Any] = {}
        for name, value in self.arguments.items():
            if self.kind.endswith("2D") and name in _PAIRS and not (self.kind == "MaxPooling2D" and name == "strides"):
                columns, rows = value
                params.update(zip(_PAIRS[name], (rows, columns), strict=True))
            elif name == "kernel_size":
                params[name] = value[0] if isinstance(value, (list, tuple)) else value
            elif name in _KEPT and self.kind != "MaxPooling2D":
                params[name] = value
        return LayerChoice(_KEYS[self.kind], params)


@dataclass(frozen=True, eq=False)
class OldNetwork:
    """A chain of layers behind an input of a shape without the batch."""

    input_shape: tuple[int, ...]
    layers: tuple[OldLayer, ...]

    @property
    def parameters(self) -> int:
        """Number of all weights."""
        return sum(int(weight.size) for layer in self.layers for weight in layer.weights)


def network_of(state: Any) -> OldNetwork:
    """Return the network of the state of a pickled Keras 2 model; raise `UserError` where it is not complete."""
    if not isinstance(state, dict) or not isinstance(state.get("model_weights"), dict):
        raise UserError("Expected a Keras model with weights in the old file. Received: none.")
    try:
        config = json.loads(state["model_config"])
        return network_from(config["config"], state["model_weights"])
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"Expected a complete Keras model in the old file. Received: {error!r:.100}.") from error


def network_from(config: Any, weights: Mapping[str, Any]) -> OldNetwork:
    """Return the network of Keras' description of a model, weights by layer name as Keras stores them."""
    entries = config["layers"] if isinstance(config, dict) else config
    shape: tuple[int, ...] | None = None
    layers: list[OldLayer] = []
    before = ""
    for entry in entries:
        kind, settings = str(entry["class_name"]), entry["config"]
        name = str(settings["name"])
        given = settings.get("batch_input_shape")
        if given is not None and shape is None:
            shape = tuple(int(size) for size in given[1:])
        _check_chain(entry, before)
        before = name
        if kind != "InputLayer":
            stored = weights.get(name, {})
            layers.append(OldLayer(kind, _arguments(kind, settings), _weights(stored)))
    if shape is None or not layers or not all(0 < size <= 100_000 for size in shape):
        raise UserError(f"Expected a network with an input. Received: input shape {shape}, {len(layers)} layers.")
    return OldNetwork(shape, tuple(layers))


def _check_chain(entry: Mapping[str, Any], before: str) -> None:
    """Refuse networks with branches, which the old interface could not make."""
    nodes = entry.get("inbound_nodes") or []
    if nodes and (len(nodes) != 1 or len(nodes[0]) != 1 or nodes[0][0][0] != before):
        raise UserError(f"Expected layers one after another. Received: a branch at {entry['config']['name']}.")


def _arguments(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    names = _ARGUMENTS.get(kind)
    if names is None:
        raise UserError(f"Expected a layer of the old interface: {', '.join(_ARGUMENTS)}. Received: {kind[:60]}.")
    if settings.get("data_format", "channels_last") != "channels_last":
        raise UserError(f"Expected channels in the last place. Received: {settings['data_format']} in {kind}.")
    found = {name: settings[name] for name in names if settings.get(name) is not None}
    for name in ("activation", "recurrent_activation"):
        # hard_sigmoid has another slope since Keras 3.
        if name in found and (found[name] not in ACTIVATIONS or found[name] == "hard_sigmoid"):
            raise UserError(f"Expected an activation that is the same today. Received: {str(found[name])[:60]}.")
    if kind.endswith("2D"):
        for name in _PAIRS:
            value = found.get(name)
            if value is not None:
                pair = value if isinstance(value, (list, tuple)) else (value, value)
                found[name] = (int(pair[0]), int(pair[1]))
    return found


def _weights(stored: Mapping[str, Any]) -> tuple[NDArray[np.float32], ...]:
    """Return the arrays of a layer, which may be pickles within the pickle."""
    found = []
    for name in stored.get("weight_names", []):
        text = name.decode() if isinstance(name, bytes) else str(name)
        value = stored[text]
        if isinstance(value, bytes):
            value = read_pickle(value, source=f"the weights {text[:60]}")
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not np.isfinite(value).all():
            raise UserError(f"Expected numbers as weights {text[:60]}. Received: {type(value).__name__}.")
        found.append(np.asarray(value, dtype=np.float32))
    return tuple(found)
