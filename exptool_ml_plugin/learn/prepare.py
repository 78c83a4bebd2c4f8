"""Everything before the first batch: a fresh start, a start from a model, or going on where a training was left."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from ..core.errors import UserError
from ..core.messages import Message, Progress, TrainRequest
from ..core.model_file import ModelInfo, read_model_info
from ..core.recipe import Recipe, TrainingSettings
from ..core.run_folder import RunFolder
from .best import Best, with_possible_monitor
from .build import build_model, make_optimizer
from .checkpoint import (
    TrainingState,
    Weights,
    load_best_weights,
    load_variables,
    read_state,
    save_checkpoint,
)
from .data import Frames, check_trainable, open_frames
from .model_file import load_model, save_model
from .normalisation import measure
from .steps import Steps

Emit = Callable[[Message], None]


@dataclass(eq=False)
class Setup:
    """A training ready to run: fixed parts, and the state that each epoch replaces."""

    run: RunFolder
    recipe: Recipe
    settings: TrainingSettings
    frames: Frames
    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    steps: Steps
    state: TrainingState
    best_weights: Weights | None = None
    moved: bool = False
    """Whether the weights have changed since the last finished epoch."""
    save_best_to: Path | None = None

    def save_state(self) -> None:
        """Write the checkpoint from which the training can go on."""
        save_checkpoint(
            self.run.last_checkpoint,
            self.state,
            model=self.model,
            optimizer=self.optimizer,
            best_weights=self.best_weights,
        )


def prepare(request: TrainRequest, emit: Emit) -> Setup:
    """Make a training ready; `UserError` if it cannot be done."""
    keras.utils.clear_session()
    run = RunFolder.open(Path(request.run_dir))
    if run.can_resume and not request.resume:
        raise UserError(
            f"Expected a new run folder. Received: {run.path}, in which a training was begun.",
            "Go on with it (resume), or choose another folder.",
        )
    run.remove_leftovers()
    setup = _continued(run, emit) if run.can_resume else _begun(run, request.start_from, emit)
    setup.save_best_to = _folder_for_best(request.save_best_to)
    return setup


def _folder_for_best(name: str) -> Path | None:
    """Return the folder that gets a model after each better epoch; `UserError` if it cannot be made."""
    if not name:
        return None
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"Expected a folder for the best iterations. Received: {name}: {error.strerror}.", "Choose another folder."
        ) from error
    return Path(name)


def _begun(run: RunFolder, start_from: str, emit: Emit) -> Setup:
    emit(Progress("Checking the frames…"))
    recipe = run.recipe()
    start = read_model_info(Path(start_from)) if start_from else None
    frames = open_frames(run, recipe.training, label_names=start.labels if start else ())
    check_trainable(frames)
    emit(Progress("Building the network…"))
    keras.utils.set_random_seed(recipe.training.seed)
    if start is None:
        model = _fresh(recipe, frames)
    else:
        model = _taken_over(start, Path(start_from), frames)
        recipe = dataclasses.replace(recipe, network=start.recipe.network)
        run.change_recipe(recipe)
    optimizer = make_optimizer(recipe.training)
    state = TrainingState(run.fingerprint(), recipe.training.optimizer, recipe.training.learning_rate)
    setup = _setup(run, recipe, frames, model=model, optimizer=optimizer, state=state)
    setup.state = dataclasses.replace(state, monitor=setup.settings.monitor)
    info = ModelInfo(recipe=recipe, labels=frames.label_names, frame_shape=frames.frame_shape)
    save_model(model, run.start_path, info=info)
    run.cut_history(0)
    setup.save_state()
    return setup


def _continued(run: RunFolder, emit: Emit) -> Setup:
    emit(Progress("Reading the checkpoint…"))
    state = read_state(run.last_checkpoint)
    if state.fingerprint != run.fingerprint():
        raise UserError("Expected the frames this training was begun with. Received: others.", "Start a new training.")
    start, recipe = read_model_info(run.start_path), run.recipe()
    if recipe.network.layers and recipe.network != start.recipe.network:
        raise UserError(
            "Expected the network this training was begun with. Received: other layers.", "Start a new training."
        )
    recipe = dataclasses.replace(recipe, network=start.recipe.network)
    frames = open_frames(run, recipe.training, label_names=start.labels)
    model, optimizer = load_model(run.start_path, start), make_optimizer(recipe.training)
    setup = _setup(run, recipe, frames, model=model, optimizer=optimizer, state=state)
    load_variables(run.last_checkpoint, model.variables, kind="model")
    setup.best_weights = load_best_weights(run.last_checkpoint, model)
    if recipe.training.optimizer == state.optimizer:
        load_variables(run.last_checkpoint, optimizer.variables, kind="optimizer")
    if recipe.training.learning_rate != state.learning_rate:
        optimizer.learning_rate = recipe.training.learning_rate
    setup.state = dataclasses.replace(
        state,
        optimizer=recipe.training.optimizer,
        learning_rate=recipe.training.learning_rate,
        monitor=setup.settings.monitor,
    )
    if state.monitor not in ("", setup.settings.monitor):  # values of another kind cannot be compared
        setup.state, setup.best_weights = dataclasses.replace(setup.state, best=Best()), None
    if run.result() is not None:
        _go_on_after_the_end(setup)
    run.cut_history(state.epoch)
    return setup


def _go_on_after_the_end(setup: Setup) -> None:
    """A training that had come to its end is asked for more: patience starts afresh, or it would stop at once."""
    best = setup.state.best
    setup.state = dataclasses.replace(setup.state, best=dataclasses.replace(best, waited=0))
    setup.save_state()
    setup.run.set_result(None)


def _setup(
    run: RunFolder,
    recipe: Recipe,
    frames: Frames,
    *,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    state: TrainingState,
) -> Setup:
    settings = with_possible_monitor(recipe.training, validation_frames=len(frames.data.validation))
    steps = Steps(model, optimizer)
    return Setup(run, recipe, settings, frames, model=model, optimizer=optimizer, steps=steps, state=state)


def _fresh(recipe: Recipe, frames: Frames) -> keras.Model:
    measured = measure(
        frames.values,
        frames.data.training,
        kind=recipe.network.normalisation,
        feature_widths=frames.data.feature_widths,
    )
    return build_model(
        recipe.network,
        frame_shape=frames.frame_shape,
        labels=len(frames.label_names),
        normalisation=measured,
    )


def _taken_over(info: ModelInfo, path: Path, frames: Frames) -> keras.Model:
    """Load a model to go on from; its normalisation stays, because its weights were made for it."""
    if info.frame_shape != frames.frame_shape:
        raise UserError(
            f"Expected frames of {info.frame_shape} as the model was trained with. Received: {frames.frame_shape}.",
            "Extract the frames with the model's recipe, or start with fresh weights.",
        )
    return load_model(path, info)
