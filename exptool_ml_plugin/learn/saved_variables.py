"""The weights in the checkpoint of a saved model, read one by one; nothing of a graph is loaded or run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

from ..core.errors import UserError

_OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
_LAYER = "layer_with_weights-"


class SavedVariables(Mapping[str, NDArray[Any]]):
    """Arrays by what they are in the model: "layer_with_weights-0/kernel", "layer_with_weights-1/cell/bias".

    `UserError` for a checkpoint that is missing, broken, or says that it is larger than its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "variables"
        self._reader = self._tried(lambda: tf.train.load_checkpoint(str(self._folder / "variables")))
        self._shapes: dict[str, list[int]] = self._reader.get_variable_to_shape_map()
        self._room = sum(path.stat().st_size for path in self._folder.glob("variables.data-*"))
        self._keys: dict[str, str] = self._tried(lambda: dict(_keys(self._reader.get_tensor(_OBJECTS))))

    def __getitem__(self, name: str) -> NDArray[Any]:
        key = self._keys[name]
        if 4 * math.prod(self._shapes.get(key, [])) > self._room:
            raise self._broken(f"{name} of shape {self._shapes[key]}, more than its files hold")
        array: NDArray[Any] = self._tried(lambda: self._reader.get_tensor(key))
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def _tried(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except (tf.errors.OpError, DecodeError, LookupError, ValueError, RuntimeError, OSError) as error:
            raise self._broken(str(error).partition("\n")[0][:200]) from error

    def _broken(self, received: str) -> UserError:
        return UserError(
            f"Expected the weights of a model in {self._folder}. Received: {received}.",
            "The folder is not complete or damaged; take another copy of it.",
        )


def _keys(stored: bytes) -> Iterator[tuple[str, str]]:
    """Yield what each weight is in the model and its key in the checkpoint, which depends on how Keras found it."""
    nodes = TrackableObjectGraph.FromString(stored).nodes
    for layer in nodes[0].children:
        if not layer.local_name.startswith(_LAYER):
            continue
        for child in nodes[layer.node_id].children:
            name, inside = f"{layer.local_name}/{child.local_name}", nodes[child.node_id]
            yield from ((name, attribute.checkpoint_key) for attribute in inside.attributes)
            for part in inside.children if child.local_name == "cell" else ():
                attributes = nodes[part.node_id].attributes
                yield from ((f"{name}/{part.local_name}", attribute.checkpoint_key) for attribute in attributes)
