"""Old files whose contents have the wrong types end in a sentence or in a session, never in a crash."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_dli_session import PARTS

import dli_files as dli
from exptool_ml_plugin.core.dli.model import model_of
from exptool_ml_plugin.core.dli.pickled_values import Inert
from exptool_ml_plugin.core.dli.session import session_of
from exptool_ml_plugin.core.errors import UserError

ODD = (
    None,
    True,
    -1,
    0,
    2**63,
    1e300,
    math.nan,
    math.inf,
    "text",
    "",
    b"bytes",
    [],
    [[]],
    {},
    (),
    {"a": 1},
    np.zeros((0, 3)),
    np.ones((2, 2, 2)),
    np.full((3, 12), np.nan),
    np.array(["a"]),
    Inert("acconeer.Thing", (1,), {"_mode": "IQ"}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(document: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    made = copy.deepcopy(document)
    for _ in range(dice.randint(1, 2)):
        path = dice.choice(list(places(made)))
        holder = made
        for key in path[:-1]:
            holder = holder[key]
        if isinstance(holder, dict) and dice.random() < 0.2:
            del holder[path[-1]]
        else:
            holder[path[-1]] = dice.choice(ODD)
    return made


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mode", ["envelope", "sparse"])
def test_sessions_of_odd_contents(mode: str) -> None:
    data = dli.envelope_data(readings=20) if mode == "envelope" else dli.sparse_data(readings=20, sensors=1)
    key, output = ("sweep", "segment") if mode == "envelope" else ("sparse_fft", "fft")
    frames = dli.rolling_frames(dli.segment_map(data, 0, 8 if mode == "envelope" else 1))
    document = dli.document(data, mode, [1], [dli.feature(key, [1], [output])], frames[:3])
    document["sensor_config"] = json.loads(document["sensor_config"])
    document["sweep_data"]["sensor_config_dump"] = document["sensor_config"]
    document["sweep_data"]["session_info"] = json.loads(document["sweep_data"]["session_info"])
    document["sweep_data"]["data_info"] = json.loads(document["sweep_data"]["data_info"])
    dice, good = random.Random(7), 0

    for _ in range(400):
        try:
            session_of(changed(document, dice), name="odd", parts=PARTS)
            good += 1
        except UserError as error:
            assert len(str(error)) < 1000

    assert 0 < good < 400


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_models_of_odd_contents() -> None:
    layers = [
        ("Flatten", {}, {}),
        ("Dense", {"units": 2, "activation": "softmax"}, {"kernel": np.ones((dli.K, 2)), "bias": np.ones(2)}),
    ]
    state = dli.keras_state((dli.K, 1), layers)
    document = {
        "labels_dict": {"a": 0, "b": 1},
        "feature_list": [dli.feature("peak", [1], ["amplitude"])],
        "sensor_config": dli.sensor_config("envelope", [1]),
        "frame_settings": {"frame_size": dli.K, "update_rate": 60.0, "frame_time": 0.2, "calibration": None},
        "model": state,
        "nr_of_training_maps": 3,
    }
    dice, good = random.Random(8), 0
    model_of(document, name="model", parts=PARTS)

    for number in range(400):
        made = copy.deepcopy(document)
        if number % 2:
            made["model"]["model_config"] = json.dumps(
                changed(json.loads(state["model_config"]), dice), default=lambda value: str(value)[:20]
            ).encode()
        else:
            made = changed(document, dice)
        try:
            model_of(made, name="odd", parts=PARTS)
            good += 1
        except UserError as error:
            assert len(str(error)) < 1000

    assert 0 < good < 400


def test_the_layers_of_the_old_interface_need_no_import(tmp_path: Path) -> None:
    from exptool_ml_plugin.core.network import LAYERS
    from exptool_ml_plugin.workbench.layer_file import load_layers

    text = (
        "- {class: Conv2D, name: conv2d, is_active: true, params: {filters: 32, kernel_size: !!python/tuple [2, 2], "
        "padding: same, activation: relu}}\n- {class: MaxPool2D, name: max_pooling2d, params: {pool_size: [2, 2]}}\n"
        "- {class: Flatten, name: flatten, params: null}\n"
        "- {class: Dense, name: dense, params: {units: 0, activation: softmax}}\n"
    )
    (tmp_path / "layers.yaml").write_text(text)

    layers, issues = load_layers(tmp_path / "layers.yaml", {kind.key: kind for kind in LAYERS})

    assert [layer.key for layer in layers] == ["conv2d", "max_pooling2d", "flatten", "dense"]
    assert issues == []
