"""The confusion matrix as a table: counts and row percent, totals, precision, recall and F1 where they belong."""

from __future__ import annotations

import math
import re
from typing import Any

from qtpy.QtCore import QEvent, QModelIndex, QRect, QSize, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ...core.metrics import ConfusionMatrix
from .colors import INK, faint, heat

EXTRA_COLUMNS = ("Frames", "Recall", "F1")
EXTRA_ROWS = ("Frames", "Precision")
_UNFOLDED = "some label"
"""Labels not wider than this stand in one line."""
_SMALL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_FIGURE_ROLE = int(Qt.ItemDataRole.UserRole) + 2


class ConfusionTable(QWidget):
    """Shows a `ConfusionMatrix`, read-only; rows are the true labels, columns the predicted ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix: ConfusionMatrix | None = None
        self._compact: bool | None = None
        self.table = self._make_table()
        self.table.viewport().installEventFilter(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._grid.addWidget(_axis_title("Predicted label", self), 0, 1)
        self._grid.addWidget(_RotatedLabel("True label", self), 1, 0)
        self._grid.addWidget(self.table, 1, 1)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(self)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setItemDelegate(_CellDelegate(table))
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setCornerButtonEnabled(False)
        for header in (table.horizontalHeader(), table.verticalHeader()):
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
            header.setMinimumSectionSize(10)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return table

    @property
    def matrix(self) -> ConfusionMatrix | None:
        """The matrix shown; None when the table is empty."""
        return self._matrix

    def set_matrix(self, matrix: ConfusionMatrix | None) -> None:
        """Show a matrix, or nothing."""
        self._matrix = matrix
        self.table.clear()
        labels = matrix.labels if matrix is not None else ()
        self.table.setRowCount(len(labels) + len(EXTRA_ROWS) if matrix is not None else 0)
        self.table.setColumnCount(len(labels) + len(EXTRA_COLUMNS) if matrix is not None else 0)
        if matrix is not None:
            self._fill_headers(matrix)
            self._fill_counts(matrix)
            self._fill_figures(matrix)
            self._fit()

    def picture(self) -> QPixmap:
        """Return the whole matrix as a picture, however little of it the window shows."""
        copy = ConfusionTable()
        copy.setStyleSheet("background: white; color: black;")
        copy.set_matrix(self._matrix)
        copy.ensurePolished()
        copy.resize(copy.full_size())
        copy._grid.activate()
        pixmap = copy.grab()
        copy.deleteLater()
        return pixmap

    def full_size(self) -> QSize:
        """Size at which nothing needs to scroll."""
        header = self.table.horizontalHeader()
        least, figures = self._widths()
        n = len(self._matrix.labels) if self._matrix is not None else 0
        columns = n * least + len(EXTRA_COLUMNS) * figures
        frame = 2 * self.table.frameWidth() + 2
        width = self.table.verticalHeader().sizeHint().width() + columns + frame
        line = QFontMetrics(self.font()).height()
        rows = n * (2 * line + 8) + len(EXTRA_ROWS) * (line + 8)
        height = header.sizeHint().height() + rows + frame
        title = self._grid.itemAtPosition(0, 1).sizeHint().height() + self._grid.spacing()
        return QSize(width + title + 4, height + title + 4)

    def _fill_headers(self, matrix: ConfusionMatrix) -> None:
        bold = self._bold_font()
        rows = [*matrix.labels, *EXTRA_ROWS]
        columns = [*matrix.labels, *EXTRA_COLUMNS]
        for index, text in enumerate(columns):
            item = self._header(text, bold if index < len(matrix.labels) else None)
            self.table.setHorizontalHeaderItem(index, item)
        for index, text in enumerate(rows):
            item = self._header(text, bold if index < len(matrix.labels) else None)
            self.table.setVerticalHeaderItem(index, item)

    def _header(self, text: str, font: QFont | None) -> QTableWidgetItem:
        metrics = QFontMetrics(font or self.font())
        item = QTableWidgetItem(fold(text, metrics.horizontalAdvance(_UNFOLDED), metrics))
        item.setToolTip(text)
        if font is not None:
            item.setFont(font)
        return item

    def _fill_counts(self, matrix: ConfusionMatrix) -> None:
        percent = matrix.row_percent()
        for row, true in enumerate(matrix.labels):
            for column, predicted in enumerate(matrix.labels):
                count, part = int(matrix.counts[row, column]), float(percent[row, column])
                item = _cell(f"{count:,}", "" if math.isnan(part) else f"{part:.1f} %")
                colour = heat(part / 100.0, right=row == column)
                if colour is not None:
                    item.setData(Qt.ItemDataRole.BackgroundRole, colour)
                item.setToolTip(f"{count:,} frames of “{true}” were predicted as “{predicted}” ({part:.1f} %).")
                self.table.setItem(row, column, item)

    def _fill_figures(self, matrix: ConfusionMatrix) -> None:
        n = len(matrix.labels)
        recall, f1, precision = matrix.recall(), matrix.f1(), matrix.precision()
        for index, label in enumerate(matrix.labels):
            self._figure(index, n, f"{int(matrix.true_totals[index]):,}", f"Frames that are “{label}”.")
            tip = f"Of the frames that are “{label}”, the part predicted as it."
            self._figure(index, n + 1, percent_text(recall[index]), tip)
            self._figure(index, n + 2, percent_text(f1[index]), "Harmonic mean of precision and recall.")
            tip = f"Frames predicted as “{label}”."
            self._figure(n, index, f"{int(matrix.predicted_totals[index]):,}", tip)
            tip = f"Of the frames predicted as “{label}”, the part that is it."
            self._figure(n + 1, index, percent_text(precision[index]), tip)
        self._figure(n, n, f"{matrix.total:,}", "All frames.")
        for row, column in ((n, n + 1), (n, n + 2), (n + 1, n), (n + 1, n + 1), (n + 1, n + 2)):
            self._figure(row, column, "", "")

    def _figure(self, row: int, column: int, text: str, tip: str) -> None:
        item = _cell(text, "")
        item.setToolTip(tip)
        item.setData(_FIGURE_ROLE, True)
        self.table.setItem(row, column, item)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Share width and height out among the labels whenever the room for the cells changes."""
        if event.type() == QEvent.Type.Resize:
            self._share_width()
            self._share_height()
        return False

    def _fit(self) -> None:
        self._compact = None
        self._share_width()
        self._share_height()

    def _share_height(self) -> None:
        """Give the labels' rows two lines where there is room for all of them, else one."""
        if self._matrix is None:
            return
        line, n = QFontMetrics(self.font()).height(), len(self._matrix.labels)
        needed = n * (2 * line + 8) + len(EXTRA_ROWS) * (line + 8)
        compact = self.table.viewport().height() < needed
        if compact == self._compact:
            return
        self._compact = compact
        for row in range(self.table.rowCount()):
            lines = 2 if row < n and not compact else 1
            self.table.setRowHeight(row, lines * line + 8)
        for row, label in enumerate(self._matrix.labels):
            text = label if compact else self.table.horizontalHeaderItem(row).text()
            self.table.verticalHeaderItem(row).setText(text)

    def _widths(self) -> tuple[int, int]:
        """Least width of a label's column, and width of a column of figures, pixels."""
        metrics = QFontMetrics(self._bold_font())
        labels = self._matrix.labels if self._matrix is not None else ()
        room = metrics.horizontalAdvance(_UNFOLDED)
        lines = (line for label in labels for line in fold(label, room, metrics).splitlines())
        widest = max((metrics.horizontalAdvance(line) for line in lines), default=0)
        figures = metrics.horizontalAdvance("100.0 %") + 10
        return min(2 * room, max(widest + 14, figures)), figures

    def _share_width(self) -> None:
        if self._matrix is None or not self._matrix.labels:
            return
        least, figures = self._widths()
        n = len(self._matrix.labels)
        room = self.table.viewport().width() - len(EXTRA_COLUMNS) * figures
        for column in range(self.table.columnCount()):
            self.table.setColumnWidth(column, max(least, room // n) if column < n else figures)

    def _bold_font(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font


def fold(label: str, room: int, metrics: QFontMetrics) -> str:
    """Break a label that is wider than `room` pixels in two lines, after a separator near its middle."""
    if metrics.horizontalAdvance(label) <= room:
        return label
    breaks = [
        match.end() for match in re.finditer(r"[_\s.-]+", label) if match.start() > 0 and match.end() < len(label)
    ]
    if not breaks:
        return label
    middle = min(breaks, key=lambda place: abs(place - len(label) / 2))
    return f"{label[:middle]}\n{label[middle:]}"


def percent_text(part: float) -> str:
    """Return a part as percent, a dash for NaN."""
    return "–" if math.isnan(part) else f"{100.0 * part:.1f} %"


def _cell(text: str, small: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    item.setData(_SMALL_ROLE, small)
    return item


def _axis_title(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


class _RotatedLabel(QWidget):
    """A line of text that runs upwards."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.height() + 2, metrics.horizontalAdvance(self._text) + 8)

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.translate(0, self.height())
        painter.rotate(-90)
        painter.drawText(QRect(0, 0, self.height(), self.width()), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


class _CellDelegate(QStyledItemDelegate):
    """Paints the count with the percent in smaller letters below it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        text, small = index.data() or "", index.data(_SMALL_ROLE) or ""
        background = index.data(int(Qt.ItemDataRole.BackgroundRole))
        palette = option.palette
        plain = text == "0" and background is None
        ink = QColor(INK) if background is not None else palette.color(QPalette.ColorRole.Text)
        painter.save()
        if background is None and index.data(_FIGURE_ROLE):
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.AlternateBase))
        if background is not None:
            painter.fillRect(option.rect, background)
        painter.setPen(faint(palette) if plain else ink)
        painter.setFont(option.font)
        if not small or plain:
            painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, text)
        elif option.rect.height() < 2 * option.fontMetrics.height():
            self._paint_one_line(painter, option, text, small)
        else:
            self._paint_two_lines(painter, option, text, small)
        painter.restore()

    def _paint_one_line(self, painter: QPainter, option: QStyleOptionViewItem, text: str, small: str) -> None:
        both = f"{text}  ·  {small}"
        fits = option.fontMetrics.horizontalAdvance(both) < option.rect.width() - 4
        painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, both if fits else text)

    def _paint_two_lines(self, painter: QPainter, option: QStyleOptionViewItem, text: str, small: str) -> None:
        rect, half = option.rect, option.rect.height() // 2
        upper = QRect(rect.left(), rect.top() + 3, rect.width(), half - 2)
        lower = QRect(rect.left(), rect.top() + half, rect.width(), half - 3)
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, text)
        font = QFont(option.font)
        font.setPointSizeF(0.85 * font.pointSizeF() if font.pointSizeF() > 0 else 8.0)
        painter.setFont(font)
        painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, small)
