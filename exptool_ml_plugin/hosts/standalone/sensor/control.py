"""The stand-alone window's host: the sensor and recordings, driven by the Sensor tab and by all the others."""

from __future__ import annotations

from pathlib import Path

from psygnal import Signal

from ....core.errors import UserError
from ....core.issues import Severity
from ....core.reading import SensorSetup
from ....core.simulate import DEFAULT_SETUP
from ....workbench.problems import broke_off
from ....workbench.workbench import Workbench
from ...a121_library.convert import config_of, setup_of
from ...a121_library.geometry import covering
from .addresses import open_address
from .feed import Feed
from .measuring import CONNECTED, OpenAddress, Sensor
from .ports import Ports
from .recordings import Recordings
from .replay import Replay
from .settings import Settings

RECORDINGS = Path.home() / "Radar recordings"
"""Where measurements are recorded until the user chooses another folder."""


class SensorControl:
    """Puts sensor, settings, recordings and replay of one window together; a `workbench.host_control.HostControl`.

    An open recording takes the place of the sensor until it is closed. `changed` is emitted, in any thread, when
    anything of all that has changed.
    """

    title = "Sensor tab"
    invitation = "connect a sensor in the Sensor tab"
    changed = Signal()

    def __init__(self, workbench: Workbench, *, open_address: OpenAddress = open_address) -> None:
        self.workbench = workbench
        self.feed = Feed(workbench.engine)
        self.settings = Settings(config_of(DEFAULT_SETUP))
        self.recordings = Recordings(RECORDINGS, workbench.report)
        self.sensor = Sensor(self.feed, self.recordings, workbench.report, open_address=open_address)
        self.ports = Ports(self.sensor, workbench.report)
        self.replay = Replay(self.feed, workbench.plugins, workbench.report)
        self.sensor.broke_off.connect(self._on_broke_off)
        for part in (self.sensor, self.ports, self.recordings, self.replay, self.settings):
            part.changed.connect(self._on_changed)
        self._shown: object = None
        workbench.host = self
        self._show_setup()

    @property
    def replays(self) -> bool:
        """True while an open recording takes the place of the sensor."""
        return self.replay.recording is not None

    @property
    def busy(self) -> bool:
        """True while something is measured or replayed."""
        return self.sensor.measuring or self.replay.running

    @property
    def can_start(self) -> bool:
        """True when a sensor is connected and its settings can be used, or a recording is open, and nothing runs."""
        if self.busy or self.replay.opening:
            return False
        return self.replays or (self.sensor.phase == CONNECTED and self.settings.ready)

    @property
    def obstacle(self) -> str:
        """What must be done before anything can be measured, "" where nothing must."""
        if self.replays or self.busy:
            return ""
        if not self.sensor.connected:
            return "Connect a sensor, or open a recording."
        errors = [issue.message for issue in self.settings.issues() if issue.severity is Severity.ERROR]
        return f"Mend the settings first. {errors[0]}" if errors else ""

    def start(self) -> None:
        """Measure, or play the open recording; `UserError` where neither can be done."""
        if self.replays:
            self.replay.start()
        elif not self.settings.ready:
            raise UserError("Expected settings that the sensor takes. Received: others.", self.obstacle)
        else:
            self.sensor.start(self.settings.config)

    def stop(self) -> None:
        """Stop measuring, or playing; where nothing runs, nothing happens."""
        self.replay.stop()
        self.sensor.stop()

    def apply_setup(self, setup: SensorSetup) -> None:
        """Set the sensor to a setup; `UserError` while something runs or a recording is open."""
        self._refuse_fixed_settings()
        self.settings.replace(config_of(setup))

    def cover_setup(self, setup: SensorSetup) -> None:
        """Change sensors, ranges and sweeps of the settings to those of a setup; the rest of them stays.

        `UserError` while something runs or a recording is open, or if the sensor cannot measure it.
        """
        self._refuse_fixed_settings()
        self.settings.replace(covering(self.settings.config, setup, alike=False))

    def close(self) -> None:
        """Stop everything and let go of the sensor."""
        self.replay.close()
        self.sensor.close()
        self.ports.wait()

    def _refuse_fixed_settings(self) -> None:
        if self.replays:
            raise UserError(
                "Expected a sensor to set. Received: a recording is open, whose settings are what they are.",
                "Close the recording in the Sensor tab.",
            )
        if self.busy:
            raise UserError("Expected no running measurement. Received: one is running.", "Stop it first.")

    def _show_setup(self) -> None:
        """Let the workbench know what will be measured.

        What the sensor answered is better known than what it is asked for: kept while nothing was changed.
        """
        recording = self.replay.recording
        wanted = self.settings.config.to_json() if recording is None else recording
        if wanted != self._shown:
            self._shown = wanted
            self.workbench.set_setup(setup_of(self.settings.config) if recording is None else recording.setup)

    def _on_changed(self) -> None:
        self._show_setup()
        self.changed.emit()

    def _on_broke_off(self, reason: str) -> None:
        self.workbench.engine.wait()  # in the sensor's thread: what came just before counts, too
        self.workbench.report(broke_off(reason, self.workbench.session), "the measurement")
