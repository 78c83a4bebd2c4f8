"""What the GUI process and the training worker say to each other: frozen dataclasses, one JSON line each."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TrainRequest:
    """Train in the run folder `run_dir`, whose recipe, data and split are already there.

    With `resume` the training goes on from the last checkpoint. `start_from` is the path of a `.keras` model whose
    weights are taken to begin with ("" for fresh weights). `save_best_to` is a folder that receives a model after
    each better epoch ("" for none).
    """

    run_dir: str
    resume: bool = False
    start_from: str = ""
    save_best_to: str = ""


@dataclass(frozen=True)
class StopRequest:
    """Stop after the current batch; `keep` is "best" or "last" and says which weights become the model."""

    keep: str = "best"


@dataclass(frozen=True)
class MatrixRequest:
    """Predict one subset ("training", "validation", "test") of the run with a model and count."""

    run_dir: str
    model_path: str
    subset: str


@dataclass(frozen=True)
class FinishRequest:
    """Make the model of an interrupted training from what its run folder holds, without training on."""

    run_dir: str
    keep: str = "best"


@dataclass(frozen=True)
class ShutdownRequest:
    """End the worker process."""


@dataclass(frozen=True)
class WorkerReady:
    """The worker has imported Keras and waits for requests."""

    pid: int
    threads: int
    keras_version: str


@dataclass(frozen=True)
class Progress:
    """What the worker is doing while no batches come, `done` of `total` (0 of 0: unknown).

    `phase` is "preparing" before the first batch and "counting" after the last.
    """

    what: str
    done: int = 0
    total: int = 0
    phase: str = "preparing"


@dataclass(frozen=True)
class TrainingStarted:
    """The first batch is next. Epochs count from 1; `first_epoch` is above 1 when resuming."""

    first_epoch: int
    epochs: int
    batches_per_epoch: int
    training_frames: int
    validation_frames: int
    trainable_parameters: int


@dataclass(frozen=True)
class BatchEnd:
    """Running training loss and accuracy of the epoch after batch `batch` (from 1) of epoch `epoch` (from 1)."""

    epoch: int
    batch: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class EpochEnd:
    """An epoch with its validation; `val_*` are None without validation data."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float
    best_epoch: int
    is_best: bool
    patience_left: int | None


@dataclass(frozen=True)
class MatrixCounted:
    """Confusion matrix of one subset: `counts[true][predicted]` in the order of `labels`."""

    subset: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class TrainingDone:
    """Training ended as planned. `reason` is "finished", "early stopping" or "stopped"."""

    reason: str
    kept: str
    epochs: int
    best_epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    seconds: float
    model_path: str


@dataclass(frozen=True)
class WorkerFailed:
    """A request failed. `message` and `hint` are for the user; `report` is the traceback of a bug, else empty."""

    message: str
    hint: str = ""
    report: str = ""


Message = (
    TrainRequest
    | StopRequest
    | MatrixRequest
    | FinishRequest
    | ShutdownRequest
    | WorkerReady
    | Progress
    | TrainingStarted
    | BatchEnd
    | EpochEnd
    | MatrixCounted
    | TrainingDone
    | WorkerFailed
)

_TYPES: dict[str, type] = {kind.__name__: kind for kind in Message.__args__}


@dataclass(frozen=True)
class BadLine:
    """A line that is no message, kept for the report."""

    text: str
    why: str = field(default="")


def encode(message: Message) -> bytes:
    """Return the message as one line of JSON, newline included."""
    document: dict[str, Any] = {"type": type(message).__name__, **dataclasses.asdict(message)}
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message | BadLine:
    """Read one line; what is no message comes back as `BadLine`, so that one bad line ends nothing."""
    try:
        document = json.loads(line)
        kind = _TYPES[document.pop("type")]
        values = {name: _frozen(value) for name, value in document.items()}
        message: Message = kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return BadLine(text=line.decode(errors="replace"), why=repr(error))
    return message


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
