"""Whether measurements are recorded, and where to."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtWidgets import QCheckBox, QGridLayout, QGroupBox, QPushButton, QWidget

from ....qt import style
from ....qt.bridge import connect, guarded
from ....qt.file_dialogs import ask_folder
from ....qt.widgets.model_info_box import ElidedLabel
from ..sensor.control import SensorControl


class RecordBox(QGroupBox):
    """Switches recording on and off; a measurement that runs stays as it was begun."""

    def __init__(self, control: SensorControl, parent: QWidget | None = None) -> None:
        super().__init__("Recording", parent)
        self.workbench = control.workbench
        self._control = control
        self.switch = QCheckBox("Record measurements", self)
        self.switch.setToolTip(
            "Write every measurement to a new file that the Exploration Tool opens, too.\n"
            "Counts from the next start; a replay is not recorded."
        )
        self.switch.clicked.connect(self._on_switch)
        self._folder = ElidedLabel(self, middle=True)
        style.set_text_color(self._folder, style.MUTED)
        self.folder_button = QPushButton("Folder…", self)
        self.folder_button.setToolTip("Choose the folder for recordings")
        self.folder_button.clicked.connect(self._on_folder)
        self._last = ElidedLabel(self, middle=True)
        self.replay_button = QPushButton("Open", self)
        self.replay_button.setToolTip("Open the newest recording, to play it")
        self.replay_button.clicked.connect(self._on_replay)
        grid = QGridLayout(self)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.switch, 0, 0, 1, 2)
        grid.addWidget(self._folder, 1, 0)
        grid.addWidget(self.folder_button, 1, 1)
        grid.addWidget(self._last, 2, 0)
        grid.addWidget(self.replay_button, 2, 1)
        connect(control.changed, self.refresh, self)
        self.refresh()

    def refresh(self) -> None:
        """Show where recordings go, and which was the last."""
        recordings = self._control.recordings
        self.switch.setChecked(recordings.enabled)
        self._folder.set_text(_short(recordings.folder))
        self._folder.setToolTip(str(recordings.folder))
        last = recordings.last
        for widget in (self._last, self.replay_button):
            widget.setVisible(last is not None)
        if last is not None:
            self._last.set_text(f"{last.readings:,} readings in {last.path.name}")
            self._last.setToolTip(str(last.path))
        self.replay_button.setEnabled(not self._control.busy and not self._control.replay.opening)

    @guarded
    def _on_switch(self) -> None:
        self._control.recordings.set_enabled(self.switch.isChecked())

    @guarded
    def _on_folder(self) -> None:
        folder = ask_folder(self, "Folder for recordings")
        if folder is not None:
            self._control.recordings.set_folder(folder)

    @guarded
    def _on_replay(self) -> None:
        last = self._control.recordings.last
        if last is not None:
            self._control.replay.open(last.path)


def _short(folder: Path) -> str:
    """Return the path of a folder, from the user's own where it lies within."""
    home = Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)
