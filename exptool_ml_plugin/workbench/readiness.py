"""What stands between the data and a training, in plain words, each with its mend where there is a simple one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..core.errors import UserError
from ..core.issues import Issue, Severity
from ..core.layer_type import LayerType
from ..core.network import layers_in_use, summarise
from ..core.reading import sensor_kind
from ..core.recipe import MONITORS, Recipe
from ..core.session import Session
from ..core.split import Split
from ..core.training_data import TrainingData
from .open_model import setup_differences

LEAST_FRAMES = 2
"""Frames of a label below which nothing can be learnt."""
FEW_FRAMES = 10
"""Frames of a label below which little is learnt."""
UNBALANCED = 5.0
"""Ratio of the most to the least frequent label from which balancing matters."""


@dataclass(frozen=True)
class Mend:
    """A way to mend an issue with one click.

    `text` is written on the button. Either `recipe` takes the place of the recipe, or `action` says what to do:
    "use session", "leave out:<subset>:<number>" (of a file among its own), "leave out labels", "start afresh".
    """

    text: str
    recipe: Recipe | None = None
    action: str = ""


@dataclass(frozen=True)
class Check:
    """An issue and its mend, None where it takes more than a click."""

    issue: Issue
    mend: Mend | None = None


@dataclass(frozen=True, eq=False)
class Loaded:
    """A session among the data of one subset; `name` is what the user calls it, `tags` what the data set adds to it."""

    name: str
    session: Session
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Situation:
    """Everything the check looks at.

    `subsets` holds the sessions of "training", "validation" and "test"; `data` those that fit together as one,
    `broken` how many frames of each hold something that is no number, `split` splits the training data as the
    recipe says.
    `model_labels` are those of a model that is trained on, empty for fresh weights. `session_frames` counts the
    frames of the current session, which is offered where data are missing. With `leave_out_labels` validation and
    test frames of labels unknown to the model are left out instead of complained about. `left_out` counts the flagged
    frames of each subset that the recipe leaves out.
    """

    recipe: Recipe
    subsets: Mapping[str, Sequence[Loaded]]
    data: Mapping[str, TrainingData]
    broken: Mapping[str, int]
    layers: Mapping[str, LayerType]
    split: Callable[[TrainingData], Split]
    model_labels: tuple[str, ...] = ()
    session_frames: int = 0
    leave_out_labels: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)


def run_recipe(recipe: Recipe, loaded: Sequence[Loaded]) -> Recipe:
    """Return the recipe of a run: frames as the data were made, network and training as they are set now."""
    filled = [item.session.recipe for item in loaded if len(item.session)]
    if not filled:
        return recipe
    own = filled[0]
    return replace(own, network=recipe.network, training=recipe.training, augmentation=recipe.augmentation)


def examine(situation: Situation) -> list[Check]:
    """Look at everything that can be looked at before the first batch; an empty list means: go."""
    checks = list(_files(situation))
    if any(check.issue.severity is Severity.ERROR for check in checks):
        return checks
    if "training" not in situation.data:
        return [*checks, _nothing_left(situation)]
    training = situation.data["training"]
    checks += _flagged(situation)
    checks += _labels(training, situation)
    checks += _values(situation)
    checks += _network(training, situation)
    checks += _validation(training, situation)
    checks += _balance(training, situation)
    checks += _augmentation(training, situation)
    return checks


# --- files and frames ------------------------------------------------------------------------------------------


def _files(situation: Situation) -> Iterator[Check]:
    training = situation.subsets["training"]
    if not any(len(loaded.session) for loaded in training):
        mend = Mend("Use current session", action="use session") if situation.session_frames else None
        message = "Expected labelled frames to train on. Received: none. Load session files, or collect some."
        yield Check(Issue("data.training", message), mend)
        return
    reference = next(loaded for loaded in training if len(loaded.session))
    for subset, loaded in situation.subsets.items():
        for number, item in enumerate(loaded):
            if len(item.session):
                mend = Mend(f"Leave out {item.name}", action=f"leave out:{subset}:{number}")
                yield from _fits(item, reference, f"data.{subset}", mend)


def _fits(item: Loaded, reference: Loaded, where: str, mend: Mend) -> Iterator[Check]:
    expected, received = reference.session.values.shape[1:], item.session.values.shape[1:]
    kinds = [sensor_kind(loaded.session.recipe.sensor) for loaded in (reference, item)]
    if all(kinds) and kinds[0] != kinds[1]:
        message = (
            f"Expected frames of one sensor and service, {kinds[0]} as in {reference.name}. "
            f"Received: {kinds[1]} in {item.name}."
        )
        yield Check(Issue(where, message), mend)
    elif expected != received:
        message = (
            f"Expected frames of one shape, {expected[0]} x {expected[1]} as in {reference.name}. "
            f"Received: {received[0]} x {received[1]} in {item.name}."
        )
        yield Check(Issue(where, message), mend)
    elif not item.session.recipe.same_frames_as(reference.session.recipe):
        what = recipe_difference(reference.session.recipe, item.session.recipe)
        message = (
            f"Expected files made with the same recipe. Received: {item.name} was made with other {what} than "
            f"{reference.name}. The network would compare what cannot be compared."
        )
        yield Check(Issue(where, message), mend)
    else:
        yield from _measured_alike(item, reference, where, mend)


def _measured_alike(item: Loaded, reference: Loaded, where: str, mend: Mend) -> Iterator[Check]:
    """Frames of the same points may have been measured at another rate, or with another profile or gain."""
    expected, received = reference.session.recipe.sensor, item.session.recipe.sensor
    differences = () if expected is None or received is None else setup_differences(expected, received)
    if differences:
        message = f"{item.name} was measured with other settings than {reference.name}: {' '.join(differences)}"
        yield Check(Issue(where, message, Severity.WARNING), mend)


def recipe_difference(one: Recipe, other: Recipe) -> str:
    """Name what makes the frames of two recipes differ."""
    if one.features != other.features:
        return "features"
    if one.frame.time_steps != other.frame.time_steps:
        return "time steps"
    if one.calibration != other.calibration:
        return "calibration frames"
    return "sensor settings"


def _values(situation: Situation) -> Iterator[Check]:
    for subset, frames in situation.broken.items():
        if frames:
            message = f"Expected numbers in every frame. Received: {frames} {subset} frames without."
            yield Check(Issue(f"data.{subset}", message + " Remove them in the Inspect tab."))


def _flagged(situation: Situation) -> Iterator[Check]:
    if situation.left_out:
        parts = ", ".join(f"{count} {subset}" for subset, count in situation.left_out.items())
        message = f"Flagged frames are left out: {parts}."
        mend = _mend(situation, "Use them", leave_out_flagged=False)
        yield Check(Issue("training.leave_out_flagged", message, Severity.INFO), mend)


def _nothing_left(situation: Situation) -> Check:
    count = situation.left_out.get("training", 0)
    message = f"Expected training frames without a flag. Received: all {count} are flagged and left out."
    mend = _mend(situation, "Use flagged frames", leave_out_flagged=False)
    return Check(Issue("training.leave_out_flagged", message), mend)


# --- labels ----------------------------------------------------------------------------------------------------


def _labels(training: TrainingData, situation: Situation) -> Iterator[Check]:
    counts = training.counts()
    if len(counts) < 2:
        message = (
            f"Expected at least two labels, so that there is something to tell apart. Received: {', '.join(counts)}. "
            "Load or collect frames of another label."
        )
        yield Check(Issue("data.labels", message))
        return
    yield from _few(counts)
    yield from _unknown(counts, situation)


def _few(counts: Mapping[str, int]) -> Iterator[Check]:
    too_few = [f"{label} ({count})" for label, count in sorted(counts.items()) if count < LEAST_FRAMES]
    few = [f"{label} ({count})" for label, count in sorted(counts.items()) if LEAST_FRAMES <= count < FEW_FRAMES]
    if too_few:
        message = f"Expected at least {LEAST_FRAMES} frames of every label. Received: {', '.join(too_few)}."
        yield Check(Issue("data.labels", message + " Collect more of it."))
    if few:
        message = f"Few frames of {', '.join(few)}: below {FEW_FRAMES} the model can hardly learn what they share."
        yield Check(Issue("data.labels", message, Severity.WARNING))


def _unknown(counts: Mapping[str, int], situation: Situation) -> Iterator[Check]:
    if situation.model_labels and (strange := sorted(set(counts) - set(situation.model_labels))):
        message = (
            f"Expected only labels of the model: {', '.join(situation.model_labels)}. "
            f"Received: {', '.join(strange)}. A model cannot learn new labels later."
        )
        yield Check(Issue("data.labels", message), Mend("Start afresh", action="start afresh"))
    known = set(situation.model_labels) or set(counts)
    for subset in ("validation", "test"):
        data = situation.data.get(subset)
        if data is None or (subset == "validation" and situation.recipe.training.validation != "files"):
            continue
        unknown = sorted(set(data.label_names) - known)
        if unknown and not situation.leave_out_labels:
            message = (
                f"Expected only labels of the training data in the {subset} data. Received: {', '.join(unknown)}. "
                "The model has no output for them."
            )
            mend = Mend("Leave these frames out", action="leave out labels")
            yield Check(Issue(f"data.{subset}", message), mend)


# --- network ---------------------------------------------------------------------------------------------------


def _network(training: TrainingData, situation: Situation) -> Iterator[Check]:
    shape = training.frame_shape
    network = situation.recipe.network
    labels = len(situation.model_labels or training.label_names)
    try:
        layers = layers_in_use(network.layers, shape)
        summary = summarise(layers, frame_shape=shape, labels=labels, layers_types=situation.layers)
    except UserError as error:
        yield Check(Issue("network", str(error)))
        return
    mend = Mend("Use the default network", recipe=replace(situation.recipe, network=replace(network, layers=())))
    for issue in summary.issues:
        wrong = issue.severity is Severity.ERROR
        prefix = "" if issue.where == "network" else f"Layer {int(issue.where.split('.')[1]) + 1}: "
        message = f"{prefix}{issue.message}"
        yield Check(replace(issue, message=message), mend if wrong and network.layers else None)


# --- validation ------------------------------------------------------------------------------------------------


def _validation(training: TrainingData, situation: Situation) -> Iterator[Check]:
    settings = situation.recipe.training
    if settings.validation == "files" and "validation" not in situation.data:
        message = "Expected validation files. Received: none are loaded."
        yield Check(Issue("training.validation", message), _mend(situation, "Split off a part", validation="split"))
        return
    frames = len(situation.data["validation"]) if settings.validation == "files" else None
    if settings.validation == "split":
        split = situation.split(training)
        if split.problem:
            yield _no_split(split, situation)
            return
        frames = len(split.validation)
        yield from _split(training, split, situation)
    if not frames and settings.early_stopping and settings.monitor.startswith("val_"):
        yield _no_validation(situation)
    if settings.validation == "files":
        yield from _same_recordings(training, situation.data["validation"], "validation")
    if "test" in situation.data:
        yield from _same_recordings(training, situation.data["test"], "test")


def _no_split(split: Split, situation: Situation) -> Check:
    """Say why the split cannot be made, with the nearest one that can."""
    if "number=" in split.problem:
        return Check(Issue("training.fold", split.problem), _mend(situation, "Use number 1", fold=1))
    mend = _mend(situation, "Split by recording", split="recording", holdout="part")
    hint = " Note it in the Inspect tab." if split.problem.startswith("Expected to know") else ""
    return Check(Issue("training.split", split.problem + hint), mend)


def _no_validation(situation: Situation) -> Check:
    settings = situation.recipe.training
    other = settings.monitor.removeprefix("val_")
    message = (
        f"Early stopping watches the {MONITORS[settings.monitor].lower()}, but there are no validation frames. "
        "Choose validation data, or watch the training instead."
    )
    mend = _mend(situation, f"Watch {MONITORS[other].lower()}", monitor=other)
    if settings.validation == "none":
        mend = _mend(situation, "Split off a part", validation="split")
    return Check(Issue("training.monitor", message), mend)


def _split(training: TrainingData, split: Split, situation: Situation) -> Iterator[Check]:
    lost = sorted(set(training.label_names) - set(training.labels.take(split.training).used))
    missing = sorted(set(training.label_names) - set(training.labels.take(split.validation).used))
    if lost:
        message = f"Expected training frames of every label after the split. Received: none of {', '.join(lost)}."
        yield Check(Issue("training.validation_fraction", message))
    if len(split.validation) and missing:
        message = f"No validation frames of {', '.join(missing)}: the validation figures say nothing about them."
        yield Check(Issue("training.validation_fraction", message, Severity.WARNING))
    if split.kind == "random":
        message = "Frames are split at random: neighbours share readings, so the validation figures flatter."
        mend = _mend(situation, "Split by recording", split="recording")
        yield Check(Issue("training.split", message, Severity.WARNING), mend)
    else:
        for note in split.notes:
            yield Check(Issue("training.split", note, Severity.INFO))


def _same_recordings(training: TrainingData, other: TrainingData, subset: str) -> Iterator[Check]:
    shared = sorted(set(training.groups.used) & set(other.groups.used))
    if shared:
        message = f"{', '.join(shared)} is in the training data and in the {subset} data: its figures will flatter."
        yield Check(Issue(f"data.{subset}", message, Severity.WARNING))


def _augmentation(training: TrainingData, situation: Situation) -> Iterator[Check]:
    settings, steps = situation.recipe.augmentation, training.frame_shape[0]
    kept = sum(len(stored.places) for stored in training.variants)
    if kept:
        message = f"{kept:,} variants that the sessions keep may be shown in the place of frames that train."
        yield Check(Issue("augmentation.copies", message, Severity.INFO))
    if not settings.copies:
        return
    changes = [value for name, value in vars(settings).items() if name != "copies"]
    if not any(changes):
        message = "Variants are asked for, but nothing that varies: they will be like their originals."
        yield Check(Issue("augmentation.copies", message, Severity.WARNING))
    short = sorted(name for name in training.groups.used if len(training.recordings.get(name, ())) < steps)
    if short:
        message = f"Without readings there are no variants: {', '.join(short[:3])}."
        yield Check(Issue("augmentation.copies", message, Severity.WARNING))


def _balance(training: TrainingData, situation: Situation) -> Iterator[Check]:
    counts = training.counts()
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    if not situation.recipe.training.class_weights and counts[most] > UNBALANCED * counts[least]:
        message = (
            f"{counts[most]} frames of {most} but {counts[least]} of {least}: the model will favour {most} "
            "unless the labels are balanced."
        )
        mend = _mend(situation, "Balance labels", class_weights=True)
        yield Check(Issue("training.class_weights", message, Severity.WARNING), mend)


def _mend(situation: Situation, text: str, **settings: object) -> Mend:
    training = replace(situation.recipe.training, **settings)  # type: ignore[arg-type]
    return Mend(text, recipe=replace(situation.recipe, training=training))
