"""The sensor's settings as forms made from the host library's classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acconeer.exptool import a121
from qtpy.QtWidgets import QComboBox, QGroupBox, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from ....core.issues import Severity
from ....qt import style
from ....qt.bridge import connect, guarded
from ....qt.file_dialogs import ask_open, ask_save
from ....qt.widgets.issue_label import IssueLabel
from ....qt.widgets.options_form import OptionsForm
from ....workbench.feature_check import setup_text
from ..sensor.config_options import settings_type
from ..sensor.control import SensorControl
from ..sensor.settings import MOST_SUBSWEEPS, SESSION, Entry, sensor_place, subsweep_place
from .place_tabs import PlaceTabs

CONFIGURATION_FILES = "Sensor configurations (*.json)"


class PlaceForm(QWidget):
    """The settings of one place, and what is to be said about them."""

    def __init__(self, control: SensorControl, config_type: type, place: Callable[[], str], parent: QWidget) -> None:
        super().__init__(parent)
        self.workbench = control.workbench
        self._settings = control.settings
        self._place = place
        self.options = OptionsForm(settings_type(config_type), self)
        self._issues = IssueLabel(self)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.options)
        rows.addWidget(self._issues)
        self.options.changed.connect(self._on_changed)
        self.options.noted.connect(self.refresh)

    @property
    def issues(self) -> str:
        """What is said about the settings."""
        return str(self._issues.text())

    def refresh(self) -> None:
        """Show the settings of the place."""
        place = self._place()
        self.options.set_value(self._settings.values(place))
        issues = [issue for issue in self._settings.issues() if issue.where.rpartition(".")[0] == place]
        self.options.mark_issues(issues)
        self._issues.set_issues([*issues, *self.options.notes()])

    @guarded
    def _on_changed(self, settings: Any) -> None:
        self._settings.set_values(self._place(), settings)


class SettingsForm(QGroupBox):
    """Session, sensors and subsweeps; which of them is in view is all that is kept here."""

    def __init__(self, control: SensorControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench = control.workbench
        self._control = control
        self._summary = style.text_label("", self, color=style.MUTED, wrap=True)
        self._forms = QWidget(self)
        self.session = PlaceForm(control, a121.SessionConfig, lambda: SESSION, self._forms)
        self._make_sensors()
        self._make_subsweeps()
        forms = QVBoxLayout(self._forms)
        forms.setContentsMargins(0, 0, 0, 0)
        for widget in (self.session, self.sensors, self._number, self.sensor, self.subsweeps, self.subsweep):
            forms.addWidget(widget)
        rows = QVBoxLayout(self)
        rows.addLayout(self._make_files())
        rows.addWidget(self._summary)
        rows.addWidget(self._forms)
        connect(control.changed, self.refresh, self)
        self.refresh()

    @property
    def entry(self) -> Entry:
        """The sensor in view."""
        entries = self._control.settings.entries
        return entries[min(self.sensors.index, len(entries) - 1)]

    @property
    def subsweep_index(self) -> int:
        """The subsweep in view."""
        return min(self.subsweeps.index, self._control.settings.subsweeps(self.entry) - 1)

    def refresh(self) -> None:
        """Show the settings, or those of the open recording in words."""
        control, settings = self._control, self._control.settings
        setup = self.workbench.setup
        self._summary.setText("" if setup is None else "\n".join(setup_text(setup)))
        self._forms.setVisible(not control.replays)
        self.setTitle("Settings of the recording" if control.replays else "Sensor settings")
        editable = not control.busy and not control.replays
        self._forms.setEnabled(editable)
        self.load_button.setEnabled(editable)
        for button in (self.load_button, self.save_button):
            button.setVisible(not control.replays)
        self._show_tabs()
        self.subsweeps.add_button.setEnabled(settings.subsweeps(self.entry) < MOST_SUBSWEEPS)
        self._show_number()
        for form in (self.session, self.sensor, self.subsweep):
            form.refresh()

    def _show_tabs(self) -> None:
        settings = self._control.settings
        faulty = [issue.where for issue in settings.issues() if issue.severity is Severity.ERROR]
        self.sensors.set_titles(
            [settings.name(entry) + _sign(faulty, sensor_place(entry)) for entry in settings.entries]
        )
        places = [subsweep_place(self.entry, index) for index in range(settings.subsweeps(self.entry))]
        self.subsweeps.set_titles(
            [f"Subsweep {index}" + _sign(faulty, place) for index, place in enumerate(places, start=1)]
        )

    def _show_number(self) -> None:
        known = {*self._control.sensor.sensor_ids, self.entry.sensor_id}
        taken = {sensor_id for group, sensor_id in self._control.settings.entries if group == self.entry.group}
        numbers = [str(number) for number in sorted((known - taken) | {self.entry.sensor_id})]
        if numbers != [self.number_box.itemText(index) for index in range(self.number_box.count())]:
            self.number_box.clear()
            self.number_box.addItems(numbers)
        self.number_box.setCurrentIndex(numbers.index(str(self.entry.sensor_id)))

    def _make_files(self) -> QHBoxLayout:
        self.load_button = QPushButton("Load…", self)
        self.load_button.setToolTip("Load settings that were saved here or in the Exploration Tool (JSON)")
        self.load_button.clicked.connect(self._on_load)
        self.save_button = QPushButton("Save…", self)
        self.save_button.setToolTip("Save the settings as the Exploration Tool does (JSON)")
        self.save_button.clicked.connect(self._on_save)
        row = QHBoxLayout()
        row.addWidget(self.load_button)
        row.addWidget(self.save_button)
        return row

    def _make_sensors(self) -> None:
        self.sensors = PlaceTabs("sensor", self._forms)
        self._add_menu = QMenu(self)
        self._add_menu.aboutToShow.connect(self._on_add_menu)
        self.sensors.add_button.setMenu(self._add_menu)
        self.sensors.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sensors.chosen.connect(self._on_chosen)
        self.sensors.removed.connect(self._on_remove_sensor)
        self.sensor = PlaceForm(self._control, a121.SensorConfig, lambda: sensor_place(self.entry), self._forms)
        self._number = QWidget(self._forms)
        self.number_box = QComboBox(self._number)
        self.number_box.setToolTip("The sensor these settings are for: the number of its connector")
        self.number_box.activated.connect(self._on_number)
        row = QHBoxLayout(self._number)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(style.text_label("Sensor number", self._number), 2)
        row.addWidget(self.number_box, 3)

    def _make_subsweeps(self) -> None:
        self.subsweeps = PlaceTabs("subsweep", self._forms)
        self.subsweeps.add_button.clicked.connect(self._on_add_subsweep)
        self.subsweeps.chosen.connect(self._on_chosen)
        self.subsweeps.removed.connect(self._on_remove_subsweep)
        self.subsweep = PlaceForm(
            self._control, a121.SubsweepConfig, lambda: subsweep_place(self.entry, self.subsweep_index), self._forms
        )

    @guarded
    def _on_add_menu(self) -> None:
        """Offer the sensors that are not measured yet, and any sensor once more in a group of its own."""
        settings, connected = self._control.settings, self._control.sensor.sensor_ids
        self._add_menu.clear()
        for sensor_id in settings.free_sensors(settings.entries[-1].group, connected):
            self._offer(f"Sensor {sensor_id}", sensor_id, new_group=False)
        self._add_menu.addSeparator()
        for sensor_id in connected:
            self._offer(f"Sensor {sensor_id}, after the others (new group)", sensor_id, new_group=True)

    def _offer(self, text: str, sensor_id: int, *, new_group: bool) -> None:
        action = self._add_menu.addAction(text)
        action.triggered.connect(lambda *_: self._add_sensor(sensor_id, new_group=new_group))

    def _add_sensor(self, sensor_id: int, *, new_group: bool) -> None:
        entry = self._control.settings.add_sensor(sensor_id, new_group=new_group)
        self.sensors.bar.setCurrentIndex(self._control.settings.entries.index(entry))

    @guarded
    def _on_chosen(self) -> None:
        self.refresh()

    @guarded
    def _on_number(self, index: int) -> None:
        self._control.settings.change_sensor(self.entry, int(self.number_box.itemText(index)))

    @guarded
    def _on_remove_sensor(self) -> None:
        self._control.settings.remove_sensor(self.entry)

    @guarded
    def _on_add_subsweep(self) -> None:
        self._control.settings.add_subsweep(self.entry)
        self.subsweeps.bar.setCurrentIndex(self._control.settings.subsweeps(self.entry) - 1)

    @guarded
    def _on_remove_subsweep(self) -> None:
        self._control.settings.remove_subsweep(self.entry, self.subsweep_index)

    @guarded
    def _on_load(self) -> None:
        path = ask_open(self, "Load sensor settings", CONFIGURATION_FILES)
        if path is not None:
            self._control.settings.load(path)

    @guarded
    def _on_save(self) -> None:
        path = ask_save(self, "Save sensor settings", "sensor.json", CONFIGURATION_FILES)
        if path is not None:
            self._control.settings.save(path, overwrite=True)


def _sign(faulty: list[str], place: str) -> str:
    """Return a sign for a place in which something must be mended."""
    return " ⚠" if any(where.startswith(f"{place}.") for where in faulty) else ""
