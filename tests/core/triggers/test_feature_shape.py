from __future__ import annotations

import statistics
import time

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.reading import Reading
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.trigger_maker import check_trigger
from exptool_ml_plugin.core.triggers.base import RowSource
from exptool_ml_plugin.core.triggers.feature_shape import FeatureShape, FeatureShapeOptions

SETUP = setup_of()


def reference(feature_map: np.ndarray, *, wing: int, threshold: float) -> bool:
    """Say what the Deep Learning Interface says of a map `(width, time_steps)`, its newest column first.

    Its older wing is here where it should be: at the end.
    """
    center = feature_map[:, wing:-wing].sum() / (feature_map.shape[1] - 2 * wing)
    left = feature_map[:, :wing].sum() / wing
    right = feature_map[:, -wing:].sum() / wing
    detected = False
    if left != 0 and right != 0 and 0.9 < left / right < 1.1:
        score = 2 * center / (left + right)
        detected = score > threshold or center > 2 * threshold * left or center > 2 * threshold * right
    if left > 1.1 * center or right > 1.1 * center:
        detected = False
    return bool(detected)


def trigger(time_steps: int, slices: dict[int, slice] | None = None, **options: object) -> FeatureShape:
    made = FeatureShape(
        FeatureShapeOptions(**options), channels=(channel(),), reading_rate_hz=50.0, time_steps=time_steps
    )
    made.prepare(RowSource(SETUP, slices or {0: slice(0, 5)}, {}))
    return made


@pytest.mark.parametrize(("time_steps", "wing"), [(20, 5), (21, 10), (12, 1), (3, 1)])
@pytest.mark.parametrize("threshold", [1.0, 1.5, 3.0])
def test_it_says_of_every_window_what_the_old_interface_said(time_steps: int, wing: int, threshold: float) -> None:
    random = np.random.default_rng(time_steps)
    level = np.repeat(random.choice([1.0, 1.02, 2.0, 8.0], 900), random.integers(1, time_steps // 2 + 1, 900))[:900]
    rows = (level[:, None] * random.uniform(0.98, 1.02, (900, 5))).astype(np.float32)
    made = trigger(time_steps, wing=wing, threshold=threshold)
    said = [made.update(Reading(0.0, ()), row) for row in rows]
    newest_first = rows[::-1].T.astype(np.float64)
    expected = [False] * (time_steps - 1) + [
        reference(newest_first[:, 900 - end : 900 - end + time_steps], wing=wing, threshold=threshold)
        for end in range(time_steps, 901)
    ]
    assert said == expected
    assert any(expected)


def test_nothing_is_compared_before_there_are_rows_enough_for_a_frame() -> None:
    made = trigger(10, wing=3)
    row = np.ones(5, dtype=np.float32)
    scores = []
    for _ in range(12):
        made.update(Reading(0.0, ()), row)
        scores.append(made.score)
    assert scores == [None] * 9 + [1.0] * 3
    made.reset()
    assert made.score is None


def test_only_the_chosen_feature_counts() -> None:
    rows = np.ones((10, 5), dtype=np.float32)
    rows[4:6, 3:] = 9.0
    for feature, expected in ((1, False), (2, True), (0, True)):
        made = trigger(10, {0: slice(0, 3), 1: slice(3, 5)}, feature=feature, wing=3)
        assert [made.update(Reading(0.0, ()), row) for row in rows][-1] is expected


def test_what_happened_lies_in_the_middle_of_the_frame_and_the_dead_time_counts_from_its_end(parts: Parts) -> None:
    bursts = [(120, 138), (300, 318)]
    recording = recording_of(SETUP, 500, bursts=bursts)

    def frames(dead_time: int) -> list[int]:
        recipe = Recipe(
            sensor=SETUP,
            features=(FeatureChoice("range_segment"),),
            frame=FrameSettings(time_steps=40, pre_trigger=7, dead_time=dead_time),
            trigger=TriggerChoice("feature_shape", {"wing": 8, "threshold": 1.5}),
        )
        pipeline = Pipeline(recipe, parts)
        live = [frame for reading in recording if (frame := pipeline.push(reading))]
        again = frames_of(recording, recipe, parts)
        assert [f.values.tobytes() for f in live] == [f.values.tobytes() for f in again]
        assert [f.score for f in live] == [f.score for f in again]
        return [frame.first_reading for frame in live]

    found = frames(dead_time=30)
    assert len(found) == 2
    for first, (begin, end) in zip(found, bursts, strict=True):
        assert first + 8 <= begin
        assert end <= first + 32
    every = frames(dead_time=0)
    assert 1 in np.diff(every), "without dead time there is a frame for every row that triggers"
    kept = every[:1]
    for first in every:
        if first > kept[-1] + 1:
            kept.append(first)
    assert frames(dead_time=1) == kept


@pytest.mark.parametrize(("time_steps", "wing", "fits"), [(20, 9, True), (20, 10, False), (2, 1, False)])
def test_wings_that_leave_no_centre_are_refused_in_words(parts: Parts, time_steps: int, wing: int, fits: bool) -> None:
    recipe = Recipe(
        sensor=SETUP,
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=time_steps),
        trigger=TriggerChoice("feature_shape", {"wing": wing}),
    )
    assert [issue.where for issue in check_trigger(recipe, parts, None)] == ([] if fits else ["trigger.wing"])
    if not fits:
        with pytest.raises(UserError, match="Received: wing="):
            Pipeline(recipe, parts)


def test_a_long_frame_hardly_costs_more_than_a_short_one() -> None:
    def seconds(time_steps: int) -> float:
        made = trigger(time_steps, wing=1)
        row = np.ones(1000, dtype=np.float32)
        took = []
        for _ in range(600 + time_steps):
            begin = time.perf_counter()
            made.update(Reading(0.0, ()), row)
            took.append(time.perf_counter() - begin)
        return statistics.median(took[-500:])

    # Adding up the rows of the long frame would take some hundred times as long.
    assert seconds(4096) < 5 * seconds(16)
