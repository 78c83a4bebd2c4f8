"""Walking through frames that may be mistakes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractButton, QComboBox

pytest.importorskip("sklearn", reason="needs scikit-learn: pip install exptool-ml-plugin[train]")

from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.qt.bridge import connect
from exptool_ml_plugin.qt.widgets import mistakes_dialog
from exptool_ml_plugin.qt.widgets.mistakes_dialog import MistakesDialog
from exptool_ml_plugin.workbench.suspects import judge
from exptool_ml_plugin.workbench.workbench import Workbench

WRONG = (10, 41)
RECIPE = Recipe(sensor=DEFAULT_SETUP, features=(FeatureChoice("range_segment"),), frame=FrameSettings(time_steps=10))


@pytest.fixture
def frames(workbench: Workbench) -> None:
    """80 frames of two patterns in turn, labels "a" and "b"; two have the other's label."""
    workbench.set_recipe(RECIPE)
    workbench.new_session()
    random = np.random.default_rng(2)
    patterns = random.normal(size=(2, 10, 6))
    place = workbench.session.add_recording(record(DEFAULT_SETUP, "push", 0.5, name="push", seed=1))
    for index in range(80):
        values = (patterns[index % 2] + 0.3 * random.normal(size=(10, 6))).astype(np.float32)
        frame = Frame(values, 30 * index, time_s=float(index), score=None, flags=0)
        workbench.session.add(frame, "ab"[(index + (index in WRONG)) % 2], place)


@pytest.fixture
def dialog(frames: None, workbench: Workbench, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MistakesDialog]:
    """The dialog with its lists, made in this process, which takes a fraction of the time."""
    monkeypatch.setattr(mistakes_dialog, "judge_apart", judge)
    made = MistakesDialog(workbench)
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: "(" in made.tabs.tabText(1), timeout=30_000)
    qtbot.waitUntil(lambda: not made.work.doing, timeout=30_000)
    yield made
    made.reject()


def test_the_wrong_labels_are_listed_first_with_a_reason(dialog: MistakesDialog) -> None:
    wrong = dialog.lists["labels"]
    assert {suspect.index for suspect in wrong._suspects[:2]} == set(WRONG)
    assert "Looks like" in wrong.reason.text()
    assert wrong.images[0]._image.image is not None
    assert wrong.images[2]._image.image is not None


def test_r_relabels_k_keeps_and_each_goes_on(dialog: MistakesDialog, workbench: Workbench, qtbot: Any) -> None:
    wrong = dialog.lists["labels"]
    first, second = (suspect.index for suspect in wrong._suspects[:2])
    before = workbench.session.labels

    qtbot.keyClick(wrong, Qt.Key.Key_R)
    assert workbench.session.labels[first] == wrong._suspects[0].suggested != before[first]
    assert wrong.current is not None and wrong.current.index == second
    qtbot.keyClick(wrong, Qt.Key.Key_K)
    assert workbench.session.labels[second] == before[second]
    workbench.inspecting.edits.undo()
    assert workbench.session.labels == before


def test_a_number_key_gives_that_label(dialog: MistakesDialog, workbench: Workbench, qtbot: Any) -> None:
    wrong = dialog.lists["labels"]
    index = wrong._suspects[0].index
    right = "12"["ab".index(wrong._suspects[0].suggested)]

    qtbot.keyClick(wrong, getattr(Qt.Key, f"Key_{right}"))
    assert workbench.session.labels[index] == wrong._suspects[0].suggested


def test_after_a_removal_the_next_decision_meets_the_right_frame(
    dialog: MistakesDialog, workbench: Workbench, qtbot: Any
) -> None:
    wrong = dialog.lists["labels"]
    first, second = (suspect.index for suspect in wrong._suspects[:2])
    frame = np.array(workbench.session.values[second])

    qtbot.keyClick(wrong, Qt.Key.Key_Delete)
    qtbot.keyClick(wrong, Qt.Key.Key_R)

    assert len(workbench.session) == 79
    now = second - (first < second)
    np.testing.assert_array_equal(workbench.session.values[now], frame)
    assert workbench.session.labels[now] == wrong._suspects[1].suggested
    qtbot.keyClick(wrong, Qt.Key.Key_Up)
    qtbot.keyClick(wrong, Qt.Key.Key_Up)
    assert not wrong.remove_button.isEnabled()


def test_drawing_around_points_gives_their_frames(dialog: MistakesDialog) -> None:
    dialog.map.lassoed.emit([3, 5])
    assert dialog.lassoed == [3, 5]


def test_the_map_is_there_before_the_lists_and_then_arranged_by_neighbours(
    frames: None, workbench: Workbench, qtbot: Any
) -> None:
    made = MistakesDialog(workbench)
    qtbot.addWidget(made)
    tabs: list[str] = []
    connect(made.examined, lambda: tabs.append(made.tabs.tabText(1)), made)
    made.show()
    qtbot.waitUntil(lambda: len(made.map.points) == 80, timeout=10_000)
    assert tabs == ["Wrong labels"]  # no number of suspects yet
    by_difference = made.map.points
    qtbot.waitUntil(lambda: made.arrange_box.count() == 2, timeout=60_000)
    assert made.arrange_box.currentData() == "tsne"
    assert made.map.points.shape == by_difference.shape
    assert not np.allclose(made.map.points, by_difference)
    made.arrange_box.setCurrentIndex(0)
    np.testing.assert_array_equal(made.map.points, by_difference)
    made.reject()


def test_closing_the_dialog_ends_what_it_does(frames: None, workbench: Workbench, qtbot: Any) -> None:
    made = MistakesDialog(workbench)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: len(made.map.points) == 80, timeout=10_000)
    began = time.monotonic()
    made.reject()
    assert not made.work.doing
    assert time.monotonic() - began < 2.0


def test_every_control_has_a_tooltip(dialog: MistakesDialog) -> None:
    controls = dialog.findChildren(QAbstractButton) + dialog.findChildren(QComboBox)
    assert [control.text() for control in controls if not control.toolTip() and control.objectName() == ""] == []
