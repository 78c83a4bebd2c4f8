"""The button of the single trigger, and the markers that press it from afar."""

from __future__ import annotations

from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QShortcut, QVBoxLayout, QWidget

from ...core.marker import PORT
from ...core.options import OptionInfo
from ...workbench.workbench import Workbench
from .. import style
from ..bridge import connect, guarded
from .editors import make_editor

_PORT = OptionInfo(
    name="port",
    kind=int,
    default=PORT,
    text="UDP port",
    doc="Where markers of programs on this computer arrive.",
    minimum=1024,
    maximum=65535,
)


class MarkerBox(QWidget):
    """Marks the next reading with a button or Alt+T, and switches the listening for markers."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.button = QPushButton("Trigger", self)
        self.button.setToolTip("Cut a frame now (Alt+T)")
        # A shortcut of the button's own would animate it for 100 ms first.
        self.shortcut = QShortcut(QKeySequence("Alt+T"), self)
        self.listen_box = QCheckBox("Listen for markers", self)
        self.listen_box.setToolTip("Let a program on this computer trigger, for example “exptool-ml mark”")
        self.port = make_editor(_PORT, self)
        self._lay_out()
        self.button.pressed.connect(self._on_trigger)
        self.shortcut.activated.connect(self._on_trigger)
        self.listen_box.clicked.connect(self._on_listen)
        connect(workbench.measuring_changed, self._show, self)
        connect(workbench.markers.changed, self._show, self)
        self.port.set_value(workbench.markers.port)
        self._show()

    def _lay_out(self) -> None:
        listening = QHBoxLayout()
        listening.addWidget(self.listen_box)
        listening.addStretch(1)
        listening.addWidget(style.text_label(_PORT.text, self))
        listening.addWidget(self.port)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.button)
        rows.addLayout(listening)
        self._state = style.text_label("", self, color=style.MUTED, wrap=True)
        rows.addWidget(self._state)

    def _show(self) -> None:
        markers = self.workbench.markers
        self.button.setEnabled(bool(self.workbench.measuring))
        self.listen_box.setChecked(bool(markers.listening))
        self.port.setEnabled(not markers.listening)
        if markers.listening:
            self.port.set_value(markers.port)
        command = "exptool-ml mark" if markers.port == PORT else f"exptool-ml mark --port {markers.port}"
        self._state.setText(f"Trigger from elsewhere with: {command}" if markers.listening else "")
        self._state.setVisible(bool(markers.listening))

    @guarded
    def _on_trigger(self) -> None:
        self.workbench.mark()

    @guarded
    def _on_listen(self) -> None:
        markers = self.workbench.markers
        try:
            if self.listen_box.isChecked():
                markers.listen(self.port.value())
            else:
                markers.stop()
        finally:
            self._show()
