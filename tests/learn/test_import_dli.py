"""Models of the Deep Learning Interface predict as they did: against the network written out in numpy."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dli_files as dli
from dli_files import K
from exptool_ml_plugin.core.dli.model import ImportedModel, read_model
from exptool_ml_plugin.core.dli.sensor import recording_of
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.model_file import read_model_info
from exptool_ml_plugin.core.network import summarise
from exptool_ml_plugin.core.row_maker import RowMaker
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.runtime.predictor import Predictor

IMPORT_AND_PREDICT = """
import sys
from pathlib import Path
import numpy as np
from exptool_ml_plugin.learn.import_dli import main
folder = Path(sys.argv[1])
for old in sorted(folder.glob("*.npy")):
    new = old.with_suffix(".keras")
    if main([str(old), str(new)]):
        continue
    from exptool_ml_plugin.core.model_file import read_model_info
    from exptool_ml_plugin.learn.model_file import load_model
    frames = np.load(folder / f"{old.stem}.frames")
    with (folder / f"{old.stem}.predicted").open("wb") as file:
        np.save(file, np.asarray(load_model(new, read_model_info(new))(frames, training=False)))
"""


def forward(layers: Any, x: np.ndarray) -> np.ndarray:
    """The network in plain numpy, float64: x is `(height, width, channels)` or `(rows, channels)` of an old frame."""
    for layer in layers:
        weights = [weight.astype(np.float64) for weight in layer.weights]
        if layer.kind in ("Conv2D", "Conv1D"):
            x = _convolved(x, *weights, padding=layer.arguments["padding"])
        elif layer.kind == "MaxPooling2D":
            h, w, c = x.shape
            x = x[: h // 2 * 2, : w // 2 * 2].reshape(h // 2, 2, w // 2, 2, c).max(axis=(1, 3))
        elif layer.kind == "BatchNormalization":
            gamma, beta, mean, variance = weights
            x = gamma * (x - mean) / np.sqrt(variance + layer.arguments["epsilon"]) + beta
        elif layer.kind == "Flatten":
            x = x.ravel()
        elif layer.kind == "Dense":
            x = x @ weights[0] + weights[1]
        x = _activated(x, layer.arguments.get("activation"))
    return x


def _activated(x: np.ndarray, activation: str | None) -> np.ndarray:
    if activation == "relu":
        return np.maximum(x, 0)
    if activation == "softmax":
        powers = np.exp(x - x.max())
        return powers / powers.sum()
    return x


def _convolved(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, *, padding: str) -> np.ndarray:
    size = kernel.shape[:-2]
    if padding == "same":  # TensorFlow puts the odd one behind
        x = np.pad(x, [((n - 1) // 2, n - 1 - (n - 1) // 2) for n in size] + [(0, 0)])
    out = np.zeros((*(length - n + 1 for length, n in zip(x.shape, size, strict=False)), kernel.shape[-1])) + bias
    for place in np.ndindex(*size):
        part = x[tuple(slice(i, i + length) for i, length in zip(place, out.shape, strict=False))]
        out += part @ kernel[place]
    return out


@dataclass(frozen=True)
class Made:
    """An old model, what its Keras file says of frames of ours, and the old frames as they entered the old network."""

    old: ImportedModel
    new: Path
    frames: np.ndarray
    predicted: np.ndarray
    entered: list[np.ndarray]


def _frames_and_maps(features: list[dict[str, Any]], columns: np.ndarray, path: Path) -> tuple[np.ndarray, list]:
    """Frames of ours, and the old maps of the same readings, newest first."""
    content = dli.document(dli.envelope_data(), "envelope", [1], features, [])
    recording = recording_of(content["sweep_data"], {}, name="made")
    parts = load_plugins().parts
    old = read_model(path, parts)
    rows = RowMaker(old.recipe.features, recording.setup, parts).rows(recording.matrices)
    steps = old.frame_shape[0]
    lasts = (K, 20, 33)
    frames = np.stack([rows[last - steps + 1 : last + 1] for last in lasts])
    return frames, [columns[:, last - K + 1 : last + 1][:, ::-1] for last in lasts]


def _dense(
    inputs: int, units: int, seed: int, *, scale: Any = 1e-5
) -> tuple[str, dict[str, Any], dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    weights = {"kernel": random.normal(size=(inputs, units)) * scale, "bias": random.normal(size=units)}
    return "Dense", {"units": units, "activation": "softmax", "use_bias": True}, weights


def _old_models(folder: Path) -> dict[str, list[np.ndarray]]:
    """Write small old models with frames of ours beside them; returns what entered the old networks."""
    data = dli.envelope_data()
    config = dli.sensor_config("envelope", [1], downsampling_factor=4)
    spot = {"Start": 0.2, "Stop": 0.4}
    peaks = dli.peak_map(data, 0, start_mm=200, stop_mm=400)
    outputs = ["avg_dist", "avg_std", "avg_ampl", "avg_total"]
    averages = np.concatenate(
        [np.full((4, K - 1), np.nan)]
        + [dli.averages_at(data, 0, newest, start_mm=200, stop_mm=400) for newest in range(K - 1, len(data))],
        axis=1,
    )
    conv = {"kernel": np.random.default_rng(4).normal(size=(3, 1, 4)) / 1000, "bias": np.ones(4)}
    kinds: dict[str, Any] = {
        "held": (
            [dli.feature("peak", [1], ["peak", "amplitude"], **spot), dli.feature("averages_2d", [1], outputs[:1])],
            np.concatenate([peaks, averages[:1]]),
            (3, K, 1),
            [("Flatten", {}, {}), _dense(3 * K, 2, 1)],
        ),
        "list": (
            [dli.feature("averages_1d", [1], outputs, dimension=1, **spot)],
            averages,
            (4, 1),
            [("Flatten", {}, {}), _dense(4, 3, 2, scale=np.array([[1e-2], [1e-2], [1e-3], [1e-5]]))],
        ),
        "single_row": (
            [dli.feature("peak", [1], ["amplitude"], **spot)],
            peaks[1:],
            (K, 1),
            [
                ("Conv1D", {"filters": 4, "kernel_size": [3], "padding": "valid", "activation": "relu"}, conv),
                ("Flatten", {}, {}),
                _dense((K - 2) * 4, 2, 3, scale=0.1),
            ],
        ),
    }
    entered = {}
    for name, (features, columns, shape, layers) in kinds.items():
        labels = [f"label {number}" for number in range(layers[-1][1]["units"])]
        path = dli.save_model(folder / f"{name}.npy", dli.keras_state(shape, layers), labels, features, config)
        frames, maps = _frames_and_maps(features, columns, path)
        if name == "held":  # the old feature repeated its newest value in all columns
            maps = [np.concatenate([m[:2], np.repeat(m[2:, :1], K, axis=1)]) for m in maps]
        with (folder / f"{name}.frames").open("wb") as file:
            np.save(file, frames.astype(np.float32))
        entered[name] = [(m[:, :1] if name == "list" else m).reshape(shape) for m in maps]
    return entered


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> dict[str, Made]:
    """Every model, imported and asked by one process, because loading Keras takes seconds."""
    folder = tmp_path_factory.mktemp("old_models")
    entered = _old_models(folder)
    real = shared_data / "dli_model" / "model_data_speaker_sparse.npy"
    (folder / "speaker.npy").write_bytes(real.read_bytes())
    frames = np.random.default_rng(5).lognormal(sigma=1.0, size=(6, 48, 34)).astype(np.float32)
    with (folder / "speaker.frames").open("wb") as file:
        np.save(file, frames)
    entered["speaker"] = [frame[::-1].T[:, :, None].astype(np.float64) for frame in frames]
    command = [sys.executable, "-c", IMPORT_AND_PREDICT, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = {}
    for name, inputs in entered.items():
        assert (folder / f"{name}.predicted").exists(), done.stdout[-2000:]
        old = read_model(folder / f"{name}.npy", load_plugins().parts)
        predicted, own = np.load(folder / f"{name}.predicted"), np.load(folder / f"{name}.frames")
        found[name] = Made(old, folder / f"{name}.keras", own, predicted, inputs)
    return found


@pytest.mark.parametrize("name", ["speaker", "held", "list", "single_row"])
def test_the_imported_model_predicts_what_the_old_network_did(made: dict[str, Made], name: str) -> None:
    one = made[name]

    expected = np.stack([forward(one.old.network.layers, x) for x in one.entered])

    assert expected.std(axis=0).max() > 2e-4, "the frames are told apart"
    np.testing.assert_allclose(one.predicted, expected, atol=1e-5)
    np.testing.assert_allclose(Predictor(one.new).predict_many(one.frames), expected, atol=1e-5)


def test_the_real_model_comes_with_all_that_was_known_of_it(made: dict[str, Made]) -> None:
    info = read_model_info(made["speaker"].new)

    assert info.labels == ("to_right", "volume", "up_down", "to_left", "down")
    assert info.frame_shape == (48, 34)
    assert made["speaker"].old.network.parameters == 302_949
    assert info.trainable_parameters == 302_693
    assert info.counts == {"training": 34_034}
    recipe = info.recipe
    assert [(f.key, f.sensor_ids, f.options["flip"]) for f in recipe.features] == [
        ("sparse_fft", (2,), True),
        ("sparse_fft", (4,), False),
    ]
    assert all(f.options["kept_share"] == 0.5 for f in recipe.features)
    assert recipe.sensor is not None
    assert [(c.sweeps, c.points, round(c.start_m, 2), c.sweep_rate_hz) for c in recipe.sensor.channels] == [
        (64, 5, 0.12, 4500.0)
    ] * 2
    assert (recipe.frame.time_steps, recipe.frame.pre_trigger, recipe.frame.dead_time) == (48, 15, 30)
    summary = summarise(recipe.network.layers, frame_shape=info.frame_shape, labels=5)
    assert (summary.total, summary.issues) == (302_949, ())


def _saved(tmp_path: Path, **changed: Any) -> Path:
    features = [dli.feature("peak", [1], ["amplitude"])]
    layers = [("Flatten", {}, {}), _dense(K, 2, 1)]
    given = {"state": dli.keras_state((K, 1), layers), "labels": ["a", "b"], "features": features, **changed}
    config = dli.sensor_config("envelope", [1])
    return dli.save_model(tmp_path / "model.npy", given["state"], given["labels"], given["features"], config)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"labels": ["a", "b", "c"]}, "3 labels, units=2"),
        ({"features": [dli.feature("peak", [1], ["peak", "amplitude"])]}, "make 1 values"),
        ({"features": [dli.feature("sweep", [1], ["integrated"])]}, "across the time axis"),
        ({"state": {}}, "Keras model with weights"),
        ({"state": dli.keras_state((K, 1), [("Lambda", {}, {})])}, "Expected a layer of the old interface"),
        ({"state": dli.keras_state((K, 2, 3), [("Flatten", {}, {}), _dense(6 * K, 2, 1)])}, "input shape"),
        (
            {"state": dli.keras_state((K, 1), [("Flatten", {}, {}), ("Dense", {"activation": "hard_sigmoid"}, {})])},
            "the same today",
        ),
    ],
)
def test_a_model_that_cannot_be_brought_over_ends_in_a_sentence(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_model(_saved(tmp_path, **changed), load_plugins().parts)


def test_a_feature_that_is_not_there_any_more_is_said(tmp_path: Path) -> None:
    old = read_model(_saved(tmp_path, features=[dli.feature("own_feature", [1], ["value"])]), load_plugins().parts)

    assert "own_feature" in old.notes[0]
