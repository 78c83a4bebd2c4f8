"""The curve of the score and the line of its threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.qt.widgets.score_plot import ScorePlot

SCORES = np.linspace(0.5, 1.5, 100, dtype=np.float32)


@pytest.fixture
def plot(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> ScorePlot:
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", 0)  # or moves of a few milliseconds are dropped
    made = ScorePlot()
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    made.set_scores(SCORES, 2.0, rate_hz=50.0)
    made.set_threshold_limits((1.0, 10.0))
    return made


def place_of(plot: ScorePlot, value: float) -> QPoint:
    """Where a score is drawn, in the middle of the plot."""
    box = plot.getPlotItem().getViewBox()
    return plot.mapFromScene(box.mapViewToScene(QPointF(-1.0, value)))


def drag(plot: ScorePlot, qtbot: Any, start: float, stop: float, *, let_go: bool = True) -> None:
    """Drag from one score to another, in four steps."""
    qtbot.mouseMove(plot.viewport(), place_of(plot, start))
    qtbot.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=place_of(plot, start))
    for value in np.linspace(start, stop, 5)[1:]:
        move(plot, place_of(plot, float(value)))
    if let_go:
        qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=place_of(plot, stop))


def move(plot: ScorePlot, place: QPoint) -> None:
    """Move with the button held, which QTest cannot."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(plot.viewport().mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(plot.viewport(), event)


def test_a_drag_tells_where_the_line_is_and_where_it_was_let_go(plot: ScorePlot, qtbot: Any) -> None:
    moved: list[float] = []
    dragged: list[float] = []
    plot.threshold_moved.connect(moved.append)
    plot.threshold_dragged.connect(dragged.append)
    drag(plot, qtbot, 2.0, 1.4)
    assert len(dragged) == 1
    assert dragged[0] == pytest.approx(1.4, abs=0.05)
    assert moved
    assert moved[-1] == dragged[0]


def test_the_line_stays_under_the_pointer_while_scores_come_in(plot: ScorePlot, qtbot: Any) -> None:
    drag(plot, qtbot, 2.0, 1.4, let_go=False)
    scale = plot.viewRange()
    plot.set_scores(10 * SCORES, 2.0, rate_hz=50.0)
    assert plot._line.value() == pytest.approx(1.4, abs=0.05)
    assert plot.viewRange() == scale
    qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=place_of(plot, 1.4))
    plot.set_scores(SCORES, 3.0, rate_hz=50.0)
    assert plot._line.value() == 3.0


def test_the_line_cannot_leave_the_limits(plot: ScorePlot, qtbot: Any) -> None:
    dragged: list[float] = []
    plot.threshold_dragged.connect(dragged.append)
    drag(plot, qtbot, 2.0, 0.3)
    assert dragged == [1.0]


def test_a_trigger_without_threshold_has_a_line_that_does_not_move(plot: ScorePlot, qtbot: Any) -> None:
    dragged: list[float] = []
    plot.threshold_dragged.connect(dragged.append)
    plot.set_threshold_limits(None)
    drag(plot, qtbot, 2.0, 1.4)
    assert dragged == []
    assert plot.toolTip() == ""


def test_without_scores_it_says_so(plot: ScorePlot) -> None:
    plot.set_scores(np.full(100, np.nan, dtype=np.float32), None, rate_hz=50.0)
    assert not plot._line.isVisible()
    assert plot._text.toPlainText() == "This trigger compares nothing"


def test_scores_below_zero_are_in_view(plot: ScorePlot) -> None:
    plot.set_scores(-10 * SCORES, -5.0, rate_hz=50.0)
    bottom, top = plot.viewRange()[1]
    assert bottom < -15.0
    assert top > -5.0
