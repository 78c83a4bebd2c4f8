"""`exptool-ml import` of arrays and tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.cli import main
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.workbench.workbench import Workbench

Run = Callable[..., Any]


def test_exported_frames_come_back_and_can_be_trained_on(exptool_ml: Run, session_file: Path, tmp_path: Path) -> None:
    arrays, out = tmp_path / "frames.npz", tmp_path / "back.h5"
    exptool_ml("export", session_file, "--to", "npz", "--out", arrays)

    done = exptool_ml("import", arrays, "--out", out, "--json")

    assert done.answer["frames_per_label"] == {"push": 50, "still": 50}
    assert "no readings" in done.err
    np.testing.assert_array_equal(load_session(out).values, load_session(session_file).values)
    workbench = Workbench(load_plugins())
    try:
        workbench.training_data.load([out])
        workbench.training_data.prepare_run(tmp_path / "run", workbench.training_data.recipe_of_run(workbench.recipe))
    finally:
        workbench.close()
    assert (tmp_path / "run" / "split.json").exists()


def test_several_files_become_one_session_with_their_recordings_apart(tmp_path: Path) -> None:
    for name, label in (("one", "a"), ("two", "b")):
        np.savez(tmp_path / f"{name}.npz", frames=np.ones((3, 2, 4)), labels=np.array([label] * 3))
    files = [str(tmp_path / "one.npz"), str(tmp_path / "two.npz")]

    assert main(["import", *files, "--out", str(tmp_path / "both.h5")]) == 0

    session = load_session(tmp_path / "both.h5")
    assert session.counts() == {"a": 3, "b": 3}
    assert [recording.name for recording in session.recordings] == ["one", "two"]


def test_files_of_different_shapes_are_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for width in (3, 4):
        np.savez(tmp_path / f"{width}.npz", frames=np.ones((3, 2, width)), labels=np.array(["a"] * 3))

    command = ["import", str(tmp_path / "3.npz"), str(tmp_path / "4.npz"), "--out", str(tmp_path / "both.h5")]
    assert main(command) == 1

    assert "which differ" in capsys.readouterr().err
    assert not (tmp_path / "both.h5").exists()
