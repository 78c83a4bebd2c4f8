"""One prediction in large letters, with a bar for every label."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPalette
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ...runtime.live import Prediction
from .. import style


class PredictionView(QWidget):
    """Shows label and confidence of the last frame, and how probable the other labels were."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._label = style.text_label("–", self, bold=True, size=26)
        self._confidence = style.text_label("No prediction yet", self, size=6, color=style.MUTED)
        for label in (self._label, self._confidence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._bars = _Bars(self)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 0, 0, 0)
        rows.addStretch(1)
        rows.addWidget(self._label)
        rows.addWidget(self._confidence)
        rows.addSpacing(8)
        rows.addWidget(self._bars)
        rows.addStretch(1)

    @property
    def label(self) -> str:
        """The label in large letters, "–" where there is none."""
        return str(self._label.text())

    @property
    def confidence(self) -> str:
        """The confidence below it, "97.3 %"."""
        return str(self._confidence.text())

    def set_prediction(self, labels: tuple[str, ...], prediction: Prediction | None) -> None:
        """Show a prediction among the labels, or that there is none yet."""
        self._labels = labels
        if prediction is None:
            self._label.setText("–")
            style.set_text_color(self._label, style.MUTED)
            self._confidence.setText("No prediction yet")
            self._bars.set_values(self._labels, [0.0] * len(self._labels))
            return
        self._label.setText(prediction.label)
        if prediction.label in self._labels:
            style.set_text_color(self._label, style.series_color(self._labels.index(prediction.label)))
        self._confidence.setText(f"{100 * prediction.confidence:.1f} %")
        self._bars.set_values(self._labels, [float(value) for value in prediction.probabilities])


class _Bars(QWidget):
    """A line per label: its name, a bar from 0 to 1, the percent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._values: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_values(self, labels: tuple[str, ...], values: list[float]) -> None:
        self._labels, self._values = labels, values
        self.setFixedHeight(max(1, len(labels) * self._line_height()))
        self.update()

    def _line_height(self) -> int:
        return int(self.fontMetrics().height()) + 8

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, height = self.fontMetrics(), self._line_height()
        names = min(self.width() // 3, max((metrics.horizontalAdvance(name) for name in self._labels), default=0) + 4)
        percent = metrics.horizontalAdvance("100.0 %") + 8
        left, room = names + 10, self.width() - names - percent - 10
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for index, (label, value) in enumerate(zip(self._labels, self._values, strict=True)):
            top = index * height
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            name = metrics.elidedText(label, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRectF(0, top, names, height), right, name)
            painter.drawText(QRectF(self.width() - percent, top, percent, height), right, f"{100 * value:.1f} %")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(style.LINE))
            painter.drawRoundedRect(QRectF(left, top + 4, room, height - 8), 3, 3)
            painter.setBrush(QColor(style.series_color(index)))
            painter.drawRoundedRect(QRectF(left, top + 4, max(0.0, room * value), height - 8), 3, 3)
        painter.end()
