"""The recipe: every setting that led to a result, frozen, as JSON, with a schema version."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .augmentation_settings import AugmentationSettings
from .document import Shapes, build
from .errors import UserError
from .normalisations import NORMALISATIONS
from .options import option
from .reading import SPARSE_IQ, Channel, SensorSetup

SCHEMA = 1


@dataclass(frozen=True)
class FeatureChoice:
    """One entry of the feature list.

    `key` names the feature type, `options` holds its settings by field name, `outputs` the outputs in use
    (empty: the feature's first). `sensor_ids` and `subsweeps` limit it to those channels; None means all.
    """

    key: str
    options: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    sensor_ids: tuple[int, ...] | None = None
    subsweeps: tuple[int, ...] | None = None
    enabled: bool = True


@dataclass(frozen=True)
class FrameSettings:
    """How many rows make a frame and how it lies around the trigger.

    `time_steps` rows make a frame. A frame starts `pre_trigger` rows before the row that triggered, and after
    its end no trigger is looked at for `dead_time` rows. Triggers that end a frame with the current row, continuous and
    feature based, ignore `pre_trigger`; the continuous one ignores `dead_time`, too.
    """

    time_steps: int = option(40, text="Time steps", unit="rows", doc="Rows in one frame.", minimum=1, maximum=4096)
    pre_trigger: int = option(
        10,
        text="Pre-trigger",
        unit="rows",
        doc="Rows before the trigger that belong to the frame.",
        minimum=0,
        maximum=4095,
    )
    dead_time: int = option(
        10,
        text="Dead time",
        unit="rows",
        doc="Rows after the end of a frame in which nothing triggers.",
        minimum=0,
        maximum=100000,
    )


@dataclass(frozen=True)
class TriggerChoice:
    """Which trigger cuts the frames, and its settings by field name."""

    key: str = "continuous"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LayerChoice:
    """One layer of the network: `key` names the layer type, `params` holds its parameters."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    active: bool = True


@dataclass(frozen=True)
class NetworkSettings:
    """The network between the frame and the labels.

    Empty `layers` means the default network for the frame's size. The last layer's number of units follows the
    labels. `normalisation` is part of the model, so that live frames meet what training frames met.
    """

    layers: tuple[LayerChoice, ...] = ()
    normalisation: str = option(
        "standard",
        text="Normalisation",
        doc="How frames are brought to a common size before the first layer.",
        choices=NORMALISATIONS,
    )


OPTIMIZERS: Mapping[str, float] = {
    "Adam": 0.001,
    "Adagrad": 0.01,
    "Adadelta": 1.0,
    "RMSprop": 0.001,
    "SGD": 0.01,
    "AdamW": 0.001,
}
"""Optimizers on offer, each with its default learning rate."""

MONITORS: Mapping[str, str] = {
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
    "loss": "Training loss",
    "accuracy": "Training accuracy",
}

SPLITS: Mapping[str, str] = {
    "recording": "By recording (honest)",
    "person": "By person",
    "place": "By place",
    "day": "By day",
    "session": "By session file",
    "stratified": "A stretch of every label in every recording",
    "random": "Random frames (flattering: neighbours share readings)",
}

HOLDOUTS: Mapping[str, str] = {
    "part": "A part",
    "fold": "One of several folds",
    "group": "One group (leave one out)",
}


@dataclass(frozen=True)
class TrainingSettings:
    """How the network is trained. Defaults are those users of the Deep Learning Interface knew."""

    epochs: int = option(100, text="Epochs", doc="Times every training frame is seen.", minimum=1, maximum=100000)
    batch_size: int = option(
        128,
        text="Batch size",
        unit="frames",
        doc="Frames per step of the optimizer.",
        minimum=1,
        maximum=65536,
    )
    optimizer: str = option(
        "Adam",
        text="Optimizer",
        doc="Method that changes the weights.",
        choices={name: name for name in OPTIMIZERS},
    )
    learning_rate: float = option(
        0.001,
        text="Learning rate",
        doc="Size of the optimizer's steps; each optimizer has its own default.",
        minimum=1e-9,
        maximum=10.0,
    )
    early_stopping: bool = option(
        True,
        text="Early stopping",
        doc="Stop when the monitored value no longer improves; keeps the best weights.",
    )
    monitor: str = option("val_loss", text="Monitor", doc="Value that decides which epoch is best.", choices=MONITORS)
    patience: int = option(
        5,
        text="Patience",
        unit="epochs",
        doc="Epochs without improvement before stopping.",
        minimum=1,
        maximum=100000,
    )
    min_delta: float = option(
        0.001, text="Min. delta", doc="Smallest change that counts as improvement.", minimum=0.0, maximum=10.0
    )
    class_weights: bool = option(
        True,
        text="Balance labels",
        doc="Weigh frames so that every label counts alike, however many frames it has.",
    )
    leave_out_flagged: bool = option(
        False,
        text="Leave out flagged frames",
        doc="Frames with a saturated or late reading, one that needs calibration, or lost readings within are neither "
        "trained on nor used for validation and test.",
    )
    seed: int = option(
        0,
        text="Seed",
        doc="Start of all random numbers; the same seed gives the same model.",
        minimum=0,
        maximum=2**31 - 1,
    )
    validation: str = option(
        "split",
        text="Validation",
        doc="Where validation frames come from.",
        choices={"split": "Split off a part", "files": "Load specific files", "none": "None"},
    )
    validation_fraction: float = option(
        0.2, text="Validation part", doc="Part of the frames kept for validation.", minimum=0.01, maximum=0.9
    )
    split: str = option("recording", text="Split", doc="What is kept together when splitting.", choices=SPLITS)
    holdout: str = option(
        "part",
        text="Hold out",
        doc="What validates: a part of the frames, one of several equal folds, or a single recording, person, place, "
        "day or session file.",
        choices=HOLDOUTS,
    )
    folds: int = option(5, text="Folds", doc="Equal parts the groups are shared out to.", minimum=2, maximum=1000)
    fold: int = option(
        1,
        text="Number",
        doc="Which fold, or which group in alphabetical order, validates. Train once with each for a cross-validation.",
        minimum=1,
        maximum=100000,
    )


@dataclass(frozen=True)
class Recipe:
    """All settings of a session, a run or a model.

    `calibration` is the frame all frames are divided by, as `calibration.calibration_text` writes it, "" for none.
    """

    name: str = "untitled"
    sensor: SensorSetup | None = None
    features: tuple[FeatureChoice, ...] = ()
    frame: FrameSettings = field(default_factory=FrameSettings)
    trigger: TriggerChoice = field(default_factory=TriggerChoice)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    calibration: str = ""

    def to_json(self) -> str:
        """Return the recipe as JSON text, the same text for equal recipes."""
        document = {"schema": SCHEMA, **dataclasses.asdict(self)}
        # What is as usual is left out, so that earlier versions can read it.
        if not self.calibration:
            del document["calibration"]
        if self.sensor is not None:
            document["sensor"] = _setup_document(self.sensor)
        return json.dumps(document, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, source: str = "recipe") -> Recipe:
        """Read a recipe; raise `UserError` naming what was expected and what came."""
        try:
            document = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(f"Expected a recipe as JSON in {source}. Received: {error}.") from error
        if not isinstance(document, dict):
            raise UserError(f"Expected a JSON object in {source}. Received: {type(document).__name__}.")
        schema = document.pop("schema", None)
        if schema != SCHEMA:
            raise UserError(
                f"Expected a recipe of schema {SCHEMA} in {source}. Received: schema={schema!r}.",
                "Update exptool-ml-plugin, or save the recipe again with this version.",
            )
        recipe: Recipe = build(cls, document, source, _SHAPES)
        return recipe

    def same_frames_as(self, other: Recipe) -> bool:
        """Tell whether both recipes make comparable frames: same features, length, calibration, geometry."""
        return (
            self.features == other.features
            and self.frame.time_steps == other.frame.time_steps
            and self.calibration == other.calibration
            and _same_geometry(self.sensor, other.sensor)
        )


def setup_to_json(setup: SensorSetup) -> str:
    """Return a sensor setup as JSON text, as it stands in a recipe."""
    return json.dumps(_setup_document(setup), sort_keys=True)


def setup_from_json(text: str, *, source: str = "sensor setup") -> SensorSetup:
    """Read a sensor setup; raise `UserError` naming what was expected and what came."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"Expected a sensor setup as JSON in {source}. Received: {error}.") from error
    setup: SensorSetup = build(SensorSetup, document, source, _SHAPES)
    return setup


def _setup_document(setup: SensorSetup) -> dict[str, Any]:
    document = dataclasses.asdict(setup)
    if setup.service == SPARSE_IQ:
        del document["service"]
    return document


def _same_geometry(one: SensorSetup | None, other: SensorSetup | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.service != other.service or len(one.channels) != len(other.channels):
        return False
    pairs = zip(one.channels, other.channels, strict=True)
    return all(mine.sweeps == theirs.sweeps and mine.same_points_as(theirs) for mine, theirs in pairs)


_SHAPES = Shapes(
    nested={
        (Recipe, "sensor"): (SensorSetup, "optional"),
        (Recipe, "features"): (FeatureChoice, "many"),
        (Recipe, "frame"): (FrameSettings, "one"),
        (Recipe, "trigger"): (TriggerChoice, "one"),
        (Recipe, "network"): (NetworkSettings, "one"),
        (Recipe, "training"): (TrainingSettings, "one"),
        (Recipe, "augmentation"): (AugmentationSettings, "one"),
        (SensorSetup, "channels"): (Channel, "many"),
        (NetworkSettings, "layers"): (LayerChoice, "many"),
    },
    plain={
        (Recipe, "name"): "text",
        (Recipe, "calibration"): "text",
        (FeatureChoice, "key"): "text",
        (FeatureChoice, "options"): "an object",
        (FeatureChoice, "outputs"): "a list of text",
        (FeatureChoice, "sensor_ids"): "a list of whole numbers or null",
        (FeatureChoice, "subsweeps"): "a list of whole numbers or null",
        (FeatureChoice, "enabled"): "true or false",
        (TriggerChoice, "key"): "text",
        (TriggerChoice, "options"): "an object",
        (LayerChoice, "key"): "text",
        (LayerChoice, "params"): "an object",
        (LayerChoice, "active"): "true or false",
        (SensorSetup, "generation"): "text",
        (SensorSetup, "reading_rate_hz"): "a number",
        (SensorSetup, "host_config"): "text",
        (SensorSetup, "service"): "text",
        (Channel, "sensor_id"): "a whole number",
        (Channel, "subsweep"): "a whole number",
        (Channel, "sweeps"): "a whole number",
        (Channel, "points"): "a whole number",
        (Channel, "start_m"): "a number",
        (Channel, "step_m"): "a number",
        (Channel, "sweep_rate_hz"): "a number or null",
    },
)
"""What the fields of a recipe hold where their declaration does not say it."""
