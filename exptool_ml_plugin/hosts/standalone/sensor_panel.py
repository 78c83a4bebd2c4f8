"""The sensor beside the other tabs: connect, start, record, and what is measured."""

from __future__ import annotations

from qtpy.QtWidgets import QGroupBox, QVBoxLayout, QWidget

from ...qt import style
from ...qt.bridge import connect
from ...workbench.feature_check import setup_text
from .sensor.control import SensorControl
from .widgets.connection_box import ConnectionBox
from .widgets.record_box import RecordBox
from .widgets.start_buttons import StartButtons


class SensorPanel(QWidget):
    """The boxes of the Sensor tab that are wanted everywhere."""

    def __init__(self, control: SensorControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = control.workbench
        self._control = control
        self.connection = ConnectionBox(control, self)
        self._measured = QGroupBox(self)
        self.buttons = StartButtons(control, self._measured)
        self._summary = style.text_label("", self._measured, color=style.MUTED, wrap=True)
        self.record = RecordBox(control, self)
        box = QVBoxLayout(self._measured)
        box.addWidget(self.buttons)
        box.addWidget(self._summary)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        for widget in (self.connection, self._measured, self.record):
            rows.addWidget(widget)
        rows.addStretch(1)
        connect(control.changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what is, or would be, measured."""
        path = self._control.replay.path
        self._measured.setTitle("Measurement" if path is None else f"Recording {path.name}")
        setup = self.workbench.setup
        obstacle = self._control.obstacle
        self._summary.setText(obstacle if obstacle or setup is None else "\n".join(setup_text(setup)))
