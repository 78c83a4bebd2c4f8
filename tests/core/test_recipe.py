from __future__ import annotations

import json
from dataclasses import replace

import pytest
from synthetic import channel, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.network import LAYERS, layers_in_use, summarise
from exptool_ml_plugin.core.pipeline import Pipeline
from exptool_ml_plugin.core.recipe import (
    FeatureChoice,
    FrameSettings,
    LayerChoice,
    NetworkSettings,
    Recipe,
    TrainingSettings,
    TriggerChoice,
    setup_from_json,
    setup_to_json,
)
from exptool_ml_plugin.core.resources import find_recipe, resources_dir
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP
from exptool_ml_plugin.plugins import load_plugins

RECIPE = Recipe(
    name="tap",
    sensor=setup_of(channel(), channel(sensor_id=2, sweep_rate_hz=None)),
    features=(FeatureChoice("doppler_spectrum", {"scale": "db"}, ("mean", "max"), (1, 2), None),),
    frame=FrameSettings(time_steps=33),
    trigger=TriggerChoice("presence", {"threshold": 2.5}),
    network=NetworkSettings((LayerChoice("conv2d", {"kernel_size": (3, 3)}, active=False),)),
    training=TrainingSettings(epochs=7, learning_rate=0.01),
)


def test_a_recipe_comes_back_as_it_was() -> None:
    assert Recipe.from_json(RECIPE.to_json()) == RECIPE
    assert Recipe.from_json(Recipe().to_json()) == Recipe()


def test_equal_recipes_have_the_same_text() -> None:
    assert Recipe.from_json(RECIPE.to_json()).to_json() == RECIPE.to_json()


def test_a_setup_comes_back_as_it_was() -> None:
    assert RECIPE.sensor is not None
    assert setup_from_json(setup_to_json(RECIPE.sensor)) == RECIPE.sensor
    of_a111 = replace(RECIPE.sensor, generation="a111", service="envelope")
    assert setup_from_json(setup_to_json(of_a111)) == of_a111
    assert Recipe.from_json(replace(RECIPE, sensor=of_a111).to_json()).sensor == of_a111


def test_earlier_versions_can_read_a_recipe_for_the_service_they_know() -> None:
    assert RECIPE.sensor is not None
    assert "service" not in setup_to_json(RECIPE.sensor)
    assert "service" not in json.loads(RECIPE.to_json())["sensor"]


def test_what_a_file_leaves_out_has_its_default() -> None:
    assert Recipe.from_json('{"schema": 1, "frame": {"time_steps": 12}}').frame == FrameSettings(time_steps=12)
    older = Recipe.from_json('{"schema": 1, "training": {"epochs": 3}, "network": {"layers": []}}')
    assert older.training == TrainingSettings(epochs=3, leave_out_flagged=False)
    assert older.network.normalisation == "standard"


@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        (("schema",), 2, "schema=2.*Update"),
        (("schema",), None, "schema=None"),
        (("colour",), "red", "Received: colour"),
        (("frame", "time_steps"), 0, r"time_steps=0.*recipe\.frame\.time_steps"),
        (("frame", "time_steps"), 2.5, "whole number"),
        (("frame", "time_steps"), "many", "whole number"),
        (("frame",), 5, r"an object at recipe\.frame"),
        (("features",), {"key": "x"}, "a list"),
        (("features", 0, "options"), [], r"an object at recipe\.features\.0\.options"),
        (("features", 0, "key"), 3, "text"),
        (("features", 0, "outputs"), "mean", "a list of text"),
        (("features", 0, "sensor_ids"), ["one"], "whole numbers"),
        (("trigger", "key"), None, "text"),
        (("network", "layers", 0, "active"), 1, "true or false"),
        (("network", "normalisation"), "minmax", "'standard', 'feature', 'log', 'unit_maximum', 'none'"),
        (("training", "optimizer"), "Magic", "'Magic'"),
        (("training", "learning_rate"), 50.0, "learning_rate=50"),
        (("sensor", "channels", 0, "points"), -1, "a whole number"),
        (("sensor", "channels", 0, "start_m"), "near", "a number"),
        (("sensor", "reading_rate_hz"), True, "a number"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(path: tuple[str | int, ...], value: object, match: str) -> None:
    document = json.loads(RECIPE.to_json())
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UserError, match=match):
        Recipe.from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "[" * 100_000, '{"schema": 1, "sensor": {"generation": "a121"}}'])
def test_what_is_no_recipe_is_a_user_error(text: str) -> None:
    with pytest.raises(UserError, match="Expected"):
        Recipe.from_json(text)


def test_frames_are_comparable_when_features_length_and_geometry_are_the_same() -> None:
    def changed(**changes: object) -> Recipe:
        return Recipe(**{**RECIPE.__dict__, **changes})

    assert RECIPE.same_frames_as(changed(name="x", training=TrainingSettings(), trigger=TriggerChoice()))
    assert not RECIPE.same_frames_as(changed(frame=FrameSettings(time_steps=34)))
    assert not RECIPE.same_frames_as(changed(features=()))
    assert not RECIPE.same_frames_as(changed(sensor=setup_of()))
    assert RECIPE.sensor is not None
    assert not RECIPE.same_frames_as(changed(sensor=replace(RECIPE.sensor, service="iq")))
    assert not RECIPE.same_frames_as(changed(sensor=None))


def test_what_a_sensor_tells_of_its_steps_is_the_configuration_it_was_given() -> None:
    told = setup_of(channel(start_m=0.1000910, step_m=0.0600546), channel(start_m=0.7006, step_m=0.0025023))
    nominal = setup_of(channel(start_m=0.1, step_m=0.06), channel(start_m=0.7, step_m=0.0025))
    assert Recipe(sensor=told).same_frames_as(Recipe(sensor=nominal))
    for changes in ({"start_m": 0.1025}, {"step_m": 0.0625}, {"points": 7}, {"sweeps": 8}):
        one = setup_of(channel(**{"start_m": 0.1, "step_m": 0.06, **changes}), nominal.channels[1])
        assert not Recipe(sensor=one).same_frames_as(Recipe(sensor=nominal))


def test_a_recipe_is_found_by_path_and_by_the_name_of_a_shipped_one(tmp_path: object) -> None:
    shipped = find_recipe("gesture")
    assert shipped.parent == resources_dir() / "recipes"
    assert find_recipe(str(shipped)) == shipped
    with pytest.raises(UserError, match=r"gesture.*Received: nonsense"):
        find_recipe("nonsense")


def test_the_shipped_recipes_can_be_read() -> None:
    for path in sorted((resources_dir() / "recipes").glob("*.json")):
        recipe = Recipe.from_json(path.read_text(), source=path.name)
        assert recipe.name == path.stem
        assert recipe.features


def test_the_shipped_recipes_networks_fit_their_frames() -> None:
    parts = load_plugins().parts
    for path in sorted((resources_dir() / "recipes").glob("*.json")):
        recipe = Recipe.from_json(path.read_text(), source=path.name)
        pipeline = Pipeline(recipe, parts, recipe.sensor or DEFAULT_SETUP)
        shape = (pipeline.time_steps, pipeline.width)
        layers = layers_in_use(recipe.network.layers, shape)
        summary = summarise(layers, frame_shape=shape, labels=4, layers_types={kind.key: kind for kind in LAYERS})
        assert summary.issues == ()
        assert summary.total > 0
