"""Recordings of the A121 Exploration Tool, A121 sensors, and simulated scenes, as sources for scripts.

Every `exptool-ml` command loads this module, so the host's library is imported where it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from ...core.errors import UserError
from ...core.reading import A121, Reading, SensorSetup
from ...core.recording import Recording
from ..simulated_source import SimulatedSource

if TYPE_CHECKING:
    from ...hookspecs import LiveSource

CLIENT_OPTIONS = {"serial": "serial_port", "usb": "usb_device", "socket": "ip_address"}
"""Kinds of address, and what the host's client calls them."""


class A121Source:
    """Reads what the host recorded, and measures with an A121 or a simulated one."""

    key = "a121"

    def read(self, path: Path) -> list[Recording] | None:
        """Return the recordings in a file, one for each of the host's sessions; None if it is no A121 recording."""
        if not is_a121_recording(path):
            return None
        from acconeer.exptool import a121

        from .recordings import recordings_of

        try:
            with a121.open_record(path) as record:
                return recordings_of(record, name=path.stem, tags={"file": path.name})
        except Exception as error:
            raise UserError(
                f"Expected a recording of an A121 that can be read to its end. Received: {path} ({error}).",
                "Record it again, or update acconeer-exptool if a newer version wrote it.",
            ) from error

    def open(self, address: dict[str, Any], setup: SensorSetup) -> LiveSource | None:
        """Start measuring on a sensor or in a scene; None if the address is of neither kind, or the setup no A121's."""
        if setup.generation != A121:
            return None
        kind, place = next(iter(address.items()))
        if kind == "simulated":
            return SimulatedSource(str(place), setup)
        if kind not in CLIENT_OPTIONS:
            return None
        return ClientSource.connect({CLIENT_OPTIONS[kind]: place}, setup)


def is_a121_recording(path: Path) -> bool:
    """Tell whether the file says it is an A121 recording; `UserError` if it is damaged or cannot be read."""
    try:
        if not h5py.is_hdf5(path):
            return False
        with h5py.File(path, "r") as file:
            return "generation" in file and bytes(file["generation"][()]) == b"a121"
    except (OSError, TypeError) as error:
        raise UserError(f"Expected a readable HDF5 file. Received: {path} ({error}).") from error


def open_client(options: dict[str, Any]) -> Any:
    """Return a client of the host, `a121.Client`, connected as its options say; `UserError` if it cannot be."""
    from acconeer.exptool import a121

    try:
        return a121.Client.open(**options)
    except Exception as error:
        shown = ", ".join(f"{name}={value}" for name, value in options.items())
        raise UserError(
            f"Expected an A121 at the address. Received: {shown} ({error}).",
            "Check the cable, the address and that no other program uses the sensor.",
        ) from error


class ClientSource:
    """A sensor measuring through the host's client.

    `host_attributes` are the texts that make its readings a recording of the host.
    """

    def __init__(self, client: Any, config: Any) -> None:
        from .convert import extended, setup_of
        from .recordings import attributes_of_now, calibrations_of

        self._client = client
        self._config = config
        self._metadata = extended(client.setup_session(config), config)
        self.setup = setup_of(config, self._metadata)
        self.host_attributes = calibrations_of(client) | attributes_of_now(
            config, self._metadata, client_info=client.client_info, server_info=client.server_info
        )
        self._open = True
        client.start_session()

    @classmethod
    def connect(cls, options: dict[str, Any], setup: SensorSetup) -> ClientSource:
        """Connect with the options of the host's client and start; `UserError` if either fails."""
        from .convert import config_of

        config = config_of(setup)
        client = open_client(options)
        try:
            return cls(client, config)
        except Exception as error:
            client.close()
            shown = ", ".join(f"{name}={value}" for name, value in options.items())
            raise UserError(
                f"Expected a sensor that takes the recipe's configuration. Received: {shown} ({error}).",
                "Check that the sensors of the configuration are connected.",
            ) from error

    def __iter__(self) -> Iterator[Reading]:
        """Yield readings until closed; `UserError` when the sensor is gone."""
        from .recordings import readings_of

        return readings_of(self._results(), self._config, self._metadata)

    def close(self) -> None:
        """Stop measuring and let go of the sensor; further calls do nothing."""
        if not self._open:
            return
        try:
            self.stop()
        finally:
            self._client.close()

    def stop(self) -> None:
        """Stop measuring; the client stays connected, for the next measurement."""
        self._open = False
        self._client.stop_session()

    def _results(self) -> Iterator[Any]:
        from .convert import extended

        while self._open:
            try:
                result = self._client.get_next()
            except Exception as error:
                raise UserError(
                    f"Expected the next reading. Received: {error}.", "Check the connection of the sensor."
                ) from error
            yield extended(result, self._config)
