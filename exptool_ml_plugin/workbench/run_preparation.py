"""From loaded frames and a split to the folder of a training."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..core.errors import UserError
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.row_maker import RowMaker
from ..core.run_data import Indices, RunData
from ..core.run_folder import RunFolder
from ..core.split import Split
from ..core.stacked_frames import StackedFrames
from ..core.text_column import TextColumn
from ..core.training_data import TrainingData
from .augmenting import with_variants


def write_run(
    folder: Path,
    frames: Mapping[str, TrainingData],
    split: Split,
    *,
    label_names: Sequence[str],
    recipe: Recipe,
    parts: Parts,
    like: Path | None = None,
) -> RunFolder:
    """Write the frames of each subset, how those of "training" are split, and the recipe of the run.

    `label_names` are in the order of the network's outputs; variants of the training frames are made as the recipe
    says. Frames that the folder of an earlier training, `like`, holds too are not written again.
    """
    data = RunData(
        values=StackedFrames.joined([part.values for part in frames.values()]),
        labels=np.concatenate([part.codes(label_names) for part in frames.values()]),
        label_names=tuple(label_names),
        recordings=TextColumn.joined([part.groups for part in frames.values()]),
        **_places(frames, split),
        kind=split.kind,
        notes=split.notes,
        feature_widths=_feature_widths(recipe, parts),
    )
    _make(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=".part", ignore_cleanup_errors=True) as scratch:
        data = with_variants(data, frames["training"], recipe, parts, scratch=Path(scratch))
        return RunFolder.create(folder, recipe=recipe, data=data, like=like)


def write_judged(
    folder: Path, frames: TrainingData, subset: str, *, label_names: Sequence[str], recipe: Recipe
) -> RunFolder:
    """Write frames that are only judged by a model whose labels are `label_names`, as the subset of a run."""
    nothing, everything = np.zeros(0, dtype=np.int64), np.arange(len(frames), dtype=np.int64)
    data = RunData(
        values=frames.values,
        labels=frames.codes(label_names),
        label_names=tuple(label_names),
        recordings=frames.groups,
        training=everything if subset == "training" else nothing,
        validation=everything if subset == "validation" else nothing,
        test=everything if subset == "test" else nothing,
        kind="files",
    )
    _make(folder)
    return RunFolder.create(folder, recipe=recipe, data=data)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"Expected a folder that can be made. Received: {folder}: {error.strerror}.", "Choose another folder."
        ) from error


def known_labels(data: TrainingData, names: Sequence[str]) -> TrainingData:
    """Keep the frames whose label is among the names."""
    keep = data.labels.codes_among(names) >= 0
    return data if keep.all() else data.take(np.flatnonzero(keep))


def new_run_folder(base: Path, name: str) -> Path:
    """Return the path of a run folder that does not exist yet, named by time and recipe."""
    plain = re.sub(r"[^\w-]+", "_", name).strip("_")
    stem = "_".join(part for part in (time.strftime("%Y-%m-%d_%H-%M-%S"), plain) if part)
    candidates = (base / (stem if number == 1 else f"{stem}_{number}") for number in range(1, 1000))
    return next(path for path in candidates if not path.exists())


def _places(frames: Mapping[str, TrainingData], split: Split) -> dict[str, Indices]:
    """Indices of each subset's frames when all parts lie behind each other."""
    places = {"training": split.training, "validation": split.validation, "test": np.zeros(0, dtype=np.int64)}
    start = 0
    for subset, part in frames.items():
        if subset != "training":
            places[subset] = start + np.arange(len(part), dtype=np.int64)
        start += len(part)
    return places


def _feature_widths(recipe: Recipe, parts: Parts) -> tuple[int, ...]:
    """Return the widths of the features; empty where one is not installed, unless the normalisation needs them."""
    if recipe.sensor is None:
        return ()
    try:
        maker = RowMaker(recipe.features, recipe.sensor, parts)
    except UserError:
        if recipe.network.normalisation == "feature":
            raise
        return ()
    return tuple(place.stop - place.start for place in maker.slices)
