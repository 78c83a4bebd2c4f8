"""Predicting live: every completed frame goes through the model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.reading import Reading, SensorSetup
from ..core.recipe import Recipe
from ..runtime.live import Prediction, predict_frame
from ..runtime.predictor import Predictor
from .frame_user import Measurement
from .open_model import OpenModel
from .recorder import Recorder
from .session_store import SessionStore

HISTORY = 100
"""Predictions kept for the plot."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """The predictions of a measurement so far; immutable, so that plots may look at it any time.

    `history` is float32 `(up to 100, labels)`, one row of probabilities per frame, newest last; `count` is the
    number of frames predicted, `cost_us` the time the last one took in the model.
    """

    labels: tuple[str, ...]
    history: NDArray[np.float32]
    latest: Prediction | None = None
    count: int = 0
    cost_us: float = 0.0

    @classmethod
    def none_yet(cls, labels: tuple[str, ...] = ()) -> Predictions:
        """Begin with nothing predicted."""
        return cls(labels, np.zeros((0, len(labels)), dtype=np.float32))

    def followed_by(self, prediction: Prediction, cost_us: float) -> Predictions:
        """Return the predictions with one more."""
        history = np.vstack([self.history[-(HISTORY - 1) :], prediction.probabilities[np.newaxis]])
        return replace(self, history=history, latest=prediction, count=self.count + 1, cost_us=cost_us)


class Predicting:
    """Predicts with the open model; the frames are cut as the recipe of the moment says, of the model's features.

    With `keep_frames` each frame goes into the session under its predicted label, so that it can be corrected
    there; `keep_frames_changed` is emitted when that is switched.
    """

    keep_frames_changed = Signal(bool)

    def __init__(
        self,
        store: SessionStore,
        *,
        recipe: Callable[[], Recipe],
        model: Callable[[], OpenModel | None],
        report: Callable[[Exception, str], None],
    ) -> None:
        self._recorder = Recorder(store)
        self._recipe = recipe
        self._model = model
        self._report = report
        self._measurement: Measurement | None = None
        self._predictor: Predictor | None = None
        self._predictor_of: OpenModel | None = None
        self._keep_frames = False
        self._running = False
        self.predictions = Predictions.none_yet()

    @property
    def keeps_readings(self) -> bool:
        """True when frames are kept: then their readings are, too."""
        return self._recorder.active

    @property
    def keep_frames(self) -> bool:
        """Whether frames go into the session under their predicted label."""
        return self._keep_frames

    @keep_frames.setter
    def keep_frames(self, keep: bool) -> None:
        if keep != self._keep_frames:
            self._keep_frames = keep
            self.keep_frames_changed.emit(keep)

    def forget(self) -> None:
        """Drop the predictions of a model that is no longer the open one; while predicting `begin` does it."""
        if not self._running:
            model = self._model()
            self.predictions = Predictions.none_yet(() if model is None else model.info.labels)

    def recipe_for(self, setup: SensorSetup) -> Recipe:
        """Return the model's recipe, with the trigger and the frames' place that are set now."""
        model = self._open_model()
        recipe, now = model.info.recipe, self._recipe()
        frame = replace(now.frame, time_steps=recipe.frame.time_steps)
        return replace(recipe, sensor=setup, frame=frame, trigger=now.trigger)

    def begin(self, measurement: Measurement, recipe: Recipe, frame_shape: tuple[int, int]) -> None:
        """Get the model ready; raise `UserError` where it cannot be used on these frames."""
        model = self._open_model()
        if frame_shape != tuple(model.info.frame_shape):
            raise UserError(
                f"Expected frames of shape {tuple(model.info.frame_shape)}, as the model was trained with. "
                f"Received: shape={frame_shape}.",
                "Use the model's sensor configuration.",
            )
        same = measurement is self._measurement and model is self._predictor_of
        if self._predictor is None or model is not self._predictor_of:
            self._predictor, self._predictor_of = Predictor(model.path), model
        self._running, self._measurement = True, measurement
        if not same:
            self.predictions = Predictions.none_yet(model.info.labels)
        if self._keep_frames:
            self._begin_keeping(measurement, recipe)

    def take_readings(self, readings: Sequence[Reading]) -> None:
        """Keep the readings where frames are kept."""
        if self._recorder.active:
            self._recorder.take_readings(readings)

    def take_frame(self, frame: Frame) -> None:
        """Predict, and keep the frame if asked to."""
        if self._predictor is None:
            return
        started = time.perf_counter()
        prediction = predict_frame(self._predictor, frame)
        cost_us = 1e6 * (time.perf_counter() - started)
        self.predictions = self.predictions.followed_by(prediction, cost_us)
        if self._recorder.active:
            self._recorder.take_frame(frame, prediction.label)

    def end(self) -> None:
        """Close the recording of the kept frames."""
        self._running = False
        self._recorder.end()

    def _begin_keeping(self, measurement: Measurement, recipe: Recipe) -> None:
        try:
            self._recorder.begin(measurement, recipe, name="predicted")
        except UserError as error:  # frames that cannot be kept can still be predicted
            self._recorder.end()
            self._report(error, "keeping the predicted frames")

    def _open_model(self) -> OpenModel:
        model = self._model()
        if model is None:
            raise UserError("Expected a model. Received: none is open.", "Load a model, then start.")
        return model
