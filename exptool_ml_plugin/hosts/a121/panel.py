"""The sensor panel of our tabs: the host's own widgets, so that everything is set in one place."""

from __future__ import annotations

from typing import Any

from acconeer.exptool.app.new import PluginState
from acconeer.exptool.app.new.ui.components.a121 import SessionConfigEditor
from acconeer.exptool.app.new.ui.stream_tab.connection_widget import ClientConnectionWidget
from acconeer.exptool.app.new.ui.stream_tab.plugin_widget import PluginControlArea
from acconeer.exptool.app.new.ui.stream_tab.recording_widget import RecordingWidget
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...qt.bridge import guarded
from ...workbench.workbench import Workbench
from ..scene_box import SceneBox
from ..settings_lock import SettingsLock
from .control import SERVICE, A121Control
from .scene import SimulatedScene

_SETTINGS_HEIGHT = 480
"""Pixels for the host's settings, which scroll inside: what stands above them must not press them to a slit."""


class SensorPanel(QWidget):
    """The host's connection, recording and control widgets, and the simulated scene between them."""

    def __init__(
        self, app_model: Any, workbench: Workbench, *, control: A121Control, scene: SimulatedScene, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.workbench = workbench
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(ClientConnectionWidget(app_model, self))
        rows.addWidget(RecordingWidget(app_model, self))
        self._scene_box = SceneBox(scene, workbench, self)
        rows.addWidget(self._scene_box)
        rows.addWidget(ServiceHint(app_model, workbench, control=control, parent=self))
        self._settings = PluginControlArea(app_model, self)
        self._settings.setMinimumHeight(_SETTINGS_HEIGHT)
        self.lock = SettingsLock(workbench, self._show_locked, self)
        rows.addWidget(self.lock)
        rows.addWidget(self._settings, 1)
        app_model.sig_notify.connect(self._on_notify)
        # The host's widgets show the state when it is told; nothing has changed, so they must be told once.
        app_model.broadcast()
        app_model.broadcast_backend_state()

    @guarded
    def _on_notify(self, app_model: Any) -> None:
        self._scene_box.refresh(can_connect=app_model.plugin_state in (PluginState.UNLOADED, PluginState.LOADED_IDLE))
        self.lock.refresh()  # the host builds its editors anew with another service

    def _show_locked(self, locked: bool) -> None:
        editors: Any = self._settings.findChildren(SessionConfigEditor)
        for editor in editors:
            editor.setEnabled(not locked)


class ServiceHint(QWidget):
    """Says that another service than the one we listen to is loaded, and offers to change that."""

    def __init__(self, app_model: Any, workbench: Workbench, *, control: A121Control, parent: QWidget) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._control = control
        text = QLabel(f"These tabs work on the service {SERVICE}.", self)
        text.setWordWrap(True)
        self.button = QPushButton(f"Choose {SERVICE}", self)
        self.button.clicked.connect(self._on_clicked)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addWidget(text, 1)
        columns.addWidget(self.button)
        app_model.sig_notify.connect(self._on_notify)

    @guarded
    def _on_clicked(self) -> None:
        self._control.select_sparse_iq()

    @guarded
    def _on_notify(self, app_model: Any) -> None:
        self.setVisible(not self._control.uses_sparse_iq)
        self.button.setEnabled(bool(app_model.plugin_state.is_steady))
