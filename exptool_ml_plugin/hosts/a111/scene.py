"""The simulated scene, from the window's side: connect the A111 app to it, and change it while it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.errors import UserError
from ...core.reading import SPARSE
from ...core.simulate import A111_SETUPS, SCENES
from .control import A111Control
from .scene_client import SceneClient

FIRST_SCENE = "push"
FIRST_SERVICE = SPARSE


class SimulatedScene:
    """Offers the scenes of `core.simulate` to the host as a sensor to connect to."""

    def __init__(self, gui: Any, *, control: A111Control) -> None:
        self._gui = gui
        self._control = control
        self._name = FIRST_SCENE
        self._client: SceneClient | None = None

    @property
    def names(self) -> Sequence[str]:
        """All scenes."""
        return tuple(SCENES)

    @property
    def name(self) -> str:
        """The scene that is, or will be, measured."""
        return self._name

    @property
    def connected(self) -> bool:
        """True while the host is connected to the scene."""
        known = self._client is not None and getattr(self._gui.client, "subclient", None) is self._client
        return known and self._control.connected

    def choose(self, name: str) -> None:
        """Measure another scene, at once if a measurement runs; `UserError` for a name that is none."""
        if name not in SCENES:
            raise UserError(f"Expected a scene: {', '.join(SCENES)}. Received: scene={name}.")
        self._name = name
        if self._client is not None:
            self._client.scene_name = name

    def connect_host(self) -> None:
        """Connect the host to the scene, in place of any other sensor; Sparse is chosen where no service was.

        Sensor configurations of services that were never touched are replaced by ones that suit a hand.
        """
        self._control.refuse_while_busy()
        if not self._control.service:
            self._control.choose_service(FIRST_SERVICE)
        interfaces = self._gui.interface_dd
        interfaces.setCurrentIndex(interfaces.findData("mock"))  # disconnects what was connected by another interface
        if self._control.connected:
            self._gui.connect_to_server()
        self._gui.connect_to_server()
        client = SceneClient(self._name, squeeze=False)
        client.connect()
        self._gui.client.subclient = self._client = client
        self._gui.statusBar().showMessage(f"Connected via {client.description}")
        for setup in A111_SETUPS.values():
            self._control.configure_untouched(setup)
