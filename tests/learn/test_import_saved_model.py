"""Model folders of TensorFlow 2 predict as they did in Keras 2, and broken ones end in a sentence."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.dli.saved_model import read_description, read_model_folder
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.model_file import read_model_info
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.runtime.predictor import Predictor
from saved_models import DAMAGED, LABELS, ROWS, K

MODELS = ("wide", "row", "lstm", "before_2_5")
IMPORT_ALL = """
import sys
from pathlib import Path
from exptool_ml_plugin.learn.import_dli import main
old, new = Path(sys.argv[1]), Path(sys.argv[2])
for name in sys.argv[3:]:
    main([str(old / name), str(new / f"{name}.keras")])
"""


@pytest.fixture(scope="module")
def imported(saved_models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process that imports every folder says of each; "folder" is where the new models are."""
    folder = tmp_path_factory.mktemp("imported")
    names = [*MODELS, *DAMAGED]
    command = [sys.executable, "-c", IMPORT_ALL, str(saved_models), str(folder), *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(told) == len(names), done.stdout
    return {"folder": folder, **dict(zip(names, told, strict=True))}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_folder_predicts_as_keras_2_did(imported: dict[str, Any], saved_models: Path, name: str) -> None:
    inputs, expected = (np.load(saved_models / f"{name}.{what}.npy") for what in ("inputs", "expected"))
    # There columns were readings, the newest first; here rows are, the oldest first.
    frames = np.ascontiguousarray(inputs.reshape(len(inputs), -1, K)[:, :, ::-1].transpose(0, 2, 1))

    predicted = Predictor(imported["folder"] / f"{name}.keras").predict_many(frames)

    assert expected.std(axis=0).max() > 1e-3, "the frames are told apart"
    np.testing.assert_allclose(predicted, expected, atol=1e-5)


def test_all_that_was_known_of_the_model_comes_along(imported: dict[str, Any]) -> None:
    info = read_model_info(imported["folder"] / "wide.keras")

    assert (info.labels, info.frame_shape, info.counts) == (tuple(LABELS), (K, ROWS), {"training": 64})
    assert imported["wide"]["litert"] is True
    assert [layer.key for layer in info.recipe.network.layers] == [
        *("conv2d", "gaussian_noise", "dropout", "max_pooling2d", "conv2d", "batch_normalization", "conv2d"),
        *("flatten", "dropout", "dense"),
    ]
    first, pool = info.recipe.network.layers[0].params, info.recipe.network.layers[3].params
    assert (first["kernel_rows"], first["kernel_columns"]) == (2, 3), "rows are time here, they were the values there"
    assert (pool["pool_rows"], pool["pool_columns"]) == (2, 3)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_folder_that_is_not_complete_or_hostile_ends_in_a_sentence(imported: dict[str, Any], name: str) -> None:
    assert imported[name]["error"].startswith("Expected ") or "cannot be built" in imported[name]["error"]
    assert len(imported[name]["error"]) < 400
    assert not (imported["folder"] / f"{name}.keras").exists()
    assert not (imported["folder"] / "ran_by_the_import").exists()


def test_weights_of_other_layers_than_those_described_are_refused(saved_models: Path) -> None:
    variables = {"layer_with_weights-5/kernel": np.zeros((3, 2), np.float32)}
    with pytest.raises(UserError, match="weights of 5 layers"):
        read_model_folder(saved_models / "wide", load_plugins().parts, lambda _: variables)


@pytest.mark.parametrize("name", ["wide", "before_2_5"])
def test_a_description_with_any_bytes_changed_is_read_or_refused(saved_models: Path, tmp_path: Path, name: str) -> None:
    source = next(path for path in (saved_models / name).glob("*.pb") if b"Functional" in path.read_bytes())
    content = source.read_bytes()[:40_000]
    draws = random.Random(0)
    for _ in range(200):
        spoiled = bytearray(content)
        for _ in range(draws.randint(1, 8)):
            spoiled[draws.randrange(min(len(spoiled), 3000))] = draws.randrange(256)
        (tmp_path / source.name).write_bytes(spoiled[: draws.choice((len(spoiled), draws.randrange(len(spoiled))))])
        try:
            read_description(tmp_path)
        except UserError as error:
            assert error.message.startswith("Expected ")
