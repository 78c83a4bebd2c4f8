from __future__ import annotations

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.issues import Issue
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.reading import Reading
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.trigger_maker import check_trigger
from exptool_ml_plugin.core.triggers.base import RowSource
from exptool_ml_plugin.core.triggers.feature_level import FeatureLevel, FeatureLevelOptions

SETUP = setup_of()


def trigger(slices: dict[int, slice] | None = None, **options: object) -> FeatureLevel:
    made = FeatureLevel(FeatureLevelOptions(**options), channels=(channel(),), reading_rate_hz=50.0, time_steps=10)
    made.prepare(RowSource(SETUP, slices or {0: slice(0, 1)}, {}))
    return made


def fired(levels: list[float], **options: object) -> list[int]:
    made = trigger(**options)
    return [i for i, level in enumerate(levels) if made.update(Reading(0.0, ()), np.array([level], dtype=np.float32))]


def test_it_triggers_once_when_the_value_rises_above_the_threshold() -> None:
    assert fired([0, 2, 3, 4, 0, 2, 0], threshold=1.0) == [1, 5]


def test_a_value_at_the_threshold_is_not_above_it() -> None:
    assert fired([0, 1, 1], threshold=1.0) == []


def test_it_waits_until_the_value_has_come_down_by_the_release() -> None:
    trembling = [0, 2.1, 1.9, 2.1, 1.5, 2.1, 0.9, 2.1]
    assert fired(trembling, threshold=2.0) == [1, 3, 5, 7]
    assert fired(trembling, threshold=2.0, release=1.0) == [1, 7]


def test_every_row_above_the_threshold_triggers_when_asked_to() -> None:
    assert fired([0, 2, 3, 4, 0, 2], threshold=1.0, once_per_rise=False) == [1, 2, 3, 5]


def test_levels_may_be_negative() -> None:
    assert fired([-9, -3, -6, -9, -3], threshold=-5.0, release=2.0) == [1, 4]


@pytest.mark.parametrize(
    ("options", "score"),
    [
        ({"feature": 0, "statistic": "max"}, 9.0),
        ({"feature": 0, "statistic": "mean"}, 4.0),
        ({"feature": 1, "statistic": "max"}, 2.0),
        ({"feature": 3, "statistic": "mean"}, 6.5),
    ],
)
def test_one_feature_of_the_list_or_all_are_compared(options: dict[str, object], score: float) -> None:
    made = trigger({0: slice(0, 2), 2: slice(2, 4)}, **options)
    made.update(Reading(0.0, ()), np.array([1, 2, 4, 9], dtype=np.float32))
    assert made.score == score


def test_a_feature_that_is_not_in_use_is_named(parts: Parts) -> None:
    features = (FeatureChoice("range_segment"), FeatureChoice("doppler_spectrum", enabled=False))
    for number, known in ((2, False), (3, False), (1, True), (0, True)):
        recipe = Recipe(features=features, trigger=TriggerChoice("feature_level", {"feature": number}))
        issues = check_trigger(recipe, parts, SETUP)
        assert [issue.where for issue in issues] == ([] if known else ["trigger.feature"])
        assert check_trigger(recipe, parts, None) == []


def test_a_setting_out_of_its_range_is_an_issue(parts: Parts) -> None:
    recipe = Recipe(trigger=TriggerChoice("feature_level", {"release": -1.0}))
    assert [issue.where for issue in check_trigger(recipe, parts, None)] == ["trigger.release"]


def test_a_trigger_that_is_not_installed_is_an_issue(parts: Parts) -> None:
    issues = check_trigger(Recipe(trigger=TriggerChoice("clap")), parts, SETUP)
    assert [type(issue) for issue in issues] == [Issue]
    assert "Received: clap" in issues[0].message


def test_a_trigger_that_fails_in_its_own_check_is_an_issue(parts: Parts) -> None:
    class Broken(FeatureLevel):
        name = "Broken"

        @classmethod
        def check(cls, options: object, **_: object) -> list[Issue]:
            raise ZeroDivisionError("a guest's mistake")

    guests = Parts(parts.features, {"feature_level": Broken}, {})
    issues = check_trigger(Recipe(trigger=TriggerChoice("feature_level")), guests, SETUP)
    assert ["a guest's mistake" in issue.message for issue in issues] == [True]


@pytest.mark.parametrize(("statistic", "threshold"), [("max", 75.0), ("mean", 45.0)])
def test_a_recording_is_cut_as_live_bit_for_bit(parts: Parts, statistic: str, threshold: float) -> None:
    recording = recording_of(SETUP, 600, bursts=[(120, 150), (260, 300), (400, 410)])
    recipe = Recipe(
        sensor=SETUP,
        features=(FeatureChoice("doppler_spectrum"), FeatureChoice("range_segment")),
        frame=FrameSettings(time_steps=40, pre_trigger=10, dead_time=5),
        trigger=TriggerChoice(
            "feature_level", {"feature": 2, "threshold": threshold, "release": 25.0, "statistic": statistic}
        ),
    )
    pipeline = Pipeline(recipe, parts)
    live = [frame for reading in recording if (frame := pipeline.push(reading))]
    again = frames_of(recording, recipe, parts)
    assert len(live) == 3
    for frame, begin in zip(live, (120, 260, 400), strict=True):
        assert begin - 10 <= frame.first_reading <= begin - 8
    assert [(f.first_reading, f.score, f.values.tobytes()) for f in live] == [
        (f.first_reading, f.score, f.values.tobytes()) for f in again
    ]


def test_after_a_reset_it_is_below_the_threshold_again() -> None:
    made = trigger(threshold=1.0)
    high = np.array([2], dtype=np.float32)
    assert [made.update(Reading(0.0, ()), high) for _ in range(2)] == [True, False]
    made.reset()
    assert made.score is None
    assert made.update(Reading(0.0, ()), high)
