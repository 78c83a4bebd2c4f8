"""Features are changed, taken back, loaded and saved; sensor and features follow each other when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.reading import SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.workbench.feature_editing import FeatureEditing
from exptool_ml_plugin.workbench.feature_file import load_features, save_features
from exptool_ml_plugin.workbench.presets import load_presets
from exptool_ml_plugin.workbench.workbench import Workbench

RANGE = FeatureChoice("range_segment", {"start_m": 0.2, "stop_m": 0.5}, outputs=("mean",), sensor_ids=(1,))
DOPPLER = FeatureChoice("doppler_spectrum", subsweeps=(0,), enabled=False)
NEAR = load_presets()[0]


class Sensor:
    """A host that remembers how it was set, and is set so."""

    title = "Host"
    invitation = "connect it"
    can_start = True

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench
        self.calls: list[str] = []
        workbench.host = self
        workbench.set_setup(DEFAULT_SETUP)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def apply_setup(self, setup: SensorSetup) -> None:
        self.calls.append("apply")
        self.workbench.set_setup(setup)

    def cover_setup(self, setup: SensorSetup) -> None:
        self.calls.append("cover")
        self.workbench.set_setup(setup)


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    made.change_recipe(features=(RANGE,))
    yield made
    made.close()


@pytest.fixture
def editing(workbench: Workbench) -> FeatureEditing:
    return workbench.feature_editing


def test_changes_are_taken_back_and_done_again(workbench: Workbench, editing: FeatureEditing) -> None:
    assert not editing.can_undo
    editing.change(features=(RANGE, DOPPLER))
    editing.change(features=(DOPPLER,))
    editing.undo()
    assert workbench.recipe.features == (RANGE, DOPPLER)
    editing.undo()
    assert workbench.recipe.features == (RANGE,)
    assert not editing.can_undo
    editing.redo()
    editing.redo()
    assert workbench.recipe.features == (DOPPLER,)
    assert not editing.can_redo


def test_a_new_change_ends_what_could_be_done_again(editing: FeatureEditing) -> None:
    editing.change(features=(DOPPLER,))
    editing.undo()
    editing.change(features=(RANGE, RANGE))
    assert not editing.can_redo


def test_features_from_elsewhere_end_what_can_be_taken_back(workbench: Workbench, editing: FeatureEditing) -> None:
    editing.change(features=(DOPPLER,))
    workbench.change_recipe(features=(RANGE, RANGE))
    assert not editing.can_undo
    editing.undo()
    assert workbench.recipe.features == (RANGE, RANGE)


def test_what_can_be_taken_back_is_known_when_the_change_is_told(workbench: Workbench, editing: FeatureEditing) -> None:
    told: list[bool] = []
    workbench.recipe_changed.connect(lambda: told.append(editing.can_undo))
    editing.change(features=(DOPPLER,))
    assert told == [True]


def test_a_saved_list_is_loaded_as_it_was(workbench: Workbench, editing: FeatureEditing, tmp_path: Path) -> None:
    workbench.change_recipe(features=(RANGE, DOPPLER))
    editing.save(tmp_path / "mine.json")
    editing.change(features=(RANGE,))
    editing.load(tmp_path / "mine.json")
    assert workbench.recipe.features == (RANGE, DOPPLER)
    editing.undo()
    assert workbench.recipe.features == (RANGE,)


def test_the_features_of_a_whole_recipe_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(Recipe(features=(DOPPLER,)).to_json())
    assert load_features(tmp_path / "recipe.json") == (DOPPLER,)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89HDF\r\n\x1a\n\xff\xfe", "no text"),
        (b"not json", "JSON"),
        (b'{"schema": 1, "features": []}', "at least one feature"),
        (b'{"schema": 99, "features": []}', "schema"),
        (b'{"schema": 1, "features": [{"kee": 1}]}', "kee"),
        (b" " * 2_000_000, "2000000 bytes"),
    ],
)
def test_a_wrong_file_is_an_error_in_words(content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_bytes(content)
    with pytest.raises(UserError, match=expected):
        load_features(tmp_path / "wrong.json")


def test_a_file_that_is_not_there_and_one_that_is(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can be read"):
        load_features(tmp_path / "none.json")
    save_features((RANGE,), tmp_path / "mine.json")
    with pytest.raises(UserError, match="exists"):
        save_features((RANGE,), tmp_path / "mine.json")


def test_a_preset_without_a_sensor_brings_its_settings_and_can_be_taken_back(
    workbench: Workbench, editing: FeatureEditing
) -> None:
    before = workbench.recipe
    editing.choose_preset(NEAR)
    assert workbench.recipe.sensor == NEAR.recipe.sensor
    assert workbench.recipe.frame == NEAR.recipe.frame
    editing.undo()
    assert workbench.recipe == before


def test_a_preset_leaves_the_sensor_alone_until_asked(workbench: Workbench, editing: FeatureEditing) -> None:
    sensor = Sensor(workbench)
    editing.choose_preset(NEAR)
    assert workbench.setup == DEFAULT_SETUP
    assert editing.match().setup == NEAR.recipe.sensor

    editing.lead_sensor()

    assert sensor.calls == ["apply"]
    assert workbench.setup == NEAR.recipe.sensor
    assert editing.match().sentences == ()


def test_a_preset_that_was_taken_back_asks_for_nothing_more(workbench: Workbench, editing: FeatureEditing) -> None:
    Sensor(workbench)
    editing.choose_preset(NEAR)
    editing.undo()
    assert editing.match().setup is None
    editing.redo()
    assert editing.match().setup == NEAR.recipe.sensor


def test_a_sensor_connected_since_stays_when_a_preset_is_taken_back(
    workbench: Workbench, editing: FeatureEditing
) -> None:
    editing.choose_preset(NEAR)
    Sensor(workbench)
    editing.undo()
    assert workbench.recipe.sensor == DEFAULT_SETUP


def test_keeping_the_sensor_ends_the_offer_of_a_preset(workbench: Workbench, editing: FeatureEditing) -> None:
    Sensor(workbench)
    editing.choose_preset(NEAR)
    editing.follow_sensor()
    assert editing.match().sentences == ()
    assert workbench.setup == DEFAULT_SETUP


def test_the_features_follow_the_sensor_as_one_step(workbench: Workbench, editing: FeatureEditing) -> None:
    Sensor(workbench)
    far = replace(RANGE, options={"start_m": 0.2, "stop_m": 2.0})
    editing.change(features=(far,))
    editing.follow_sensor()
    assert workbench.recipe.features == (replace(RANGE, options={"start_m": 0.2, "stop_m": 0.0}),)
    editing.undo()
    assert workbench.recipe.features == (far,)


def test_the_sensor_follows_the_features(workbench: Workbench, editing: FeatureEditing) -> None:
    sensor = Sensor(workbench)
    editing.change(features=(replace(RANGE, options={"start_m": 0.2, "stop_m": 2.0}),))
    editing.lead_sensor()
    assert sensor.calls == ["cover"]
    assert workbench.setup is not None
    assert workbench.setup.channels[0].end_m >= 2.0
    assert workbench.recipe.features[0].options["stop_m"] == 2.0


def test_without_a_sensor_none_is_set(workbench: Workbench, editing: FeatureEditing) -> None:
    workbench.change_recipe(sensor=DEFAULT_SETUP, features=(replace(RANGE, options={"stop_m": 2.0}),))
    assert not editing.can_set_sensor
    with pytest.raises(UserError, match="sensor that can be set"):
        editing.lead_sensor()


def test_nothing_changes_by_itself_when_the_sensor_changes(workbench: Workbench, editing: FeatureEditing) -> None:
    Sensor(workbench)
    workbench.set_setup(replace(DEFAULT_SETUP, channels=(replace(DEFAULT_SETUP.channels[0], points=3),)))
    assert workbench.recipe.features == (RANGE,)
    assert editing.match().sentences == ("1. Range segment: goes to 0.5 m, the sensor to 0.22 m.",)
    workbench.set_setup(None)
    assert workbench.recipe.features == (RANGE,)


def test_the_frame_settings_are_not_touched_by_an_edit_of_the_features(
    workbench: Workbench, editing: FeatureEditing
) -> None:
    editing.change(features=(DOPPLER,))
    workbench.change_recipe(frame=FrameSettings(time_steps=5))
    editing.undo()
    assert workbench.recipe.frame.time_steps == 5
    assert workbench.recipe.features == (RANGE,)


def test_an_edit_that_is_taken_back_gives_the_calibration_frame_back(
    workbench: Workbench, editing: FeatureEditing
) -> None:
    workbench.change_recipe(calibration="0011")
    editing.change(features=())
    assert workbench.recipe.calibration == "", "it was made of other frames"
    editing.undo()
    assert (workbench.recipe.features, workbench.recipe.calibration) == ((RANGE,), "0011")
    editing.redo()
    assert workbench.recipe.calibration == ""
