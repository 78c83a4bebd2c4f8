"""Mean and variance of the rows of the training frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core import stacked_frames
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.normalisations import NORMALISATIONS
from exptool_ml_plugin.core.recipe import LayerChoice, NetworkSettings
from exptool_ml_plugin.learn.normalisation import measure


def test_mean_and_variance_are_those_of_the_training_rows_at_each_position(monkeypatch: pytest.MonkeyPatch) -> None:
    values = (np.random.default_rng(0).normal(size=(50, 4, 3)) * [1, 10, 0.1] + [0, 1000, -5]).astype(np.float32)
    training = np.array([40, 3, 7, 20, 21])
    monkeypatch.setattr(stacked_frames, "_CHUNK_BYTES", 2 * values[0].nbytes)

    measured = measure(values, training)

    assert measured is not None
    rows = values[training].reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(measured.mean, rows.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(measured.variance, rows.var(axis=0), rtol=1e-6)


def test_a_position_that_never_changes_is_not_blown_up() -> None:
    values = np.random.default_rng(0).normal(size=(20, 4, 2)).astype(np.float32)
    values[:, :, 1] = 7.0

    measured = measure(values, np.arange(20))
    assert measured is not None
    assert measured.variance[1] == 1.0


def test_the_values_of_a_feature_share_mean_and_deviation(monkeypatch: pytest.MonkeyPatch) -> None:
    values = (np.random.default_rng(0).normal(size=(50, 4, 5)) * [1, 10, 0.1, 3, 3] + [0, 9, -5, 7, 8]).astype(
        np.float32
    )
    monkeypatch.setattr(stacked_frames, "_CHUNK_BYTES", 7 * values[0].nbytes)

    measured = measure(values, np.arange(50), kind="feature", feature_widths=(3, 2))

    assert measured is not None
    for place in (slice(0, 3), slice(3, 5)):
        block = values[:, :, place].astype(np.float64)
        np.testing.assert_allclose(measured.mean[place], block.mean(), rtol=1e-9)
        np.testing.assert_allclose(measured.variance[place], block.var(), rtol=1e-6)


@pytest.mark.parametrize("widths", [(), (3,), (5, 0), (6,)])
def test_features_that_do_not_make_up_the_row_are_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="a row of 5 values"):
        measure(np.ones((4, 3, 5), np.float32), np.arange(4), kind="feature", feature_widths=widths)


def test_logarithmic_frames_are_measured_after_the_logarithm() -> None:
    values = (1e4 * np.random.default_rng(0).normal(size=(50, 4, 2))).astype(np.float32)

    measured = measure(values, np.arange(50), kind="log")

    logarithms = np.sign(values) * np.log1p(np.abs(values))
    assert measured is not None
    np.testing.assert_allclose(measured.variance, logarithms.reshape(-1, 2).var(axis=0), rtol=1e-5)


@pytest.mark.parametrize("kind", ["none", "unit_maximum"])
def test_what_needs_no_figures_is_not_measured(kind: str) -> None:
    assert measure(np.ones((4, 3, 5), np.float32), np.arange(4), kind=kind) is None


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras saving its variables
@pytest.mark.parametrize("kind", NORMALISATIONS)
def test_litert_predicts_as_keras_does_and_keras_opens_the_model_alone(kind: str, tmp_path: Path) -> None:
    import keras
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    from exptool_ml_plugin.learn.build import build_model

    random = np.random.default_rng(3)
    values = (random.normal(size=(40, 6, 5)) * [1, 30, 900, 5, 5] + [0, 50, -2000, 3, 3]).astype(np.float32)
    values[0] = 0.0
    measured = measure(values, np.arange(40), kind=kind, feature_widths=(3, 2))
    network = NetworkSettings(layers=(LayerChoice("flatten"), LayerChoice("dense")), normalisation=kind)
    keras.utils.set_random_seed(0)
    model = build_model(network, frame_shape=(6, 5), labels=3, normalisation=measured)
    before_the_weights = keras.Model(model.input, model.get_layer(index=-1).input)
    expected = reference(values, kind).reshape(40, -1)
    np.testing.assert_allclose(before_the_weights(values).numpy(), expected, rtol=1e-4, atol=1e-5)

    model.save(tmp_path / "model.keras")
    probabilities = model(values).numpy()
    opened = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(opened(values).numpy(), probabilities)
    interpreter = Interpreter(model_content=tf.lite.TFLiteConverter.from_keras_model(model).convert())
    interpreter.allocate_tensors()
    for frame, wanted in zip(values, probabilities, strict=True):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], frame[np.newaxis])
        interpreter.invoke()
        found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def reference(values: np.ndarray, kind: str) -> np.ndarray:
    """The normalisations as their description says, for features of 3 and 2 values."""
    if kind == "none":
        return values
    if kind == "unit_maximum":
        return values / np.maximum(np.abs(values).max(axis=(1, 2), keepdims=True), 1e-30)
    if kind == "feature":
        blocks = (values[:, :, :3], values[:, :, 3:])
        return np.concatenate([(block - block.mean()) / block.std() for block in blocks], axis=2)
    x = np.sign(values) * np.log1p(np.abs(values)) if kind == "log" else values
    return (x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1))


def test_features_of_weak_units_are_brought_to_a_common_size_beside_strong_ones() -> None:
    random = np.random.default_rng(0)
    values = (random.normal(size=(50, 4, 4)) * [1e8, 1e7, 1.5, 0.005]).astype(np.float32)
    values[:, :, 1] = 3e7  # of the strong feature, and still

    measured = measure(values, np.arange(50), feature_widths=(2, 1, 1))

    assert measured is not None
    assert measured.variance[1] == 1.0
    np.testing.assert_allclose(np.sqrt(measured.variance[[0, 2, 3]]), [1e8, 1.5, 0.005], rtol=0.2)


def test_a_position_of_nothing_but_rounding_beside_others_of_its_feature_is_not_blown_up() -> None:
    values = np.random.default_rng(0).normal(size=(50, 4, 3)).astype(np.float32)
    values[:, :, 1] *= 1e-7
    measured = measure(values, np.arange(50), feature_widths=(3,))
    assert measured is not None
    assert measured.variance[1] == 1.0
