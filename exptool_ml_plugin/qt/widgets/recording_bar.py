"""Opens a recording to look at, and moves through it."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSlider, QWidget

from ...workbench.workbench import Workbench
from .. import style
from ..bridge import PlotTimer, connect, guarded
from ..file_dialogs import ask_open
from .calm_combo_box import CalmComboBox

RECORDING_FILES = "Recordings and sessions (*.h5 *.npz)"
_PROGRESS_HZ = 10


class RecordingBar(QWidget):
    """The recording in view: which it is, where in it, and how far its rows are computed. `moved` tells of the slider.

    The state is that of `FeatureEditing.preview`; here is only the place of the slider.
    """

    moved = Signal()

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._preview = workbench.feature_editing.preview
        self.open_button = QPushButton("Preview a recording…", self)
        self.open_button.setToolTip("See the features of a recording or session; no sensor is needed")
        self.open_button.clicked.connect(self._on_open)
        self.recording_box = CalmComboBox(self)
        self.recording_box.setToolTip("Which measurement of the file is shown")
        self.recording_box.activated.connect(self._on_recording)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setToolTip("The end of the frame in view; the arrow keys move it by one reading")
        self.slider.valueChanged.connect(lambda *_: self.moved.emit())
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 100)
        self._place = QLabel(self)
        self.close_button = QPushButton("Close", self)
        self.close_button.clicked.connect(self._on_close)
        self._timer = PlotTimer(self, _PROGRESS_HZ, self._show_progress)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.open_button, self.recording_box):
            row.addWidget(widget)
        for widget in (self.slider, self._bar):
            row.addWidget(widget, 1)
        self._filler = style.text_label("", self, color=style.MUTED)
        row.addWidget(self._filler, 1)
        row.addWidget(self._place)
        row.addWidget(self.close_button)
        connect(self._preview.changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show what is open."""
        preview = self._preview
        recording, busy = preview.recording, preview.busy
        self._show_recordings()
        self.slider.setVisible(recording is not None and not busy)
        self._bar.setVisible(busy)
        self._filler.setVisible(recording is None and not busy)
        self.close_button.setVisible(recording is not None or busy)
        self.close_button.setText("Cancel" if busy else "Close")
        self.close_button.setToolTip("Stop reading the recording" if busy else "Go back to the sensor")
        if recording is not None and self.slider.maximum() != len(recording) - 1:
            self.slider.setRange(0, len(recording) - 1)
            self.slider.setValue(self._first_full_frame())
        self.show_place()
        if busy:
            self._show_progress()
            self._timer.start()
        else:
            self._timer.stop()

    def show_place(self) -> None:
        """Say where in the recording the slider stands."""
        recording = self._preview.recording
        self._place.setVisible(recording is not None)
        if recording is not None:
            last = len(recording) - 1
            now, end = (recording.time_s[min(index, last)] for index in (self.slider.value(), last))
            self._place.setText(f"{now:.1f} of {end:.1f} s")

    def open(self, path: Path) -> None:
        """Open a file as the user does."""
        self._preview.open(path, self.workbench.recipe.features)

    def _first_full_frame(self) -> int:
        return self.workbench.recipe.frame.time_steps - 1

    def _show_recordings(self) -> None:
        names = [recording.name for recording in self._preview.recordings]
        if names != [self.recording_box.itemText(index) for index in range(self.recording_box.count())]:
            self.recording_box.clear()
            self.recording_box.addItems(names)
        self.recording_box.setCurrentIndex(self._preview.index if names else -1)
        self.recording_box.setVisible(bool(names))

    def _show_progress(self) -> None:
        known = self._preview.progress > 0
        self._bar.setRange(0, 100 if known else 0)  # without a range it shows that something is done
        self._bar.setValue(round(100 * self._preview.progress))

    @guarded
    def _on_open(self) -> None:
        path = ask_open(self, "Preview a recording", RECORDING_FILES)
        if path is not None:
            self.open(path)

    @guarded
    def _on_recording(self, index: int) -> None:
        self._preview.show(index)

    @guarded
    def _on_close(self) -> None:
        if self._preview.busy:
            self._preview.cancel()
        else:
            self._preview.close()
