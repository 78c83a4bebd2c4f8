"""The state of a training after an epoch, complete: what goes on from it gives the same bits."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..core.atomic import replacing
from ..core.errors import UserError
from .best import Best

SCHEMA = 1
Weights = list[NDArray[Any]]


@dataclass(frozen=True)
class TrainingState:
    """What is not in the variables: epochs done, seconds spent, the best epoch, and what must not have changed.

    `fingerprint` stands for data and split. `optimizer` and `learning_rate` are the settings the variables were made
    with: a changed optimizer starts afresh, a changed learning rate is taken over. `best` is that of `monitor`.
    """

    fingerprint: str
    optimizer: str
    learning_rate: float
    epoch: int = 0
    seconds: float = 0.0
    best: Best = field(default_factory=Best)
    monitor: str = ""


def save_checkpoint(
    path: Path,
    state: TrainingState,
    *,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    best_weights: Weights | None,
) -> None:
    """Write everything in one file, in one step.

    `model.variables` holds the weights and the states of the seed generators, which no Keras file keeps. Each group
    is written as one piece, because an entry per variable would take longer than short epochs have to spare.
    """
    pieces = {
        "model": [variable.numpy() for variable in model.variables],
        "optimizer": [variable.numpy() for variable in optimizer.variables],
        "best": best_weights or [],
    }
    text = json.dumps({"schema": SCHEMA, **dataclasses.asdict(state)})
    with replacing(path, overwrite=True) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            state=np.frombuffer(text.encode(), dtype=np.uint8),
            **{name: np.frombuffer(_joined(arrays), dtype=np.uint8) for name, arrays in pieces.items()},
        )


def read_state(path: Path) -> TrainingState:
    """Read the state without the variables; `UserError` if the file is broken or newer."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            document = json.loads(arrays["state"].tobytes())
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"Expected a checkpoint of a training. Received: {path}: {error}.", "Train anew.") from error
    if document.pop("schema", None) != SCHEMA:
        raise UserError(f"Expected a checkpoint of schema {SCHEMA}. Received: {path}.", "Update exptool-ml-plugin.")
    best = Best(**document.pop("best"))
    return TrainingState(best=best, **document)


def load_variables(path: Path, variables: Iterable[Any], *, kind: str) -> None:
    """Assign the saved values of kind "model" or "optimizer"; `UserError` if they are of another network."""
    own = list(variables)
    for variable, value in zip(own, _apart(path, kind, [variable.numpy() for variable in own]), strict=True):
        variable.assign(value)


def load_best_weights(path: Path, model: keras.Model) -> Weights | None:
    """Return the weights of the best epoch; None before the first epoch."""
    with np.load(path, allow_pickle=False) as arrays:
        if not len(arrays["best"]):
            return None
    return _apart(path, "best", model.get_weights())


def _joined(arrays: Weights) -> bytes:
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)


def _apart(path: Path, kind: str, like: Weights) -> Weights:
    """Cut one piece into arrays with the types and shapes of `like`."""
    with np.load(path, allow_pickle=False) as arrays:
        piece = arrays[kind].tobytes()
    if len(piece) != sum(array.nbytes for array in like):
        raise UserError(
            f"Expected a checkpoint of this network. Received: {path} of another one.",
            "Start a new training, or restore the network it was begun with.",
        )
    parts, start = [], 0
    for array in like:
        part = np.frombuffer(piece, dtype=array.dtype, count=array.size, offset=start)
        parts.append(part.reshape(array.shape))
        start += array.nbytes
    return parts
