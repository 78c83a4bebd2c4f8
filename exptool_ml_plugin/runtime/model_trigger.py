"""Model: a trained detector decides when a frame is cut, and the frame goes to another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .. import hookimpl
from ..core.errors import UserError
from ..core.features.base import Feature
from ..core.issues import Issue
from ..core.model_file import ModelInfo, read_litert, read_model_info
from ..core.options import option
from ..core.parts import Parts
from ..core.pipeline import Pipeline
from ..core.reading import Channel, Reading, SensorSetup
from ..core.recipe import TriggerChoice
from ..core.triggers.base import RowSource, Trigger
from ..core.triggers.continuous import Continuous
from ..core.triggers.crossing import Crossing

if TYPE_CHECKING:
    from .predictor import Predictor

_RELEASE = 0.75
"""Part of the threshold to which the probability must come down before the model can trigger again."""


@dataclass(frozen=True)
class ModelTriggerOptions:
    """Settings of the model trigger."""

    model: str = option(
        "",
        text="Model",
        doc="The detector: a trained model that knows when something begins. It may have features of its own.",
        files="Models (*.keras)",
    )
    label: str = option("", text="Label", doc="The label of the detector for which frames are cut.")
    threshold: float = option(
        0.5,
        text="Threshold",
        doc="Probability of the label above which a frame is cut.",
        minimum=0.0,
        maximum=1.0,
    )
    hop: int = option(
        1,
        text="Hop",
        unit="rows",
        doc="Rows from one look of the detector to the next; more costs less.",
        minimum=1,
        maximum=4096,
    )
    once_per_rise: bool = option(
        True,
        text="One frame per rise",
        doc="Off: while the probability stays above the threshold, frames are cut one after another.",
    )


class ModelTrigger(Trigger):
    """Triggers when the probability of a label, as a detector model sees it, rises above the threshold.

    The detector makes rows of its own from the same readings, as the recipe it was trained with says, so it may have
    other features and another frame length than the frames that are cut. It looks every `hop` rows at its newest
    rows, first when there are enough; in between the score stays. It triggers once, and again after the probability
    was below three quarters of the threshold.
    """

    key: ClassVar[str] = "model"
    name: ClassVar[str] = "Model"
    description: ClassVar[str] = "Cuts a frame when a trained detector model recognises something."
    Options: ClassVar[type] = ModelTriggerOptions

    def __init__(self, options: Any, *, channels: tuple[Channel, ...], reading_rate_hz: float, time_steps: int) -> None:
        super().__init__(options, channels=channels, reading_rate_hz=reading_rate_hz, time_steps=time_steps)
        self.threshold = float(options.threshold)
        self._crossing = Crossing(self.threshold, _RELEASE * self.threshold, every=not options.once_per_rise)
        self._detector: _Detector | None = None

    def prepare(self, source: RowSource) -> None:
        """Load the detector; raise `UserError` where it cannot be used on these readings."""
        self._detector = _Detector(self.options, source)

    @classmethod
    def check(cls, options: Any, *, time_steps: int, source: RowSource | None) -> list[Issue]:
        """Say what is wrong with the model's file, the label, or the sensor."""
        if not options.model:
            return [Issue("model", "Expected a detector model (.keras). Received: none. Choose a file.")]
        try:
            info = read_model_info(Path(options.model))
            read_litert(Path(options.model), info)
        except UserError as error:
            return [Issue("model", str(error))]
        if options.label not in info.labels:
            known = ", ".join(info.labels)
            return [Issue("label", f"Expected a label of the detector: {known}. Received: label={options.label!r}.")]
        if source is None:
            return []
        try:
            _pipeline(info, options.hop, source)
        except UserError as error:
            return [Issue("model", str(error))]
        return []

    def update(self, reading: Reading, row: NDArray[np.float32]) -> bool:
        """Show the detector the reading."""
        if self._detector is None:
            return False
        probability = self._detector.push(reading)
        if probability is None:
            return False
        self.score = probability
        return self._crossing.update(probability)

    def reset(self) -> None:
        """Forget all readings."""
        self.score = None
        self._crossing.reset()
        if self._detector is not None:
            self._detector.pipeline.reset()


class _Detector:
    """The detector model with its own way from readings to frames."""

    def __init__(self, options: ModelTriggerOptions, source: RowSource) -> None:
        from .predictor import Predictor  # LiteRT is loaded where a model is used, not where plugins are listed

        self._predictor: Predictor = Predictor(Path(options.model))
        self._label = self._predictor.labels.index(options.label)
        self.pipeline = _pipeline(self._predictor.info, options.hop, source)

    def push(self, reading: Reading) -> float | None:
        """Return the probability of the label, None where the detector does not look at this reading."""
        frame = self.pipeline.push(reading)
        return None if frame is None else float(self._predictor.predict(frame.values)[self._label])


def _pipeline(info: ModelInfo, hop: int, source: RowSource) -> Pipeline:
    """Return what makes the detector's frames, one every `hop` rows; `UserError` where its frames do not fit."""
    recipe = replace(info.recipe, trigger=TriggerChoice(Continuous.key, {"hop": hop}))
    pipeline = Pipeline(recipe, _parts(source.features), source.setup)
    _refuse_other_shape(info, (pipeline.time_steps, pipeline.width), source.setup)
    return pipeline


def _parts(features: Mapping[str, type[Feature]]) -> Parts:
    return Parts(features=features, triggers={Continuous.key: Continuous}, layers={})


def _refuse_other_shape(info: ModelInfo, made: tuple[int, int], setup: SensorSetup) -> None:
    wanted = tuple(info.frame_shape)
    if made != wanted:
        raise UserError(
            f"Expected readings that make frames of shape {wanted}, as the detector was trained with. "
            f"Received: shape={made}.",
            "Set the sensor as it was when the detector's training data were recorded.",
        )


@hookimpl
def register_triggers() -> list[type[Trigger]]:
    """Return the trigger that needs a model."""
    return [ModelTrigger]
