from __future__ import annotations

import dataclasses

from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording

RECIPE = Recipe(
    sensor=setup_of(),
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=10),
    trigger=TriggerChoice("single"),
)


def first_readings(marks: tuple[int, ...], parts: Parts) -> list[int]:
    recording = dataclasses.replace(recording_of(setup_of(), 200), marks=marks)
    return [frame.first_reading for frame in frames_of(recording, RECIPE, parts)]


def test_each_marked_reading_makes_a_frame_that_begins_before_it(parts: Parts) -> None:
    assert first_readings((50, 120), parts) == [45, 115]


def test_without_marks_there_are_no_frames(parts: Parts) -> None:
    assert first_readings((), parts) == []


def test_marks_within_a_frame_or_in_the_dead_time_after_it_make_no_other(parts: Parts) -> None:
    assert first_readings((50, 60, 74), parts) == [45], "the frame ends with reading 64"
    assert first_readings((50, 75), parts) == [45, 70]


def test_nothing_is_compared(parts: Parts) -> None:
    pipeline = Pipeline(RECIPE, parts)
    pipeline.push(recording_of(setup_of(), 1).reading(0))
    assert (pipeline.score, pipeline.threshold) == (None, None)


def test_marks_made_live_are_kept_and_cut_the_same_frames_again(parts: Parts) -> None:
    recording = recording_of(setup_of(), 100)
    live = [dataclasses.replace(reading, marked=index == 40) for index, reading in enumerate(recording)]
    pipeline = Pipeline(RECIPE, parts)
    cut = [frame for reading in live if (frame := pipeline.push(reading))]
    again = frames_of(Recording.from_readings(live, name="again", setup=setup_of()), RECIPE, parts)
    assert [frame.first_reading for frame in cut] == [frame.first_reading for frame in again] == [35]
    assert cut[0].values.tobytes() == again[0].values.tobytes()
