"""`exptool-ml evaluate` and `predict`, with a model that was made beforehand."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exptool_ml_plugin.cli import main

Run = Callable[..., Any]

BEHIND_A_WALL = """
import importlib.abc, sys
from exptool_ml_plugin.cli import main

class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"tensorflow", "keras", "PySide6", "PyQt5", "qtpy", "pyqtgraph"}:
            raise ImportError(f"{name} is behind the wall")
        return None

sys.meta_path.insert(0, Wall())
sys.exit(main(sys.argv[1:]))
"""


def test_a_model_is_counted_on_sessions(exptool_ml: Run, tiny_model: Path, session_file: Path) -> None:
    answer = exptool_ml("evaluate", tiny_model, session_file, "--json").answer

    assert answer["frames"] == 100
    assert answer["accuracy"] == 0.5
    assert answer["labels"] == ["push", "still"]
    assert answer["confusion"] == [[50, 0], [50, 0]]
    assert answer["per_label"]["push"] == {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "frames": 50}
    assert answer["per_label"]["still"] == {"precision": None, "recall": 0.0, "f1": 0.0, "frames": 50}


def test_a_report_holds_words_figures_matrix_and_picture(tiny_model: Path, session_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    command = ["evaluate", str(tiny_model), str(session_file), "--report", str(tmp_path / "report")]

    assert main(command) == 0

    report = tmp_path / "report"
    assert (report / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((report / "report.json").read_text())["accuracy"] == 0.5
    rows = list(csv.reader((report / "confusion.csv").read_text().splitlines()))
    assert rows[1:] == [["push", "50", "0"], ["still", "50", "0"]]
    words = (report / "report.md").read_text()
    assert "50.0% of 100 frames are predicted right" in words
    assert "| still | 50 | - | 0.000 | 0.000 | push (50) |" in words
    assert main(command) == 1, "a report is never overwritten without being asked"
    assert main([*command, "--force"]) == 0


def test_without_matplotlib_the_report_has_no_picture_and_says_so(
    tiny_model: Path,
    session_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)

    assert main(["evaluate", str(tiny_model), str(session_file), "--report", str(tmp_path)]) == 0

    assert "pip install matplotlib" in capsys.readouterr().err
    assert not (tmp_path / "confusion.png").exists()
    assert "confusion.png" not in (tmp_path / "report.md").read_text()


def test_a_session_with_a_label_the_model_does_not_know_is_refused(
    tiny_model: Path,
    recordings: dict[str, Path],
    recipe_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "s.h5"
    still = str(recordings["still_1"])
    assert main(["extract", still, "--recipe", str(recipe_file), "--label", "wave", "--out", str(out)]) == 0

    assert main(["evaluate", str(tiny_model), str(out)]) == 1

    assert "Received: wave" in capsys.readouterr().err


def test_a_session_of_another_setup_is_refused(
    tiny_model: Path,
    recordings: dict[str, Path],
    recipe_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "s.h5"
    wide = str(recordings["wide"])
    assert main(["extract", wide, "--recipe", str(recipe_file), "--label", "push", "--out", str(out)]) == 0

    assert main(["evaluate", str(tiny_model), str(out)]) == 1

    assert "features and sensor settings" in capsys.readouterr().err


def test_recordings_are_predicted_frame_by_frame(
    exptool_ml: Run, tiny_model: Path, recordings: dict[str, Path]
) -> None:
    done = exptool_ml("predict", tiny_model, recordings["push_1"], recordings["circle_1"], "--json")

    *lines, total = map(json.loads, done.out.splitlines())
    assert total == {"frames": 100, "frames_per_label": {"push": 100}}
    assert [line["recording"] for line in lines] == ["push_1"] * 50 + ["circle_1"] * 50
    assert [line["time"] for line in lines[:3]] == pytest.approx([0.0, 0.2, 0.4])
    assert all(line["label"] == "push" and 0.5 < line["confidence"] <= 1.0 for line in lines)


def test_people_read_time_label_and_confidence(exptool_ml: Run, tiny_model: Path, recordings: dict[str, Path]) -> None:
    done = exptool_ml("predict", tiny_model, recordings["push_1"])

    lines = done.out.splitlines()
    assert len(lines) == 50
    assert lines[1].split()[:5] == ["push_1", "0.20", "s", "push", "100%"]


def test_a_simulated_scene_is_predicted_live(exptool_ml: Run, tiny_model: Path) -> None:
    done = exptool_ml("predict", tiny_model, "--simulated", "circle", "--seconds", "1", "--json")

    assert done.answer == {"frames": 5, "frames_per_label": {"push": 5}}


def test_a_scene_nobody_knows_is_refused(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(tiny_model), "--simulated", "wave"]) == 1

    assert "push, pull, swipe, circle, still" in capsys.readouterr().err


def test_a_recording_of_another_setup_is_named(
    tiny_model: Path, recordings: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(tiny_model), str(recordings["wide"])]) == 1

    assert "Received: " in capsys.readouterr().err


def test_whoever_reads_may_stop_reading(tiny_model: Path, recordings: dict[str, Path]) -> None:
    command = [sys.executable, "-m", "exptool_ml_plugin.cli", "predict", str(tiny_model), str(recordings["push_1"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait() == 0
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["evaluate", "predict", "simulated"])
def test_predicting_needs_neither_tensorflow_nor_a_window(
    command: str, tiny_model: Path, session_file: Path, recordings: dict[str, Path]
) -> None:
    arguments = {
        "evaluate": ["evaluate", tiny_model, session_file],
        "predict": ["predict", tiny_model, recordings["push_1"]],
        "simulated": ["predict", tiny_model, "--simulated", "push", "--seconds", "1"],
    }[command]
    script = [sys.executable, "-c", BEHIND_A_WALL, *map(str, arguments)]

    done = subprocess.run(script, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "push" in done.stdout
