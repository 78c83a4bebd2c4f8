"""A sensor: connect, measure, let go. Whatever waits for it does so in a thread of its own."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable
from typing import Any

from psygnal import Signal

from ....core.errors import UserError
from ....core.simulate import SCENES
from ...a121_library.record_source import ClientSource
from .addresses import SIMULATED, Address, open_address
from .feed import Feed
from .recordings import Recordings

DISCONNECTED, CONNECTING, CONNECTED = "disconnected", "connecting", "connected"
MEASURING, STOPPING, DISCONNECTING = "measuring", "stopping", "disconnecting"
ALL_SENSORS = (1, 2, 3, 4, 5)
FIRST_SCENE = "push"

OpenAddress = Callable[[Address, Callable[[], str]], Any]


class Sensor:
    """One sensor at a time, or a simulated scene, through a client of the host's library.

    `phase` is one of the words above; `changed` is emitted, in any thread, when it is another. `broke_off` is emitted
    with a reason when a measurement ends by itself. What goes wrong otherwise goes to `report`.
    """

    changed = Signal()
    broke_off = Signal(str)

    def __init__(
        self,
        feed: Feed,
        recordings: Recordings,
        report: Callable[[Exception, str], None],
        *,
        open_address: OpenAddress = open_address,
    ) -> None:
        self.phase = DISCONNECTED
        self.kind = SIMULATED
        self._places: dict[str, str] = {}
        self._feed = feed
        self._recordings = recordings
        self._report = report
        self._open_address = open_address
        self._scene = FIRST_SCENE
        self._client: Any = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def connected(self) -> bool:
        """True while there is a connection."""
        return self.phase in (CONNECTED, MEASURING, STOPPING)

    @property
    def measuring(self) -> bool:
        """True from the start of a measurement until it has ended."""
        return self.phase in (MEASURING, STOPPING)

    @property
    def sensor_ids(self) -> tuple[int, ...]:
        """The sensors that are connected; all that can be where nothing is known."""
        client = self._client
        return ALL_SENSORS if client is None or not self.connected else tuple(client.server_info.connected_sensors)

    @property
    def hardware(self) -> str:
        """Name of what is connected, "" where nothing is."""
        client = self._client
        return "" if client is None or not self.connected else client.server_info.hardware_name or "A121"

    @property
    def scene(self) -> str:
        """The simulated scene that is, or will be, measured."""
        return self._scene

    def choose_scene(self, name: str) -> None:
        """Measure another scene, at once if one is being measured; `UserError` for a name that is none."""
        if name not in SCENES:
            raise UserError(f"Expected a scene: {', '.join(SCENES)}. Received: scene={name}.")
        self._scene = name
        self.changed.emit()

    @property
    def address(self) -> Address:
        """Where the sensor is, or will be looked for; every kind of address keeps its own place."""
        return Address(self.kind, self._places.get(self.kind, ""))

    def choose(self, address: Address) -> None:
        """Look for the sensor somewhere else; `UserError` unless disconnected."""
        self._expect(DISCONNECTED, "Disconnect the other sensor first.")
        self.kind, self._places[address.kind] = address.kind, address.place
        self.changed.emit()

    def choose_kind(self, kind: str) -> None:
        """Look for the sensor with another kind of address, at the place that was chosen for it before."""
        self.choose(Address(kind, self._places.get(kind, "")))

    def connect(self) -> None:
        """Begin to connect to the address; `UserError` unless disconnected. What goes wrong later is reported."""
        self._expect(DISCONNECTED, "Disconnect the other sensor first.")
        self._run(CONNECTING, self._connect)

    def disconnect(self) -> None:
        """Begin to let go of the sensor; `UserError` while measuring."""
        self._expect(CONNECTED, "Stop the measurement first.")
        self._run(DISCONNECTING, self._let_go)

    def start(self, config: Any) -> None:
        """Begin to measure with an `a121.SessionConfig`; `UserError` unless connected and idle."""
        self._expect(CONNECTED, "Connect a sensor, or the simulated scene.")
        self._run(MEASURING, lambda: self._measure(config))

    def stop(self) -> None:
        """Begin to stop measuring, which takes as long as the reading that is being measured."""
        if self.phase == MEASURING:
            self._stop.set()
            self._set(STOPPING)

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop, wait for the thread, and let go of the sensor."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        self._let_go()
        self.phase = DISCONNECTED

    def _expect(self, phase: str, hint: str) -> None:
        if self.phase != phase:
            raise UserError(f"Expected a sensor that is {phase}. Received: {self.phase}.", hint)

    def _set(self, phase: str) -> None:
        self.phase = phase
        self.changed.emit()

    def _run(self, phase: str, work: Callable[[], None]) -> None:
        self._stop.clear()
        self._set(phase)
        self._thread = threading.Thread(target=self._work, args=(work,), name="exptool-ml sensor", daemon=True)
        self._thread.start()

    def _work(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the end of the thread: the user must see whatever comes
            self._report(error, "the sensor")
        client = self._client
        self._set(CONNECTED if client is not None and client.connected else DISCONNECTED)

    def _connect(self) -> None:
        self._client = self._open_address(self.address, lambda: self._scene)

    def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # what cannot be let go of properly is let go of nevertheless
                client.close()

    def _measure(self, config: Any) -> None:
        with self._recordings.of(self._client):
            source = _begin(self._client, config)
            kind = "simulated" if self.kind == SIMULATED else "live"
            self._feed.begin(source.setup, source=kind, host_attributes=source.host_attributes)
            reason = self._take_all(source)
            self._feed.end()
        if reason:
            self.broke_off.emit(reason)

    def _take_all(self, source: ClientSource) -> str:
        """Hand readings over until somebody stops; return why they ended by themselves, "" if they did not."""
        try:
            readings = iter(source)
            while not self._stop.is_set():
                self._feed.take(next(readings))
            source.stop()
        except Exception as error:  # noqa: BLE001 - whatever the sensor or its driver raises, what came is kept
            self._let_go()
            return f"an error of the sensor ({error.__cause__ or error})"
        return ""


def _begin(client: Any, config: Any) -> ClientSource:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the configuration; they stand beside the settings
            return ClientSource(client, config)
    except Exception as error:
        raise UserError(
            f"Expected a sensor that takes the configuration. Received: {error}.",
            "Change it in the Sensor tab, and check that its sensors are connected.",
        ) from error
