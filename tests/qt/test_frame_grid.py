"""The grid of frames: only what is on the screen costs anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QKeyEvent

from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.session import LabelledFrames
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.widgets import frame_grid
from exptool_ml_plugin.qt.widgets.frame_grid import FrameGrid
from exptool_ml_plugin.workbench.frame_list import FrameFilter
from exptool_ml_plugin.workbench.inspecting import Inspecting
from exptool_ml_plugin.workbench.workbench import Workbench

MANY = 100_000
RECIPE = Recipe(sensor=DEFAULT_SETUP, features=(FeatureChoice("range_segment"),), frame=FrameSettings(time_steps=4))
RECORDING = record(DEFAULT_SETUP, "push", 1.0, name="push", seed=1)


def frames(count: int) -> LabelledFrames:
    return LabelledFrames(
        values=np.arange(12 * count, dtype=np.float32).reshape(count, 4, 3) % 977,
        labels=["push" if number % 3 else "pull" for number in range(count)],
        recording_of=np.zeros(count, dtype=np.int64),
        first_reading=np.arange(count, dtype=np.int64) % 40,
        flags=(np.arange(count) == 1).astype(np.uint8),
    )


@pytest.fixture
def inspecting(workbench: Workbench) -> Inspecting:
    workbench.set_recipe(RECIPE)
    workbench.new_session()
    workbench.session.add_recording(RECORDING)
    workbench.session.insert(frames(MANY), range(MANY))
    return workbench.inspecting


@pytest.fixture
def grid(inspecting: Inspecting, qtbot: Any) -> Iterator[FrameGrid]:
    made = FrameGrid(inspecting)
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    inspecting.refresh()
    yield made


def test_only_the_frames_on_the_screen_are_drawn_however_many_there_are(
    grid: FrameGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    picture = frame_grid.frame_picture
    monkeypatch.setattr(frame_grid, "frame_picture", lambda *args: made.append(1) or picture(*args))
    grid.grab()
    on_screen = len(grid.visible_places())
    assert 20 < on_screen < 100
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    grid.grab()
    assert MANY // 3 < grid.visible_places()[0] < 2 * MANY // 3
    assert len(made) <= 3 * on_screen


def test_the_last_frame_is_reached_by_scrolling_and_by_keys(
    grid: FrameGrid, inspecting: Inspecting, qtbot: Any
) -> None:
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert inspecting.current == MANY - 1
    assert grid.verticalScrollBar().value() == grid.verticalScrollBar().maximum()
    assert grid.viewport().rect().contains(grid.rect_of(MANY - 1))
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert (inspecting.current, grid.verticalScrollBar().value()) == (0, 0)


def test_arrows_go_by_frame_line_and_page(grid: FrameGrid, inspecting: Inspecting, qtbot: Any) -> None:
    columns = grid.columns
    assert columns > 3
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert inspecting.place == columns + 1
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    assert inspecting.place == 1
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    assert inspecting.place % columns == 1
    assert inspecting.place > columns + 1
    assert grid.viewport().rect().contains(grid.rect_of(inspecting.place))


def test_clicks_choose_select_and_add_to_the_selection(grid: FrameGrid, inspecting: Inspecting, qtbot: Any) -> None:
    def click(place: int, *keys: Any) -> None:
        modifier = keys[0] if keys else Qt.KeyboardModifier.NoModifier
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifier, grid.rect_of(place).center())

    click(2)
    assert inspecting.current == 2
    click(4, Qt.KeyboardModifier.ShiftModifier)
    click(7, Qt.KeyboardModifier.ControlModifier)
    assert inspecting.targets == [2, 3, 4, 7]
    grid.grab()
    click(5)
    assert inspecting.targets == [5]
    assert grid.place_at(QPoint(-3, -3)) is None


def test_numbers_and_del_are_told_and_other_keys_left_to_others(grid: FrameGrid, qtbot: Any) -> None:
    numbers: list[int] = []
    removed: list[bool] = []
    grid.numbered.connect(numbers.append)
    grid.removing.connect(lambda: removed.append(True))
    for key in (Qt.Key.Key_3, Qt.Key.Key_0, Qt.Key.Key_9, Qt.Key.Key_Delete):
        qtbot.keyClick(grid, key)
    assert (numbers, removed) == ([3, 9], [True])
    squared = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_2, Qt.KeyboardModifier.NoModifier, "²")
    grid.keyPressEvent(squared)
    assert not squared.isAccepted()
    assert numbers == [3, 9]


def test_what_passes_the_filter_is_shown_in_its_order(grid: FrameGrid, inspecting: Inspecting) -> None:
    inspecting.set_filter(FrameFilter(flag="flagged"))
    assert list(grid.visible_places()) == [0]
    assert inspecting.current == 1
    inspecting.set_filter(FrameFilter(label="nothing"))
    grid.empty_text = "No frame passes the filter"
    assert list(grid.visible_places()) == []
    grid.grab()


def test_all_are_selected_and_relabelled_at_once(grid: FrameGrid, inspecting: Inspecting, qtbot: Any) -> None:
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    inspecting.relabel("one")
    assert inspecting.session.counts() == {"one": MANY}
    inspecting.edits.undo()
    assert inspecting.session.counts() == {"pull": 33334, "push": 66666}
