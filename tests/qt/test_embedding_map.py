"""The map of the frames: colours, the picture of a frame, drawing around points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QPointF

from exptool_ml_plugin.qt.widgets.embedding_map import EmbeddingMap

POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
SQUARE = [QPointF(-1, -1), QPointF(2, -1), QPointF(2, 2), QPointF(-1, 2)]


@pytest.fixture
def made(qtbot: Any) -> EmbeddingMap:
    frames = np.arange(4 * 6 * 5, dtype=np.float32).reshape(4, 6, 5)
    widget = EmbeddingMap(lambda place: frames[place] if place < 3 else None)
    qtbot.addWidget(widget)
    widget.set_points(POINTS)
    widget.set_colorings({"Label": ["a", "a", "b", "b"], "Recording": ["x", "y", "z", "z"]})
    return widget


def colors(widget: EmbeddingMap) -> list[str]:
    return [point.brush().color().name() for point in widget.scatter.points()]


def test_points_of_one_label_have_one_colour(made: EmbeddingMap) -> None:
    found = colors(made)
    assert found[0] == found[1] != found[2] == found[3]


def test_another_coloring_is_shown_and_kept_with_other_points(made: EmbeddingMap) -> None:
    made.color_box.setCurrentText("Recording")
    assert len(set(colors(made))) == 3
    assert "x" in made.legend.text()

    made.set_points(POINTS[:3])
    made.set_colorings({"Label": ["a", "a", "b"], "Recording": ["x", "x", "z"]})
    assert made.color_box.currentText() == "Recording"
    assert len(set(colors(made))) == 2


def test_points_inside_a_closed_line_are_selected(made: EmbeddingMap, qtbot: Any) -> None:
    assert made.places_within(SQUARE) == [0, 1, 2]
    with qtbot.waitSignal(made.lassoed) as drawn:
        made._view.drawn.emit(SQUARE, True)
    assert drawn.args == [[0, 1, 2]]


def test_a_line_around_nothing_selects_nothing(made: EmbeddingMap, qtbot: Any) -> None:
    with qtbot.assertNotEmitted(made.lassoed):
        made._view.drawn.emit([QPointF(8, 8), QPointF(9, 8), QPointF(9, 9)], True)


def test_the_picture_of_a_frame_is_shown_while_there_is_one(made: EmbeddingMap) -> None:
    made.show_frame(1)
    assert not made.thumbnail.isHidden()
    made.show_frame(3)
    assert made.thumbnail.isHidden()
