from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from exptool_ml_plugin.qt.widgets.text_line import Piece, TextLine


class LayoutRequests(QObject):
    """Counts how often a widget was asked to lay itself out again."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: Any, event: Any) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_a_new_text_asks_no_layout_for_anything_and_is_painted(qtbot: Any) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    line = TextLine(page)
    QVBoxLayout(page).addWidget(line)
    page.resize(300, 50)
    page.show()
    QApplication.processEvents()
    before = line.grab().toImage()
    requests = LayoutRequests()
    page.installEventFilter(requests)
    line.set_groups([(Piece("Loss "), Piece("0.123456", bold=True))])
    QApplication.processEvents()
    assert requests.count == 0
    assert line.text == "Loss 0.123456"
    assert line.grab().toImage() != before


def test_a_steady_line_keeps_what_follows_in_its_place_until_released(qtbot: Any) -> None:
    line = TextLine(steady=True)
    qtbot.addWidget(line)
    line.resize(300, 20)
    line.set_groups([(Piece("1000000"),), (Piece("end"),)])
    wide = line.grab().toImage()
    line.set_groups([(Piece("1"),), (Piece("end"),)])
    narrow = line.grab().toImage()
    released_at = line.width_needed([(Piece("1000000"),), ()])
    # The second group has not moved: the pictures are alike from there on.
    assert wide.copy(released_at, 0, 100, 20) == narrow.copy(released_at, 0, 100, 20)
    line.release()
    assert line.grab().toImage().copy(released_at, 0, 100, 20) != wide.copy(released_at, 0, 100, 20)


def test_what_does_not_fit_is_cut(qtbot: Any) -> None:
    line = TextLine()
    qtbot.addWidget(line)
    line.resize(40, 20)
    line.set_groups([(Piece("a text that is far too long for forty pixels"),)])
    assert line.width_needed([(Piece("a text that is far too long for forty pixels"),)]) > 40
    assert not line.grab().isNull()
