"""The simulated scene, from the window's side: connect the host to it, and change it while it is measured."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from acconeer.exptool.app.new import ConnectionInterface, ConnectionState
from PySide6.QtCore import QObject

from ...core.errors import UserError
from ...core.simulate import DEFAULT_SETUP, SCENES
from ...qt.bridge import guarded
from ...workbench.workbench import Workbench
from .control import A121Control
from .scene_file import SceneFile, no_warning, open_scene_client

FIRST_SCENE = "push"


class SimulatedScene(QObject):
    """Offers the scenes of `core.simulate` to the host as a sensor to connect to."""

    names = tuple(SCENES)

    def __init__(self, app_model: Any, workbench: Workbench, *, control: A121Control, parent: QObject) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._app_model = app_model
        self._control = control
        self._file: SceneFile | None = None
        self._name = FIRST_SCENE
        self._connected = False
        app_model.sig_notify.connect(self._on_notify)

    @property
    def name(self) -> str:
        """The scene that is, or will be, measured."""
        return self._name

    @property
    def connected(self) -> bool:
        """True while the host is connected to the scene."""
        return self._connected

    def choose(self, name: str) -> None:
        """Measure another scene, at once if a measurement runs; `UserError` for a name that is none."""
        if name not in SCENES:
            raise UserError(f"Expected a scene: {', '.join(SCENES)}. Received: scene={name}.")
        self._name = name
        if self._file is not None:
            self._file.write(name)

    def connect_host(self) -> None:
        """Connect the host to the scene, in place of any other sensor, and load Sparse IQ to measure it.

        A sensor configuration that was never touched is then replaced by one that suits a hand before the sensor.
        """
        self._control.refuse_while_busy()
        self._control.select_sparse_iq()
        if self._app_model.connection_state is ConnectionState.CONNECTED:
            self._app_model.disconnect_client()
        self._app_model.set_connection_interface(ConnectionInterface.SIMULATED)
        factory = functools.partial(open_scene_client, self._make_file().path)
        task = ("connect_client", {"client_factory": factory, "get_connection_warning": no_warning})
        self._app_model.put_task(task, on_ok=self._on_connected)

    def close(self) -> None:
        """Remove the file the scene is told through."""
        if self._file is not None:
            shutil.rmtree(self._file.path.parent, ignore_errors=True)
            self._file = None

    def _make_file(self) -> SceneFile:
        if self._file is None:
            self._file = SceneFile(Path(tempfile.mkdtemp(prefix="exptool_ml_scene_")) / "scene.txt")
        self._file.write(self._name)
        return self._file

    @guarded
    def _on_connected(self) -> None:
        self._connected = True
        if self._control.is_untouched:
            self._control.apply_setup(DEFAULT_SETUP)
        self._app_model.broadcast()

    @guarded
    def _on_notify(self, app_model: Any) -> None:
        if app_model.connection_state is ConnectionState.DISCONNECTED:
            self._connected = False
