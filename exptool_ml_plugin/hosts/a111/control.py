"""The A111 app's own start, stop and settings, for our tabs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acconeer.exptool.app.old.elements.helper import LoadState
from acconeer.exptool.app.old.elements.modules import MODULE_KEY_TO_MODULE_INFO_MAP

from ...core.errors import UserError
from ...core.reading import A111, SERVICES, SPARSE, SensorSetup
from .convert import config_from, config_of, document_of, refuse_errors

SERVICE_NAMES: Mapping[str, str] = SERVICES[A111]
_CHOICE = "Envelope, IQ or Sparse"


class A111Control:
    """Does what the host's own buttons do; a `workbench.host_control.HostControl`. `gui` is the host's window."""

    def __init__(self, gui: Any) -> None:
        self._gui = gui

    @property
    def title(self) -> str:
        """Name of the host."""
        return "Exploration Tool"

    @property
    def invitation(self) -> str:
        """What to do before anything can be measured."""
        return f"connect a sensor and choose the service {_CHOICE}"

    @property
    def service(self) -> str:
        """Key of the chosen service, "" where it is none we can listen to."""
        key = getattr(self._gui.current_module_info, "key", "")
        return key if key in SERVICE_NAMES else ""

    @property
    def chosen(self) -> str:
        """Name of the service or detector that is chosen, "" for none."""
        return str(getattr(self._gui.current_module_info, "label", ""))

    @property
    def config(self) -> Any:
        """The host's sensor configuration of the chosen service; None where it is none of ours."""
        return self.config_for(self.service) if self.service else None

    def config_for(self, service: str) -> Any:
        """Return the host's sensor configuration of a service, which it keeps while another one is chosen."""
        return self._gui.module_label_to_sensor_config_map[SERVICE_NAMES[service]]

    @property
    def sensors(self) -> list[int]:
        """The sensors that are ticked."""
        return list(self._gui.get_sensors())

    @property
    def connected(self) -> bool:
        """True while a sensor is connected."""
        return bool(self._gui.get_gui_state("server_connected"))

    @property
    def simulated(self) -> bool:
        """True while the sensor is a simulated one."""
        return self.connected and self._gui.client.get_link_type() == "mock"

    @property
    def busy(self) -> bool:
        """True while a measurement or a replay runs."""
        return bool(self._gui.get_gui_state("scan_is_running"))

    @property
    def loaded(self) -> bool:
        """True while a recording is opened instead of a sensor."""
        return bool(self._gui.get_gui_state("load_state") is LoadState.LOADED)

    @property
    def can_start(self) -> bool:
        """True when a sensor is connected or a recording opened, nothing is measuring, and the service is ours."""
        ready = self.loaded or (self.connected and not self._gui.get_gui_state("has_config_error"))
        return bool(ready and not self.busy and self.service)

    def start(self) -> None:
        """Start measuring, or replay where only a recording is opened; `UserError` where neither can be done."""
        self.refuse_while_busy()
        if not (self.connected or self.loaded):
            raise UserError("Expected a connected sensor. Received: none.", "Connect one, or the simulated scene.")
        if not self.service:
            raise not_listened_to(self.chosen)
        self._refuse_what_the_host_would_ask_about()
        if self.loaded and not self.connected:
            self._gui.load_scan(restart=True)
            return
        self._leave_recording()
        self._gui.start_scan()

    def stop(self) -> None:
        """Stop measuring; where nothing is measuring, nothing happens."""
        if self.busy:
            self._gui.stop_scan()

    def apply_setup(self, setup: SensorSetup) -> None:
        """Choose the setup's service and configure it; `UserError` while measuring, or if it is no A111's."""
        config = config_of(setup)
        self.refuse_while_busy()
        self._refuse_missing_sensors(setup)
        self.choose_service(setup.service)
        self._configure(config, list(setup.sensor_ids))

    def cover_setup(self, setup: SensorSetup) -> None:
        """Change service, sensors, range and sweeps of the configuration to those of a setup; the rest of it stays.

        `UserError` while measuring, or if the sensor cannot measure it.
        """
        self.refuse_while_busy()
        if setup.service not in SERVICE_NAMES:
            raise not_listened_to(setup.service)
        self._refuse_missing_sensors(setup)
        changed = {**document_of(self.config_for(setup.service)), "sensor": list(setup.sensor_ids)}
        low = min(channel.start_m for channel in setup.channels)
        high = max(channel.end_m for channel in setup.channels)
        changed["range_interval"] = [round(low, 4), round(high, 4)]
        if setup.service == SPARSE:
            changed["sweeps_per_frame"] = max(channel.sweeps for channel in setup.channels)
        config = config_from(changed, setup.service)
        refuse_errors(config)
        self.choose_service(setup.service)
        self._configure(config, list(setup.sensor_ids))

    def configure_untouched(self, setup: SensorSetup) -> None:
        """Give the setup's service its configuration, where it still is the one the host begins with."""
        own, made = self.config_for(setup.service), config_of(setup)
        begun = MODULE_KEY_TO_MODULE_INFO_MAP[setup.service].sensor_config_class()
        begun.sensor = made.sensor = own.sensor
        if document_of(own) == document_of(begun):
            own._loads(made._dumps())

    def choose_service(self, service: str) -> None:
        """Choose a service in the host's own drop-down; `UserError` while measuring."""
        if service == self.service:
            return
        self.refuse_while_busy()
        self._gui.plot_queue = []  # else it draws the last reading into the other service's plots, and stumbles
        self._gui.module_dd.setCurrentIndex(self._gui.module_dd.findText(SERVICE_NAMES[service]))

    def refuse_while_busy(self) -> None:
        """Raise `UserError` while a measurement or a replay runs."""
        if self.busy:
            raise UserError("Expected no running measurement. Received: one is running.", "Stop it first.")

    def _configure(self, config: Any, sensors: list[int]) -> None:
        self._leave_recording()
        own = self.config
        own._loads(config._dumps())
        self._gui.set_sensors(sensors)
        self._gui.update_pidgets_on_event(sensor_config=own)

    def _leave_recording(self) -> None:
        """Close an opened recording, whose settings cannot be changed: the host's button does that, and no more."""
        if self.loaded:
            self._gui.buttons["start"].click()

    def _refuse_missing_sensors(self, setup: SensorSetup) -> None:
        there = self._gui.sensors_available
        missing = sorted(set(setup.sensor_ids) - set(there or setup.sensor_ids))
        if missing:
            raise UserError(
                f"Expected sensors {_listed(setup.sensor_ids)}. Received: a board with {_listed(there)}.",
                "Connect a board with these sensors, or limit the features to those there are.",
            )

    def _refuse_what_the_host_would_ask_about(self) -> None:
        """Raise `UserError` for what the host would say in a box that must be closed first."""
        if not self.sensors:
            raise UserError("Expected at least one sensor. Received: none.", "Tick a sensor in the sensor settings.")
        buffer = self._gui.textboxes["sweep_buffer"].text()
        if not (buffer.strip().isdecimal() and int(buffer) > 0):
            raise UserError(
                f"Expected a whole number of buffered frames above 0. Received: {buffer!r}.",
                "Type another number into “Max buffered frames”.",
            )
        if self._gui.get_gui_state("has_config_error") and not self.loaded:
            raise UserError(
                "Expected a sensor configuration without errors. Received: one with errors.",
                "Mend what is marked red in the sensor settings.",
            )


def not_listened_to(chosen: str) -> UserError:
    """Say in words that what is chosen is no service whose data we listen to."""
    return UserError(
        f"Expected the service {_CHOICE}. Received: {chosen or 'none'}.",
        "Power bins and the detectors give no readings to learn from. Choose one of the services, here or in the tab "
        "Exploration Tool, then start.",
    )


def _listed(numbers: Any) -> str:
    return ", ".join(str(number) for number in numbers)
