"""What all tests share."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_numbers = itertools.count()
# For what is made outside a test function; every test has a folder of its own, see `_journals`.
_no_journals_of_the_user = tempfile.TemporaryDirectory(prefix="exptool_ml_journals_")
os.environ["EXPTOOL_ML_JOURNALS"] = _no_journals_of_the_user.name
_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings: `$EXPTOOL_ML_DATA`, else `../shared/data` from the project's root."""
    folder = Path(os.environ.get("EXPTOOL_ML_DATA") or _BESIDE_THE_PROJECT)
    if folder.is_dir():
        return folder
    reason = f"The real recordings are not at {folder}. Set EXPTOOL_ML_DATA to their folder."
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{reason} CI must not skip them.")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def saved_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with model folders of Keras 2, as `saved_models` makes them; they take a process with TensorFlow."""
    if importlib.util.find_spec("tf_keras") is None:
        pytest.skip("Model folders of Keras 2 are made with tf_keras, which only the main environment has.")
    folder = tmp_path_factory.mktemp("saved_models")
    script = Path(__file__).with_name("saved_models.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(autouse=True)
def _journals(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test journals of its own, never those of the user."""
    monkeypatch.setenv("EXPTOOL_ML_JOURNALS", str(tmp_path_factory.getbasetemp() / f"journals_{next(_numbers)}"))


@pytest.fixture(scope="session")
def gesture_recipe() -> Recipe:
    """A recipe that cuts simulated gestures."""
    return Recipe(
        name="gestures",
        sensor=DEFAULT_SETUP,
        features=(FeatureChoice("doppler_spectrum"),),
        frame=FrameSettings(time_steps=40, pre_trigger=10, dead_time=10),
        trigger=TriggerChoice("presence"),
    )


@pytest.fixture(scope="session")
def gesture_model(gesture_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model, trained on simulated gestures "pull", "push" and "swipe"."""
    if importlib.util.find_spec("keras") is None:
        pytest.skip("needs Keras to train a model: pip install exptool-ml-plugin[train]")
    folder = tmp_path_factory.mktemp("gesture_model")
    (folder / "recipe.json").write_text(gesture_recipe.to_json())
    script = Path(__file__).with_name("gesture_model.py")
    command = [sys.executable, str(script), str(folder / "recipe.json"), str(folder / "gestures.keras")]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "gestures.keras"
