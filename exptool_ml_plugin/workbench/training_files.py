"""The data of a training: session files or the open session, for training, validation and test."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..core.errors import UserError
from ..core.issues import Issue, Severity
from ..core.recipe import Recipe, TrainingSettings
from ..core.row_maker import RowMaker
from ..core.run_folder import SUBSETS, RunData, RunFolder
from ..core.session_file import load_session
from ..core.split import Split, split_frames
from ..core.split_groups import split_settings
from ..core.training_data import TrainingData, gather
from ..core.variants import without_variants
from .augmenting import with_variants
from .bench import Bench
from .readiness import Check, Loaded, Situation, examine, run_recipe

SESSION_NAME = "current session"


class TrainingFiles:
    """What is loaded for "training", "validation" and "test".

    Every method may be called from any thread. Changes are told by the workbench's `data_changed`. `version` grows
    with every change, so that others can tell whether they have seen it.
    """

    def __init__(self, workbench: Bench) -> None:
        self._workbench = workbench
        self._lock = threading.RLock()
        self._files: dict[str, list[Loaded]] = {subset: [] for subset in SUBSETS}
        self._gathered: Gathered | None = Gathered({}, {})
        self._unflagged: Gathered | None = None
        self._newest_split: tuple[object, Split] | None = None
        self._leave_out_labels = False
        self.uses_session = False
        self.version = 0
        workbench.session_changed.connect(self._on_session_changed)

    # --- loading -----------------------------------------------------------------------------------------------

    def load(self, paths: Iterable[Path], subset: str = "training") -> None:
        """Read session files in place of those of a subset; raise `UserError`, then nothing has changed."""
        self.put([Loaded(Path(path).name, load_session(Path(path))) for path in paths], subset)

    def put(self, loaded: Iterable[Loaded], subset: str = "training") -> None:
        """Put sessions that are in memory in place of those of a subset."""
        with self._lock:
            self._files[subset] = list(loaded)
            if subset == "training":
                self.uses_session = False
            self._leave_out_labels = False
        self._tell()

    def put_all(self, loaded: Mapping[str, Sequence[Loaded]]) -> None:
        """Put sessions that are in memory in place of everything; a subset that is not named is empty then."""
        with self._lock:
            named = {subset: list(loaded.get(subset, ())) for subset in SUBSETS}
            self._files = {subset: [i for i in items if i.name != SESSION_NAME] for subset, items in named.items()}
            self.uses_session = len(self._files["training"]) < len(named["training"])
            self._leave_out_labels = False
        self._tell()

    def load_test(self, paths: Iterable[Path]) -> None:
        """Read session files as test data."""
        self.load(paths, "test")

    def use_session(self) -> None:
        """Train on the open session, as it is when the training starts."""
        with self._lock:
            self._files["training"] = []
            self.uses_session = True
        self._tell()

    def clear(self, *subsets: str) -> None:
        """Let go of the data of some subsets, of all without an argument; files stay as they are."""
        with self._lock:
            for subset in subsets or SUBSETS:
                self._files[subset] = []
                if subset == "training":
                    self.uses_session = False
        self._tell()

    def leave_out(self, name: str) -> None:
        """Let go of one file."""
        with self._lock:
            for subset, loaded in self._files.items():
                self._files[subset] = [item for item in loaded if item.name != name]
        self._tell()

    def leave_out_unknown_labels(self) -> None:
        """Leave out validation and test frames whose label the training data do not have."""
        with self._lock:
            self._leave_out_labels = True
        self._tell()

    # --- what is there -----------------------------------------------------------------------------------------

    @property
    def data(self) -> TrainingData | None:
        """The training frames, None without any; those that do not fit the first file are not among them."""
        return self._all().data.get("training")

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels of the training data, sorted; those of the open model without data."""
        counts = self.counts()
        if counts:
            return tuple(sorted(counts))
        model = self._workbench.model
        return () if model is None else tuple(model.info.labels)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the number of frames per label and subset, `counts["push"]["training"]`."""
        counted: dict[str, dict[str, int]] = {}
        for subset, loaded in self.subsets().items():
            for item in loaded:
                for label, count in item.session.counts().items():
                    row = counted.setdefault(label, dict.fromkeys(SUBSETS, 0))
                    row[subset] += count
        return dict(sorted(counted.items()))

    def counts_by_use(self, recipe: Recipe) -> dict[str, dict[str, int]]:
        """Return the number of frames per label and subset as a training with these settings would use them."""
        settings = recipe.training
        parts = dict(self._used(settings).data)
        training = parts.get("training")
        if training is None or settings.validation != "split":
            used = self._counts_of(parts) if settings.leave_out_flagged else self.counts()
            if settings.validation != "files":
                used = {label: {**row, "validation": 0} for label, row in used.items()}
            return used
        labels = np.asarray(training.labels)
        split = self._split(training, settings)
        used = {label: dict.fromkeys(SUBSETS, 0) for label in self.counts()}
        for subset, chosen in (("training", labels[split.training]), ("validation", labels[split.validation])):
            for label, count in Counter(chosen.tolist()).items():
                used[label][subset] = count
        for label, count in (parts["test"].counts() if "test" in parts else {}).items():
            used[label]["test"] = count
        return used

    def _counts_of(self, parts: dict[str, TrainingData]) -> dict[str, dict[str, int]]:
        counted = {subset: part.counts() for subset, part in parts.items()}
        return {label: {subset: counted.get(subset, {}).get(label, 0) for subset in SUBSETS} for label in self.counts()}

    def frames(self, subset: str) -> int:
        """Number of frames loaded for a subset."""
        return sum(len(item.session) for item in self.subsets()[subset])

    def names(self, subset: str) -> tuple[str, ...]:
        """Names of what is loaded for a subset."""
        return tuple(item.name for item in self.subsets()[subset])

    def description(self, subset: str) -> str:
        """Say in a few words what is loaded for a subset."""
        names, frames = self.names(subset), self.frames(subset)
        if not names:
            return "Not loaded"
        if names == (SESSION_NAME,):
            return f"Current session, {_number(frames, 'frame')}"
        return f"{_number(len(names), 'file')}, {_number(frames, 'frame')}"

    # --- checking and preparing --------------------------------------------------------------------------------

    def examine(self, recipe: Recipe, *, model_labels: Sequence[str] = ()) -> list[Check]:
        """Return everything that stands in the way of a training, with mends; `model_labels` as in `prepare_run`."""
        subsets = self.subsets()
        situation = Situation(
            recipe=recipe,
            subsets=subsets,
            data=self._used(recipe.training).data,
            broken=self._used(recipe.training).broken,
            left_out=_left_out(self._all(), self._used(recipe.training)),
            layers=self._workbench.plugins.parts.layers,
            model_labels=tuple(model_labels),
            session_frames=len(self._workbench.session),
            leave_out_labels=self._leave_out_labels,
            split=lambda data: self._split(data, recipe.training),
        )
        return examine(situation)

    def check(self, recipe: Recipe, *, model_labels: Sequence[str] = ()) -> list[Issue]:
        """Return everything that stands in the way of a training, or speaks against it."""
        return [check.issue for check in self.examine(recipe, model_labels=model_labels)]

    def recipe_of_run(self, recipe: Recipe) -> Recipe:
        """Return the recipe of a run: frames as the data were made, network and training as in `recipe`."""
        return run_recipe(recipe, self.subsets()["training"])

    def prepare_run(self, folder: Path, recipe: Recipe, *, model_labels: Sequence[str] = ()) -> RunFolder:
        """Write a run folder with frames, split and recipe; takes a while for many frames.

        `model_labels` are the labels of a model that is trained on, in its order. Raises `UserError` for the first
        error that `check` finds.
        """
        for issue in self.check(recipe, model_labels=model_labels):
            if issue.severity is Severity.ERROR:
                raise UserError(issue.message)
        data = self._run_data(recipe, tuple(model_labels))
        return RunFolder.create(folder, recipe=self.recipe_of_run(recipe), data=data)

    def split(self, recipe: Recipe) -> tuple[dict[str, TrainingData], Split] | None:
        """Return the frames a training may use, by subset, and how those to train with are split; None without any."""
        parts = dict(self._used(recipe.training).data)
        if "training" not in parts:
            return None
        if recipe.training.validation != "files":
            parts.pop("validation", None)
        return parts, self._split(parts["training"], recipe.training)

    def _run_data(self, recipe: Recipe, model_labels: tuple[str, ...]) -> RunData:
        parts = dict(self._used(recipe.training).data)
        if recipe.training.validation != "files":
            parts.pop("validation", None)
        names = model_labels or parts["training"].label_names
        parts = {subset: _known(part, names) for subset, part in parts.items()}
        split = self._split(parts["training"], recipe.training)
        places = _places(parts, split)
        data = RunData(
            values=np.concatenate([part.values for part in parts.values()]),
            labels=np.concatenate([part.codes(names) for part in parts.values()]),
            label_names=names,
            recordings=tuple(group for part in parts.values() for group in part.groups),
            **places,
            kind=split.kind,
            notes=split.notes,
            feature_widths=self._feature_widths(recipe),
        )
        return with_variants(data, parts["training"], self.recipe_of_run(recipe), self._workbench.plugins.parts)

    def _feature_widths(self, recipe: Recipe) -> tuple[int, ...]:
        """Return the widths of the features for a normalisation that needs them: only then they must be installed."""
        made = self.recipe_of_run(recipe)
        if recipe.network.normalisation != "feature" or made.sensor is None:
            return ()
        maker = RowMaker(made.features, made.sensor, self._workbench.plugins.parts)
        return tuple(place.stop - place.start for place in maker.slices)

    # --- inside ------------------------------------------------------------------------------------------------

    def subsets(self) -> dict[str, list[Loaded]]:
        """Return what is loaded for each subset."""
        with self._lock:
            subsets = {subset: list(loaded) for subset, loaded in self._files.items()}
            if self.uses_session:
                subsets["training"] = [Loaded(SESSION_NAME, self._workbench.session)]
        return {subset: [_of_originals(item) for item in loaded] for subset, loaded in subsets.items()}

    def _all(self) -> Gathered:
        """Gather the frames of all subsets together, so that a recording has the same name in all of them."""
        with self._lock:
            if self._gathered is None:
                with self._workbench.sessions.lock:
                    self._gathered = gather_subsets(self.subsets())
            return self._gathered

    def _used(self, settings: TrainingSettings) -> Gathered:
        """Return the frames a training with these settings may use: all, or those without a flag."""
        with self._lock:
            gathered = self._all()
            if not settings.leave_out_flagged:
                return gathered
            if self._unflagged is None:
                self._unflagged = without_flagged(gathered)
            return self._unflagged

    def _split(self, data: TrainingData, settings: TrainingSettings) -> Split:
        """Split training data; the newest answer is kept, because several parts of a window ask the same."""
        key = (data, *split_settings(settings))
        known = self._newest_split
        if known is not None and known[0] == key:
            return known[1]
        split = split_frames(data.frame_index(), settings)
        self._newest_split = (key, split)
        return split

    def _tell(self, *, gather_now: bool = True) -> None:
        with self._lock:
            self._gathered = self._unflagged = self._newest_split = None
            self.version += 1
        if gather_now:
            self._all()  # here and not in the GUI thread, which will ask for them next
        self._workbench.data_changed.emit()

    def _on_session_changed(self) -> None:
        if self.uses_session:
            self._tell(gather_now=False)


def _of_originals(item: Loaded) -> Loaded:
    session = without_variants(item.session)
    return item if session is item.session else replace(item, session=session)


@dataclass(frozen=True)
class Gathered:
    """Frames per subset; `broken` counts those that hold something that is no number."""

    data: dict[str, TrainingData]
    broken: dict[str, int]


def gather_subsets(subsets: dict[str, list[Loaded]]) -> Gathered:
    """Return the frames of each subset that has any; sessions that do not fit the first one are left out."""
    filled = [(subset, item.session) for subset, loaded in subsets.items() for item in loaded if len(item.session)]
    if not filled or filled[0][0] != "training":
        return Gathered({}, {})
    first = filled[0][1]
    fitting = [
        (subset, session)
        for subset, session in filled
        if session.values.shape[1:] == first.values.shape[1:] and session.recipe.same_frames_as(first.recipe)
    ]
    everything = gather([session for _, session in fitting])
    gathered: dict[str, TrainingData] = {}
    start = 0
    for subset in SUBSETS:
        count = sum(len(session) for own, session in fitting if own == subset)
        if count:
            gathered[subset] = _part(everything, slice(start, start + count))
        start += count
    return Gathered(gathered, {subset: _broken(data) for subset, data in gathered.items()})


def without_flagged(gathered: Gathered) -> Gathered:
    """Return the frames that have no flag; a subset of which nothing is left is not among them."""
    good = {subset: data.take(np.flatnonzero(data.flags == 0)) for subset, data in gathered.data.items()}
    kept = {subset: data for subset, data in good.items() if len(data)}
    return Gathered(kept, {subset: _broken(data) for subset, data in kept.items()})


def new_run_folder(base: Path, name: str) -> Path:
    """Return the path of a run folder that does not exist yet, named by time and recipe."""
    plain = re.sub(r"[^\w-]+", "_", name).strip("_")
    stem = "_".join(part for part in (time.strftime("%Y-%m-%d_%H-%M-%S"), plain) if part)
    candidates = (base / (stem if number == 1 else f"{stem}_{number}") for number in range(1, 1000))
    return next(path for path in candidates if not path.exists())


def _part(data: TrainingData, part: slice) -> TrainingData:
    return replace(
        data,
        values=data.values[part],
        labels=data.labels[part],
        groups=data.groups[part],
        files=data.files[part],
        first_reading=data.first_reading[part],
        flags=data.flags[part],
        tags={name: values[part] for name, values in data.tags.items()},
    )


def _broken(data: TrainingData) -> int:
    sums = data.values.reshape(len(data), -1).sum(axis=1)
    return int((~np.isfinite(sums)).sum())


def _known(data: TrainingData, names: Sequence[str]) -> TrainingData:
    """Keep the frames whose label is among the names."""
    keep = np.isin(np.asarray(data.labels), list(names))
    if keep.all():
        return data
    return data.take(np.flatnonzero(keep))


def _places(parts: dict[str, TrainingData], split: Split) -> dict[str, np.ndarray]:
    """Indices of each subset's frames when all parts lie behind each other."""
    places = {"training": split.training, "validation": split.validation, "test": np.zeros(0, dtype=np.int64)}
    start = 0
    for subset, part in parts.items():
        if subset != "training":
            places[subset] = start + np.arange(len(part), dtype=np.int64)
        start += len(part)
    return places


def _left_out(everything: Gathered, used: Gathered) -> dict[str, int]:
    left = {subset: len(data) - len(used.data.get(subset, ())) for subset, data in everything.data.items()}
    return {subset: count for subset, count in left.items() if count}


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
