"""The recording the current frame comes from, and frames cut from it anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QSpinBox, QVBoxLayout, QWidget

from ...core.frames import Frame
from ...core.recording import Recording
from ...core.variants import are_variants
from ...workbench.inspecting import Inspecting
from .. import style
from ..bridge import connect, guarded
from .calm_combo_box import CalmComboBox
from .model_info_box import ElidedLabel
from .spans import Spans
from .timeline import Timeline


class RecordingPanel(QWidget):
    """Timeline and a slider over the readings; a frame begun elsewhere is shown by `tried`, None for none.

    What is found can go in the place of the current frame or become a new one, with the label that `label` gives.
    """

    tried = Signal(object)

    def __init__(self, inspecting: Inspecting, label: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspecting = inspecting
        self._label = label
        self._colors: Mapping[str, str] = {}
        self._recording: int | None = None
        self._trial: int | None = None
        self.timeline = Timeline(self)
        self._make_controls()
        self._lay_out()
        self._connect()

    @property
    def trial(self) -> int | None:
        """First reading of the frame that is being tried, None while the current frame is shown."""
        return self._trial

    def set_colors(self, colors: Mapping[str, str]) -> None:
        """Show labels in these colours."""
        self._colors = dict(colors)

    def refresh(self) -> None:
        """Show the recording of the current frame with all its frames in the session."""
        session, current = self._inspecting.session, self._inspecting.current
        if current is not None and current < len(session):
            self._recording = int(session.recording_of[current])
        elif self._recording is not None and self._recording >= len(session.recordings):
            self._recording = None
        if self._recording is None and session.recordings:
            self._recording = 0
        recording = None if self._recording is None else session.recordings[self._recording]
        self._show_channels(recording)
        self.timeline.set_recording(recording, max(0, self.channel_box.currentIndex()))
        self._show_spans()
        steps = session.recipe.frame.time_steps
        last = -1 if recording is None else len(recording) - steps
        for control in (self.slider, self.spin):
            blocked = control.blockSignals(True)
            control.setRange(0, max(0, last))
            control.setEnabled(last >= 0)
            control.blockSignals(blocked)
        self._name.set_text("" if recording is None else f"{recording.name}, {len(recording):,} readings")
        self.show_current()

    def show_current(self) -> None:
        """Go to where the current frame begins."""
        session, current = self._inspecting.session, self._inspecting.current
        inside = current is not None and current < len(session)
        if inside and int(session.recording_of[current]) != self._recording:
            self.refresh()
            return
        self._trial = None
        self._show_first(int(session.first_reading[current]) if inside else 0)
        self.timeline.set_current(current)
        self._show_buttons()

    def try_at(self, first: int) -> None:
        """Show the frame that begins with a reading, at once where the rows are at hand, else when they are."""
        if self._recording is None:
            return
        self._trial = first
        self._show_first(first)
        self.timeline.set_current(self._inspecting.current, probe=first)
        self._show_buttons()
        self._show_trial()

    def _make_controls(self) -> None:
        self._name = ElidedLabel(self, middle=True)
        self.channel_box = CalmComboBox(self)
        self.channel_box.setToolTip("Which sensor and subsweep the picture shows")
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.spin = QSpinBox(self)
        self.spin.setKeyboardTracking(False)
        for control in (self.slider, self.spin):
            control.setToolTip("First reading of the frame that is shown; move it to look at frames elsewhere")
        self.to_current_button = QPushButton("To current frame", self)
        self.to_current_button.setToolTip("Let the current frame begin with this reading")
        self.to_new_button = QPushButton("To new frame", self)
        self.to_new_button.setToolTip("Add the frame that is shown to the session, with the label in the field above")

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._name, 1)
        row.addWidget(self.channel_box)
        row.addWidget(QLabel("First reading", self))
        row.addWidget(self.slider, 2)
        row.addWidget(self.spin)
        row.addWidget(self.to_current_button)
        row.addWidget(self.to_new_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(row)
        rows.addWidget(self.timeline, 1)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_reading)
        self.spin.valueChanged.connect(self._on_reading)
        self.channel_box.activated.connect(self._on_channel)
        self.to_current_button.clicked.connect(self._on_to_current)
        self.to_new_button.clicked.connect(self._on_to_new)
        self.timeline.chosen.connect(self._on_chosen)
        self.timeline.dropped.connect(self._on_dropped)
        self.timeline.probed.connect(self._on_reading)
        self.timeline.wanted.connect(self._on_wanted)
        connect(self._inspecting.listed, self.refresh, self)
        connect(self._inspecting.moved, self.show_current, self)
        connect(self._inspecting.prepared, self._show_trial, self)

    def _show_channels(self, recording: Recording | None) -> None:
        channels = () if recording is None else recording.setup.channels
        names = [f"Sensor {channel.sensor_id}, subsweep {channel.subsweep + 1}" for channel in channels]
        if names != [self.channel_box.itemText(row) for row in range(self.channel_box.count())]:
            self.channel_box.clear()
            self.channel_box.addItems(names)
        self.channel_box.setVisible(len(names) > 1)

    def _show_spans(self) -> None:
        session, labels = self._inspecting.session, self._inspecting.session.labels
        here = session.recording_of == (-1 if self._recording is None else self._recording)
        own = (here & ~are_variants(session.flags)).nonzero()[0].tolist()
        colors = [self._colors.get(labels[index], style.MUTED) for index in own]
        self.timeline.set_spans(Spans(own, session.first_reading[own], colors, session.recipe.frame.time_steps))

    def _show_first(self, first: int) -> None:
        for control in (self.slider, self.spin):
            blocked = control.blockSignals(True)
            control.setValue(first)
            control.blockSignals(blocked)

    def _show_buttons(self) -> None:
        trying = self._trial is not None
        self.to_current_button.setEnabled(trying and self._inspecting.current is not None)
        self.to_new_button.setEnabled(trying)

    def _show_trial(self) -> None:
        if self._trial is None or self._recording is None:
            return
        rows = self._inspecting.cutting.rows_at_hand(self._recording)
        frame: Frame | None = None if rows is None else rows.frame(self._trial)
        if frame is None:
            self._inspecting.prepare(self._recording)
        else:
            self.tried.emit(frame)

    @guarded
    def _on_reading(self, first: int) -> None:
        self.try_at(first)

    @guarded
    def _on_channel(self) -> None:
        self.refresh()

    @guarded
    def _on_to_current(self) -> None:
        if self._trial is not None and self._inspecting.current is not None:
            self._inspecting.move(self._inspecting.current, self._trial)

    @guarded
    def _on_to_new(self) -> None:
        if self._trial is not None and self._recording is not None:
            self._inspecting.add(self._recording, self._trial, self._label())

    @guarded
    def _on_chosen(self, index: int) -> None:
        self._inspecting.go_to(index)

    @guarded
    def _on_dropped(self, index: int, first: int) -> None:
        self._inspecting.move(index, first)

    @guarded
    def _on_wanted(self, first: int) -> None:
        if self._recording is not None:
            self._inspecting.add(self._recording, first, self._label())
