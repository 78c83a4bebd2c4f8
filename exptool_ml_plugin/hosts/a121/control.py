"""The host's own start, stop and settings, for our tabs."""

from __future__ import annotations

from typing import Any

from acconeer.exptool import a121
from acconeer.exptool.a121.algo.sparse_iq import get_sensor_config
from acconeer.exptool.app.new import ConnectionState, PluginGeneration

from ...core.errors import UserError
from ...core.reading import SensorSetup
from ..a121_library.convert import config_of
from ..a121_library.geometry import covering

SERVICE_KEY = "sparse_iq"
SERVICE = "Sparse IQ"


class A121Control:
    """Does what the host's own buttons do; a `workbench.host_control.HostControl`."""

    def __init__(self, app_model: Any) -> None:
        self._app_model = app_model

    @property
    def title(self) -> str:
        """Name of the host."""
        return "Exploration Tool"

    @property
    def invitation(self) -> str:
        """What to do before anything can be measured."""
        return f"connect a sensor and choose the service {SERVICE}"

    @property
    def uses_sparse_iq(self) -> bool:
        """True when the service is loaded whose data we listen to."""
        return getattr(self._app_model.plugin, "key", None) == SERVICE_KEY

    @property
    def is_untouched(self) -> bool:
        """True while the service's sensor configuration is the one the host begins with."""
        config = getattr(self._app_model.backend_plugin_state, "session_config", None)
        return bool(self.uses_sparse_iq and config == a121.SessionConfig(get_sensor_config()))

    @property
    def can_start(self) -> bool:
        """True when a sensor is connected, nothing is measuring and no other service than Sparse IQ is loaded."""
        model = self._app_model
        ready = model.connection_state is ConnectionState.CONNECTED and model.plugin_state.is_steady
        return bool(ready and (self.uses_sparse_iq or model.plugin is None))

    def start(self) -> None:
        """Start measuring, recorded by the host if that is switched on there; `UserError` where it cannot be done.

        Sparse IQ is loaded where no service is; another one is never taken away from the user.
        """
        if self._app_model.connection_state is not ConnectionState.CONNECTED:
            raise UserError("Expected a connected sensor. Received: none.", "Connect one, or the simulated scene.")
        if not self.uses_sparse_iq and self._app_model.plugin is not None:
            raise not_sparse_iq(self._app_model.plugin)
        self.refuse_while_busy()
        self.select_sparse_iq()
        # The backend does one thing after the other: by then the service is loaded.
        self._app_model.put_task(("start_session", {"with_recorder": bool(self._app_model.recording_enabled)}))

    def stop(self) -> None:
        """Stop measuring; where nothing is measuring, nothing happens."""
        if self._app_model.plugin_state.is_busy:
            self._app_model.put_task(("stop_session", {}))

    def apply_setup(self, setup: SensorSetup) -> None:
        """Set the sensor to a setup, with Sparse IQ; `UserError` while measuring or if it is no A121's."""
        config = config_of(setup)
        self.refuse_while_busy()
        self.select_sparse_iq()
        self._app_model.put_task(("update_session_config", {"session_config": config}))

    def cover_setup(self, setup: SensorSetup) -> None:
        """Change sensors, ranges and sweeps of the configuration to those of a setup; the rest of it stays.

        `UserError` while measuring, or if the sensor cannot measure it.
        """
        self.refuse_while_busy()
        config = getattr(self._app_model.backend_plugin_state, "session_config", None)
        if not self.uses_sparse_iq or config is None:
            raise not_sparse_iq(self._app_model.plugin)
        task = ("update_session_config", {"session_config": covering(config, setup, alike=True)})
        self._app_model.put_task(task)

    def select_sparse_iq(self) -> None:
        """Load the service whose data we listen to; `UserError` while another one is measuring."""
        if self.uses_sparse_iq:
            return
        self.refuse_while_busy()
        service = self._app_model.find_plugin(SERVICE_KEY, PluginGeneration.A121)
        if service is None:
            raise UserError(
                f"Expected an Exploration Tool with the service {SERVICE}. Received: one without.",
                "Install another version of acconeer-exptool.",
            )
        self._app_model.load_plugin(service)

    def refuse_while_busy(self) -> None:
        """Raise `UserError` while a measurement runs."""
        if self._app_model.plugin_state.is_busy:
            raise UserError("Expected no running measurement. Received: one is running.", "Stop it first.")


def not_sparse_iq(plugin: Any) -> UserError:
    """Say in words that the loaded service is not the one whose data we listen to."""
    received = getattr(plugin, "title", None) or "none"
    return UserError(
        f"Expected the service {SERVICE}. Received: service={received}.",
        f"Choose the service {SERVICE}, here or in the tab Exploration Tool, then start.",
    )
