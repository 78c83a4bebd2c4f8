"""Frames cut from a recording afterwards are those that were cut while it was measured."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frame_at import RecordedRows, frame_at
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.reading import Flag, Quality
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice

SETUP = setup_of(channel())
RECIPE = Recipe(
    sensor=SETUP,
    features=(FeatureChoice("doppler_spectrum", {"noise_floor_s": 5.0}), FeatureChoice("range_segment")),
    frame=FrameSettings(time_steps=30),
    trigger=TriggerChoice("continuous", {"hop": 7}),
)
RECORDING = recording_of(SETUP, 1300, bursts=[(120, 150), (260, 300), (900, 930)])


def test_every_frame_of_the_pipeline_is_found_again_bit_for_bit_though_features_have_memory(parts: Parts) -> None:
    rows = RecordedRows(RECORDING, RECIPE, parts)
    frames = frames_of(RECORDING, RECIPE, parts)
    assert len(frames) > 100
    for frame in frames:
        again = rows.frame(frame.first_reading)
        assert again.values.tobytes() == frame.values.tobytes()
        assert (again.time_s, again.flags) == (frame.time_s, frame.flags)
    one = frames[77]
    assert frame_at(RECORDING, RECIPE, parts, one.first_reading).values.tobytes() == one.values.tobytes()


def test_without_the_history_the_values_would_be_others(parts: Parts) -> None:
    """The old interface fed a window only; this recipe shows the difference."""
    first = 600
    alone = frame_at(RECORDING.part(first, first + 30), RECIPE, parts, 0)
    assert not np.array_equal(alone.values, frame_at(RECORDING, RECIPE, parts, first).values)


def test_flags_are_those_of_the_readings_in_the_frame(parts: Parts) -> None:
    quality = list(RECORDING.quality)
    quality[100] = Quality(saturated=True)
    quality[200] = Quality(lost_before=2)
    rows = RecordedRows(dataclasses.replace(RECORDING, quality=tuple(quality)), RECIPE, parts)
    assert [rows.frame(first).flags for first in (70, 71, 100, 101)] == [0, Flag.SATURATED, Flag.SATURATED, 0]
    assert [rows.frame(first).flags for first in (199, 200)] == [Flag.LOST, 0]


@pytest.mark.parametrize("first", [-1, 1271, 5000])
def test_a_frame_that_would_stand_out_is_refused(parts: Parts, first: int) -> None:
    with pytest.raises(UserError, match="between 0 and 1270"):
        RecordedRows(RECORDING, RECIPE, parts).frame(first)


def test_the_work_can_be_followed_and_stopped(parts: Parts) -> None:
    class StoppedError(Exception):
        pass

    seen: list[tuple[int, int]] = []

    def step(done: int, of: int) -> None:
        seen.append((done, of))
        if len(seen) == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        RecordedRows(RECORDING, RECIPE, parts, step=step)
    assert [of for _, of in seen] == [1300, 1300]
    assert 0 < seen[0][0] < seen[1][0] < 1300 or seen[1][0] == 1300
