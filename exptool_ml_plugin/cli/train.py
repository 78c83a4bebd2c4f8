"""`exptool-ml train`: sessions become a model, in the same process and with the same engine as in the Train tab."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import UserError
from ..core.extras import need_tensorflow
from . import output
from .arguments import positive, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..core.messages import EpochEnd, MatrixCounted, Progress, TrainingDone
    from ..workbench.workbench import Workbench

_NOT_WHEN_RESUMING = ("recipe", "validation", "validate", "split", "seed")
_SPLITS = ("recording", "person", "place", "day", "session", "stratified", "random")


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "train",
        help="train a model on sessions",
        description="Train the recipe's network on sessions. Ctrl-C stops and keeps the best model so far; "
        "--resume goes on exactly where a training ended.",
    )
    parser.add_argument(
        "sessions", nargs="*", metavar="SESSION", help="session file (.h5), or one data set (.json); not with --resume"
    )
    parser.add_argument("--recipe", metavar="RECIPE", help="recipe file, or name of a shipped recipe")
    parser.add_argument("--out", required=True, metavar="RUN_DIR", help="folder of the run: recipe, history, model")
    parser.add_argument(
        "--validation", type=_fraction, metavar="FRACTION|none", help="part of the frames to validate with"
    )
    parser.add_argument("--validate", nargs="+", metavar="SESSION", help="session files to validate with")
    parser.add_argument("--split", choices=_SPLITS, help="what is kept together when frames are split off")
    parser.add_argument(
        "--compare-splits",
        action="store_true",
        help="train twice, in RUN_DIR/honest and RUN_DIR/random, and say how much a random split flatters",
    )
    parser.add_argument("--seed", type=whole, metavar="N", help="start of all random numbers")
    parser.add_argument("--epochs", type=positive, metavar="N", help="epochs in all")
    parser.add_argument("--resume", action="store_true", help="go on with the training in RUN_DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    parser.set_defaults(run=run, parser=parser)


def options_of(*arguments: str) -> argparse.Namespace:
    """Return the options of a command line of this command, for other commands that train."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["train", *arguments])


def run(options: argparse.Namespace) -> None:
    """Train, or go on training, and say how it ended."""
    _check_usage(options)
    need_tensorflow()
    if options.compare_splits:
        from .compare_splits import compare

        compare(options, train=_follow, describe=describe)
        return
    from ..core.run_folder import RunFolder

    out = Path(options.out)
    if options.resume:
        folder = RunFolder.open(out)
        if options.epochs is not None:
            folder.change_training(dataclasses.replace(folder.recipe().training, epochs=options.epochs))
    elif RunFolder(out).recipe_path.exists():
        raise UserError(
            f"Expected a new folder. Received: {out} holds a training already.",
            "Choose another folder, or go on with --resume.",
        )
    done = train(out, None if options.resume else options)
    output.result(describe(done), in_words(done), as_json=options.json)


def train(out: Path, options: argparse.Namespace | None) -> TrainingDone:
    """Train in the folder `out`: a new run of the options' sessions, or without options the run that is there."""
    from ..plugins import load_plugins
    from ..workbench.workbench import Workbench
    from .training_inputs import prepare

    workbench = Workbench(load_plugins())
    try:
        workbench.training.warm_up()  # Keras loads while the sessions are read
        if options is not None:
            prepare(workbench, options, out)
        return _follow(workbench, out, resume=options is None)
    finally:
        workbench.close()


def _follow(workbench: Workbench, out: Path, *, resume: bool = False) -> TrainingDone:
    """Start and wait; the first Ctrl-C stops the training and keeps the best weights."""
    training, steps = workbench.training, _Steps()
    training.progress.connect(steps.say)
    training.epoch.connect(_say_epoch)
    output.progress("Starting the training process…")
    training.start(out, resume=resume)
    try:
        done = training.wait()
    except KeyboardInterrupt:
        output.progress("Stopping, keeping the best weights…")
        training.stop(keep="best")
        done = training.wait()
    finally:
        training.progress.disconnect(steps.say)
        training.epoch.disconnect(_say_epoch)
    _draw(training.matrices.values(), out)
    return done


class _Steps:
    """Says what the worker does between the batches, each step once and not for every frame counted."""

    def __init__(self) -> None:
        self._last = ""

    def say(self, progress: Progress) -> None:
        """Say it if it is new."""
        if progress.what != self._last:
            self._last = progress.what
            output.progress(progress.what)


def _draw(matrices: Iterable[MatrixCounted], out: Path) -> None:
    """Draw the confusion matrices beside their figures in the run folder, where matplotlib is there to do it."""
    import numpy as np

    from ..core.atomic import write_bytes
    from ..core.metrics import ConfusionMatrix
    from ..core.run_folder import RunFolder
    from ..workbench.matrix_picture import matrix_png

    for counted in matrices:
        matrix = ConfusionMatrix(counted.labels, np.array(counted.counts, dtype=np.int64))
        try:
            picture = matrix_png(matrix, title=f"{out.name}: {counted.subset} frames")
        except ImportError:
            return
        write_bytes(RunFolder(out).confusion_path(counted.subset).with_suffix(".png"), picture, overwrite=True)


def _say_epoch(epoch: EpochEnd) -> None:
    validation = ""
    if epoch.val_loss is not None and epoch.val_accuracy is not None:
        validation = f"  val_loss {epoch.val_loss:.4f}  val_accuracy {epoch.val_accuracy:.4f}"
    best = "  (best)" if epoch.is_best else ""
    output.progress(
        f"epoch {epoch.epoch}: loss {epoch.loss:.4f}  accuracy {epoch.accuracy:.4f}{validation}"
        f"  {epoch.seconds:.1f} s{best}"
    )


def describe(done: TrainingDone) -> dict[str, Any]:
    """Return how a training ended, for JSON."""
    names = ("epochs", "best_epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds", "reason", "kept")
    return {**{name: getattr(done, name) for name in names}, "model": done.model_path}


def in_words(done: TrainingDone) -> str:
    """Return how a training ended, for people."""
    validation = "" if done.val_accuracy is None else f", validation accuracy {done.val_accuracy:.1%}"
    return (
        f"{done.epochs} epochs in {done.seconds:.0f} s ({done.reason}), best epoch {done.best_epoch}: "
        f"accuracy {done.accuracy:.1%}{validation}. Model: {done.model_path}"
    )


def _check_usage(options: argparse.Namespace) -> None:
    parser = options.parser
    if options.resume:
        if options.compare_splits:
            parser.error("argument --compare-splits: not with --resume")
        for name in _NOT_WHEN_RESUMING:
            if getattr(options, name) is not None:
                parser.error(f"argument --{name}: not with --resume, which goes on as the run was started")
        if options.sessions:
            output.progress("The sessions are not read again: the run holds its frames.")
        return
    if not options.sessions:
        parser.error("the following arguments are required: SESSION")
    if options.recipe is None:
        parser.error("the following arguments are required: --recipe")
    if options.compare_splits and (options.validate or options.validation == 0.0 or options.split == "random"):
        parser.error("argument --compare-splits: needs frames to split off, and another split than random")
    if options.validate and options.validation is not None:
        parser.error("argument --validate: not with --validation")


def _fraction(text: str) -> float:
    """Read a fraction; 0 stands for "none"."""
    if text == "none":
        return 0.0
    try:
        fraction = float(text)
    except ValueError:
        fraction = -1.0
    if not 0.01 <= fraction <= 0.9:
        raise argparse.ArgumentTypeError(f"expected a number from 0.01 to 0.9, or none; received {text}")
    return fraction
