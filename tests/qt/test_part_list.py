"""Entries of a list are dragged, doubled and moved, and a number out of its limits is put right and explained."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.core.network import LAYERS
from exptool_ml_plugin.core.recipe import LayerChoice
from exptool_ml_plugin.qt.widgets.layer_card import LayerCard
from exptool_ml_plugin.qt.widgets.part_list import PartList

KINDS = {kind.key: kind for kind in LAYERS}
FLATTEN, DROPOUT, DENSE = LayerChoice("flatten"), LayerChoice("dropout"), LayerChoice("dense")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def parts(qtbot):
    made = PartList(lambda choice: LayerCard(choice, KINDS[choice.key]))
    qtbot.addWidget(made)
    made.set_choices((FLATTEN, DROPOUT, DENSE))
    made.resize(700, 500)
    made.show()
    return made


@pytest.fixture
def told(parts):
    changes = []
    parts.changed.connect(changes.append)
    return changes


def drag(parts, index: int, onto: int, *, below: bool, drop: bool = True) -> None:
    """Take a card by its handle and bring it over another one."""
    handle, target = parts.cards[index]._handle, parts.cards[onto]
    y = target.height() - 2 if below else 2
    place = handle.mapFromGlobal(target.mapToGlobal(QPoint(5, y)))
    QTest.mousePress(handle, LEFT, pos=QPoint(5, 5))
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(handle.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(handle, move)  # QTest moves the cursor instead in Qt 5
    if drop:
        QTest.mouseRelease(handle, LEFT, pos=place)


@pytest.mark.parametrize(
    ("index", "onto", "below", "expected"),
    [
        (0, 2, True, (DROPOUT, DENSE, FLATTEN)),
        (0, 1, True, (DROPOUT, FLATTEN, DENSE)),
        (2, 0, False, (DENSE, FLATTEN, DROPOUT)),
        (2, 1, False, (FLATTEN, DENSE, DROPOUT)),
    ],
)
def test_a_card_is_dragged_to_another_place(parts, told, index, onto, below, expected):
    drag(parts, index, onto, below=below)
    assert told == [expected]
    assert tuple(card.choice() for card in parts.cards) == expected
    assert parts._mark.isHidden()


@pytest.mark.parametrize(("onto", "below"), [(1, True), (1, False), (0, True), (2, False)])
def test_a_card_dropped_where_it_was_changes_nothing(parts, told, onto, below):
    drag(parts, 1, onto, below=below)
    assert told == []


def test_while_a_card_is_dragged_its_future_place_is_marked(parts, told):
    drag(parts, 0, 2, below=True, drop=False)
    assert not parts._mark.isHidden()
    assert parts._mark.y() >= parts.cards[2].geometry().bottom() - 4
    assert told == []
    QTest.mouseRelease(parts.cards[0]._handle, LEFT)


def test_a_list_that_is_locked_cannot_be_dragged(parts, told):
    parts.widget().setEnabled(False)
    drag(parts, 0, 2, below=True)
    assert told == []


def test_a_doubled_entry_stands_below_its_original_with_its_settings(parts, told):
    half = LayerChoice("dropout", {"rate": 0.5})
    parts.set_choices((FLATTEN, half, DENSE))
    parts.cards[1]._duplicate.click()
    assert told == [(FLATTEN, half, half, DENSE)]


def test_entries_of_a_kind_keep_their_own_settings_when_they_change_places(parts, told):
    low, high = LayerChoice("dropout", {"rate": 0.1}), LayerChoice("dropout", {"rate": 0.9})
    parts.set_choices((low, high))
    drag(parts, 0, 1, below=True)
    assert told == [(high, low)]
    assert [card._form.editor("rate").value() for card in parts.cards] == [0.9, 0.1]


def test_a_number_out_of_its_limits_is_put_to_the_nearest_and_explained(parts, told):
    card = parts.cards[1]
    editor = card._form.editor("rate")
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, "7")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.value() == editor.maximum()
    assert told[-1][1].params == {"rate": editor.maximum()}
    card.set_issues([])
    assert "Received: 7" in card._issues.text()
    editor.setValue(0.2)
    card.set_issues([])
    assert card._issues.isHidden()
