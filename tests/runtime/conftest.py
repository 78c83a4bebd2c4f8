"""Model files without TensorFlow: a zip archive with a LiteRT model made beforehand (make_tiny_model.py)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exptool_ml_plugin.core.model_file import INFO_MEMBER, LITERT_MEMBER, ModelInfo
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice

TINY = Path(__file__).with_name("tiny.tflite").read_bytes()

SETUP = SensorSetup(
    generation="a121",
    channels=(Channel(sensor_id=1, subsweep=0, sweeps=2, points=3, start_m=0.1, step_m=0.1, sweep_rate_hz=1000.0),),
    reading_rate_hz=10.0,
)
RECIPE = Recipe(
    name="tiny",
    sensor=SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=4),
    trigger=TriggerChoice("continuous", {"hop": 4}),
)
INFO = ModelInfo(recipe=RECIPE, labels=("high", "low"), frame_shape=(4, 3))


@pytest.fixture
def model_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a model file; its arguments change what the file says of itself."""

    def write(litert: bytes | None = TINY, **changes: object) -> Path:
        path = tmp_path / "model.keras"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(INFO_MEMBER, replace(INFO, **changes).to_json())
            if litert is not None:
                archive.writestr(LITERT_MEMBER, litert)
        return path

    return write


@pytest.fixture
def setup() -> SensorSetup:
    """The setup the model was trained with."""
    return SETUP
