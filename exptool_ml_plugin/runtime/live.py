"""Readings go in, predictions come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.parts import Parts
from ..core.pipeline import Pipeline
from ..core.reading import Reading, SensorSetup
from .predictor import Predictor


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the model says of one frame.

    `probabilities` is float32 `(labels,)` in the order of the model's labels, `confidence` the largest of them;
    `time_s` is when the frame begins.
    """

    label: str
    confidence: float
    probabilities: NDArray[np.float32]
    time_s: float
    frame: Frame


class LivePredictor:
    """Cuts frames as the model's recipe says and predicts each; costs one row per reading.

    `setup` is that of the readings. Raises `UserError` if model, recipe and setup do not fit.
    """

    def __init__(self, model_path: Path, parts: Parts, setup: SensorSetup) -> None:
        self.predictor = Predictor(model_path)
        self.pipeline = Pipeline(self.predictor.info.recipe, parts, setup)
        made, wanted = (self.pipeline.time_steps, self.pipeline.width), tuple(self.predictor.info.frame_shape)
        if made != wanted:
            raise UserError(
                f"Expected readings that make frames of shape {wanted}, as the model was trained with. "
                f"Received: shape={made}.",
                "Set the sensor as it was when the training data were recorded.",
            )

    def push(self, reading: Reading) -> Prediction | None:
        """Take a reading; return the prediction of the frame that is complete with it, if any."""
        frame = self.pipeline.push(reading)
        return None if frame is None else predict_frame(self.predictor, frame)


def predict_frame(predictor: Predictor, frame: Frame) -> Prediction:
    """Predict one frame that was cut with the model's recipe."""
    probabilities = predictor.predict(frame.values)
    best = int(probabilities.argmax())
    return Prediction(
        label=predictor.labels[best],
        confidence=float(probabilities[best]),
        probabilities=probabilities,
        time_s=frame.time_s,
        frame=frame,
    )
