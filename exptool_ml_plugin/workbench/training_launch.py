"""From pressing Train to the worker: what the training begins with, its folder, and the way there."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from psygnal import Signal

from ..core.errors import UserError
from ..core.messages import TrainingDone
from ..core.recipe import Recipe
from ..core.run_folder import RunFolder
from ..core.split_groups import split_settings
from .background import Background
from .bench import Bench
from .open_model import OpenModel
from .run_preparation import new_run_folder, write_judged
from .training_files import TrainingFiles

RUNS_FOLDER = Path.home() / "exptool-ml-runs"


@dataclass(frozen=True)
class Beginning:
    """What a training begins with.

    `kind` is "fresh" (random weights), "resume" (go on after `epoch` finished epochs) or "model" (the weights of the
    model file `model`). `labels` are those of that model, in its order.
    """

    kind: str = "fresh"
    epoch: int = 0
    model: str = ""
    labels: tuple[str, ...] = ()


class TrainingLaunch:
    """Starts trainings from the state of the workbench; `changed` says that the beginning may be another one.

    `runs_folder` receives a folder per training, `save_best_to` (None: nowhere) a model after each better epoch.
    """

    changed = Signal()

    def __init__(self, workbench: Bench, files: TrainingFiles) -> None:
        self._workbench = workbench
        self._files = files
        self.background = Background(workbench.report)
        self.runs_folder = RUNS_FOLDER
        self.save_best_to: Path | None = None
        self._fresh = False
        self._signature: object = None
        self._labels: tuple[str, ...] = ()
        self._begun_versions: dict[str, int] = {}
        self._judged: Path | None = None
        workbench.training.done.connect(self._on_done)
        workbench.training.changed.connect(self.changed.emit)
        workbench.model_changed.connect(self._on_model_changed)

    def beginning(self) -> Beginning:
        """What the next training begins with: the run before if it fits, else the open model if it fits."""
        training = self._workbench.training
        if self._fresh:
            return Beginning()
        if training.can_resume and self._signature == self._signature_now():
            return Beginning("resume", epoch=training.history.epoch_count, labels=self._labels)
        return self._model_beginning()

    def begin_afresh(self) -> None:
        """Let the next training begin with random weights, whatever there is to go on from."""
        self._fresh = True
        self._workbench.training.history.clear()
        self._workbench.training.matrices.clear()
        self.changed.emit()

    def train(self) -> None:
        """Start as `beginning` says; returns at once, errors come as problems of the workbench."""
        beginning = self.beginning()
        recipe = self._workbench.recipe
        if beginning.kind == "resume":
            self.background.run("Going on with the training…", lambda: self._resume(recipe))
        else:
            self.background.run("Writing the frames of the training…", lambda: self._begin(recipe, beginning))

    def can_count(self, subset: str) -> bool:
        """Whether there are frames of a subset and a model to judge them."""
        loaded = "training" if subset == "validation" and self._splits_off else subset
        has_frames = self._is_of_run(subset) or self._files.frames(loaded) > 0
        return self._workbench.model is not None and has_frames

    def count(self, subset: str) -> None:
        """Have the open model judge the frames of a subset: of its own training, or those that are loaded now."""
        training, model = self._workbench.training, self._workbench.model
        if model is None:
            raise UserError("Expected a model. Received: none is open.", "Train or load one.")
        if self._is_of_run(subset):
            training.count_matrix(model.path, subset)
        else:
            recipe = self._workbench.recipe
            self.background.run("Writing the frames to judge…", lambda: self._count_loaded(model, subset, recipe))

    def close(self, timeout_s: float) -> None:
        """Wait for what is being prepared, and let go of the frames that were judged last."""
        self.background.wait(timeout_s)
        self._forget_judged()

    @property
    def _splits_off(self) -> bool:
        return self._workbench.recipe.training.validation == "split"

    def _is_of_run(self, subset: str) -> bool:
        """Whether the open model is that of the newest training, and its frames are still those that are loaded."""
        training, model = self._workbench.training, self._workbench.model
        result = training.result
        own = result is not None and model is not None and str(model.path) == result.model_path
        loaded = "training" if subset == "validation" and self._splits_off else subset
        unchanged = self._begun_versions.get(loaded) == self._files.versions[loaded]
        return own and unchanged and (subset == "training" or subset in training.matrices)

    def _count_loaded(self, model: OpenModel, subset: str, recipe: Recipe) -> None:
        frames = self._files.judged_by(model.info, subset, recipe)
        self._forget_judged()
        try:
            self.runs_folder.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=self.runs_folder, prefix=".judged_"))
        except OSError as error:
            raise UserError(
                f"Expected a folder for the frames. Received: {self.runs_folder}: {error.strerror}.",
                "Make it writable.",
            ) from error
        self._judged = folder
        labels = model.info.labels
        run = write_judged(folder / "run", frames, subset, label_names=labels, recipe=model.info.recipe)
        self._workbench.training.count_matrix(model.path, subset, run_dir=run.path)

    def _forget_judged(self) -> None:
        folder, self._judged = self._judged, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _resume(self, recipe: Recipe) -> None:
        training = self._workbench.training
        folder = training.run_dir
        if folder is None:
            return
        settings = recipe.training
        finished = training.history.epoch_count
        if finished >= settings.epochs:
            settings = replace(settings, epochs=finished + settings.epochs)
        RunFolder.open(folder).change_training(settings)
        training.start(folder, resume=True, save_best_to=self._save_best_to)

    def _begin(self, recipe: Recipe, beginning: Beginning) -> None:
        files = self._files
        folder = new_run_folder(self.runs_folder, files.recipe_of_run(recipe).name)
        earlier = self._workbench.training.run_dir
        run = files.prepare_run(folder, recipe, model_labels=beginning.labels, like=earlier)
        self._labels = run.data().label_names
        self._signature = self._signature_now()
        self._begun_versions = dict(files.versions)
        self._fresh = False
        self._workbench.training.start(folder, start_from=beginning.model, save_best_to=self._save_best_to)

    @property
    def _save_best_to(self) -> str:
        return "" if self.save_best_to is None else str(self.save_best_to)

    def _model_beginning(self) -> Beginning:
        model = self._workbench.model
        if model is None:
            return Beginning()
        files = self._files
        recipe = files.recipe_of_run(self._workbench.recipe)
        fits = model.info.recipe.same_frames_as(recipe) and model.info.recipe.network == recipe.network
        result = self._workbench.training.result
        own = result is not None and str(model.path) == result.model_path
        new_labels = not set(files.counts()) <= set(model.info.labels)
        # A model trained just now gives way to one with the new labels; with a file that was opened, the user decides.
        if not fits or (own and new_labels):
            return Beginning()
        return Beginning("model", model=str(model.path), labels=tuple(model.info.labels))

    def _signature_now(self) -> object:
        """Everything that must not change for a training to go on exactly; epochs and patience may."""
        recipe = self._files.recipe_of_run(self._workbench.recipe)
        training = recipe.training
        fixed = split_settings(training)
        data = [self._files.versions[subset] for subset in ("training", "validation")]
        made_of = (recipe.features, recipe.frame, recipe.augmentation, training.leave_out_flagged)
        return (data, recipe.network, *made_of, fixed)

    def _on_done(self, done: TrainingDone) -> None:
        if done.model_path:
            try:
                self._workbench.load_model(Path(done.model_path), adopt=self._may_adopt())
            except Exception as error:  # noqa: BLE001 - called in the thread that listens to the worker
                self._workbench.report(error, "opening the trained model")

    def _may_adopt(self) -> bool:
        """Whether the settings may become those of the trained model without changing what is being collected."""
        workbench = self._workbench
        made = self._files.recipe_of_run(workbench.recipe)
        return not workbench.measuring and (not len(workbench.session) or workbench.session.recipe.same_frames_as(made))

    def _on_model_changed(self) -> None:
        self._fresh = False
        self.changed.emit()
