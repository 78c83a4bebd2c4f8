"""Real processes, simulated recordings, and a model made without TensorFlow."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exptool_ml_plugin.core.model_file import INFO_MEMBER, LITERT_MEMBER, ModelInfo
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import record

TINY = Path(__file__).parents[1] / "runtime" / "tiny.tflite"

SETUP = SensorSetup(
    generation="a121",
    channels=(Channel(sensor_id=1, subsweep=0, sweeps=8, points=3, start_m=0.1, step_m=0.12, sweep_rate_hz=1000.0),),
    reading_rate_hz=20.0,
)
RECIPE = Recipe(
    name="small",
    features=(FeatureChoice("range_segment", {"scale": "log1p"}),),
    frame=FrameSettings(time_steps=4),
    trigger=TriggerChoice("continuous", {"hop": 4}),
)


@dataclass(frozen=True)
class Done:
    """How a process ended."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The JSON object on the last line of stdout."""
        assert self.status == 0, self.err
        return json.loads(self.out.splitlines()[-1])


def run_exptool_ml(*arguments: str | Path, cwd: Path | None = None) -> Done:
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=200)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def exptool_ml() -> Callable[..., Done]:
    """Return a function that runs a command line and returns how it ended."""
    return run_exptool_ml


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return recordings as the host writes them, by name; "wide" is of another setup."""
    folder = tmp_path_factory.mktemp("recordings")
    wide = SensorSetup("a121", (Channel(1, 0, sweeps=8, points=5, start_m=0.1, step_m=0.06),), 20.0)
    made = {}
    for name, scene, setup in (
        ("still_1", "still", SETUP),
        ("push_1", "push", SETUP),
        ("circle_1", "circle", SETUP),
        ("wide", "still", wide),
    ):
        made[name] = folder / f"{name}.h5"
        session = Session(RECIPE, recordings=[record(setup, scene, 10.0, name=name, seed=1)])
        save_session(session, made[name])
    return made


@pytest.fixture(scope="session")
def recipe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recipe that leaves the sensor to the recording."""
    path = tmp_path_factory.mktemp("recipe") / "small.json"
    path.write_text(RECIPE.to_json())
    return path


@pytest.fixture(scope="session")
def session_file(tmp_path_factory: pytest.TempPathFactory, recordings: dict[str, Path], recipe_file: Path) -> Path:
    """Return a session made from the recordings still_1 and push_1."""
    out = tmp_path_factory.mktemp("session") / "session.h5"
    done = run_exptool_ml(
        "extract", recordings["still_1"], recordings["push_1"], "--recipe", recipe_file, "--label-from", r"(.+)_\d",
        "--out", out,
    )  # fmt: skip
    assert done.status == 0, done.err
    return out


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, session_file: Path) -> Path:
    """Return a model for the session's frames that always says "push"."""
    from exptool_ml_plugin.core.session_file import load_session

    info = ModelInfo(recipe=load_session(session_file).recipe, labels=("push", "still"), frame_shape=(4, 3))
    path = tmp_path_factory.mktemp("model") / "tiny.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INFO_MEMBER, info.to_json())
        archive.writestr(LITERT_MEMBER, TINY.read_bytes())
    return path
