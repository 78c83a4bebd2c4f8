"""Readings in, predictions out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.reading import Reading, SensorSetup
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.runtime.live import LivePredictor

PARTS = load_plugins().parts
ModelFile = Callable[..., Path]


def reading(index: int, amplitude: float) -> Reading:
    return Reading(time_s=index / 10.0, matrices=(np.full((2, 3), amplitude, dtype=np.complex64),))


def test_every_completed_frame_is_predicted_and_says_when_it_began(model_file: ModelFile, setup: SensorSetup) -> None:
    live = LivePredictor(model_file(), PARTS, setup)

    predictions = [live.push(reading(index, amplitude=0.5)) for index in range(12)]

    made = [prediction for prediction in predictions if prediction is not None]
    assert [prediction.time_s for prediction in made] == pytest.approx([0.0, 0.4, 0.8])
    assert predictions[3] is made[0]
    for prediction in made:
        assert prediction.label == "high"
        assert prediction.confidence == prediction.probabilities.max() > 0.99
        assert prediction.frame.values.shape == (4, 3)


def test_readings_of_another_geometry_are_refused_in_words(model_file: ModelFile, setup: SensorSetup) -> None:
    wider = replace(setup, channels=(replace(setup.channels[0], points=7),))

    with pytest.raises(UserError, match="Expected readings that make frames of shape"):
        LivePredictor(model_file(), PARTS, wider)
