"""Start and stop, of the sensor or of the open recording."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ....qt.bridge import connect, guarded
from ..sensor import measuring
from ..sensor.control import SensorControl


class StartButtons(QWidget):
    """The same two buttons on the Sensor tab and beside the others; what a measurement is for is the tab's matter."""

    def __init__(self, control: SensorControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = control.workbench
        self._control = control
        self.start_button = QPushButton(self)
        self.start_button.clicked.connect(self._on_start)
        self.stop_button = QPushButton("Stop", self)
        self.stop_button.setToolTip("End it; what was collected and recorded stays")
        self.stop_button.clicked.connect(self._on_stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.start_button, 1)
        row.addWidget(self.stop_button)
        connect(control.changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what can be done now."""
        control = self._control
        self.start_button.setText("Play" if control.replays else "Start measuring")
        self.start_button.setToolTip(
            "Play the recording as if it were measured now"
            if control.replays
            else "Measure with the settings; connect a sensor first"
        )
        self.start_button.setEnabled(control.can_start)
        stopping = control.sensor.phase == measuring.STOPPING
        self.stop_button.setText("Stopping…" if stopping else "Stop")
        self.stop_button.setEnabled(control.busy and not stopping)

    @guarded
    def _on_start(self) -> None:
        self._control.start()

    @guarded
    def _on_stop(self) -> None:
        self._control.stop()
