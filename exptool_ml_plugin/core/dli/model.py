"""Model files of the Deep Learning Interface: what they were trained with, their labels, network and weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..a111 import rate_hz, setup_of
from ..errors import UserError
from ..parts import Parts
from ..reading import SensorSetup
from ..recipe import NetworkSettings, Recipe
from ..row_maker import RowMaker
from .features import Imported, choices_of, frame_columns, frame_settings, imported_features, one_dimensional, trigger
from .layers import OldNetwork, network_of
from .pickled_values import Inert, whole
from .restricted_pickle import read_npy
from .sensor import sensor_config, service_of


@dataclass(frozen=True, eq=False)
class ImportedModel:
    """An old model in our words; Keras makes a model of it.

    The network takes a frame of ours `(time_steps, width)` times `scale`, float64 of that shape, with columns that are
    `held` (bool `(width,)`) replaced by their newest value, newest row first, as its `network.input_shape` wants it.
    """

    recipe: Recipe
    labels: tuple[str, ...]
    network: OldNetwork
    frame_shape: tuple[int, int]
    scale: NDArray[np.float64]
    held: NDArray[np.bool_]
    trained_frames: int
    notes: tuple[str, ...]


def is_model(document: Any) -> bool:
    """Tell whether what an old file holds is a model."""
    return isinstance(document, dict) and "labels_dict" in document and "feature_list" in document


def read_model(path: Path, parts: Parts) -> ImportedModel:
    """Read a model; `UserError` for a file that is broken, hostile or no model."""
    return model_of(read_npy(path), name=path.stem, parts=parts)


def model_of(document: Any, *, name: str, parts: Parts, network: OldNetwork | None = None) -> ImportedModel:
    """Make a model of what an old model file holds, or of that and a `network` that lay beside it."""
    if not is_model(document):
        raise UserError(f"Expected a model of the Deep Learning Interface. Received: {name}, which holds none.")
    with whole(name):
        stored = document.get("model")
        own = network or network_of(stored.state if isinstance(stored, Inert) else stored)
        return _model_of(document, own, name, parts)


def _model_of(document: Mapping[str, Any], network: OldNetwork, name: str, parts: Parts) -> ImportedModel:
    labels = _labels(document["labels_dict"], network)
    settings = document.get("frame_settings")
    settings = settings if isinstance(settings, dict) else {}
    features, config = document["feature_list"], sensor_config(document.get("sensor_config"))
    frame_shape = _frame_shape(network.input_shape, flat=one_dimensional(features))
    rate = rate_hz(config.get("update_rate"), settings.get("update_rate"))
    columns = frame_columns(settings, rate) if frame_shape[0] == 1 else frame_shape[0]
    setup, imported = _matching(config, rate, features, columns=columns, width=frame_shape[1], parts=parts)
    scale, held = _relation(imported, setup, frame_shape, parts)
    scale = scale / _calibration(settings.get("calibration"), frame_shape)
    recipe = Recipe(
        name=name,
        sensor=setup,
        features=choices_of(imported),
        frame=frame_settings(settings, frame_shape[0]),
        trigger=trigger(settings, columns),
        network=NetworkSettings(tuple(layer.choice() for layer in network.layers), normalisation="none"),
    )
    trained = document.get("nr_of_training_maps")
    return ImportedModel(
        recipe, labels, network, frame_shape, scale, held, trained if isinstance(trained, int) else 0, _notes(imported)
    )


def _labels(codes: Any, network: OldNetwork) -> tuple[str, ...]:
    """Return the labels in the order of the network's outputs."""
    if not isinstance(codes, dict) or sorted(map(str, codes.values())) != sorted(map(str, range(len(codes)))):
        raise UserError("Expected one label per output of the network. Received: no such list.")
    labels = tuple(str(label) for label in sorted(codes, key=lambda label: int(codes[label])))
    units = network.layers[-1].arguments.get("units")
    if units != len(labels):
        raise UserError(f"Expected one label per output. Received: {len(labels)} labels, units={units}.")
    return labels


def _frame_shape(shape: tuple[int, ...], *, flat: bool) -> tuple[int, int]:
    """Return `(time_steps, width)`: an old frame is `(width, time_steps)`, one of a single row or column a list."""
    if len(shape) == 3 and shape[2] == 1:
        return shape[1], shape[0]
    if len(shape) == 2 and shape[1] == 1:
        return (1, shape[0]) if flat else (shape[0], 1)
    raise UserError(f"Expected a network for frames of rows and columns. Received: input shape {shape}.")


def _matching(
    config: Mapping[str, Any], rate: float, features: Any, *, columns: int, width: int, parts: Parts
) -> tuple[SensorSetup, list[Imported]]:
    """Return the setup whose frames have the width of the network's input.

    The file does not hold the number of points, and the sensor rounded the range to whole steps.
    """
    service, widths = service_of(config), []
    guess = setup_of(config, service=service, rate=rate)
    sweeps, points = guess.channels[0].sweeps, guess.channels[0].points
    for more in (0, 1, -1, 2, -2):
        shape = (sweeps, points + more)
        if shape[1] < 1:
            continue
        setup = guess if more == 0 else setup_of(config, service=service, rate=rate, shape=shape)
        imported = imported_features(features, setup, columns=columns)
        if any(one.across for one in imported):
            raise UserError(
                "Expected features whose values belong to a reading each. Received: a model trained with an "
                "integrated or y-profile output, which lay across the time axis.",
                "Such a model cannot be used here; train a new one.",
            )
        if not all(one.known for one in imported):
            return guess, imported
        widths.append(RowMaker(tuple(one.choice for one in imported), setup, parts).width)
        if widths[-1] == width:
            return setup, imported
    raise UserError(
        f"Expected features that make {width} values per reading, as the network takes. Received: {widths[0]}."
    )


def _relation(
    imported: list[Imported], setup: SensorSetup, frame_shape: tuple[int, int], parts: Parts
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    scale, held = np.ones(frame_shape), np.zeros(frame_shape[1], dtype=np.bool_)
    if all(one.known for one in imported):
        maker = RowMaker(tuple(one.choice for one in imported), setup, parts)
        for one, place in zip(imported, maker.slices, strict=True):
            scale[:, place], held[place] = one.scale, one.held
    return scale, held


def _calibration(stored: Any, frame_shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return what frames were divided by, in our order: float64 of the shape of a frame."""
    usable = isinstance(stored, np.ndarray) and stored.dtype.kind in "iuf" and stored.shape == frame_shape[::-1]
    if not usable or not np.isfinite(stored).all() or not stored.all():
        return np.ones(frame_shape)
    return np.asarray(stored[:, ::-1].T, dtype=np.float64)


def _notes(imported: list[Imported]) -> tuple[str, ...]:
    missing = [one.choice.key for one in imported if not one.known]
    if not missing:
        return ()
    return (f"The model opens, but cannot predict readings: the feature {', '.join(missing)} does not exist here.",)
