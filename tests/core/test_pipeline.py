from __future__ import annotations

import dataclasses
import statistics
import time
from pathlib import Path

import numpy as np
import pytest
from synthetic import channel, real_recording, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import Pipeline, frames_of
from exptool_ml_plugin.core.reading import Flag, Quality
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.row_maker import RowMaker

SETUP = setup_of(channel(), channel(sensor_id=2, points=3))
BURSTS = [(120, 150), (260, 300), (400, 410)]
RECIPE = Recipe(
    sensor=SETUP,
    features=(FeatureChoice("doppler_spectrum", outputs=("mean", "max")), FeatureChoice("range_segment")),
    frame=FrameSettings(time_steps=40, pre_trigger=10, dead_time=5),
    trigger=TriggerChoice("presence"),
)


@pytest.fixture
def recording() -> Recording:
    return recording_of(SETUP, 500, bursts=BURSTS)


def same(some: list[Frame], others: list[Frame]) -> bool:
    """True when bit for bit the same."""
    return len(some) == len(others) and all(
        one.values.tobytes() == other.values.tobytes()
        and dataclasses.astuple(dataclasses.replace(one, values=np.zeros(0)))[1:]
        == dataclasses.astuple(dataclasses.replace(other, values=np.zeros(0)))[1:]
        for one, other in zip(some, others, strict=True)
    )


def test_one_frame_is_cut_for_every_burst_and_holds_the_rows_around_it(parts: Parts, recording: Recording) -> None:
    frames = frames_of(recording, RECIPE, parts)
    maker = RowMaker(RECIPE.features, SETUP, parts)
    rows = np.array([maker.row(reading) for reading in recording])
    assert len(frames) == len(BURSTS)
    for frame, (begin, _) in zip(frames, BURSTS, strict=True):
        assert begin - 10 <= frame.first_reading <= begin - 7
        assert frame.values.dtype == np.float32
        np.testing.assert_array_equal(frame.values, rows[frame.first_reading : frame.first_reading + 40])
        assert frame.time_s == recording.time_s[frame.first_reading]
        assert frame.score is not None
        assert frame.score > 2.5


@pytest.mark.parametrize("trigger", [TriggerChoice("presence"), TriggerChoice("continuous", {"hop": 7})])
def test_live_and_replayed_readings_give_the_same_frames_bit_for_bit(
    parts: Parts, recording: Recording, trigger: TriggerChoice
) -> None:
    recipe = dataclasses.replace(RECIPE, trigger=trigger)
    live = Pipeline(recipe, parts)
    first = [frame for reading in recording if (frame := live.push(reading))]
    live.reset()
    again = [frame for reading in recording if (frame := live.push(reading))]
    assert len(first) > 2
    assert same(first, again)
    assert same(first, frames_of(recording, recipe, parts))


def test_a_real_recording_gives_the_same_frames_bit_for_bit_live_and_from_the_file(
    parts: Parts, shared_data: Path
) -> None:
    recording = real_recording(shared_data / "a121_gesture" / "label_tap_in_idx_2.h5")
    recipe = dataclasses.replace(RECIPE, sensor=recording.setup)
    frames = frames_of(recording, recipe, parts)
    assert len(frames) > 10
    pipeline = Pipeline(recipe, parts)
    assert same(frames, [frame for reading in recording if (frame := pipeline.push(reading))])


def test_no_readings_give_no_frames(parts: Parts, recording: Recording) -> None:
    assert frames_of(recording.part(0, 0), RECIPE, parts) == []
    pipeline = Pipeline(RECIPE, parts)
    assert pipeline.push_many(recording.part(7, 7)) == []
    assert pipeline.readings == 0


def test_a_bad_reading_flags_the_frames_it_is_in_and_no_others(parts: Parts) -> None:
    quality = {130: Quality(saturated=True), 350: Quality(delayed=True)}
    frames = frames_of(recording_of(SETUP, 500, bursts=BURSTS, quality=quality), RECIPE, parts)
    assert [frame.flags for frame in frames] == [Flag.SATURATED, 0, 0]


def test_the_pipeline_says_where_it_is(parts: Parts, recording: Recording) -> None:
    pipeline = Pipeline(RECIPE, parts)
    assert (pipeline.width, pipeline.time_steps, pipeline.threshold) == (2 * 32 + 9, 40, 2.5)
    assert (pipeline.score, pipeline.filling, pipeline.readings) == (None, 0, 0)
    for reading in recording.part(0, 135):
        pipeline.push(reading)
    assert pipeline.readings == 135
    assert 20 < pipeline.filling < 30
    assert pipeline.score is not None
    last = RowMaker(RECIPE.features, SETUP, parts).row(recording.reading(134))
    np.testing.assert_array_equal(pipeline.window[-1], last)
    pipeline.reset()
    assert (pipeline.filling, pipeline.readings, pipeline.window.any()) == (0, 0, False)


def test_the_cost_of_a_reading_does_not_grow_with_the_frame(parts: Parts, recording: Recording) -> None:
    def seconds(time_steps: int) -> float:
        frame = FrameSettings(time_steps=time_steps, pre_trigger=0, dead_time=0)
        pipeline = Pipeline(dataclasses.replace(RECIPE, frame=frame), parts)
        took = []
        for reading in recording.part(0, 100):
            begin = time.perf_counter()
            pipeline.push(reading)
            took.append(time.perf_counter() - begin)
        return statistics.median(took)

    assert seconds(4096) < 3 * seconds(8)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"sensor": None}, "sensor configuration"),
        ({"trigger": TriggerChoice("clap")}, "Received: clap"),
        ({"features": ()}, "at least one feature"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_why(parts: Parts, changes: dict[str, object], match: str) -> None:
    with pytest.raises(UserError, match=match):
        Pipeline(dataclasses.replace(RECIPE, **changes), parts)
