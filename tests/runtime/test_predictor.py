"""Predicting with the LiteRT model of a model file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.runtime.predictor import Predictor

WEIGHTS = np.linspace(0.1, 1.2, 12)[:, np.newaxis] * np.array([1.0, -1.0])  # as in make_tiny_model.py

ModelFile = Callable[..., Path]


def expected(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values.reshape(len(values), 12) @ WEIGHTS)
    return powers / powers.sum(axis=1, keepdims=True)


def some_frames(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0.0, 0.3, (count, 4, 3)).astype(np.float32)


def test_a_frame_gets_the_probabilities_the_network_gives_it(model_file: ModelFile) -> None:
    frame = some_frames(1)

    probabilities = Predictor(model_file()).predict(frame[0])

    assert probabilities.dtype == np.float32
    assert probabilities == pytest.approx(expected(frame)[0], abs=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 200])
def test_many_frames_get_what_each_would_get_alone(model_file: ModelFile, count: int) -> None:
    frames = some_frames(count)

    probabilities = Predictor(model_file()).predict_many(frames)

    assert probabilities.shape == (count, 2)
    assert np.allclose(probabilities, expected(frames), atol=1e-5)


def test_one_frame_at_a_time_still_works_after_many(model_file: ModelFile) -> None:
    predictor = Predictor(model_file())
    frames = some_frames(70)
    before = predictor.predict(frames[3])

    predictor.predict_many(frames)

    assert np.array_equal(predictor.predict(frames[3]), before)


def test_a_result_stays_what_it_was_when_the_next_frame_is_predicted(model_file: ModelFile) -> None:
    predictor = Predictor(model_file())
    first = predictor.predict(np.ones((4, 3), dtype=np.float32))
    kept = first.copy()

    predictor.predict(-np.ones((4, 3), dtype=np.float32))

    assert np.array_equal(first, kept)


def test_a_frame_that_does_not_lie_in_one_piece_is_predicted_alike(model_file: ModelFile) -> None:
    wide = np.random.default_rng(1).normal(size=(4, 6))

    probabilities = Predictor(model_file()).predict(wide[:, ::2])

    assert probabilities == pytest.approx(expected(wide[np.newaxis, :, ::2])[0], abs=1e-5)


@pytest.mark.parametrize("shape", [(3, 4), (4, 4), (12,)])
def test_a_frame_of_another_shape_is_refused_in_words(model_file: ModelFile, shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"Expected frames of shape \(4, 3\)"):
        Predictor(model_file()).predict(np.zeros(shape, dtype=np.float32))


def test_a_file_without_a_litert_model_is_refused_in_words(model_file: ModelFile) -> None:
    with pytest.raises(UserError, match="a Keras file without"):
        Predictor(model_file(litert=None))


@pytest.mark.parametrize("content", [b"", b"no model at all, but quite a few bytes of text"])
def test_a_broken_litert_model_is_refused_in_words(model_file: ModelFile, content: bytes) -> None:
    with pytest.raises(UserError, match="Expected a LiteRT model"):
        Predictor(model_file(litert=content))


def test_a_network_with_other_outputs_than_labels_is_refused(model_file: ModelFile) -> None:
    with pytest.raises(UserError, match=r"2 labels, beside a recipe for .* and 3"):
        Predictor(model_file(labels=("high", "low", "middle")))


def test_a_network_for_another_frame_shape_is_refused(model_file: ModelFile) -> None:
    with pytest.raises(UserError, match="frames of"):
        Predictor(model_file(frame_shape=(5, 3)))


def test_a_file_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        Predictor(tmp_path / "none.keras")


def test_predicting_imports_neither_tensorflow_nor_qt(model_file: ModelFile) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path; from exptool_ml_plugin.runtime.predictor import Predictor;"
        "Predictor(Path(sys.argv[1])).predict(np.zeros((4, 3), dtype=np.float32));"
        "print({'tensorflow', 'keras', 'PySide6', 'PyQt5', 'qtpy', 'acconeer'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(model_file())], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_without_litert_it_is_said_what_to_install(model_file: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)

    with pytest.raises(UserError, match="Expected LiteRT, which predicts") as error:
        Predictor(model_file())

    assert "32-bit" in error.value.hint
