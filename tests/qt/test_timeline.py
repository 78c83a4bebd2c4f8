"""The timeline of a recording: frames are found, drawn elsewhere and added on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent

from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.widgets.spans import Spans
from exptool_ml_plugin.qt.widgets.timeline import Timeline
from exptool_ml_plugin.workbench.reading_picture import amplitude_levels, columns_of

RECORDING = record(DEFAULT_SETUP, "push", 10.0, name="push", seed=1)
COUNT = len(RECORDING)
STEPS = 40
SPANS = Spans([3, 9, 7], [200, 220, 50], ["#ff7f0e", "#ff7f0e", "#1f77b4"], STEPS)


@pytest.fixture
def timeline(qtbot: Any) -> Timeline:
    made = Timeline()
    qtbot.addWidget(made)
    made.resize(COUNT * 2, 160)
    made.show()
    qtbot.waitExposed(made)
    made.set_recording(RECORDING)
    made.set_spans(SPANS)
    return made


def point(timeline: Timeline, reading: float, y: int = 20) -> QPoint:
    return QPoint(round(timeline.x_of(reading)), y)


def drag(timeline: Timeline, qtbot: Any, start: float, stop: float) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(timeline, left, pos=point(timeline, start))
    for reading in ((start + stop) / 2, stop):  # not by qtbot, which moves the pointer of PyQt5 without the button
        place, keys = QPointF(point(timeline, reading)), Qt.KeyboardModifier.NoModifier
        timeline.mouseMoveEvent(QMouseEvent(QEvent.Type.MouseMove, place, place, left, left, keys))
    timeline.grab()
    qtbot.mouseRelease(timeline, left, pos=point(timeline, stop))


def test_a_frame_is_drawn_elsewhere(timeline: Timeline, qtbot: Any) -> None:
    chosen: list[int] = []
    dropped: list[tuple[int, int]] = []
    timeline.chosen.connect(chosen.append)
    timeline.dropped.connect(lambda *to: dropped.append(to))
    drag(timeline, qtbot, 70, 100)
    assert (chosen, dropped) == ([7], [(7, 80)])
    drag(timeline, qtbot, 70, -300)
    assert dropped[-1] == (7, 0)
    drag(timeline, qtbot, 70, COUNT + 300)
    assert dropped[-1] == (7, COUNT - STEPS)


def test_a_click_on_a_frame_chooses_it_and_moves_nothing(timeline: Timeline, qtbot: Any) -> None:
    chosen: list[int] = []
    dropped: list[int] = []
    timeline.chosen.connect(chosen.append)
    timeline.dropped.connect(dropped.append)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=point(timeline, 60))
    assert (chosen, dropped) == ([7], [])


def test_where_no_frame_is_a_click_looks_and_a_double_click_adds(timeline: Timeline, qtbot: Any) -> None:
    probed: list[int] = []
    wanted: list[int] = []
    timeline.probed.connect(probed.append)
    timeline.wanted.connect(wanted.append)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=point(timeline, 150))
    qtbot.mouseDClick(timeline, Qt.MouseButton.LeftButton, pos=point(timeline, 150))
    qtbot.mouseDClick(timeline, Qt.MouseButton.LeftButton, pos=point(timeline, 60))
    assert probed[0] == 130
    assert wanted == [130]
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=point(timeline, COUNT - 1))
    assert probed[-1] == COUNT - STEPS


def test_frames_that_overlap_lie_in_lines_of_their_own(timeline: Timeline) -> None:
    assert [span.lane for span in SPANS.within(0, COUNT)] == [0, 0, 1]
    lanes_top = timeline._picture().bottom() + 1
    both = point(timeline, 230).x()
    found = [timeline.span_at(both, lanes_top + 9 * lane + 4) for lane in range(2)]
    assert [span and span.index for span in found] == [3, 9]
    timeline.set_current(9)
    over_picture = timeline.span_at(both, 20)
    assert over_picture is not None
    assert over_picture.index == 9


def test_the_wheel_zooms_around_the_pointer_and_moves_with_shift(timeline: Timeline) -> None:
    def turn(x: int, by: int, keys: Any) -> None:
        place = QPointF(float(x), 20.0)
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(place, place, QPoint(), QPoint(0, by), Qt.MouseButton.NoButton, keys, phase, False)
        timeline.wheelEvent(event)

    x = point(timeline, 300).x()
    for _ in range(5):
        turn(x, 120, Qt.KeyboardModifier.NoModifier)
    start, stop = timeline.view
    assert stop - start < COUNT / 2
    assert timeline.reading_at(x) == pytest.approx(300, abs=0.1)
    turn(x, -120, Qt.KeyboardModifier.ShiftModifier)
    assert timeline.view[0] > start
    timeline.set_current(7)
    assert timeline.view[0] <= 50
    assert timeline.view[1] >= 90
    for _ in range(50):
        turn(x, -120, Qt.KeyboardModifier.NoModifier)
    assert timeline.view == (0, COUNT)


def test_a_recording_without_readings_says_so(timeline: Timeline, qtbot: Any) -> None:
    timeline.set_recording(RECORDING.part(0, 0))
    timeline.set_spans(Spans([], [], [], STEPS))
    timeline.grab()
    timeline.set_recording(None)
    qtbot.mouseDClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    timeline.grab()


def test_the_picture_is_the_mean_amplitude_of_the_sweeps_in_decibels() -> None:
    levels = amplitude_levels(RECORDING, 0)
    mean = np.abs(RECORDING.matrices[0]).mean(axis=1)
    assert levels.shape == mean.shape
    assert levels.max() == 255
    order = np.argsort(mean, axis=None)
    assert (np.diff(levels.reshape(-1)[order].astype(int)) >= 0).all()


def test_readings_in_one_column_show_their_strongest() -> None:
    levels = np.zeros((1000, 2), dtype=np.uint8)
    levels[617, 1] = 200
    columns = columns_of(levels, 0, 1000, 10)
    assert columns.shape == (10, 2)
    assert np.argwhere(columns).tolist() == [[6, 1]]
    assert columns_of(levels, 600, 620, 100).shape == (20, 2)


def test_of_many_frames_those_are_painted_that_can_be_told_apart(timeline: Timeline) -> None:
    firsts = np.arange(100_000)
    spans = Spans(firsts + 7, firsts, ["#1f77b4"] * len(firsts), STEPS)

    shown = spans.within(0, 100_000, apart=100)

    assert len(shown) == 3000
    assert {span.lane for span in shown} == {0, 1, 2}
    found = spans.of(50_007)
    assert found is not None
    assert found.first == 50_000
    assert [span.first for span in spans.within(500, 505)] == list(range(500 - STEPS, 506))
