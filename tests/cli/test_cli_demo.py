"""`exptool-ml demo`, with fewer people than the real one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.cli import demo, main
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session

FEW = (
    demo.Part("training", people=(1, 2, 3), repetitions=6),
    demo.Part("validation", people=(6,), repetitions=4),
    demo.Part("test", people=(7,), repetitions=4),
)


def test_the_demo_leaves_a_model_a_picture_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorflow", reason="training needs the extra 'train'")
    monkeypatch.setattr(demo, "PARTS", FEW)
    out = tmp_path / "demo"

    assert main(["demo", "--out", str(out), "--json"]) == 0

    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["labels"] == sorted(demo.GESTURES)
    assert answer["frames"] == 16, "the trigger cuts one frame per gesture"
    assert answer["accuracy"] >= 0.75, "people nobody has trained on"
    assert Path(answer["model"]).is_file()
    assert (out / "confusion.png").read_bytes().startswith(b"\x89PNG")
    words = (out / "report.md").read_text()
    assert "A simulated A121 (Sparse IQ) watched 5 simulated people make 4 hand gestures" in words
    assert "| push | 4 |" in words


@pytest.mark.parametrize("service", ["envelope", "iq", "sparse"])
def test_the_gestures_of_people_not_seen_before_can_be_told_apart_in_each_service_of_an_a111(
    service: str, tmp_path: Path
) -> None:
    sessions = []
    for part in (FEW[0], FEW[2]):
        demo._record(part, tmp_path / f"{part.name}.h5", service=service, seed=0)
        sessions.append(load_session(tmp_path / f"{part.name}.h5"))
    training, test = sessions

    assert training.recipe.sensor is not None
    assert (training.recipe.sensor.generation, training.recipe.sensor.service) == ("a111", service)
    assert len(test) == 16, "the trigger cuts one frame per gesture"
    assert linear_accuracy(training, test) >= 0.75


def linear_accuracy(training: Session, test: Session) -> float:
    """What a linear classifier, the weakest there is, makes of it."""
    names = training.label_names()
    flat = [np.asarray(session.values, dtype=float).reshape(len(session), -1) for session in (training, test)]
    mean, spread = flat[0].mean(axis=0), flat[0].std(axis=0) + 1e-3
    known, unknown = ((values - mean) / spread for values in flat)
    wanted = np.array([[label == name for name in names] for label in training.labels], dtype=float)
    kernel = known @ known.T + 10.0 * len(known) * np.eye(len(known))
    scores = unknown @ known.T @ np.linalg.solve(kernel, wanted - wanted.mean(axis=0))
    return float(
        np.mean([names[place] == label for place, label in zip(scores.argmax(axis=1), test.labels, strict=True)])
    )


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "precious").write_text("text")

    assert main(["demo", "--out", str(tmp_path)]) == 1

    assert "Expected a new or empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


@pytest.mark.parametrize("arguments", [["demo"], ["train", "s.h5", "--recipe", "demo", "--out", "run"]])
def test_without_tensorflow_it_says_what_to_install_and_does_nothing(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    assert main(arguments) == 1

    assert "exptool-ml-plugin[train]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
