"""Sessions, recordings and models of an A111 on the command line, as the A121's."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.model_file import INFO_MEMBER, LITERT_MEMBER, ModelInfo
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.core.simulate import record

Run = Callable[..., Any]

SETUP = SensorSetup(
    "a111",
    (Channel(2, 0, sweeps=16, points=3, start_m=0.12, step_m=0.0600546, sweep_rate_hz=2000.0),),
    40.0,
    service="sparse",
)
RECIPE = Recipe(
    name="small",
    features=(FeatureChoice("range_segment", {"scale": "log1p"}),),
    frame=FrameSettings(time_steps=4),
    trigger=TriggerChoice("continuous", {"hop": 4}),
)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("recordings")
    made = []
    for number, scene in enumerate(("push", "still", "push")):
        made.append(folder / f"{scene}_{number}.h5")
        save_session(Session(RECIPE, recordings=[record(SETUP, scene, 5.0, name=made[-1].stem, seed=number)]), made[-1])
    return made


@pytest.fixture(scope="module")
def session(recordings: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("session")
    (folder / "recipe.json").write_text(RECIPE.to_json())
    files = [*map(str, recordings), "--recipe", str(folder / "recipe.json"), "--label-from", r"(.+)_\d"]
    assert main(["extract", *files, "--out", str(folder / "session.h5")]) == 0
    return folder / "session.h5"


def test_sessions_are_made_anew_merged_relabelled_split_and_exported(session: Path, tmp_path: Path) -> None:
    (tmp_path / "longer.json").write_text(
        Recipe(features=RECIPE.features, frame=FrameSettings(time_steps=6), trigger=RECIPE.trigger).to_json()
    )
    before = session.read_bytes()
    options = ["--recipe", str(tmp_path / "longer.json"), "--relabel", "push=hand", "--merge", "all"]

    assert main(["batch", str(session), str(session), "--out", str(tmp_path / "whole"), *options]) == 0
    assert main(["batch", str(session), "--out", str(tmp_path / "parts"), "--split-by", "recording"]) == 0
    assert main(["export", str(session), "--to", "npz", "--out", str(tmp_path / "frames.npz")]) == 0

    whole = load_session(tmp_path / "whole" / "all.h5")
    assert set(whole.label_names()) == {"hand", "still"}
    assert whole.values.shape[1:] == (6, 3)
    assert whole.recipe.sensor.service == "sparse"
    parts = [load_session(tmp_path / "parts" / f"session_{name}.h5") for name in ("push_0", "still_1", "push_2")]
    one = load_session(session)
    assert sum(map(len, parts)) == len(one)
    assert {len(part.recordings) for part in parts} == {1}
    values = np.concatenate([part.values for part in parts])
    assert values.tobytes() == np.asarray(one.values).tobytes()
    assert session.read_bytes() == before


def test_a_model_predicts_recordings_and_the_simulated_scene(
    exptool_ml: Run, session: Path, recordings: list[Path], tmp_path: Path
) -> None:
    recipe = load_session(session).recipe
    info = ModelInfo(recipe=recipe, labels=("push", "still"), frame_shape=(4, 3))
    model = tmp_path / "tiny.keras"
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr(INFO_MEMBER, info.to_json())
        archive.writestr(LITERT_MEMBER, (Path(__file__).parents[1] / "runtime" / "tiny.tflite").read_bytes())

    of_files = exptool_ml("predict", model, *recordings, "--json")
    live = exptool_ml("predict", model, "--simulated", "push", "--seconds", "1", "--json")

    assert of_files.answer["frames"] == 150
    assert live.answer["frames"] == 10
    assert main(["predict", str(model), "--usb"]) == 1


def test_what_the_host_recorded_gets_the_labels_of_a_sheet(
    shared_data: Path, recordings: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data / "a111_host"
    sheet = tmp_path / "labels.csv"
    sheet.write_text("file,label,person\nbutton_press_sparse.input,press,Ann\n")
    (tmp_path / "recipe.json").write_text(RECIPE.to_json())
    command = ["extract", str(folder / "button_press_sparse.input.h5"), "--recipe", str(tmp_path / "recipe.json")]

    assert main([*command, "--labels", str(sheet), "--out", str(tmp_path / "press.h5")]) == 0
    session = load_session(tmp_path / "press.h5")
    assert set(session.labels) == {"press"}
    assert session.recordings[0].tags["person"] == "Ann"
    assert session.recipe.sensor.service == "sparse"

    capsys.readouterr()
    mixed = [str(recordings[0]), str(folder / "distance_detector.input.h5"), "--recipe", str(tmp_path / "recipe.json")]
    assert main(["extract", *mixed, "--label", "x", "--out", str(tmp_path / "mixed.h5")]) == 1
    said = capsys.readouterr().err
    assert "A111" in said
    assert "Envelope" in said
    assert not (tmp_path / "mixed.h5").exists()
