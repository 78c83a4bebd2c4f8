"""Where the sensor is, and the button that connects to it."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QGroupBox,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from ....core.simulate import SCENES
from ....qt import style
from ....qt.bridge import connect, guarded
from ..sensor import measuring
from ..sensor.addresses import KINDS, SIMULATED, Address
from ..sensor.control import SensorControl
from ..sensor.ports import SEARCHED

_BUTTONS = {
    measuring.DISCONNECTED: "Connect",
    measuring.CONNECTING: "Connecting…",
    measuring.DISCONNECTING: "Disconnecting…",
}
_PLACEHOLDERS = {"usb": "No device found", "serial": "/dev/ttyUSB0, COM5, …", "socket": "192.168.0.17"}
_TOOLTIPS = {
    "usb": "The device at USB",
    "serial": "The serial port; type it where it is not found",
    "socket": "The address of the computer the sensor is connected to",
    SIMULATED: "What the simulated sensor sees; another scene takes effect at once",
}


class ConnectionBox(QGroupBox):
    """Shows how the sensor is reached, and what is connected."""

    def __init__(self, control: SensorControl, parent: QWidget | None = None) -> None:
        super().__init__("Connection", parent)
        self.workbench = control.workbench
        self._control = control
        self.kind_box = QComboBox(self)
        self.kind_box.addItems(list(KINDS.values()))
        self.kind_box.setToolTip("How the sensor is connected")
        self.kind_box.activated.connect(self._on_kind)
        self._make_places()
        self._search_button = QToolButton(self)
        self._search_button.setText("⟳")
        self._search_button.setToolTip("Look again for what is connected")
        self._search_button.clicked.connect(self._on_search)
        self.connect_button = QPushButton(self)
        self.connect_button.clicked.connect(self._on_connect)
        self._state = style.text_label("", self, color=style.MUTED, wrap=True)
        grid = QGridLayout(self)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.kind_box, 0, 0)
        grid.addWidget(self._places, 0, 1)
        grid.addWidget(self._search_button, 0, 2)
        grid.addWidget(self._state, 1, 0, 1, 2)
        grid.addWidget(self.connect_button, 2, 0, 1, 3)
        connect(control.changed, self.refresh, self)
        self.refresh()

    @property
    def state(self) -> str:
        """What is connected, in words."""
        return str(self._state.text())

    def place(self, kind: str) -> Any:
        """The editor of the place of one kind of address."""
        return self._editors[kind]

    def refresh(self) -> None:
        """Show the state of the sensor."""
        sensor = self._control.sensor
        self.kind_box.setCurrentIndex(list(KINDS).index(sensor.kind))
        self._places.setCurrentIndex(list(KINDS).index(sensor.kind))
        self._search_button.setVisible(sensor.kind in SEARCHED)
        for kind in SEARCHED:
            self._show_ports(kind)
        self._editors[SIMULATED].setCurrentIndex(list(SCENES).index(sensor.scene))
        idle = sensor.phase == measuring.DISCONNECTED
        self.kind_box.setEnabled(idle)
        self._search_button.setEnabled(idle and not self._control.ports.searching)
        for kind, editor in self._editors.items():
            editor.setEnabled(idle or kind == SIMULATED)
        self.connect_button.setText(_BUTTONS.get(sensor.phase, "Disconnect"))
        self.connect_button.setEnabled(idle or sensor.phase == measuring.CONNECTED)
        self.connect_button.setToolTip("Connect to the sensor" if idle else "Let go of the sensor")
        self._state.setText(self._words())

    def _words(self) -> str:
        sensor = self._control.sensor
        if not sensor.connected:
            return "Looking for sensors…" if self._control.ports.searching else "Not connected"
        numbers = ", ".join(str(number) for number in sensor.sensor_ids)
        return f"{sensor.hardware}, sensor{'s' if len(sensor.sensor_ids) > 1 else ''} {numbers}"

    def _make_places(self) -> None:
        self._places = QStackedWidget(self)
        self._places.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._editors: dict[str, Any] = {}
        for kind in KINDS:
            editor = self._make_editor(kind)
            editor.setToolTip(_TOOLTIPS[kind])
            self._editors[kind] = editor
            self._places.addWidget(editor)

    def _make_editor(self, kind: str) -> Any:
        if kind == "socket":
            line = QLineEdit(self)
            line.setPlaceholderText(_PLACEHOLDERS[kind])
            line.editingFinished.connect(self._on_typed)
            return line
        box = QComboBox(self)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        if kind == SIMULATED:
            box.addItems([name.capitalize() for name in SCENES])
            box.activated.connect(self._on_scene)
            return box
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.lineEdit().setPlaceholderText(_PLACEHOLDERS[kind])
        box.lineEdit().editingFinished.connect(self._on_typed)
        box.activated.connect(self._on_port)
        return box

    def _show_ports(self, kind: str) -> None:
        box, ports = self._editors[kind], self._control.ports.found.get(kind, [])
        texts = [port.text for port in ports]
        if texts != [box.itemText(index) for index in range(box.count())]:
            box.clear()
            box.addItems(texts)
        if kind == self._control.sensor.kind and not box.lineEdit().hasFocus():
            place = self._control.sensor.address.place
            box.setEditText(next((port.text for port in ports if port.place == place), place))

    @guarded
    def _on_kind(self, index: int) -> None:
        kind = list(KINDS)[index]
        self._control.sensor.choose_kind(kind)
        self._control.ports.search(kind)

    @guarded
    def _on_scene(self, index: int) -> None:
        self._control.sensor.choose_scene(list(SCENES)[index])

    @guarded
    def _on_port(self, index: int) -> None:
        kind = self._control.sensor.kind
        self._control.sensor.choose(Address(kind, self._control.ports.found[kind][index].place))

    @guarded
    def _on_typed(self) -> None:
        sensor = self._control.sensor
        editor = self._editors[sensor.kind]
        text = (editor.text() if sensor.kind == "socket" else editor.currentText()).strip()
        found = {port.text: port.place for port in self._control.ports.found.get(sensor.kind, [])}
        place = found.get(text, text)
        if sensor.phase == measuring.DISCONNECTED and place != sensor.address.place:
            sensor.choose(Address(sensor.kind, place))

    @guarded
    def _on_search(self) -> None:
        self._control.ports.search(self._control.sensor.kind)

    @guarded
    def _on_connect(self) -> None:
        sensor = self._control.sensor
        if sensor.phase == measuring.DISCONNECTED:
            sensor.connect()
        else:
            sensor.disconnect()
