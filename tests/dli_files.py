"""Files as the Deep Learning Interface wrote them, from the description of their format alone.

The window of K columns holds the newest reading at column 0. A frame is complete with the reading at which K - 1 new
ones have come, so that the oldest column of a first frame is zero, and its marker is one too small.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np

K = 12
RATE_HZ = 60.0


def option_names(key: str) -> dict[str, Any]:
    defaults: dict[str, dict[str, Any]] = {
        "sweep": {"Down sample": 8.0, "Flip": False, "Stretch": False, "Calibrate": False},
        "peak": {"LP filter": 0.1},
        "sparse_fft": {"High pass": 0.5, "Flip": True, "Stretch": False},
    }
    return {"Start": 0.2, "Stop": 0.4, **defaults.get(key, {})}


def feature(key: str, sensors: list[int], outputs: list[str], *, dimension: int = 2, **options: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": key,
        "sensors": sensors,
        "options": {**option_names(key), **{name.replace("_", " "): value for name, value in options.items()}},
        "output": dict.fromkeys(outputs, True),
        "model_dimension": dimension,
    }


def sensor_config(mode: str, sensors: list[int], **settings: Any) -> dict[str, Any]:
    low, high = (0.24, 0.48) if mode == "sparse" else (0.2, 0.4)
    config = {"mode": mode.upper(), "sensor": sensors, "range_interval": [low, high], "update_rate": RATE_HZ}
    if mode == "sparse":
        config.update(sweeps_per_frame=16, sweep_rate=4500.0, sampling_mode="A")
    return {**config, **settings}


def distances_mm(data: np.ndarray) -> np.ndarray:
    low, length = (0.24, 0.24) if data.ndim == 4 else (0.2, 0.2)
    return 1000 * np.linspace(low, low + length, data.shape[-1])


def envelopes(data: np.ndarray) -> np.ndarray:
    """Env of `(readings, sensors, [sweeps,] points)`: float64 `(readings, sensors, points)`."""
    values = np.abs(data).astype(np.float64) if np.iscomplexobj(data) else data.astype(np.float64)
    return values.mean(axis=2) if data.ndim == 4 else values


def segment_map(data: np.ndarray, sensor: int, n: int) -> np.ndarray:
    """All columns of the range segment, `(values, readings)`: means of n neighbouring points, the tail dropped."""
    env = envelopes(data)[:, sensor]
    return np.array([[sweep[j * n : (j + 1) * n].mean() for j in range(len(sweep) // n)] for sweep in env]).T


def fft_map(
    data: np.ndarray, sensor: int, *, start_mm: float, stop_mm: float, high_pass: float, flip: bool
) -> np.ndarray:
    """All columns of the sparse FFT above its noise floor, `(rows, readings)`."""
    r = distances_mm(data)
    a, b = int(((r - start_mm) ** 2).argmin()), int(((r - stop_mm) ** 2).argmin())
    noise, columns = np.inf, []
    for reading in data[:, sensor].astype(np.float64):
        x = reading[:, a : b + 1]
        window = np.hanning(len(x))[:, None]
        p = np.abs(np.fft.rfft(window * (x - x.mean(axis=0)), axis=0)).sum(axis=1) / x.shape[1] / 10000
        if p.mean() > 1e-8:
            noise = min(noise, p.mean())
        c = p / noise
        size = len(c)
        columns.append(c[::-1][int((1 - high_pass) * size) :] if flip else c[: int(high_pass * size) + 1])
    return np.array(columns).T


def peak_map(data: np.ndarray, sensor: int, *, start_mm: float, stop_mm: float) -> np.ndarray:
    """Distance in mm and amplitude of the peak, `(2, readings)`."""
    r, env = distances_mm(data), envelopes(data)[:, sensor]
    a, b = int(((r - start_mm) ** 2).argmin()), int(((r - stop_mm) ** 2).argmin()) + 1
    best = a + env[:, a:b].argmax(axis=1)
    return np.array([r[best], env[np.arange(len(env)), best]])


def averages_at(data: np.ndarray, sensor: int, newest: int, *, start_mm: float, stop_mm: float) -> np.ndarray:
    """Mean distance, spread, mean amplitude and mean total of the window that ends with `newest`, `(4, 1)`."""
    r, env = distances_mm(data), envelopes(data)[:, sensor]
    a, b = int(((r - start_mm) ** 2).argmin()), int(((r - stop_mm) ** 2).argmin()) + 1
    distance, amplitude = peak_map(data, sensor, start_mm=start_mm, stop_mm=stop_mm)[:, newest - K + 1 : newest + 1]
    total = env[newest - K + 1 : newest + 1, a:b].sum(axis=1)
    return np.array([[distance.mean()], [distance.std()], [amplitude.mean()], [total.mean()]])


def rolling_frames(columns: np.ndarray, *, label: str = "push") -> list[dict[str, Any]]:
    """Frames of all columns `(rows, readings)`, one per reading from the first complete one on."""
    padded = np.concatenate([np.zeros((len(columns), K)), columns], axis=1)
    found = []
    for newest in range(K - 2, columns.shape[1]):
        found.append(frame(padded[:, newest + 1 : newest + K + 1][:, ::-1], newest, label=label))
    return found


def frame(feature_map: np.ndarray, newest: int, *, label: str = "push") -> dict[str, Any]:
    return {
        "label": label,
        "frame_nr": newest,
        "feature_map": np.array(feature_map),
        "frame_marker": newest - K,
        "frame_complete": True,
        "sweep_counter": K - 1,
        "sweep_number": newest,
        "calibration": None,
    }


def document(
    data: np.ndarray,
    mode: str,
    sensors: list[int],
    features: list[dict[str, Any]],
    frames: list[dict[str, Any]],
    *,
    frame_settings: dict[str, Any] | None = None,
    record: dict[str, Any] | None = None,
) -> dict[str, Any]:
    config = json.dumps(sensor_config(mode, sensors))
    low, length = (0.24, 0.24) if mode == "sparse" else (0.2, 0.2)
    length_of_data = data.shape[-1] * (data.shape[-2] if mode == "sparse" else 1)
    info = {"range_start_m": low, "range_length_m": length, "data_length": length_of_data}
    flags = [[{"missed_data": False, "data_saturated": False} for _ in sensors] for _ in data]
    packed = {
        "mode": mode,
        "sensor_config_dump": config,
        "session_info": json.dumps(info),
        "data_info": json.dumps(flags),
        "data": data,
        "sample_times": 1000.0 + np.arange(len(data)) / RATE_HZ,
        "module_key": mode,
        "lib_version": "3.16.2",
        "timestamp": "2021-05-01T12:00:00",
        **(record or {}),
    }
    settings = {
        "frame_label": "push",
        "frame_size": K,
        "update_rate": RATE_HZ,
        "time_series": 1,
        "frame_pad": 0,
        "collection_mode": "continuous",
        "auto_threshold": 1.5,
        "auto_offset": 5,
        "dead_time": 10,
        "rolling": True,
        **(frame_settings or {}),
    }
    ml = {
        "current_frame": frames[-1] if frames else {},
        "frame_markers": [one["frame_marker"] for one in frames],
        "frame_info": {"frame_pad": 0, "frame_size": K, "time_series": 1},
        "feature_list": features,
        "frame_list": frames,
        "model_dimension": 2,
    }
    plot = {"ml_frame_data": ml, "ml_plotting": True, "hist_env": np.zeros((len(sensors), 4, 100)), "prediction": None}
    return {
        "feature_list": features,
        "sweep_data": packed,
        "frame_data": plot,
        "frame_settings": settings,
        "sensor_config": config,
    }


def save(path: Path, content: dict[str, Any]) -> Path:
    np.save(path, content, allow_pickle=True)  # type: ignore[arg-type]
    return path


def envelope_data(*, readings: int = 40, sensors: int = 1, points: int = 103, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.integers(50, 4000, (readings, sensors, points)).astype(np.uint16)


def sparse_data(*, readings: int = 40, sensors: int = 2, seed: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.round(2**15 + 900 * random.standard_normal((readings, sensors, 16, 5))).astype(np.uint16)


def iq_data(*, readings: int = 40, points: int = 103, seed: int = 3) -> np.ndarray:
    random = np.random.default_rng(seed)
    parts = random.integers(-2000, 2000, (2, readings, 1, points)) / 4096
    return np.asarray(parts[0] + 1j * parts[1], dtype=np.complex128)


def keras_state(input_shape: tuple[int, ...], layers: list[tuple[str, dict[str, Any], dict[str, np.ndarray]]]) -> Any:
    """The state of a pickled Keras 2 model: class, arguments and weights of each layer; arrays are pickles in it."""
    entry = {"batch_input_shape": [None, *input_shape], "dtype": "float32", "name": "input_1"}
    described = [{"name": "input_1", "class_name": "InputLayer", "config": entry, "inbound_nodes": []}]
    weights: dict[str, Any] = {"_is_group": True, "layer_names": [b"input_1"]}
    for number, (kind, arguments, arrays) in enumerate(layers, start=1):
        name, before = f"{kind.lower()}_{number}", described[-1]["name"]
        config = {"name": name, "trainable": True, **arguments}
        described.append({"name": name, "class_name": kind, "config": config, "inbound_nodes": [[[before, 0, 0, {}]]]})
        group: dict[str, Any] = {"_is_group": True, "weight_names": [f"{name}/{key}:0".encode() for key in arrays]}
        for key, array in arrays.items():
            group[f"{name}/{key}:0"] = pickle.dumps(array.astype(np.float32))
            group[f"_{name}/{key}:0_pickled"] = True
        weights[name] = group
    config = {"name": "model_1", "layers": described}
    text = json.dumps({"class_name": "Model", "config": config}).encode()
    return {"_is_group": True, "keras_version": b"2.2.4", "model_config": text, "model_weights": weights}


def save_model(path: Path, state: Any, labels: list[str], features: list[dict[str, Any]], config: Any) -> Path:
    """A model file of Keras 2 and TensorFlow 1: one pickle, the Keras model in it."""
    module = ModuleType("keras.engine.training")
    model_class = type("Model", (), {"__module__": module.__name__, "__getstate__": lambda self: self.stored})
    module.Model = model_class  # type: ignore[attr-defined]
    model = model_class()
    model.stored = state
    content = {
        "labels_dict": {label: code for code, label in enumerate(labels)},
        "model_dimensions": {"dimensionality": 2},
        "feature_list": features,
        "sensor_config": json.dumps(config),
        "model": model,
        "frame_settings": {"frame_size": K, "update_rate": RATE_HZ, "collection_mode": "continuous", "rolling": True},
        "nr_of_training_maps": 1234,
    }
    stubs = {name: ModuleType(name) for name in ("keras", "keras.engine")}
    with mock.patch.dict(sys.modules, {**stubs, module.__name__: module}):
        np.save(path, content, allow_pickle=True)  # type: ignore[arg-type]
    return path
