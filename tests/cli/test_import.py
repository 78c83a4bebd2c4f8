"""`exptool-ml import`: files of the old interface on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dli_files as dli
from exptool_ml_plugin.core.session_file import load_session

ExptoolML = Callable[..., Any]


def old_session(folder: Path, name: str, *, n: int = 8, seed: int = 0) -> Path:
    data = dli.envelope_data(seed=seed)
    features = [dli.feature("sweep", [1], ["segment"], Down_sample=float(n))]
    frames = dli.rolling_frames(dli.segment_map(data, 0, n), label=name)
    return dli.save(folder / f"{name}.npy", dli.document(data, "envelope", [1], features, frames))


def test_several_session_files_become_one_session(exptool_ml: ExptoolML, tmp_path: Path) -> None:
    files = [old_session(tmp_path, name, seed=seed) for seed, name in enumerate(("push", "pull"))]

    done = exptool_ml("import", *files, "--out", tmp_path / "own.h5", "--json")

    assert done.answer["frames_per_label"] == {"pull": 30, "push": 30}
    assert done.answer["equal_frames"] == done.answer["frames"] == 60
    assert load_session(tmp_path / "own.h5").counts() == {"pull": 30, "push": 30}
    again = exptool_ml("import", *files, "--out", tmp_path / "own.h5")
    assert again.status == 1 and "--force" in again.err
    forced = exptool_ml("import", *files, "--out", tmp_path / "own.h5", "--force")
    assert "60 frames (pull 30, push 30)" in forced.out and "60 of them are" in forced.out


def test_sessions_of_other_features_and_hostile_files_end_in_one_sentence(
    exptool_ml: ExptoolML, tmp_path: Path
) -> None:
    files = [old_session(tmp_path, "push"), old_session(tmp_path, "other", n=4)]
    marker = tmp_path / "ran"

    class Runs:
        def __reduce__(self) -> Any:
            return __import__("os").system, (f"touch {marker}",)

    np.save(tmp_path / "hostile.npy", {"a": Runs()}, allow_pickle=True)  # type: ignore[arg-type]
    for given, words in (
        (files, "push and other, which differ"),
        ([tmp_path / "hostile.npy"], "nothing of it was run"),
        ([tmp_path / "missing.npy"], "does not exist"),
        ([tmp_path, files[0]], "Import each model by itself"),
        ([tmp_path / "layers.yaml"], "Load layers"),
    ):
        done = exptool_ml("import", *given, "--out", tmp_path / "own.h5", "--json")
        assert (done.status, done.out, done.err.count("\n")) == (1, "", 1), done.err
        assert words in done.err
    assert not marker.exists()
    assert not (tmp_path / "own.h5").exists()


def test_an_old_model_becomes_one_that_opens(exptool_ml: ExptoolML, tmp_path: Path, shared_data: Path) -> None:
    pytest.importorskip("tensorflow")
    model = shared_data / "dli_model" / "model_data_speaker_sparse.npy"

    wrong = exptool_ml("import", model, "--out", tmp_path / "speaker.h5")
    done = exptool_ml("import", model, "--out", tmp_path / "speaker.keras", "--json")

    assert wrong.status == 1 and "ends in .keras" in wrong.err
    assert done.answer["labels"] == ["to_right", "volume", "up_down", "to_left", "down"]
    assert (done.answer["parameters"], done.answer["litert"]) == (302_949, True)
    assert (tmp_path / "speaker.keras").exists()


def test_a_folder_that_is_no_model_of_the_old_interface_ends_in_a_sentence(
    exptool_ml: ExptoolML, tmp_path: Path
) -> None:
    done = exptool_ml("import", tmp_path, "--out", tmp_path / "new.keras")

    assert (done.status, (tmp_path / "new.keras").exists()) == (1, False)
    assert "without ml_info.npy" in done.err
