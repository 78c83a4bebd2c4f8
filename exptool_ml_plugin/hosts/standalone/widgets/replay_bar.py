"""The open recording: where it stands, how fast it goes."""

from __future__ import annotations

import math

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from ....qt import style
from ....qt.bridge import PlotTimer, connect, guarded
from ....qt.widgets.model_info_box import ElidedLabel
from ..sensor.control import SensorControl
from ..sensor.replay import SPEEDS

_POSITIONS_PER_S = 10


class ReplayBar(QFrame):
    """Shows the open recording and moves through it; hidden while none is open."""

    def __init__(self, control: SensorControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = control.workbench
        self._control = control
        self._timer = PlotTimer(self, _POSITIONS_PER_S, self._show_position)
        self._name = ElidedLabel(self, middle=True)
        self.recording_box = QComboBox(self)
        self.recording_box.setToolTip("Which measurement of the file is played")
        self.recording_box.activated.connect(self._on_recording)
        self.pause_button = QPushButton("Pause", self)
        self.pause_button.setCheckable(True)
        self.pause_button.setToolTip("Stand still, and go on")
        self.pause_button.clicked.connect(self._on_pause)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setToolTip("Go to another place of the recording; what follows is a measurement of its own")
        self.slider.actionTriggered.connect(self._on_slider)
        self.slider.sliderReleased.connect(self._on_slider)
        self._place = QLabel(self)
        self.speed_box = QComboBox(self)
        self.speed_box.addItems([speed_text(speed) for speed in SPEEDS])
        self.speed_box.setToolTip("How fast the recording is played; nothing is skipped at any speed")
        self.speed_box.activated.connect(self._on_speed)
        self.close_button = QPushButton("Close recording", self)
        self.close_button.setToolTip("Go back to the sensor")
        self.close_button.clicked.connect(self._on_close)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in (
            (self._name, 1),
            (self.recording_box, 0),
            (self.pause_button, 0),
            (self.slider, 2),
            (self._place, 0),
            (self.speed_box, 0),
            (self.close_button, 0),
        ):
            row.addWidget(widget, stretch)
        connect(control.changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what is open and what can be done with it."""
        replay = self._control.replay
        recording = replay.recording
        self.setVisible(recording is not None)
        if recording is None or replay.path is None:
            self._timer.stop()
            return
        self._name.set_text(replay.path.name)
        self._name.setToolTip(str(replay.path))
        self._show_recordings()
        self.slider.setRange(0, len(recording) - 1)
        self.pause_button.setEnabled(replay.running)
        self.pause_button.setChecked(replay.paused)
        self.pause_button.setText("Go on" if replay.paused else "Pause")
        self.speed_box.setCurrentIndex(SPEEDS.index(replay.speed))
        self.recording_box.setEnabled(not replay.running)
        self.close_button.setEnabled(not replay.running)
        self._show_position()
        if replay.running:
            self._timer.start()
        else:
            self._timer.stop()

    def _show_recordings(self) -> None:
        replay = self._control.replay
        names = [recording.name for recording in replay.recordings]
        if names != [self.recording_box.itemText(index) for index in range(self.recording_box.count())]:
            self.recording_box.clear()
            self.recording_box.addItems(names)
        self.recording_box.setCurrentIndex(replay.index)
        self.recording_box.setVisible(len(names) > 1)

    def _show_position(self) -> None:
        replay = self._control.replay
        recording = replay.recording
        if recording is None:
            return
        shown = min(replay.position, len(recording) - 1)
        if not self.slider.isSliderDown():
            self.slider.setValue(shown)
        now, end = recording.time_s[shown] - recording.time_s[0], recording.time_s[-1] - recording.time_s[0]
        self._place.setText(f"{now:.1f} of {end:.1f} s")
        style.set_text_color(self._place, "" if replay.running else style.MUTED)

    @guarded
    def _on_recording(self, index: int) -> None:
        self._control.replay.choose(index)

    @guarded
    def _on_pause(self) -> None:
        self._control.replay.pause(self.pause_button.isChecked())

    @guarded
    def _on_slider(self) -> None:
        if not self.slider.isSliderDown():
            self._control.replay.go_to(self.slider.sliderPosition())

    @guarded
    def _on_speed(self, index: int) -> None:
        self._control.replay.set_speed(SPEEDS[index])

    @guarded
    def _on_close(self) -> None:
        self._control.replay.close_file()


def speed_text(speed: float) -> str:
    """Say a speed: "2 ×", or "As fast as it goes"."""
    return f"{speed:g} ×" if math.isfinite(speed) else "As fast as it goes"
