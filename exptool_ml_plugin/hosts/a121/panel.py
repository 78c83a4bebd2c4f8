"""The sensor panel of our tabs: the host's own widgets, so that everything is set in one place."""

from __future__ import annotations

from typing import Any

from acconeer.exptool.app.new import PluginState
from acconeer.exptool.app.new.ui.components.a121 import SessionConfigEditor
from acconeer.exptool.app.new.ui.stream_tab.connection_widget import ClientConnectionWidget
from acconeer.exptool.app.new.ui.stream_tab.plugin_widget import PluginControlArea
from acconeer.exptool.app.new.ui.stream_tab.recording_widget import RecordingWidget
from PySide6.QtWidgets import QComboBox, QGroupBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...qt.bridge import connect, guarded
from ...workbench.workbench import Workbench
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
        rows.addWidget(SceneBox(app_model, workbench, scene=scene, parent=self))
        rows.addWidget(ServiceHint(app_model, workbench, control=control, parent=self))
        settings = PluginControlArea(app_model, self)
        settings.setMinimumHeight(_SETTINGS_HEIGHT)
        rows.addWidget(SettingsLock(app_model, workbench, settings=settings, parent=self))
        rows.addWidget(settings, 1)
        # The host's widgets show the state when it is told; nothing has changed, so they must be told once.
        app_model.broadcast()
        app_model.broadcast_backend_state()


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


class SettingsLock(QWidget):
    """Keeps the sensor settings of our panel from being edited while a model locks them, and says so.

    The host's own tab is the user's: what is set there is said where it differs from what the model was trained with.
    """

    def __init__(self, app_model: Any, workbench: Workbench, *, settings: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._settings = settings
        self._text = QLabel("", self)
        self._text.setWordWrap(True)
        self.button = QPushButton("Unlock", self)
        self.button.setToolTip("Edit sensor settings, features and frame length, here and in the Features tab")
        self.button.clicked.connect(self._on_clicked)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addWidget(self._text, 1)
        columns.addWidget(self.button)
        for signal in (workbench.lock.changed, workbench.recipe_changed):
            connect(signal, self._refresh, self)
        app_model.sig_notify.connect(self._on_notify)  # the host builds its editors anew with another service
        self._refresh()

    def _refresh(self) -> None:
        lock = self.workbench.lock
        self.setVisible(lock.locked)
        self._text.setText(f"Sensor settings locked by model {lock.model_name}.")
        editors: Any = self._settings.findChildren(SessionConfigEditor)
        for editor in editors:
            editor.setEnabled(not lock.locked)

    @guarded
    def _on_notify(self) -> None:
        self._refresh()

    @guarded
    def _on_clicked(self) -> None:
        self.workbench.lock.unlock()


class SceneBox(QGroupBox):
    """Choose a simulated scene and connect to it; another scene takes effect while measuring."""

    def __init__(self, app_model: Any, workbench: Workbench, *, scene: SimulatedScene, parent: QWidget) -> None:
        super().__init__("Simulated scene", parent)
        self.workbench = workbench
        self._scene = scene
        self.scene_box = QComboBox(self)
        self.scene_box.addItems([name.capitalize() for name in scene.names])
        self.scene_box.setCurrentIndex(scene.names.index(scene.name))
        self.scene_box.setToolTip("What the simulated sensor sees. Another scene takes effect at once.")
        self.connect_button = QPushButton("Connect", self)
        self.connect_button.setToolTip("Measure the scene instead of a sensor.")
        columns = QHBoxLayout(self)
        columns.addWidget(self.scene_box, 1)
        columns.addWidget(self.connect_button)
        self.scene_box.currentIndexChanged.connect(self._on_chosen)
        self.connect_button.clicked.connect(self._on_connect)
        app_model.sig_notify.connect(self._on_notify)

    @guarded
    def _on_chosen(self, index: int) -> None:
        self._scene.choose(self._scene.names[index])

    @guarded
    def _on_connect(self) -> None:
        self._scene.connect_host()

    @guarded
    def _on_notify(self, app_model: Any) -> None:
        connected = self._scene.connected
        self.connect_button.setText("Connected" if connected else "Connect")
        steady = app_model.plugin_state in (PluginState.UNLOADED, PluginState.LOADED_IDLE)
        self.connect_button.setEnabled(bool(steady and not connected))
        with_signal = self.scene_box.blockSignals(True)
        self.scene_box.setCurrentIndex(self._scene.names.index(self._scene.name))
        self.scene_box.blockSignals(with_signal)
