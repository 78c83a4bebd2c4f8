"""Our tabs in the A111 app."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QMainWindow, QWidget

from ...qt.bridge import guarded
from ..host_tabs import HostTabs
from .control import A111Control
from .panel import SensorPanel
from .scene import SimulatedScene
from .tap import Tap


class TabsInHost(HostTabs):
    """The tabs with their ears at the host's window and their hands on it."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        gui: Any = window
        self.gui = gui
        self.control = A111Control(gui)
        self.workbench.host = self.control
        self.scene = SimulatedScene(gui, control=self.control)
        self.tap = Tap(gui, self.workbench, control=self.control, parent=self)
        self.panel: SensorPanel | None = None
        self.show_in(window, self.make_sensor_panel)
        self.tab_widget.currentChanged.connect(self._on_tab)
        self.tap.looked.connect(self._on_looked)

    @classmethod
    def open_in(cls, window: QMainWindow) -> TabsInHost:
        """Add the tabs to the host's window; `LookupError` where it is not built as it should be."""
        needed = (
            *("radar", "threaded_scan", "module_dd", "main_sublayout_widget", "panel_scroll_area_widget"),
            *("basic_sensor_config_section", "advanced_sensor_config_section"),
        )
        missing = [name for name in needed if not hasattr(window, name)]
        if missing:
            raise LookupError(f"expected the window's {', '.join(missing)}, found none")
        return cls(window)

    def make_sensor_panel(self, parent: QWidget) -> QWidget:
        """Build the right-hand panel around the host's own."""
        self.panel = SensorPanel(self.gui, self.workbench, control=self.control, scene=self.scene, parent=parent)
        return self.panel

    def measure_scene(self, name: str) -> None:
        """Connect to a simulated scene; `UserError` for a name that is none."""
        self.scene.choose(name)
        self.scene.connect_host()
        self.tap.look()

    def let_go(self) -> None:
        """Stop listening, and give the host its panel back."""
        self.tap.close()
        if self.panel is not None:
            self.panel.give_back()

    @guarded
    def _on_tab(self, index: int) -> None:
        if self.panel is None or self._closed:
            return
        if index == 0:
            self.panel.give_back()
        else:
            self.panel.take()

    @guarded
    def _on_looked(self) -> None:
        if self.panel is not None:
            self.panel.refresh()
