from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QFontMetrics, QImage
from qtpy.QtWidgets import QApplication

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.metrics import ConfusionMatrix
from exptool_ml_plugin.qt.widgets.colors import heat
from exptool_ml_plugin.qt.widgets.confusion_panel import ConfusionPanel
from exptool_ml_plugin.qt.widgets.confusion_table import fold

LABELS = ("push", "pull", "still")
COUNTS = ((8, 2, 0), (1, 4, 0), (0, 0, 0))


@pytest.fixture
def panel(qtbot: Any) -> ConfusionPanel:
    made = ConfusionPanel()
    qtbot.addWidget(made)
    made.resize(600, 360)
    made.show()
    return made


def matrix(labels: tuple[str, ...] = LABELS, counts: Any = COUNTS) -> ConfusionMatrix:
    return ConfusionMatrix(labels, np.array(counts, dtype=np.int64))


def text(panel: ConfusionPanel, row: int, column: int) -> str:
    return str(panel.table.table.item(row, column).text())


def background(panel: ConfusionPanel, row: int, column: int) -> QColor | None:
    found: QColor | None = panel.table.table.item(row, column).data(Qt.ItemDataRole.BackgroundRole)
    return found


def test_counts_stand_with_true_labels_in_rows(panel: ConfusionPanel) -> None:
    panel.set_matrices({"validation": matrix()})
    assert [text(panel, 0, column) for column in range(6)] == ["8", "2", "0", "10", "80.0 %", "84.2 %"]
    assert [text(panel, 3, column) for column in range(4)] == ["9", "6", "0", "15"]
    assert [text(panel, 4, column) for column in range(3)] == ["88.9 %", "66.7 %", "–"]
    assert panel.summary == "80.0 % right, 12 of 15"


def test_right_is_green_wrong_is_orange_to_red_and_nothing_is_plain(panel: ConfusionPanel) -> None:
    panel.set_matrices({"validation": matrix(counts=((10, 0, 0), (1, 9, 0), (5, 0, 5)))})
    right, error, larger = background(panel, 0, 0), background(panel, 1, 0), background(panel, 2, 0)
    assert right is not None
    assert error is not None
    assert larger is not None
    assert 90 < right.hue() < 150
    assert 0 <= larger.hue() < error.hue() < 45
    assert larger.saturation() > error.saturation()
    assert background(panel, 0, 1) is None


def test_a_missed_label_is_red_on_the_diagonal_and_a_row_without_frames_is_plain() -> None:
    missed = heat(0.0, right=True)
    assert missed is not None
    assert missed.hue() == 0
    assert heat(math.nan, right=True) is None


def test_the_most_telling_matrix_is_shown_until_the_user_chooses(panel: ConfusionPanel) -> None:
    panel.set_matrices({"training": matrix()})
    assert panel.subset == "training"
    panel.set_matrices({"training": matrix(), "validation": matrix()})
    assert panel.subset == "validation"
    panel.subsets["test"].click()
    assert panel.table.matrix is None
    assert not panel.csv.isEnabled()
    panel.set_matrices({"training": matrix(), "validation": matrix(), "test": matrix()})
    assert panel.subset == "test"


def test_validate_asks_for_the_chosen_subset(panel: ConfusionPanel) -> None:
    asked: list[str] = []
    panel.count_wanted.connect(asked.append)
    panel.count.click()
    assert asked == []
    panel.set_can_count(["training", "validation", "test"])
    panel.subsets["test"].click()
    panel.count.click()
    assert asked == ["test"]


def test_progress_is_shown_while_counting(panel: ConfusionPanel) -> None:
    panel.set_progress("Predicting the validation frames…", 30, 100)
    assert panel.bar.isVisible()
    assert (panel.bar.value(), panel.bar.maximum()) == (30, 100)
    panel.set_progress("", 0, 0)
    assert not panel.bar.isVisible()


def test_copy_csv_and_png_hold_the_whole_matrix(panel: ConfusionPanel, tmp_path: Path) -> None:
    labels = tuple(f"label {index}" for index in range(12))
    panel.set_matrices({"test": matrix(labels, np.diag(np.arange(12)))})
    panel.copy.click()
    assert QApplication.clipboard().text().splitlines()[12].split("\t")[-1] == "11"
    panel.save_csv(tmp_path / "matrix.csv")
    with (tmp_path / "matrix.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 13
    panel.save_picture(tmp_path / "matrix.png")
    picture = QImage(str(tmp_path / "matrix.png"))
    assert picture.width() > panel.width(), "all columns, though the window shows only some"
    assert picture.height() > panel.height()


def test_without_a_matrix_there_is_nothing_to_save(panel: ConfusionPanel, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="confusion matrix"):
        panel.save_csv(tmp_path / "matrix.csv")


def test_a_folder_that_is_not_there_is_said(panel: ConfusionPanel, tmp_path: Path) -> None:
    panel.set_matrices({"test": matrix()})
    with pytest.raises(UserError, match="can be written"):
        panel.save_picture(tmp_path / "missing" / "matrix.png")


def test_rows_get_one_line_where_there_is_little_room(panel: ConfusionPanel, qtbot: Any) -> None:
    panel.set_matrices({"validation": matrix()})
    line = QFontMetrics(panel.table.font()).height()
    qtbot.waitUntil(lambda: panel.table.table.rowHeight(0) > 2 * line)
    panel.resize(600, 190)
    qtbot.waitUntil(lambda: panel.table.table.rowHeight(0) < 2 * line)
    panel.resize(600, 400)
    qtbot.waitUntil(lambda: panel.table.table.rowHeight(0) > 2 * line)


def test_long_labels_are_folded_at_a_separator_near_the_middle(qtbot: Any) -> None:
    metrics = QFontMetrics(QApplication.font())
    assert fold("short", 1000, metrics) == "short"
    assert fold("double_tap_in", 10, metrics) == "double_\ntap_in"
    assert fold("unseparated", 10, metrics) == "unseparated"
