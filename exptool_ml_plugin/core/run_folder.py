"""The folder of one training: everything that went in and everything that came out, readable without this package."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import shutil
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .atomic import replacing, write_bytes
from .errors import UserError
from .messages import EpochEnd, TrainingDone
from .recipe import Recipe, TrainingSettings

SCHEMA = 1
SUBSETS = ("training", "validation", "test")
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RunData:
    """What a training learns from and is judged by.

    `values` is float32 `(frames, time_steps, width)`; `labels` is int64 `(frames,)`, indices into `label_names`;
    `recordings` names the recording each frame came from. `training`, `validation` and `test` are int64 indices of
    frames, without overlap; `kind` says how they were chosen ("recording", "random", "files", "none") and `notes`
    what is to be said about it. `feature_widths` are the numbers of values each feature adds to a row, empty where
    nothing depends on them. The last frames may be variants (augmentation), in no subset themselves: `variant_of` is
    int64, the training frame in whose place each may be shown.
    """

    values: NDArray[np.float32]
    labels: Indices
    label_names: tuple[str, ...]
    recordings: tuple[str, ...]
    training: Indices
    validation: Indices
    test: Indices
    kind: str = "recording"
    notes: tuple[str, ...] = ()
    feature_widths: tuple[int, ...] = ()
    variant_of: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def subset(self, name: str) -> Indices:
        """Return the indices of "training", "validation" or "test"."""
        if name not in SUBSETS:
            raise ValueError(f"Expected one of {', '.join(SUBSETS)}. Received: subset={name!r}.")
        indices: Indices = getattr(self, name)
        return indices


class RunFolder:
    """A run on disk.

    ```
    recipe.json  split.json  frames.npy  labels.npy  recordings.json      what went in
    history.csv  checkpoints/  model.keras  result.json  confusion_*.csv  what came out
    ```
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, *, recipe: Recipe, data: RunData) -> RunFolder:
        """Write a new run folder; `UserError` if there is a run already or the data do not fit together."""
        run = cls(path)
        if run.recipe_path.exists() or run.frames_path.exists():
            raise UserError(
                f"Expected a new or empty folder. Received: {path}, which holds a training already.",
                "Choose another folder, or go on with that training (resume).",
            )
        _check(data)
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        _save_array(run.frames_path, np.ascontiguousarray(data.values, dtype=np.float32))
        _save_array(run.path / "labels.npy", data.labels.astype(np.int64))
        write_bytes(run.path / "recordings.json", _json(list(data.recordings)), overwrite=True)
        write_bytes(run.path / "split.json", _json(_split_document(data)), overwrite=True)
        # Last, because a folder with a recipe counts as complete.
        write_bytes(run.recipe_path, recipe.to_json().encode(), overwrite=True)
        return run

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open a run folder; `UserError` if it is none."""
        run = cls(path)
        if not (run.recipe_path.is_file() and run.frames_path.is_file()):
            raise UserError(
                f"Expected the folder of a training. Received: {path}, without recipe.json and frames.npy.",
                "Choose the folder that was given when the training was started.",
            )
        return run

    @property
    def recipe_path(self) -> Path:
        """The recipe of the run."""
        return self.path / "recipe.json"

    @property
    def frames_path(self) -> Path:
        """All frames, as one NumPy array."""
        return self.path / "frames.npy"

    @property
    def checkpoints(self) -> Path:
        """Folder of the state from which the training can go on."""
        return self.path / "checkpoints"

    @property
    def last_checkpoint(self) -> Path:
        """The state after the last finished epoch."""
        return self.checkpoints / "last.npz"

    @property
    def best_checkpoint(self) -> Path:
        """The model of the best epoch, a Keras file; short epochs may be a few ahead of it."""
        return self.checkpoints / "best.keras"

    @property
    def start_path(self) -> Path:
        """The network as it was before the first batch, a Keras file."""
        return self.checkpoints / "start.keras"

    @property
    def model_path(self) -> Path:
        """The finished model."""
        return self.path / "model.keras"

    @property
    def history_path(self) -> Path:
        """A line per epoch."""
        return self.path / "history.csv"

    def confusion_path(self, subset: str) -> Path:
        """Confusion matrix of a subset as comma-separated text; a picture beside it ends in .png."""
        return self.path / f"confusion_{subset}.csv"

    @property
    def can_resume(self) -> bool:
        """Whether a training was begun here, so that it can go on from its last finished epoch."""
        return self.last_checkpoint.is_file()

    def recipe(self) -> Recipe:
        """Read the recipe."""
        return Recipe.from_json(json.dumps(_read_json(self.recipe_path)), source=str(self.recipe_path))

    def change_training(self, settings: TrainingSettings) -> None:
        """Change how the training goes on when resumed: more epochs, more patience, another learning rate."""
        self.change_recipe(dataclasses.replace(self.recipe(), training=settings))

    def change_recipe(self, recipe: Recipe) -> None:
        """Write the recipe again."""
        write_bytes(self.recipe_path, recipe.to_json().encode(), overwrite=True)

    def data(self) -> RunData:
        """Read the data; the frames stay on disk and are mapped into memory."""
        split = _read_json(self.path / "split.json")
        schema = split.get("schema") if isinstance(split, dict) else None
        if schema != SCHEMA:
            raise UserError(
                f"Expected a run of schema {SCHEMA} in {self.path}. Received: schema={schema!r}.",
                "Update exptool-ml-plugin.",
            )
        try:
            data = RunData(
                values=np.load(self.frames_path, mmap_mode="r", allow_pickle=False),
                # Mapped first: an array that says it is larger than its file is refused before memory is taken for it.
                labels=np.array(np.load(self.path / "labels.npy", mmap_mode="r", allow_pickle=False)),
                label_names=tuple(split["label_names"]),
                recordings=tuple(_read_json(self.path / "recordings.json")),
                **{name: np.array(split[name], dtype=np.int64) for name in SUBSETS},
                kind=split["kind"],
                notes=tuple(split["notes"]),
                feature_widths=tuple(split.get("feature_widths", ())),
                variant_of=np.array(split.get("variant_of", ()), dtype=np.int64),
            )
            _check(data)
        except _MISFITS as error:
            raise UserError(f"Expected the data of a run in {self.path}. Received: {error}.") from error
        return data

    def fingerprint(self) -> str:
        """Text that is the same only for the same frames, labels and split: SHA-256 in hexadecimal digits."""
        return hashlib.sha256((self.path / "split.json").read_bytes()).hexdigest()

    def history(self) -> tuple[EpochEnd, ...]:
        """Read the finished epochs."""
        if not self.history_path.is_file():
            return ()
        try:
            with self.history_path.open(newline="") as file:
                # A power cut may leave half a line at the end; that epoch is not in the checkpoint either.
                return tuple(_epoch(row) for row in csv.DictReader(file) if None not in row.values())
        except (*_MISFITS, csv.Error) as error:
            raise UserError(
                f"Expected a line per epoch in {self.history_path}. Received: {error!r}.",
                "Remove or mend that file; the training itself does not need it.",
            ) from error

    def add_epoch(self, epoch: EpochEnd) -> None:
        """Append a line to the history."""
        is_new = not self.history_path.exists()
        with self.history_path.open("a", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if is_new:
                writer.writerow(_COLUMNS)
            writer.writerow([_cell(getattr(epoch, name)) for name in _COLUMNS])

    def cut_history(self, epochs: int) -> None:
        """Keep only the first `epochs` epochs, those that the last checkpoint knows."""
        kept = [epoch for epoch in self.history() if epoch.epoch <= epochs]
        self.history_path.unlink(missing_ok=True)
        for epoch in kept:
            self.add_epoch(epoch)

    def remove_leftovers(self) -> None:
        """Remove half-written files of a process that was killed while writing."""
        for folder in (self.path, self.checkpoints):
            for leftover in folder.glob(".*.part"):
                if leftover.is_dir():
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink()

    def result(self) -> TrainingDone | None:
        """Return how the training ended; None while it has not."""
        path = self.path / "result.json"
        try:
            return TrainingDone(**_read_json(path)) if path.is_file() else None
        except TypeError as error:
            raise UserError(f"Expected the end of a training in {path}. Received: {error}.") from error

    def set_result(self, result: TrainingDone | None) -> None:
        """Note how the training ended; None: it goes on."""
        path = self.path / "result.json"
        if result is None:
            path.unlink(missing_ok=True)
        else:
            write_bytes(path, _json(dataclasses.asdict(result)), overwrite=True)


_MISFITS = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError),
    *(SyntaxError, tokenize.TokenError),
)
"""What reading a damaged file may raise; NumPy reads the heads of its files as Python."""

_COLUMNS = tuple(item.name for item in dataclasses.fields(EpochEnd))
_WHOLE = ("epoch", "best_epoch", "patience_left")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else repr(value)


def _epoch(row: dict[str, str]) -> EpochEnd:
    values: dict[str, Any] = {}
    for name in _COLUMNS:
        text = row[name]
        if name == "is_best":
            values[name] = text == "1"
        elif not text:
            values[name] = None
        else:
            values[name] = int(text) if name in _WHOLE else float(text)
    return EpochEnd(**values)


def _check(data: RunData) -> None:
    """Refuse data that do not fit together."""
    frames = len(data.values)
    if data.values.ndim != 3 or len(data.labels) != frames or len(data.recordings) != frames:
        raise UserError(
            "Expected frames (frames, time_steps, width) with a label and a recording each. Received: "
            f"values={data.values.shape}, labels={len(data.labels)}, recordings={len(data.recordings)}."
        )
    used = np.concatenate([data.subset(name) for name in SUBSETS])
    if len(used) != len(np.unique(used)) or (len(used) and not (used.min() >= 0 and used.max() < frames)):
        raise UserError(f"Expected each of {frames} frames in one subset at most. Received: {len(used)} entries.")
    first_variant = frames - len(data.variant_of)
    if first_variant < 0 or (used >= first_variant).any() or not np.isin(data.variant_of, data.training).all():
        raise UserError("Expected variants of training frames only, behind all other frames. Received: others.")
    if len(data.labels) and not (data.labels.min() >= 0 and data.labels.max() < len(data.label_names)):
        raise UserError(f"Expected labels among {', '.join(data.label_names)}. Received: a label outside.")


def _split_document(data: RunData) -> dict[str, Any]:
    values = np.ascontiguousarray(data.values, dtype=np.float32)
    return {
        "schema": SCHEMA,
        "kind": data.kind,
        "notes": list(data.notes),
        "feature_widths": list(data.feature_widths),
        "label_names": list(data.label_names),
        **{name: data.subset(name).tolist() for name in SUBSETS},
        "variant_of": data.variant_of.tolist(),
        "sha256": {
            "frames": hashlib.sha256(values.data).hexdigest(),
            "labels": hashlib.sha256(data.labels.astype(np.int64).tobytes()).hexdigest(),
        },
    }


def _save_array(path: Path, array: NDArray[Any]) -> None:
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def _json(document: object) -> bytes:
    return json.dumps(document, indent=1).encode()


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"Expected a readable {path.name} in {path.parent}. Received: {error}.") from error
