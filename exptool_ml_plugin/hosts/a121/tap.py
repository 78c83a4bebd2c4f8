"""Listens to the host: its settings, and every reading its Sparse IQ service sends to its own plots."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from acconeer.exptool import a121
from acconeer.exptool.app.new import ConnectionInterface, ConnectionState, PluginState
from PySide6.QtCore import QObject

from ...core.reading import GOOD, Quality, Reading, SensorSetup
from ...qt.bridge import guarded
from ...workbench.problems import broke_off
from ...workbench.workbench import Workbench
from ..a121_library.convert import (
    Extended,
    Place,
    asked_rate_hz,
    extended,
    matrices_of_processed,
    places_of,
    setup_of,
)
from ..a121_library.recordings import attributes_of_now
from ..arrival_clock import ArrivalClock
from .control import SERVICE_KEY, not_sparse_iq

TICKS_PER_SECOND = 1_000_000
"""Resolution of the times we give to readings that come without ticks."""

_SECONDS_TO_SAY_WHY = 2.0
"""An error of the host that comes so soon after the end of a measurement is about that measurement."""

_WARNINGS = {"data saturated": "saturated", "frame delayed": "delayed", "calibration needed": "calibration_needed"}
"""What the host writes into its status bar just before the reading it is about, and our word for it."""


@dataclass(frozen=True)
class _Measurement:
    """What is known of a measurement before its first reading."""

    setup: SensorSetup
    places: tuple[Place, ...]
    clock: ArrivalClock
    host_attributes: dict[str, str]


class Tap(QObject):
    """Keeps the workbench told of what the host does; nothing it does can raise into the host."""

    def __init__(self, app_model: Any, workbench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._app_model = app_model
        self._known_config = ""
        self._measurement: _Measurement | None = None
        self._file: str | None = None
        self._warned: set[str] = set()
        self._was_busy = False
        self._was_connected = False
        self._ended_s = -math.inf
        app_model.sig_message_plot_plugin.connect(self._on_message)
        app_model.sig_backend_state_changed.connect(self._on_settings)
        app_model.sig_load_plugin.connect(self._on_load_plugin)
        app_model.sig_status_file_path.connect(self._on_file)
        app_model.sig_status_message.connect(self._on_status)
        app_model.sig_notify.connect(self._on_notify)
        app_model.sig_error.connect(self._on_error)
        self._catch_up()

    def close(self) -> None:
        """Stop listening."""
        model = self._app_model
        model.sig_message_plot_plugin.disconnect(self._on_message)
        model.sig_backend_state_changed.disconnect(self._on_settings)
        model.sig_load_plugin.disconnect(self._on_load_plugin)
        model.sig_status_file_path.disconnect(self._on_file)
        model.sig_status_message.disconnect(self._on_status)
        model.sig_notify.disconnect(self._on_notify)
        model.sig_error.disconnect(self._on_error)
        self._end()

    @property
    def _uses_sparse_iq(self) -> bool:
        return getattr(self._app_model.plugin, "key", None) == SERVICE_KEY

    @guarded
    def _catch_up(self) -> None:
        """Learn what was said before we listened: the settings, and a measurement that runs already."""
        state = self._app_model.backend_plugin_state
        self._on_settings(state)
        metadata = getattr(state, "metadata", None)
        if self._uses_sparse_iq and self._app_model.plugin_state is PluginState.LOADED_BUSY and metadata is not None:
            self._prepare(state.session_config, extended(metadata, state.session_config))

    @guarded
    def _on_message(self, message: Any) -> None:
        if not self._uses_sparse_iq:
            return
        if message.name == "setup":
            self._prepare(message.session_config, extended(message.metadata, message.session_config))
        elif message.name == "plot" and self._measurement is not None:
            self._push(self._measurement, message.result)

    @guarded
    def _on_settings(self, state: Any) -> None:
        config = getattr(state, "session_config", None)
        if config is None or not self._uses_sparse_iq:
            return
        # What the sensor answered is better known than what it is asked for: keep it while nothing was changed.
        text = config.to_json()
        if text != self._known_config:
            self._known_config = text
            self.workbench.set_setup(setup_of(config))

    @guarded
    def _on_load_plugin(self, plugin: Any) -> None:
        self._end()
        self._known_config = ""
        if getattr(plugin, "key", None) != SERVICE_KEY:
            self.workbench.set_setup(None)

    @guarded
    def _on_file(self, name: str, opened: bool) -> None:
        self._file = name if opened else None

    @guarded
    def _on_status(self, text: Any) -> None:
        lower = str(text or "").lower()
        self._warned.update(flag for words, flag in _WARNINGS.items() if words in lower)

    @guarded
    def _on_notify(self, app_model: Any) -> None:
        busy = app_model.plugin_state is PluginState.LOADED_BUSY
        connected = app_model.connection_state is ConnectionState.CONNECTED
        if self._was_connected and not connected and self.workbench.measuring:
            self._end()  # the host may go on saying that it measures
            self._say_kept("the sensor was disconnected")
        self._was_connected = connected
        if not busy and self.workbench.measuring:
            self._ended_s = time.monotonic()
            self._end()
        if busy and not self._was_busy and not self._uses_sparse_iq:
            self.workbench.report(not_sparse_iq(app_model.plugin), "the measurement")
        self._was_busy = busy

    @guarded
    def _on_error(self, error: Any) -> None:
        # The host ends the measurement first, then says why.
        if self.workbench.measuring or time.monotonic() - self._ended_s < _SECONDS_TO_SAY_WHY:
            self._say_kept(f"an error of the sensor ({error})")

    def _say_kept(self, reason: str) -> None:
        """Say once where that is which was collected until the measurement broke off."""
        self._ended_s = -math.inf
        if self.workbench.session.unsaved:
            self.workbench.report(broke_off(reason, self.workbench.session), "the measurement")

    def _prepare(self, config: a121.SessionConfig, metadata: Extended) -> None:
        self._end()
        setup = setup_of(config, metadata)
        self._known_config = config.to_json()
        asked_hz = asked_rate_hz(config)
        self._measurement = _Measurement(
            setup=setup,
            places=places_of(config),
            clock=ArrivalClock(1.0 / asked_hz if asked_hz else None, 1.0 / setup.reading_rate_hz),
            host_attributes=self._host_attributes(config, metadata),
        )
        self._warned.clear()
        self.workbench.set_setup(setup)

    def _push(self, measurement: _Measurement, result: Extended) -> None:
        engine = self.workbench.engine
        if not engine.measuring:
            # Not before: only now it is known whether a file is replayed, and that the measurement really began.
            engine.begin(measurement.setup, source=self._source, host_attributes=measurement.host_attributes)
        quality = GOOD
        if self._warned:
            quality = Quality(**dict.fromkeys(self._warned, True))
            self._warned.clear()
        time_s = measurement.clock.step(time.monotonic())
        engine.push(Reading(time_s, matrices_of_processed(result, measurement.places), quality))

    def _end(self) -> None:
        self._measurement = None
        self.workbench.engine.end()

    @property
    def _source(self) -> str:
        if self._file is not None:
            return self._file
        return "simulated" if self._app_model.connection_interface is ConnectionInterface.SIMULATED else "live"

    def _host_attributes(self, config: a121.SessionConfig, metadata: Extended) -> dict[str, str]:
        """Return the texts that make our recording one of the host's; what the window does not know is made up."""
        connected = set(self._app_model.connected_sensors) | {
            sensor_id for group in config.groups for sensor_id in group
        }
        server = a121.ServerInfo(
            rss_version=self._app_model.rss_version or f"a121-v{a121.SDK_VERSION}",
            sensor_count=5,
            ticks_per_second=TICKS_PER_SECOND,
            sensor_infos={number: a121.SensorInfo(connected=number in connected) for number in range(1, 6)},
        )
        simulated = self._source == "simulated"
        client = a121.ClientInfo(mock=a121.MockInfo() if simulated else None)
        return attributes_of_now(config, metadata, client_info=client, server_info=server)
