"""The Sensor tab: connect, set, measure, record, replay; and what the sensor sees now."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...qt import style
from ...qt.bridge import PlotTimer, connect, guarded
from ...qt.file_dialogs import ask_open
from ...qt.widgets.model_info_box import ElidedLabel
from ...qt.widgets.recording_bar import RECORDING_FILES
from .sensor.control import SensorControl
from .widgets.connection_box import ConnectionBox
from .widgets.live_plots import LivePlots
from .widgets.record_box import RecordBox
from .widgets.replay_bar import ReplayBar
from .widgets.settings_form import SettingsForm
from .widgets.start_buttons import StartButtons

PICTURES_PER_S = 60


class SensorTab(QWidget):
    """Everything about the sensor in one place; the state is in the control, the tab may be built again at any time."""

    shows_sensor = False

    def __init__(self, control: SensorControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = control.workbench
        self._control = control
        self.buttons = StartButtons(control, self)
        self.open_button = QPushButton("Open recording…", self)
        self.open_button.setToolTip("Play a recording or a session in place of a sensor")
        self.open_button.clicked.connect(self._on_open)
        self._counter = ElidedLabel(self)
        self.replay_bar = ReplayBar(control, self)
        self.plots = LivePlots(self)
        self.timer = PlotTimer(self, PICTURES_PER_S, self.refresh)
        self._lay_out()
        self._make_side()
        connect(control.changed, self._show_state, self)
        self._show_state()

    @property
    def counted(self) -> str:
        """How many readings came, and how fast."""
        return self._counter.full_text

    def shown(self) -> None:
        """The tab is in view: draw what comes."""
        self._show_state()
        self.timer.start()

    def hidden(self) -> None:
        """Another tab is in view."""
        self.timer.stop()

    def refresh(self) -> None:
        """Draw the newest reading."""
        self.plots.show_newest(self._control.feed.newest)
        if self._control.busy:
            self._show_count()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.buttons)
        bar.addWidget(self._counter, 1)
        bar.addWidget(self.open_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(bar)
        rows.addWidget(self.replay_bar)
        rows.addWidget(self.plots, 1)

    def _make_side(self) -> None:
        self.side = QWidget()
        self.connection = ConnectionBox(self._control, self.side)
        self.record = RecordBox(self._control, self.side)
        self.settings = SettingsForm(self._control, self.side)
        rows = QVBoxLayout(self.side)
        rows.setContentsMargins(0, 0, 0, 0)
        for box in (self.connection, self.record, self.settings):
            rows.addWidget(box)
        rows.addStretch(1)

    def _show_state(self) -> None:
        self.open_button.setEnabled(not self._control.busy and not self._control.replay.opening)
        self._show_count()

    def _show_count(self) -> None:
        obstacle = self._control.obstacle
        style.set_text_color(self._counter, style.ERROR if obstacle and self._control.sensor.connected else style.MUTED)
        self._counter.set_text(obstacle or self._count())

    def _count(self) -> str:
        snapshot = self.workbench.engine.latest()
        if not snapshot.readings:
            return ""
        rate = f"{snapshot.rate_hz:.1f} readings a second · " if self.workbench.measuring else ""
        skipped = f" · {snapshot.dropped:,} not previewed" if snapshot.dropped else ""
        return f"{rate}{snapshot.readings:,} readings{skipped}"

    @guarded
    def _on_open(self) -> None:
        path = ask_open(self, "Open a recording", RECORDING_FILES)
        if path is not None:
            self._control.replay.open(path)
