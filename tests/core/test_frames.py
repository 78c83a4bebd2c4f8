from __future__ import annotations

import statistics
import time

import numpy as np
import pytest

from exptool_ml_plugin.core.frames import FrameCutter, QualityWatch, RowBuffer
from exptool_ml_plugin.core.reading import GOOD, Flag, Quality
from exptool_ml_plugin.core.recipe import FrameSettings


def cut(
    settings: FrameSettings,
    triggers: set[int],
    rows: int,
    *,
    around_trigger: bool = True,
    keeps_dead_time: bool = True,
) -> list[tuple[int, int]]:
    """First row and completing row of each frame."""
    cutter = FrameCutter(settings, around_trigger=around_trigger, keeps_dead_time=keeps_dead_time)
    firsts = [(cutter.advance(row in triggers, None), row) for row in range(rows)]
    return [(first, row) for first, row in firsts if first is not None]


def test_a_frame_starts_before_its_trigger_and_has_its_length() -> None:
    assert cut(FrameSettings(time_steps=20, pre_trigger=5, dead_time=0), {50}, 100) == [(45, 64)]


def test_a_frame_without_rows_before_its_trigger_starts_with_the_first_row() -> None:
    assert cut(FrameSettings(time_steps=20, pre_trigger=5, dead_time=0), {2}, 100) == [(0, 19)]


def test_triggers_are_not_looked_at_while_a_frame_fills_nor_in_the_dead_time_after_its_end() -> None:
    settings = FrameSettings(time_steps=20, pre_trigger=5, dead_time=10)
    always = set(range(200))
    assert cut(settings, always, 100) == [(0, 19), (25, 44), (50, 69), (75, 94)]
    assert cut(settings, {50, 64, 74}, 100) == [(45, 64)], "row 74 is the tenth after the end of the frame"
    assert cut(settings, {50, 75}, 100) == [(45, 64), (70, 89)]


def test_a_pre_trigger_longer_than_the_frame_still_keeps_the_trigger_in_it() -> None:
    assert cut(FrameSettings(time_steps=10, pre_trigger=50, dead_time=0), {30}, 60) == [(21, 30)]


def test_a_trigger_without_pre_trigger_ends_the_frame_once_there_are_rows_enough() -> None:
    settings = FrameSettings(time_steps=10, pre_trigger=5, dead_time=30)
    free = {"around_trigger": False, "keeps_dead_time": False}
    assert cut(settings, {3, 9, 10, 12}, 20, **free) == [(0, 9), (1, 10), (3, 12)]


def test_a_trigger_that_ends_the_frame_waits_for_the_dead_time_too() -> None:
    settings = FrameSettings(time_steps=10, pre_trigger=5, dead_time=3)
    assert cut(settings, {9, 10, 12, 13, 17}, 20, around_trigger=False) == [(0, 9), (4, 13), (8, 17)]


def test_the_rows_of_the_frame_being_filled_are_counted() -> None:
    cutter = FrameCutter(FrameSettings(time_steps=5, pre_trigger=1, dead_time=0), around_trigger=True)
    filling = []
    for row in range(8):
        cutter.advance(row == 2, None)
        filling.append(cutter.filling)
    assert filling == [0, 0, 2, 3, 4, 0, 0, 0]


@pytest.mark.parametrize("before", [0, 1, 4, 6])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 11])
def test_rows_taken_together_are_in_the_buffer_as_those_taken_one_by_one(before: int, count: int) -> None:
    one_by_one, together = RowBuffer(4, 2), RowBuffer(4, 2)
    rows = np.arange(2.0 * (before + count), dtype=np.float32).reshape(-1, 2)
    times_s = np.arange(before + count) / 10
    for buffer in (one_by_one, together):
        for row, time_s in zip(rows[:before], times_s[:before], strict=True):
            buffer.push(row, time_s)
    foreseen = together.window_after(rows[before:]), together.oldest_time_after(times_s[before:])
    together.extend(rows[before:], times_s[before:])
    for row, time_s in zip(rows[before:], times_s[before:], strict=True):
        one_by_one.push(row, time_s)
    for window, time_s in (foreseen, (together.window, together.oldest_time_s)):
        np.testing.assert_array_equal(window, one_by_one.window)
        assert time_s == one_by_one.oldest_time_s


def test_the_window_holds_the_newest_rows_oldest_first_and_zeros_before() -> None:
    buffer = RowBuffer(4, 2)
    for i in range(1, 8):
        buffer.push(np.full(2, i, dtype=np.float32), float(i))
        rows = [max(0, row) for row in range(i - 3, i + 1)]
        np.testing.assert_array_equal(buffer.window[:, 0], rows)
        assert buffer.oldest_time_s == rows[0]
    buffer.clear()
    assert not buffer.window.any()


def test_the_window_is_a_copy() -> None:
    buffer = RowBuffer(2, 1)
    window = buffer.window
    buffer.push(np.ones(1, dtype=np.float32), 0.0)
    assert not window.any()


def test_a_row_costs_the_same_however_long_the_window() -> None:
    def microseconds(time_steps: int) -> float:
        buffer = RowBuffer(time_steps, 100)
        row = np.zeros(100, dtype=np.float32)
        took = []
        for _ in range(300):
            begin = time.perf_counter()
            buffer.push(row, 0.0)
            took.append(time.perf_counter() - begin)
        return statistics.median(took)

    # Moving the rows of the long window would take a thousand times as long.
    assert microseconds(32_768) < 5 * microseconds(32)


@pytest.mark.parametrize(
    ("quality", "flag", "inside"),
    [
        (Quality(saturated=True), Flag.SATURATED, (5, 6, 7)),
        (Quality(delayed=True), Flag.DELAYED, (5, 6, 7)),
        (Quality(calibration_needed=True), Flag.CALIBRATION_NEEDED, (5, 6, 7)),
        # Readings lost before the frame's first one are outside of it.
        (Quality(lost_before=2), Flag.LOST, (6, 7)),
    ],
)
def test_a_frame_is_flagged_by_what_lies_in_it(quality: Quality, flag: Flag, inside: tuple[int, ...]) -> None:
    for bad in range(10):
        watch = QualityWatch()
        for reading in range(8):
            watch.push(quality if reading == bad else GOOD)
        assert (watch.flags_since(5) == flag) if bad in inside else (watch.flags_since(5) == 0)
