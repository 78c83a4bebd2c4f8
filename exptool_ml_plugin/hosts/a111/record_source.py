"""Recordings of the A111 app, A111 sensors, and simulated scenes as an A111 sees them, as sources for scripts.

Every `exptool-ml` command loads this module, so the host's library is imported where it is needed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from ...core import a111
from ...core.errors import UserError
from ...core.reading import A111, Reading, SensorSetup
from ...core.recording import Recording
from ...core.session_file import is_session, load_session
from ..arrival_clock import ArrivalClock
from ..simulated_source import SimulatedSource

if TYPE_CHECKING:
    from ...hookspecs import LiveSource

_NEEDED = ("mode", "sensor_config_dump", "session_info", "data")
_TEXTS = ("mode", "sensor_config_dump", "session_info", "module_key", "processing_config_dump", "rss_version")
_KEPT = (*_TEXTS, "lib_version", "timestamp")
_CLIENT_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "serial": {"link": "uart", "protocol": "module"},
    "socket": {"link": "socket"},
}
_PLACES = {"serial": "serial_port", "socket": "host"}
"""Kinds of address: what the host's client is told, and what it calls the address."""


class A111Source:
    """Reads what the A111 app recorded, and measures with an A111 or a simulated one."""

    key = "a111"

    def read(self, path: Path) -> list[Recording] | None:
        """Return the recording in a file (.h5 or .npz), or those of a session; None if it is none of an A111."""
        packed = _packed(path)
        if packed is None:
            return None
        if is_session(path):
            return list(load_session(path).recordings)
        try:
            return [_recording(packed, name=path.stem, tags={"file": path.name})]
        except UserError:
            raise
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"Expected a recording of an A111 that can be read to its end. Received: {path} ({error}).",
                "Record it again.",
            ) from error

    def open(self, address: dict[str, Any], setup: SensorSetup) -> LiveSource | None:
        """Start measuring on a sensor or in a scene; None if the address is of neither kind, or the setup no A111's."""
        if setup.generation != A111:
            return None
        kind, place = next(iter(address.items()))
        if kind == "simulated":
            return SimulatedSource(str(place), setup)
        if kind not in _CLIENT_OPTIONS:
            return None
        return ClientSource.connect({**_CLIENT_OPTIONS[kind], _PLACES[kind]: place}, setup)


def _packed(path: Path) -> dict[str, Any] | None:
    """Return what a file holds by the host's names, None if it is no recording of an A111."""
    try:
        if path.suffix.lower() == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                packed = {name: arrays[name][()] for name in arrays.files} if set(_NEEDED) <= set(arrays.files) else {}
        elif not h5py.is_hdf5(path):
            return None
        else:
            with h5py.File(path, "r") as file:
                of_a111 = "generation" not in file and all(name in file for name in _NEEDED)
                names = (*_KEPT, "data", "data_info", "sample_times")
                packed = {name: file[name][()] for name in names if name in file} if of_a111 else {}
    except (OSError, ValueError, TypeError) as error:
        kind = "NumPy" if path.suffix.lower() == ".npz" else "HDF5"
        raise UserError(f"Expected a readable {kind} file. Received: {path} ({error}).") from error
    return packed or None


def _recording(packed: Mapping[str, Any], *, name: str, tags: dict[str, str]) -> Recording:
    texts = {key: _text(packed[key]) for key in (*_KEPT, "data_info") if key in packed}
    config = json.loads(texts["sensor_config_dump"])
    infos = json.loads(texts.pop("data_info", "null"))
    readings = a111.Readings(np.asarray(packed["data"]), packed.get("sample_times"), infos)
    made = a111.recording_of(
        config,
        readings,
        service=a111.service_of(config, texts["mode"]),
        name=name,
        info=json.loads(texts["session_info"]),
    )
    made.tags.update(tags)
    made.host_attributes.update(texts)
    return made


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class ClientSource:
    """A sensor measuring through the host's client."""

    def __init__(self, client: Any, config: Any) -> None:
        from .convert import setup_of_config

        client.squeeze = False
        self._client = client
        self.setup = setup_of_config(config, info=client.setup_session(config))
        self._open = True
        client.start_session()

    @classmethod
    def connect(cls, options: dict[str, Any], setup: SensorSetup) -> ClientSource:
        """Connect with the options of the host's client and start; `UserError` if either fails."""
        from acconeer.exptool import a111 as host

        from .convert import config_of

        config = config_of(setup)
        shown = ", ".join(f"{name}={value}" for name, value in options.items())
        try:
            client = host.Client(**options)
            client.connect()
        except Exception as error:
            raise UserError(
                f"Expected an A111 at the address. Received: {shown} ({error}).",
                "Check the cable, the address and that no other program uses the sensor.",
            ) from error
        try:
            return cls(client, config)
        except Exception as error:
            client.disconnect()
            raise UserError(
                f"Expected a sensor that takes the recipe's configuration. Received: {shown} ({error}).",
                "Check that the sensors of the configuration are connected.",
            ) from error

    def __iter__(self) -> Iterator[Reading]:
        """Yield readings until closed; `UserError` when the sensor is gone."""
        clock = ArrivalClock(None, 1.0 / self.setup.reading_rate_hz)
        while self._open:
            try:
                infos, data = self._client.get_next()
            except Exception as error:
                raise UserError(
                    f"Expected the next reading. Received: {error}.", "Check the connection of the sensor."
                ) from error
            yield Reading(clock.step(time.monotonic()), a111.matrices_of(data), a111.quality_of(infos))

    def close(self) -> None:
        """Stop measuring and let go of the sensor; further calls do nothing."""
        if not self._open:
            return
        self._open = False
        try:
            self._client.stop_session()
        finally:
            self._client.disconnect()
