"""Files that earlier versions wrote (`tests/versions`) open and say the same; those of later ones are refused."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from exptool_ml_plugin.core.data_set import load_data_set
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.layer_catalog import LAYERS
from exptool_ml_plugin.core.model_file import INFO_MEMBER, read_model_info
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Flag
from exptool_ml_plugin.core.recipe import Recipe
from exptool_ml_plugin.core.run_folder import RunFolder
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session, save_session
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.runtime.predictor import Predictor
from exptool_ml_plugin.workbench.layer_file import load_layers

VERSIONS = sorted((Path(__file__).parents[1] / "versions").glob("*.zip"))
SATURATED = 22
"""The reading in each recording that was saturated."""


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda path: path.stem)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a version."""
    folder = tmp_path_factory.mktemp(request.param.stem)
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def expected(written: Path) -> dict[str, Any]:
    """What the files say, written down by that version."""
    found: dict[str, Any] = json.loads((written / "expected.json").read_text())
    return found


def digest(values: Any) -> str:
    return hashlib.sha256(np.asarray(values).tobytes()).hexdigest()


def assert_says(session: Session, expected: dict[str, Any]) -> None:
    assert session.labels == expected["labels"]
    assert session.first_reading.tolist() == expected["first_reading"]
    assert session.recording_of.tolist() == expected["recording_of"]
    assert [[one.name, len(one), one.tags] for one in session.recordings] == expected["recordings"]
    assert list(session.values.shape) == expected["shape"]
    assert digest(session.values) == expected["values_sha256"]
    assert [digest(one.matrices[0] + 0) for one in session.recordings] == expected["matrices_sha256"]
    covering = [first <= SATURATED < first + session.values.shape[1] for first in expected["first_reading"]]
    assert session.flags.tolist() == [Flag.SATURATED if covers else 0 for covers in covering]
    assert any(covering)


def test_there_are_files_of_the_version_before_sessions_could_be_curated() -> None:
    assert "abb9759" in {path.stem for path in VERSIONS}


def test_a_session_opens_with_the_same_frames_labels_flags_and_readings(
    written: Path, expected: dict[str, Any]
) -> None:
    assert_says(load_session(written / "session.h5"), expected)


def test_saved_again_it_is_of_this_version_and_says_the_same(
    written: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    opened = load_session(written / "session.h5")
    save_session(opened, tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5") as file:
        assert file["exptool_ml"].attrs["schema"] == 1
        assert "flags" in file["exptool_ml/frames"]
    again = load_session(tmp_path / "new.h5")
    assert again.recipe == opened.recipe
    assert_says(again, expected)


def test_its_frames_are_those_that_are_cut_of_its_readings_today(written: Path) -> None:
    session, parts = load_session(written / "session.h5"), load_plugins().parts
    cut = [frame for recording in session.recordings for frame in frames_of(recording, session.recipe, parts)]
    assert [frame.first_reading for frame in cut] == session.first_reading.tolist()
    np.testing.assert_allclose(np.stack([frame.values for frame in cut]), session.values, rtol=1e-5, atol=1e-5)


def test_a_recipe_reads_as_that_of_the_session(written: Path) -> None:
    recipe = Recipe.from_json((written / "recipe.json").read_text(), source="recipe.json")
    assert recipe == load_session(written / "session.h5").recipe
    assert Recipe.from_json(recipe.to_json(), source="again") == recipe


def test_a_layer_list_reads_as_it_was(written: Path, expected: dict[str, Any]) -> None:
    layers, issues = load_layers(written / "layers.yaml", {kind.key: kind for kind in LAYERS})
    assert [layer.key for layer in layers] == [key for key, _ in expected["layers"]]
    for layer, (_, params) in zip(layers, expected["layers"], strict=True):
        assert params.items() <= dict(layer.params).items()
    assert issues == []


def test_a_model_predicts_what_it_did(written: Path, expected: dict[str, Any]) -> None:
    predictor = Predictor(written / "run" / "model.keras")
    predicted = predictor.predict_many(np.asarray(load_session(written / "session.h5").values))
    assert list(predictor.labels) == expected["model_labels"]
    np.testing.assert_allclose(predicted, expected["probabilities"], atol=1e-5)


def test_a_run_reads_with_its_data_history_and_end(written: Path, expected: dict[str, Any]) -> None:
    run = RunFolder.open(written / "run")
    data, result = run.data(), run.result()
    assert {name: data.subset(name).tolist() for name in expected["subsets"]} == expected["subsets"]
    assert digest(data.values) == expected["values_sha256"]
    assert [epoch.loss for epoch in run.history()] == expected["losses"]
    assert run.recipe() == load_session(written / "session.h5").recipe
    assert result is not None
    assert result.epochs == 2
    assert run.can_resume


def newer_session(folder: Path) -> None:
    with h5py.File(folder / "session.h5", "r+") as file:
        file["exptool_ml"].attrs["schema"] = 9


def newer_model(folder: Path) -> None:
    info = json.loads(zipfile.ZipFile(folder / "run/model.keras").read(INFO_MEMBER))
    with zipfile.ZipFile(folder / "newer.keras", "w") as archive:
        archive.writestr(INFO_MEMBER, json.dumps(info | {"schema": 9}))


def newer_json(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 9}))

    return change


def newer_data_set(folder: Path) -> None:
    (folder / "set.json").write_text(json.dumps({"schema": 9, "kind": "exptool-ml data set", "files": []}))


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (newer_session, lambda folder: load_session(folder / "session.h5")),
        (newer_model, lambda folder: read_model_info(folder / "newer.keras")),
        (newer_json("run/split.json"), lambda folder: RunFolder(folder / "run").data()),
        (newer_json("run/recipe.json"), lambda folder: RunFolder(folder / "run").recipe()),
        (newer_data_set, lambda folder: load_data_set(folder / "set.json")),
    ],
    ids=["session", "model", "run", "recipe", "data set"],
)
def test_a_file_of_a_later_version_is_refused_with_the_advice_to_update(
    change: Callable[[Path], None], read: Callable[[Path], object], tmp_path: Path
) -> None:
    with zipfile.ZipFile(VERSIONS[0]) as archive:
        archive.extractall(tmp_path)
    change(tmp_path)

    with pytest.raises(UserError, match="schema=9") as caught:
        read(tmp_path)
    assert "Update" in caught.value.hint
