"""The network of the recipe is judged on the frames at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from exptool_ml_plugin.core.network import default_network
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, LayerChoice, NetworkSettings
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.workbench.network_plan import ASSUMED_FRAME, plan_network
from exptool_ml_plugin.workbench.workbench import Workbench

POINTS = DEFAULT_SETUP.channels[0].points


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(features=(FeatureChoice("range_segment"),), frame=FrameSettings(time_steps=24))
    yield made
    made.close()


def test_what_is_not_known_is_assumed_and_said(workbench):
    plan = plan_network(workbench)
    assert plan.frame_shape == ASSUMED_FRAME
    assert "size of the frames" in plan.assumed
    assert "labels" in plan.assumed


def test_the_default_network_follows_the_size_of_the_frames(workbench):
    workbench.set_setup(DEFAULT_SETUP)
    plan = plan_network(workbench)
    assert plan.is_default
    assert plan.frame_shape == (24, POINTS)
    assert plan.layers == default_network(24, POINTS)
    workbench.change_recipe(frame=FrameSettings(time_steps=7))
    assert plan_network(workbench).layers == default_network(7, POINTS)


def test_chosen_layers_stay_whatever_the_frames_are(workbench):
    layers = (LayerChoice("flatten"), LayerChoice("dense", {"units": 0, "activation": "softmax"}))
    workbench.change_recipe(network=NetworkSettings(layers=layers))
    workbench.set_setup(DEFAULT_SETUP)
    plan = plan_network(workbench)
    assert not plan.is_default
    assert plan.layers == layers
    assert plan.summary.trainable == (24 * POINTS + 1) * 2


def test_the_last_active_layer_gives_the_probabilities(workbench):
    layers = (LayerChoice("flatten"), LayerChoice("dense"), LayerChoice("dropout", active=False))
    workbench.change_recipe(network=NetworkSettings(layers=layers))
    assert plan_network(workbench).last_active == 1
    off = tuple(replace(layer, active=False) for layer in layers)
    workbench.change_recipe(network=NetworkSettings(layers=off))
    plan = plan_network(workbench)
    assert plan.last_active is None
    assert [issue.where for issue in plan.issues_of_list] == ["network"]


def test_an_issue_belongs_to_its_layer(workbench):
    layers = (
        LayerChoice("max_pooling2d", {"pool_rows": 500}),
        LayerChoice("dropout", {"rate": 3.0}),
        LayerChoice("dense"),
    )
    workbench.change_recipe(network=NetworkSettings(layers=layers))
    plan = plan_network(workbench)
    assert "500 rows" in plan.issues_of(0)[0].message
    assert [issue.where for issue in plan.issues_of(1)] == ["network.1.rate"]
    assert plan.issues_of(2) == []
