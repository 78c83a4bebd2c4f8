"""What was found out about frames, kept by their content, so that it stays with them whatever is edited."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.session import Session
from ..runtime.predictor import Predictor
from .frame_list import Facts
from .label_statistics import distances, label_means
from .open_model import OpenModel

_CHUNK = 256


class FrameFacts:
    """Predictions of the open model and distances from the labels' means, by the frames' values."""

    def __init__(self) -> None:
        self._predictions: dict[int, tuple[str, float]] = {}
        self._distances: dict[int, float] = {}
        self._keys: tuple[object, list[int]] = (None, [])

    def forget_predictions(self) -> None:
        """There is another model."""
        self._predictions = {}

    def of(self, session: Session, state: object) -> Facts:
        """Return what is known of the frames of a session; `state` is another one whenever their values are."""
        facts = Facts.unknown(len(session))
        if not (self._predictions or self._distances):
            return facts
        for index, key in enumerate(self._all_keys(session, state)):
            if key in self._predictions:
                facts.predicted[index], facts.confidence[index] = self._predictions[key]
            facts.distance[index] = self._distances.get(key, np.nan)
        return facts

    def predict(self, session: Session, model: OpenModel, step: Step) -> None:
        """Predict all frames; raise `UserError` where they do not fit the model."""
        expected = tuple(model.info.frame_shape)
        if session.values.shape[1:] != expected:
            raise UserError(
                f"Expected frames of the shape the model was trained with, {expected}. "
                f"Received: shape={session.values.shape[1:]}.",
                "Open a model that was trained with the settings of this session.",
            )
        predictor, found = Predictor(model.path), {}
        for start in range(0, len(session), _CHUNK):
            part = session.values[start : start + _CHUNK]
            probabilities = predictor.predict_many(part)
            for values, row in zip(part, probabilities, strict=True):
                best = int(row.argmax())
                found[_key(values)] = (predictor.labels[best], float(row[best]))
            step(start + len(part), len(session))
        self._predictions = found

    def measure_distances(self, session: Session, step: Step) -> None:
        """Measure how far each frame is from the mean of its label."""
        count = len(session)
        means = label_means(session, step=lambda done, _: step(done, 2 * count))
        found = distances(session, means, step=lambda done, _: step(count + done, 2 * count))
        self._distances = {_key(values): float(far) for values, far in zip(session.values, found, strict=True)}

    def _all_keys(self, session: Session, state: object) -> list[int]:
        known, keys = self._keys
        if known != state or len(keys) > len(session):
            keys = []
        keys += [_key(values) for values in session.values[len(keys) :]]
        self._keys = (state, keys)
        return keys


def _key(values: NDArray[np.float32]) -> int:
    return hash(values.tobytes())
