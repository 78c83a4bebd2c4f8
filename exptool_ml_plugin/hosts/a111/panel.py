"""The sensor panel of our tabs: the A111 app's own panel, which moves to whichever tab is in view."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...qt import style
from ...workbench.workbench import Workbench
from ..scene_box import SceneBox
from ..settings_lock import SettingsLock
from .control import A111Control
from .scene import SimulatedScene


class SensorPanel(QWidget):
    """The host's connection, scan controls and settings themselves, below the simulated scene.

    There is one of each in the host's window: `take` brings them here, `give_back` to the host's own place. What a
    model locks is locked only here.
    """

    def __init__(
        self, gui: Any, workbench: Workbench, *, control: A111Control, scene: SimulatedScene, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._gui = gui
        self._control = control
        self.scene_box = SceneBox(scene, workbench, self)
        self.hint = style.text_label("", self, color=style.WARNING, wrap=True)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.addWidget(self.scene_box)
        self._rows.addWidget(self.hint)
        self.lock = SettingsLock(workbench, self._show_locked, self)
        self._rows.addWidget(self.lock)
        self._rows.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Show the host's state."""
        self.scene_box.refresh(can_connect=not self._control.busy)
        self.hint.setText(self._hint())
        self.hint.setVisible(bool(self.hint.text()))

    def take(self) -> None:
        """Bring the host's panel here."""
        content = self._gui.main_sublayout_widget
        if content.parent() is not self:
            self._gui.panel_scroll_area_widget.removeWidget(content)
            self._rows.insertWidget(self._rows.count() - 1, content)
            content.show()
            self.lock.refresh()

    def give_back(self) -> None:
        """Bring the host's panel back to where the host has it."""
        content = self._gui.main_sublayout_widget
        if content.parent() is self:
            self._rows.removeWidget(content)
            self._enable_settings(True)
            self._gui.panel_scroll_area_widget.addWidget(content)
            self._gui.panel_scroll_area_widget.setCurrentWidget(content)

    def _show_locked(self, locked: bool) -> None:
        if self._gui.main_sublayout_widget.parent() is self:
            self._enable_settings(not locked)

    def _enable_settings(self, enabled: bool) -> None:
        for section in (self._gui.basic_sensor_config_section, self._gui.advanced_sensor_config_section):
            section.setEnabled(enabled)

    def _hint(self) -> str:
        """Say what speaks against measuring with what is chosen."""
        control = self._control
        if control.chosen and not control.service:
            return f"These tabs work on the services Envelope, IQ and Sparse, not on {control.chosen}."
        config = control.config
        if config is not None and config.update_rate is None:
            return (
                "Tick “Limit” at the update rate: without one, times and frequencies are those of 50 readings a second."
            )
        return ""
