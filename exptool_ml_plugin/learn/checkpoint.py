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

from ..core.atomic import replacing
from ..core.errors import UserError
from .best import Best

SCHEMA = 1


@dataclass(frozen=True)
class TrainingState:
    """What is not in the variables: epochs done, seconds spent, the best epoch, and what must not have changed.

    `fingerprint` stands for data and split. `optimizer` and `learning_rate` are the settings the variables were made
    with: a changed optimizer starts afresh, a changed learning rate is taken over.
    """

    fingerprint: str
    optimizer: str
    learning_rate: float
    epoch: int = 0
    seconds: float = 0.0
    best: Best = field(default_factory=Best)


def save_checkpoint(
    path: Path, state: TrainingState, *, model: keras.Model, optimizer: keras.optimizers.Optimizer
) -> None:
    """Write everything in one file, in one step.

    `model.variables` holds the weights and the states of the seed generators, which no Keras file keeps.
    """
    arrays = {
        **{f"model_{index}": variable.numpy() for index, variable in enumerate(model.variables)},
        **{f"optimizer_{index}": variable.numpy() for index, variable in enumerate(optimizer.variables)},
    }
    text = json.dumps({"schema": SCHEMA, **dataclasses.asdict(state)})
    with replacing(path, overwrite=True) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, state=np.frombuffer(text.encode(), dtype=np.uint8), **arrays)


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
    """Assign the saved values of kind "model" or "optimizer"; `UserError` if the network is another one."""
    own = list(variables)
    with np.load(path, allow_pickle=False) as arrays:
        saved = [arrays[f"{kind}_{index}"] for index in range(sum(name.startswith(kind) for name in arrays.files))]
    if [value.shape for value in saved] != [tuple(variable.shape) for variable in own]:
        raise UserError(
            f"Expected a checkpoint of this network. Received: {path} of another one.",
            "Start a new training, or restore the network it was begun with.",
        )
    for variable, value in zip(own, saved, strict=True):
        variable.assign(value)
