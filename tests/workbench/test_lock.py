"""A model locks features and frame length until somebody unlocks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.model_file import ModelInfo
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.workbench.lock import Lock
from exptool_ml_plugin.workbench.open_model import OpenModel
from exptool_ml_plugin.workbench.workbench import Workbench

RECIPE = Recipe(sensor=DEFAULT_SETUP, features=(FeatureChoice("range_segment"),), frame=FrameSettings(time_steps=20))
OTHER = (FeatureChoice("doppler_spectrum"),)
INFO = ModelInfo(recipe=RECIPE, labels=("push", "pull"), frame_shape=(20, 12))
MODEL = OpenModel(Path("hand.keras"), INFO)


@pytest.fixture
def workbench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    monkeypatch.setattr(OpenModel, "read", classmethod(lambda cls, path: replace(MODEL, path=path)))
    made = Workbench()
    yield made
    made.close()


def test_without_a_model_nothing_is_locked() -> None:
    lock = Lock(lambda: RECIPE)
    assert not lock.locked
    assert lock.matches
    lock.refuse()


def test_a_model_locks_and_says_who(workbench: Workbench) -> None:
    told: list[bool] = []
    workbench.lock.changed.connect(lambda: told.append(workbench.lock.locked))
    workbench.load_model(Path("hand.keras"))
    assert told == [True]
    with pytest.raises(UserError, match=r"hand\.keras"):
        workbench.feature_editing.change(features=OTHER)
    assert workbench.recipe.features == RECIPE.features


def test_unlocked_settings_can_be_edited_and_lock_again_puts_the_models_back(workbench: Workbench) -> None:
    workbench.load_model(Path("hand.keras"))
    workbench.lock.unlock()
    workbench.feature_editing.change(features=OTHER, frame=FrameSettings(time_steps=7, pre_trigger=3))
    assert not workbench.lock.matches

    workbench.feature_editing.lock_again()

    assert workbench.lock.locked
    assert workbench.recipe.features == RECIPE.features
    assert workbench.recipe.frame == FrameSettings(time_steps=20, pre_trigger=3)


def test_the_trigger_stays_free(workbench: Workbench) -> None:
    workbench.load_model(Path("hand.keras"))
    workbench.change_recipe(trigger=TriggerChoice("presence"))
    assert workbench.lock.locked


def test_a_model_that_was_not_adopted_locks_nothing_that_is_not_its_own(workbench: Workbench) -> None:
    workbench.change_recipe(features=OTHER)
    workbench.load_model(Path("hand.keras"), adopt=False)
    assert not workbench.lock.locked
    assert not workbench.lock.matches


def test_removing_the_model_unlocks(workbench: Workbench) -> None:
    workbench.load_model(Path("hand.keras"))
    workbench.remove_model()
    assert not workbench.lock.locked


def test_another_model_locks_again(workbench: Workbench) -> None:
    workbench.load_model(Path("hand.keras"))
    workbench.lock.unlock()
    workbench.load_model(Path("foot.keras"))
    assert workbench.lock.locked
    assert workbench.lock.model_name == "foot.keras"
