"""The folder of one training: everything that went in and everything that came out, readable without this package."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

from .atomic import write_bytes
from .errors import UserError
from .messages import EpochEnd, TrainingDone
from .recipe import Recipe, TrainingSettings
from .run_data import FRAMES, MISFITS, RunData, read_data, read_json, write_data


class RunFolder:
    """A run on disk.

    ```
    recipe.json  split.json  recordings.json  *.npy                       what went in, see `run_data`
    history.csv  checkpoints/  model.keras  result.json  confusion_*.csv  what came out
    ```
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, *, recipe: Recipe, data: RunData, like: Path | None = None) -> RunFolder:
        """Write a new run folder; `UserError` if there is a run already or the data do not fit together.

        `like` is the folder of another training, whose frames are linked instead of written again if they are the same.
        """
        run = cls(path)
        if run.recipe_path.exists() or run.frames_path.exists():
            raise UserError(
                f"Expected a new or empty folder. Received: {path}, which holds a training already.",
                "Choose another folder, or go on with that training (resume).",
            )
        write_data(path, data, like=like)
        run.checkpoints.mkdir(exist_ok=True)
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
        return self.path / FRAMES

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
        return Recipe.from_json(json.dumps(read_json(self.recipe_path)), source=str(self.recipe_path))

    def change_training(self, settings: TrainingSettings) -> None:
        """Change how the training goes on when resumed: more epochs, more patience, another learning rate."""
        self.change_recipe(dataclasses.replace(self.recipe(), training=settings))

    def change_recipe(self, recipe: Recipe) -> None:
        """Write the recipe again."""
        write_bytes(self.recipe_path, recipe.to_json().encode(), overwrite=True)

    def data(self) -> RunData:
        """Read the data; the frames stay on disk and are mapped into memory."""
        return read_data(self.path)

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
        except (*MISFITS, csv.Error) as error:
            raise UserError(
                f"Expected a line per epoch in {self.history_path}. Received: {error!r}.",
                "Remove or mend that file; the training itself does not need it.",
            ) from error

    def add_epoch(self, epoch: EpochEnd) -> None:
        """Append a line to the history."""
        lines = [] if self.history_path.exists() else [_COLUMNS]
        with self.history_path.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([*lines, _row(epoch)])

    def cut_history(self, epochs: int) -> None:
        """Keep only the first `epochs` epochs, those that the last checkpoint knows."""
        if self.history_path.exists():
            text = io.StringIO()
            kept = [_row(epoch) for epoch in self.history() if epoch.epoch <= epochs]
            csv.writer(text, lineterminator="\n").writerows([_COLUMNS, *kept])
            write_bytes(self.history_path, text.getvalue().encode(), overwrite=True)

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
            return TrainingDone(**read_json(path)) if path.is_file() else None
        except TypeError as error:
            raise UserError(f"Expected the end of a training in {path}. Received: {error}.") from error

    def set_result(self, result: TrainingDone | None) -> None:
        """Note how the training ended; None: it goes on."""
        path = self.path / "result.json"
        if result is None:
            path.unlink(missing_ok=True)
        else:
            text = json.dumps(dataclasses.asdict(result), indent=1)
            write_bytes(path, text.encode(), overwrite=True)


_COLUMNS = tuple(item.name for item in dataclasses.fields(EpochEnd))
_WHOLE = ("epoch", "best_epoch", "patience_left")


def _row(epoch: EpochEnd) -> list[str]:
    return [_cell(getattr(epoch, name)) for name in _COLUMNS]


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
