"""Shapes and parameter counts of networks, and what would not work, without Keras."""

from __future__ import annotations

import dataclasses

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.issues import Severity, has_errors
from exptool_ml_plugin.core.network import DLI_DEFAULT, LAYERS, default_network, plan, summarise
from exptool_ml_plugin.core.options import describe
from exptool_ml_plugin.core.recipe import LayerChoice

TYPES = {kind.key: kind for kind in LAYERS}
DENSE = LayerChoice("dense")


def test_the_dlis_default_network_has_its_documented_shapes_and_counts() -> None:
    layers = [layer for layer in DLI_DEFAULT if layer.key != "gaussian_noise"]

    summary = summarise(layers, frame_shape=(34, 48), labels=5)

    assert summary.issues == ()
    assert [row.output_shape for row in summary.rows] == [
        (34, 48, 32),
        (34, 48, 32),
        (34, 48, 64),
        (17, 24, 64),
        (17, 24, 128),
        (17, 24, 128),
        (52224,),
        (52224,),
        (5,),
    ]
    assert (summary.total, summary.trainable, summary.non_trainable) == (302_949, 302_693, 256)


@pytest.mark.parametrize("frame_shape", [(1, 1), (1, 300), (40, 1), (3, 5), (34, 48), (64, 100), (500, 400)])
def test_the_default_network_fits_any_frame(frame_shape: tuple[int, int]) -> None:
    summary = summarise(default_network(*frame_shape), frame_shape=frame_shape, labels=3)

    assert summary.issues == ()
    assert summary.rows[-1].output_shape == (3,)
    assert summary.total < 100_000


def test_a_frame_enters_as_picture_or_sequence_as_the_first_layer_that_cares_needs() -> None:
    noise, flatten = LayerChoice("gaussian_noise"), LayerChoice("flatten")

    picture = summarise([noise, LayerChoice("conv2d"), flatten, DENSE], frame_shape=(9, 7), labels=2)
    sequence = summarise([noise, LayerChoice("lstm"), DENSE], frame_shape=(9, 7), labels=2)

    assert picture.rows[0].output_shape == (9, 7, 1)
    assert sequence.rows[0].output_shape == (9, 7)
    assert not picture.issues
    assert not sequence.issues


def test_a_sequence_layer_after_a_picture_sees_rows_with_all_their_channels() -> None:
    layers = [LayerChoice("conv2d", {"filters": 4, "padding": "same"}), LayerChoice("gru", {"units": 3}), DENSE]

    summary = summarise(layers, frame_shape=(6, 5), labels=2)

    assert summary.rows[1].trainable == 3 * 3 * (5 * 4 + 3 + 2)


def test_pooling_a_frame_to_nothing_is_said_at_the_layer() -> None:
    pool = LayerChoice("max_pooling2d")

    summary = summarise([pool, pool, pool, LayerChoice("flatten"), DENSE], frame_shape=(5, 40), labels=2)

    assert [issue.where for issue in summary.issues] == ["network.2"]
    assert "Nothing would be left" in summary.issues[0].message
    assert [row.output_shape for row in summary.rows] == [(2, 20, 1), (1, 10, 1), None, None, None]


def test_a_list_that_does_not_end_with_dense_is_an_error_at_the_last_layer() -> None:
    summary = summarise([LayerChoice("flatten"), LayerChoice("dropout")], frame_shape=(4, 4), labels=2)

    assert [issue.where for issue in summary.issues] == ["network.1"]
    assert "Dense" in summary.issues[0].message


def test_a_missing_flatten_in_front_of_the_last_layer_is_said() -> None:
    summary = summarise([LayerChoice("conv2d"), DENSE], frame_shape=(4, 4), labels=2)

    assert "Flatten" in summary.issues[0].message


def test_a_picture_layer_behind_flatten_is_said() -> None:
    summary = summarise([LayerChoice("flatten"), LayerChoice("conv2d"), DENSE], frame_shape=(4, 4), labels=2)

    assert [issue.where for issue in summary.issues] == ["network.1"]


def test_a_dense_layer_in_the_middle_needs_units() -> None:
    summary = summarise([LayerChoice("flatten"), DENSE, DENSE], frame_shape=(4, 4), labels=2)

    assert "units=0" in summary.issues[0].message


def test_an_unknown_layer_and_an_empty_list_are_errors_in_words() -> None:
    unknown = summarise([LayerChoice("transformer"), DENSE], frame_shape=(4, 4), labels=2)
    empty = summarise([dataclasses.replace(DENSE, active=False)], frame_shape=(4, 4), labels=2)

    assert "transformer" in unknown.issues[0].message
    assert has_errors(empty.issues)


def test_inactive_layers_are_skipped_and_the_last_active_one_follows_the_labels() -> None:
    layers = [LayerChoice("flatten"), DENSE, LayerChoice("dense", {"units": 7}, active=False)]

    summary = summarise(layers, frame_shape=(4, 4), labels=3)

    assert not summary.issues
    assert summary.rows[1].output_shape == (3,)
    assert summary.rows[2].output_shape is None


@pytest.mark.parametrize(
    "layers",
    [
        [LayerChoice("flatten"), LayerChoice("dense", {"activation": "linear"})],
        [LayerChoice("lstm")],  # whose own activation, tanh, is none
    ],
)
def test_a_last_activation_that_gives_no_probabilities_is_a_warning(layers: list[LayerChoice]) -> None:
    summary = summarise(layers, frame_shape=(4, 4), labels=3)

    assert [issue.severity for issue in summary.issues] == [Severity.WARNING]


def test_a_network_that_cannot_fit_in_memory_is_an_error() -> None:
    layers = [LayerChoice("flatten"), LayerChoice("dense", {"units": 60000, "activation": "relu"}), DENSE]

    assert has_errors(summarise(layers, frame_shape=(64, 100), labels=3).issues)


def test_a_parameter_outside_its_limits_is_clamped_and_said() -> None:
    layers = [LayerChoice("dropout", {"rate": 3.0}), LayerChoice("flatten"), DENSE]

    summary = summarise(layers, frame_shape=(4, 4), labels=3)

    assert [issue.where for issue in summary.issues] == ["network.0.rate"]
    assert not has_errors(summary.issues)


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.key)
def test_settings_survive_the_way_to_keras_arguments_and_back(kind: object) -> None:
    layer = TYPES[kind.key]  # type: ignore[attr-defined]
    options = layer.settings()

    again, issues = layer.options(layer.to_keras(options))

    assert again == options
    assert issues == []
    assert len(describe(layer.settings)) == len(dataclasses.fields(layer.settings))


def test_pairs_are_taken_apart_as_layer_files_hold_them() -> None:
    options, issues = TYPES["conv2d"].options({"kernel_size": [3, 5], "strides": 2})

    assert (options.kernel_rows, options.kernel_columns, options.stride_rows, options.stride_columns) == (3, 5, 2, 2)
    assert issues == []


def test_the_plan_gives_the_last_layer_one_unit_per_label() -> None:
    planned = plan(default_network(20, 30), frame_shape=(20, 30), labels=4, layers_types=TYPES)

    assert planned[0].takes == (20, 30, 1)
    assert planned[-1].options.units == 4


def test_the_plan_refuses_what_cannot_be_built_and_names_the_layer() -> None:
    with pytest.raises(UserError, match=r"network\.0"):
        plan([LayerChoice("dropout")], frame_shape=(2, 2), labels=2, layers_types=TYPES)
