"""Where TensorFlow is not installed, everything but training works, and the Train tab says what to install."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import pytest
from acconeer.exptool import a121
from opened_window import Opened

from exptool_ml_plugin.core.model_file import INFO_MEMBER, LITERT_MEMBER, ModelInfo
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice

TINY = Path(__file__).parents[2] / "runtime" / "tiny.tflite"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is not None,
    reason="TensorFlow is installed here; `tox -e core313` runs this where it is not",
)


def write_model(opened: Opened, path: Path) -> None:
    """Write a finished model for what the sensor is set to, made elsewhere."""
    info = ModelInfo(recipe=opened.workbench.recipe, labels=("high", "low"), frame_shape=(4, 3))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INFO_MEMBER, info.to_json())
        archive.writestr(LITERT_MEMBER, TINY.read_bytes())


def test_all_but_training_works_and_the_train_tab_says_what_to_install(opened: Opened, tmp_path: Path) -> None:
    workbench = opened.workbench
    config = a121.SensorConfig(num_points=3, step_length=24, sweeps_per_frame=2, sweep_rate=1000.0, frame_rate=50.0)
    opened.control.settings.replace(a121.SessionConfig(config))
    workbench.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=4),
        trigger=TriggerChoice("continuous", {"hop": 4}),
    )
    opened.connect()

    page = opened.page("Collect")
    page.label_box.setEditText("push")
    opened.click(page.start_button)
    opened.wait(lambda: len(workbench.session) >= 5)
    opened.click(page.stop_button)
    opened.wait(lambda: opened.control.can_start)
    workbench.save_session(tmp_path / "session.h5")
    workbench.open_session(tmp_path / "session.h5")

    page = opened.page("Train")
    opened.wait(lambda: any("exptool-ml-plugin[train]" in text for text in page.messages.texts))
    assert any("TensorFlow, which cannot be imported" in text for text in page.messages.texts)

    write_model(opened, tmp_path / "model.keras")
    workbench.load_model(tmp_path / "model.keras")
    page = opened.page("Evaluate")
    opened.click(page.start_button)
    opened.wait(lambda: workbench.predicting.predictions.count >= 3)
    opened.click(page.stop_button)
    opened.wait(lambda: opened.control.can_start)
    for title in ("Features", "Inspect", "Model"):
        assert opened.page(title) is not None
    assert opened.problems == []
