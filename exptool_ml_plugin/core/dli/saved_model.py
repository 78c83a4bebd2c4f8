"""Model folders of the Deep Learning Interface under TensorFlow 2.

    ml_info.npy                     a pickle: labels, features, settings, as in a model file but without the network
    keras_metadata.pb               Keras' description of the network; before TensorFlow 2.5 it was in saved_model.pb
    saved_model.pb                  the graph, of which nothing is looked at
    variables/variables.*           the weights, a checkpoint

The two `.pb` files are protobuf messages; only their fields on the way to Keras' description, JSON text, are followed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..errors import UserError
from ..parts import Parts
from .layers import OldNetwork, network_from
from .model import ImportedModel, model_of
from .pickled_values import whole
from .restricted_pickle import read_npy

INFO, METADATA, GRAPH = "ml_info.npy", "keras_metadata.pb", "saved_model.pb"
MAX_BYTES = 1 << 28
"""Largest description that is read; real ones have some ten thousand bytes, graphs a few millions."""

_WEIGHTS: Mapping[str, tuple[str, ...]] = {
    "Conv2D": ("kernel", "bias"),
    "Conv1D": ("kernel", "bias"),
    "Dense": ("kernel", "bias"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "LSTM": ("cell/kernel", "cell/recurrent_kernel", "cell/bias"),
}
"""Weights of the kinds of layers that have any, in Keras' order, as its objects call them."""

Variables = Mapping[str, NDArray[Any]]


def read_model_folder(folder: Path, parts: Parts, variables_of: Callable[[Path], Variables]) -> ImportedModel:
    """Read a model; `variables_of` gives the arrays of its checkpoint, "layer_with_weights-0/kernel" and so on.

    `UserError` for a folder that is broken, hostile or holds no model of the Deep Learning Interface.
    """
    if not (folder / INFO).is_file():
        raise UserError(
            f"Expected a model folder of the Deep Learning Interface. Received: {folder.name}, without {INFO}.",
            "Choose the folder itself, with everything that was saved in it.",
        )
    document = read_npy(folder / INFO)
    description = read_description(folder)
    with whole(folder.name):
        network = _network(description, variables_of(folder))
        return model_of(document, name=folder.name, parts=parts, network=network)


def read_description(folder: Path) -> Any:
    """Return Keras' description of the network in a folder; `UserError` where there is none."""
    for name, way in ((METADATA, (1, 5)), (GRAPH, (2, 7, 1, 4, 3))):
        path = folder / name
        if not path.is_file():
            continue
        with whole(f"{folder.name}/{name}"):
            if path.stat().st_size > MAX_BYTES:
                raise ValueError(f"more than {MAX_BYTES:,} bytes")
            text = next(_followed(path.read_bytes(), way), b"")  # the first object is the model itself
            if text:
                return _without_tuples(json.loads(bytes(text))["config"])
    raise UserError(
        f"Expected Keras' description of a network in {METADATA} or {GRAPH}. Received: none in {folder.name}.",
        "The folder is not complete; take another copy of it.",
    )


def _network(description: Any, variables: Variables) -> OldNetwork:
    """Put the description and the weights together; the checkpoint counts the layers that have weights."""
    weights: dict[str, Any] = {}
    number = 0
    for entry in description["layers"]:
        names = _WEIGHTS.get(str(entry["class_name"]), ())
        keys = {name: f"layer_with_weights-{number}/{name}" for name in names}
        arrays = {name: variables[key] for name, key in keys.items() if key in variables}
        weights[str(entry["config"]["name"])] = {"weight_names": list(arrays), **arrays}
        number += bool(names)
    if any(key.startswith(f"layer_with_weights-{number}/") for key in variables):
        raise UserError(f"Expected weights of {number} layers, as described. Received: weights of more.")
    return network_from(description, weights)


def _followed(message: bytes | memoryview, way: tuple[int, ...]) -> Iterator[memoryview]:
    """Yield what lies at the end of a way of field numbers, in every message on that way."""
    for number, content in _fields(memoryview(message)):
        if number == way[0] and len(way) == 1:
            yield content
        elif number == way[0]:
            yield from _followed(content, way[1:])


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and content of the fields of a protobuf message that have a length; numbers are passed over."""
    place = 0
    while place < len(message):
        tag, place = _whole_number(message, place)
        kind = tag & 7
        if kind == 0:
            _, place = _whole_number(message, place)
        elif kind in (1, 5):
            place += 8 if kind == 1 else 4
        elif kind == 2:
            size, place = _whole_number(message, place)
            yield tag >> 3, message[place : place + size]
            place += size
        else:
            raise ValueError(f"a field of kind {kind}")
    if place != len(message):
        raise ValueError("a field that is cut short")


def _whole_number(message: memoryview, place: int) -> tuple[int, int]:
    """Return a number of seven bits per byte, the lowest first, and the place behind it."""
    number = 0
    for shift in range(0, 70, 7):
        byte = message[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
    raise ValueError("a number that does not end")


def _without_tuples(value: Any) -> Any:
    """Return the description with lists in place of what stands for a tuple in it."""
    if isinstance(value, list):
        return [_without_tuples(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__tuple__":
        return [_without_tuples(item) for item in value["items"]]
    return {key: _without_tuples(item) for key, item in value.items()}
