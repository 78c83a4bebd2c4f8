"""Listens to the A111 app: its settings, and every reading that passes its processing."""

from __future__ import annotations

import json
from typing import Any

from acconeer.exptool.app.old.data_processing import DataProcessing
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ...core.a111 import setup_of
from ...core.errors import UserError
from ...core.reading import Reading, SensorSetup
from ...qt.bridge import guarded
from ...workbench.workbench import Workbench
from ..arrival_clock import ArrivalClock
from .control import A111Control, not_listened_to
from .convert import document_of
from .listening import Arrived, Began, Ear, ListeningProcessing

MS_BETWEEN_LOOKS = 200
"""The host says nothing of its settings and its connection, so they are looked at from time to time."""


class Tap(QObject):
    """Keeps the workbench told of what the host does; nothing it does can raise into the host.

    `looked` is emitted after every look at the host's state, for what shows it.
    """

    looked = Signal()

    def __init__(self, gui: Any, workbench: Workbench, *, control: A111Control, parent: QObject) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._gui = gui
        self._control = control
        self._known = ""
        self._measurement: Began | None = None
        self._setup: SensorSetup | None = None
        self._clock: ArrivalClock | None = None
        self._scan: Any = None
        self._ear = Ear(self)
        self._ear.heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)
        gui.radar = ListeningProcessing(self._ear)
        self._timer = QTimer(self)
        self._timer.setInterval(MS_BETWEEN_LOOKS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def close(self) -> None:
        """Stop listening; a measurement that runs goes on without us."""
        self._timer.stop()
        self._ear.heard.disconnect(self._on_heard)
        self._gui.radar.ear = None
        self._gui.radar = DataProcessing()
        self._end()

    @guarded
    def look(self) -> None:
        """Look at the host's settings, and at a measurement that has ended."""
        if self._control.busy:
            self._follow_scan()
        else:
            self._end()
            self._look_at_settings()
        self.looked.emit()

    def _follow_scan(self) -> None:
        """Hear of the end and of errors of the measurement that runs, once for each."""
        scan = self._gui.threaded_scan
        if scan is not None and scan is not self._scan:
            self._scan = scan
            scan.sig_scan.connect(self._on_scan)

    def _look_at_settings(self) -> None:
        config, sensors = self._control.config, self._control.sensors
        if config is None:
            if self._known:
                self._known = ""
                self.workbench.set_setup(None)
            return
        if not sensors:
            return  # on the way from one sensor to another
        document = {**document_of(config), "sensor": sensors}
        # What the sensor answered is better known than what it is asked for: keep it while nothing was changed.
        text = json.dumps([document, self._control.connected, self._control.loaded])
        if text == self._known:
            return
        self._known = text
        setup = self._setup
        if self._measurement is None or setup is None or self._measurement.config != document:
            setup = setup_of(document, service=self._control.service, info=self._answer(config))
        self.workbench.set_setup(setup)

    def _answer(self, config: Any) -> Any:
        """Return what the sensor will answer to a configuration, where that is known before it is measured."""
        if self._control.loaded:
            return self._gui.data.session_info
        if self._control.simulated and not self._gui.get_gui_state("has_config_error"):
            return self._gui.client.setup_session(config, check_config=False)
        return None

    @guarded
    def _on_heard(self, heard: Any) -> None:
        if isinstance(heard, Exception):
            raise heard
        if isinstance(heard, Began):
            self._prepare(heard)
        elif isinstance(heard, Arrived) and self._clock is not None:
            self._push(heard)

    @guarded
    def _on_scan(self, kind: str, message: str, data: Any = None) -> None:
        if kind == "scan_done":
            self._end()
        elif "error" in kind and self.workbench.measuring:
            self._end()
            self._say_kept(message.strip().splitlines()[0] if message.strip() else kind.replace("_", " "))

    def _prepare(self, began: Began) -> None:
        self._end()
        self._follow_scan()
        if began.module_key != self._control.service:
            self.workbench.report(not_listened_to(began.module_label), "the measurement")
            return
        setup = setup_of(began.config, service=began.module_key, info=began.info)
        self._measurement, self._setup = began, setup
        self._clock = ArrivalClock(None, 1.0 / setup.reading_rate_hz)
        self.workbench.set_setup(setup)

    def _push(self, arrived: Arrived) -> None:
        engine, began = self.workbench.engine, self._measurement
        if began is None or self._setup is None or self._clock is None:
            return
        if not engine.measuring:
            # Not before: only now it is known that the measurement really began.
            engine.begin(self._setup, source=self._source(began), host_attributes=began.host_attributes)
        engine.push(Reading(self._clock.step(arrived.at_s), arrived.matrices, arrived.quality))

    def _end(self) -> None:
        self._clock = None
        self.workbench.engine.end()

    def _source(self, began: Began) -> str:
        if began.from_file:
            return str(self._gui.data_source or "the last measurement")
        return "simulated" if self._control.simulated else "live"

    def _say_kept(self, reason: str) -> None:
        """Say where that is which was collected until the measurement broke off."""
        frames = len(self.workbench.session)
        if self.workbench.session.unsaved:
            problem = UserError(
                f"Expected readings until the measurement is stopped. Received: {reason}",
                f"What was collected is kept: the session in the Collect tab has {frames:,} frames and all readings. "
                "Connect the sensor again and go on, or save the session.",
            )
            self.workbench.report(problem, "the measurement")
