"""Layer files of the Deep Learning Interface open, and what is saved opens there again."""

from __future__ import annotations

import pytest
import yaml

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.network import DLI_DEFAULT, LAYERS, default_network, summarise
from exptool_ml_plugin.core.recipe import LayerChoice
from exptool_ml_plugin.workbench.layer_file import LARGEST_FILE, load_layers, save_layers

TYPES = {kind.key: kind for kind in LAYERS}

# Written from the description of the format: what the old tool's default file says of a frame.
OLD_FILE = """
- {class: Conv2D, name: conv2d, params: {activation: relu, filters: 32, CONV}}
- {class: GaussianNoise, name: gaussian_noise, params: {stddev: 0.3}, is_active: false}
- {class: Dropout, name: dropout, params: {rate: 0.1}}
- {class: Conv2D, name: conv2d, params: {activation: relu, filters: 64, CONV}}
- {class: MaxPool2D, name: max_pooling2d, params: {pool_size: !!python/tuple [2, 2]}}
- {class: Conv2D, name: conv2d, params: {activation: relu, filters: 128, CONV}}
- {class: BatchNormalization, name: batch_normalization, params: null}
- {class: Flatten, name: flatten, params: null}
- {class: Dropout, name: dropout, params: {rate: 0.2}}
- {class: Dense, name: dense, params: {activation: softmax, units: 0}}
""".replace("CONV", "kernel_size: [2, 2], padding: same, strides: [1, 1]")


def written(tmp_path, text):
    path = tmp_path / "layers.yaml"
    path.write_text(text)
    return path


def test_the_old_tools_default_network_has_the_parameters_it_had_there(tmp_path):
    layers, issues = load_layers(written(tmp_path, OLD_FILE), TYPES)
    summary = summarise(layers, frame_shape=(34, 48), labels=5)
    assert issues == []
    assert (summary.total, summary.trainable) == (302_949, 302_693)
    assert [layer.active for layer in layers] == [True, False] + [True] * 8


@pytest.mark.parametrize("layers", [DLI_DEFAULT, default_network(40, 68), (LayerChoice("gru", {"units": 7}, False),)])
def test_what_is_saved_makes_the_same_network_when_loaded(tmp_path, layers):
    path = tmp_path / "layers.yaml"
    save_layers(layers, path, TYPES)
    loaded, issues = load_layers(path, TYPES)
    assert issues == []
    assert [layer.key for layer in loaded] == [layer.key for layer in layers]
    assert [layer.active for layer in loaded] == [layer.active for layer in layers]
    for before, after in zip(layers, loaded, strict=True):
        assert TYPES[before.key].options(before.params) == TYPES[after.key].options(after.params)


def test_a_saved_file_has_the_old_tools_layout(tmp_path):
    path = tmp_path / "layers.yaml"
    save_layers(DLI_DEFAULT, path, TYPES)
    document = yaml.safe_load(path.read_text())
    assert document[0] == {
        "class": "Conv2D",
        "name": "conv2d",
        "params": {
            "activation": "relu",
            "filters": 32,
            "kernel_size": [2, 2],
            "padding": "same",
            "strides": [1, 1],
        },
        "is_active": True,
    }
    assert document[6] == {
        "class": "BatchNormalization",
        "name": "batch_normalization",
        "params": None,
        "is_active": True,
    }


def test_a_file_is_replaced_only_when_asked(tmp_path):
    path = written(tmp_path, "mine")
    with pytest.raises(UserError):
        save_layers(DLI_DEFAULT, path, TYPES)
    assert path.read_text() == "mine"
    save_layers(DLI_DEFAULT, path, TYPES, overwrite=True)
    assert len(load_layers(path, TYPES)[0]) == len(DLI_DEFAULT)


def test_what_does_not_fit_is_said_and_the_rest_is_used(tmp_path):
    text = """
- {class: LSTM, name: lstm, params: {steps: 60, units: 32, activation: tanh}}
- {class: Dropout, params: {rate: 7}}
"""
    layers, issues = load_layers(written(tmp_path, text), TYPES)
    assert layers[0] == LayerChoice("lstm", {"units": 32, "activation": "tanh"})
    assert layers[1] == LayerChoice("dropout", {"rate": 0.99})
    assert [issue.where for issue in issues] == ["network.0.steps", "network.1.rate"]


def test_a_layer_that_is_not_installed_stays_in_the_list_and_is_said(tmp_path):
    text = "- {class: Magic, name: magic, params: {power: 9}, is_active: true}"
    layers, issues = load_layers(written(tmp_path, text), TYPES)
    assert layers == (LayerChoice("magic", {"power": 9}),)
    assert issues[0].where == "network.0"
    assert "magic" in issues[0].message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "{a: 1}",
        "- 3",
        "- {params: {rate: 1}}",
        "- {name: dropout, params: [1]}",
        "- [unclosed",
        "- !!python/object/apply:os.system ['true']",
        "- &a [*a]",
        "[" * 5000,
        "\x00",
    ],
)
def test_a_file_that_is_no_layer_list_is_said_in_words(tmp_path, text):
    with pytest.raises(UserError) as caught:
        load_layers(written(tmp_path, text), TYPES)
    assert "Expected" in str(caught.value)


def test_a_missing_or_huge_file_is_said_in_words(tmp_path):
    with pytest.raises(UserError, match="Expected a readable layer file"):
        load_layers(tmp_path / "none.yaml", TYPES)
    with pytest.raises(UserError, match="bytes"):
        load_layers(written(tmp_path, " " * (LARGEST_FILE + 1)), TYPES)
