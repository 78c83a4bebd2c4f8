"""Choose a simulated scene and connect to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtWidgets import QGroupBox, QHBoxLayout, QPushButton, QWidget

from ..qt.bridge import guarded
from ..qt.widgets.calm_combo_box import CalmComboBox
from ..workbench.workbench import Workbench


class SceneChoice(Protocol):
    """The scenes of a host, and whether it is connected to one."""

    @property
    def names(self) -> Sequence[str]:
        """All scenes."""

    @property
    def name(self) -> str:
        """The scene that is, or will be, measured."""

    @property
    def connected(self) -> bool:
        """True while the host is connected to the scene."""

    def choose(self, name: str) -> None:
        """Measure another scene, at once if a measurement runs."""

    def connect_host(self) -> None:
        """Connect the host to the scene, in place of any other sensor."""


class SceneBox(QGroupBox):
    """Choose a simulated scene and connect to it; another scene takes effect while measuring."""

    def __init__(self, scene: SceneChoice, workbench: Workbench, parent: QWidget) -> None:
        super().__init__("Simulated scene", parent)
        self.workbench = workbench
        self._scene = scene
        self.scene_box = CalmComboBox(self)
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

    def refresh(self, *, can_connect: bool) -> None:
        """Show the state of the scene; `can_connect` while nothing is measured."""
        connected = self._scene.connected
        self.connect_button.setText("Connected" if connected else "Connect")
        self.connect_button.setEnabled(bool(can_connect and not connected))
        with_signal = self.scene_box.blockSignals(True)
        self.scene_box.setCurrentIndex(self._scene.names.index(self._scene.name))
        self.scene_box.blockSignals(with_signal)

    @guarded
    def _on_chosen(self, index: int) -> None:
        self._scene.choose(self._scene.names[index])

    @guarded
    def _on_connect(self) -> None:
        self._scene.connect_host()
