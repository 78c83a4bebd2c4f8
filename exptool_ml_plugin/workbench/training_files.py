"""The data of a training: session files or the open session, for training, validation and test."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..core.errors import UserError
from ..core.issues import Issue, Severity
from ..core.model_file import ModelInfo
from ..core.recipe import Recipe, TrainingSettings
from ..core.run_data import SUBSETS
from ..core.run_folder import RunFolder
from ..core.session_file import load_session
from ..core.split import Split, split_frames
from ..core.split_groups import split_settings
from ..core.training_data import TrainingData
from ..core.variants import without_variants
from .bench import Bench
from .readiness import Check, Loaded, Situation, examine, recipe_difference, run_recipe
from .run_preparation import known_labels, write_run
from .training_frames import Gathered, gather_loaded, left_out, without_flagged

SESSION_NAME = "current session"


class TrainingFiles:
    """What is loaded for "training", "validation" and "test".

    Every method may be called from any thread. Changes are told by the workbench's `data_changed`. `versions` grow
    with every change of a subset, so that others can tell whether they have seen it.
    """

    def __init__(self, workbench: Bench) -> None:
        self._workbench = workbench
        self._lock = threading.RLock()
        self._files: dict[str, list[Loaded]] = {subset: [] for subset in SUBSETS}
        self._gathered: Gathered | None = Gathered({}, {})
        self._unflagged: Gathered | None = None
        self._newest_split: tuple[object, Split] | None = None
        self._counts: dict[str, dict[str, int]] | None = None
        self._leave_out_labels = False
        self.uses_session = False
        self.versions = dict.fromkeys(SUBSETS, 0)
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
        self._tell(subset)

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
        self._tell("training")

    def clear(self, *subsets: str) -> None:
        """Let go of the data of some subsets, of all without an argument; files stay as they are."""
        with self._lock:
            for subset in subsets or SUBSETS:
                self._files[subset] = []
                if subset == "training":
                    self.uses_session = False
        self._tell(*subsets)

    def leave_out(self, subset: str, number: int) -> None:
        """Let go of one file of a subset, by its number among them."""
        with self._lock:
            self._files[subset] = [item for place, item in enumerate(self._files[subset]) if place != number]
        self._tell(subset)

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
        with self._lock:
            if self._counts is None:
                self._counts = _counts(self.subsets())
            return {label: dict(row) for label, row in self._counts.items()}

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
        split = self._split(training, settings)
        used = {label: dict.fromkeys(SUBSETS, 0) for label in self.counts()}
        for subset, chosen in (("training", split.training), ("validation", split.validation)):
            for label, count in training.labels.take(chosen).counts().items():
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
            left_out=left_out(self._all(), self._used(recipe.training)),
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

    def prepare_run(
        self, folder: Path, recipe: Recipe, *, model_labels: Sequence[str] = (), like: Path | None = None
    ) -> RunFolder:
        """Write a run folder with frames, split and recipe; takes a while for many frames.

        `model_labels` are the labels of a model that is trained on, in its order; `like` is the folder of an earlier
        training, which may hold the same frames. Raises `UserError` for the first error that `check` finds.
        """
        for issue in self.check(recipe, model_labels=model_labels):
            if issue.severity is Severity.ERROR:
                raise UserError(issue.message)
        parts = self._parts(recipe.training)
        names = tuple(model_labels) or parts["training"].label_names
        parts = {subset: known_labels(part, names) for subset, part in parts.items()}
        return write_run(
            folder,
            parts,
            self._split(parts["training"], recipe.training),
            label_names=names,
            recipe=self.recipe_of_run(recipe),
            parts=self._workbench.plugins.parts,
            like=like,
        )

    def judged_by(self, model: ModelInfo, subset: str, recipe: Recipe) -> TrainingData:
        """Return the frames of a subset that a model can be asked about; `UserError` where there are none.

        With `recipe` the training data are split into those for training and those for validation.
        """
        found = self.split(recipe)
        parts, split = found if found is not None else (self._parts(recipe.training), None)
        frames = parts.get(subset)
        if split is not None and (subset == "training" or subset not in parts):
            frames = parts["training"].take(split.training if subset == "training" else split.validation)
        if frames is None or not len(frames):
            raise UserError(f"Expected {subset} frames. Received: none are loaded.", "Load session files.")
        if not frames.recipe.same_frames_as(model.recipe):
            raise UserError(
                f"Expected frames like those the model was trained with. Received: {subset} frames of other "
                f"{recipe_difference(model.recipe, frames.recipe)}.",
                "Load sessions made with the model's features and sensor settings.",
            )
        known = known_labels(frames, model.labels)
        if not len(known):
            raise UserError(
                f"Expected frames of labels the model knows: {', '.join(model.labels)}. "
                f"Received: {', '.join(frames.label_names)}.",
                "Load other sessions, or another model.",
            )
        return known

    def split(self, recipe: Recipe) -> tuple[dict[str, TrainingData], Split] | None:
        """Return the frames a training may use, by subset, and how those to train with are split; None without any."""
        parts = self._parts(recipe.training)
        if "training" not in parts:
            return None
        return parts, self._split(parts["training"], recipe.training)

    def _parts(self, settings: TrainingSettings) -> dict[str, TrainingData]:
        """Return the frames of the subsets that a training with these settings looks at."""
        parts = dict(self._used(settings).data)
        if settings.validation != "files":
            parts.pop("validation", None)
        return parts

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
                    self._gathered = gather_loaded(self.subsets())
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

    def _tell(self, *changed: str, gather_now: bool = True) -> None:
        """Forget what was made of the files, and tell which subsets have changed; all without an argument."""
        with self._lock:
            self._gathered = self._unflagged = self._newest_split = self._counts = None
            for subset in changed or SUBSETS:
                self.versions[subset] += 1
        if gather_now:
            self._all()  # here and not in the GUI thread, which will ask for them next
        self._workbench.data_changed.emit()

    def _on_session_changed(self) -> None:
        if self.uses_session:
            self._tell("training", gather_now=False)


def _of_originals(item: Loaded) -> Loaded:
    session = without_variants(item.session)
    return item if session is item.session else replace(item, session=session)


def _counts(subsets: Mapping[str, Sequence[Loaded]]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for subset, loaded in subsets.items():
        for item in loaded:
            for label, count in item.session.counts().items():
                row = counted.setdefault(label, dict.fromkeys(SUBSETS, 0))
                row[subset] += count
    return dict(sorted(counted.items()))


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
