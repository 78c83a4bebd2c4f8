"""What the Model tab says about a network is what Keras builds."""

from __future__ import annotations

import random
from typing import Any

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.network import DLI_DEFAULT, LAYERS, default_network, summarise
from exptool_ml_plugin.core.options import describe
from exptool_ml_plugin.core.recipe import OPTIMIZERS, LayerChoice, NetworkSettings, TrainingSettings

HELPERS = ("InputLayer", "Reshape", "Normalization")


@pytest.fixture(scope="module")
def build() -> Any:
    from exptool_ml_plugin.learn import build

    return build


def random_network(seed: int) -> tuple[tuple[LayerChoice, ...], tuple[int, int]]:
    """Return a list of layers with random parameters that fits a random frame."""
    dice = random.Random(seed)
    frame_shape = (dice.randint(4, 20), dice.randint(1, 20))
    layers: list[LayerChoice] = []
    for _ in range(dice.randint(1, 5)):
        kind = dice.choice([kind for kind in LAYERS if kind.key != "dense"])
        params = {info.name: _random_value(info, dice) for info in describe(kind.settings)}
        if dice.random() < 0.2:
            layers.append(LayerChoice(kind.key, params, active=False))
            continue
        tried = [*layers, LayerChoice(kind.key, params), LayerChoice("flatten"), LayerChoice("dense")]
        if not summarise(tried, frame_shape=frame_shape, labels=3).issues:
            layers.append(LayerChoice(kind.key, params))
    dense = LayerChoice("dense", {"units": dice.randint(1, 9), "activation": "relu"})
    return (*layers, dense, LayerChoice("flatten"), LayerChoice("dense")), frame_shape


def _random_value(info: Any, dice: random.Random) -> Any:
    if info.choices is not None:
        return dice.choice([choice for choice in info.choices if choice != "softmax"])
    if info.kind is bool:
        return dice.random() < 0.5
    return dice.randint(1, 4) if info.kind is int else 0.3


@pytest.mark.parametrize("seed", range(25))
def test_shapes_and_counts_are_those_of_keras_for_random_networks(build: Any, seed: int) -> None:
    layers, frame_shape = random_network(seed)

    _assert_as_keras_builds(build, layers, frame_shape)


def test_shapes_and_counts_are_those_of_keras_for_the_networks_that_ship(build: Any) -> None:
    _assert_as_keras_builds(build, DLI_DEFAULT, (34, 48))
    _assert_as_keras_builds(build, default_network(7, 100), (7, 100))


def _assert_as_keras_builds(build: Any, layers: tuple[LayerChoice, ...], frame_shape: tuple[int, int]) -> None:
    summary = summarise(layers, frame_shape=frame_shape, labels=3)
    assert not summary.issues
    model = build.build_model(NetworkSettings(layers=layers), frame_shape=frame_shape, labels=3, normalisation=None)

    built = [layer for layer in model.layers if type(layer).__name__ not in HELPERS]
    expected = [row for row in summary.rows if row.output_shape is not None]
    assert [tuple(layer.output.shape[1:]) for layer in built] == [row.output_shape for row in expected]
    assert [layer.count_params() for layer in built] == [row.trainable + row.non_trainable for row in expected]
    assert sum(weight.numpy().size for weight in model.trainable_weights) == summary.trainable
    assert sum(weight.numpy().size for weight in model.non_trainable_weights) == summary.non_trainable


def test_a_network_that_cannot_be_built_is_refused_with_the_layer_that_does_not_fit(build: Any) -> None:
    network = NetworkSettings(layers=(LayerChoice("dropout"), LayerChoice("conv2d")))

    with pytest.raises(UserError, match=r"network\.1"):
        build.build_model(network, frame_shape=(5, 5), labels=2, normalisation=None)


def test_an_unknown_normalisation_is_refused(build: Any) -> None:
    with pytest.raises(UserError, match="minmax"):
        build.build_model(NetworkSettings(normalisation="minmax"), frame_shape=(5, 5), labels=2, normalisation=None)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_on_offer_exists_with_its_learning_rate(build: Any, name: str) -> None:
    optimizer = build.make_optimizer(TrainingSettings(optimizer=name, learning_rate=0.25))

    assert type(optimizer).__name__ == name
    assert float(optimizer.learning_rate) == 0.25
