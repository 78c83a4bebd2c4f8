"""Our tabs in the A121 Exploration Tool."""

from __future__ import annotations

from collections import deque
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from ..host_tabs import HostTabs
from .control import A121Control
from .scene import SimulatedScene
from .tap import Tap


class TabsInHost(HostTabs):
    """The tabs with their ears at the host's model and their hands on it."""

    def __init__(self, window: QMainWindow, app_model: Any) -> None:
        super().__init__(window)
        self.app_model = app_model
        self.control = A121Control(app_model)
        self.workbench.host = self.control
        self.scene = SimulatedScene(app_model, self.workbench, control=self.control, parent=self)
        self.tap = Tap(app_model, self.workbench, self)
        self.show_in(window, self.make_sensor_panel)

    @classmethod
    def open_in(cls, window: QMainWindow) -> TabsInHost:
        """Add the tabs to the host's window; `LookupError` where it is not built as it should be."""
        app_model = find_app_model(window)
        if app_model is None:
            raise LookupError("expected the window's AppModel, found none")
        return cls(window, app_model)

    def make_sensor_panel(self, parent: QWidget) -> QWidget:
        """Build the right-hand panel out of the host's widgets."""
        from .panel import SensorPanel

        return SensorPanel(self.app_model, self.workbench, control=self.control, scene=self.scene, parent=parent)

    def measure_scene(self, name: str) -> None:
        """Connect to a simulated scene; `UserError` for a name that is none."""
        self.scene.choose(name)
        self.scene.connect_host()

    def let_go(self) -> None:
        """Stop listening."""
        self.tap.close()
        self.scene.close()


def find_app_model(window: QMainWindow) -> Any:
    """Return the host's model: whatever widget of the window has it, nearest first; None if none has."""
    waiting: deque[QObject] = deque([window])
    while waiting:
        widget = waiting.popleft()
        model = getattr(widget, "app_model", None)
        if model is not None and hasattr(model, "sig_message_plot_plugin"):
            return model
        waiting.extend(child for child in widget.children() if isinstance(child, QWidget))
    return None
