"""Where a sensor is, which places there are, and how the host's library connects to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....core.errors import UserError
from ...a121_library.record_source import CLIENT_OPTIONS, open_client

SIMULATED = "simulated"
KINDS = {SIMULATED: "Simulated scene", "usb": "USB", "serial": "Serial port", "socket": "Network"}
"""Kinds of address, and what people call them."""

_NEEDED = {"serial": "the name of a serial port", "socket": "a network address"}


@dataclass(frozen=True)
class Address:
    """One way to a sensor: `place` is a serial port, a network address, or a USB device's number ("": the first)."""

    kind: str = SIMULATED
    place: str = ""


@dataclass(frozen=True)
class Port:
    """A place where a sensor may be; `likely` says that it looks like one."""

    place: str
    text: str
    likely: bool


def find_ports(kind: str) -> list[Port]:
    """Return the serial ports or USB devices there are, likely ones first; `UserError` where that cannot be told."""
    from acconeer.exptool._core.communication import comm_devices

    try:
        found = comm_devices.get_usb_devices() if kind == "usb" else comm_devices.get_serial_devices()
    except Exception as error:
        raise UserError(
            f"Expected to find what is connected to {KINDS[kind]}. Received: {error}.",
            "Install libusb, or use another connection." if kind == "usb" else "Type the name of the port.",
        ) from error
    places = {id(device): (device.serial or "") if kind == "usb" else device.port for device in found}
    ports = [Port(places[id(device)], device.display_name(), bool(device.recognized)) for device in found]
    return sorted(ports, key=lambda port: (not port.likely, port.text))


def open_address(address: Address, scene_name: Callable[[], str]) -> Any:
    """Return a client of the host for the sensor, or for a simulated scene; `UserError` if it cannot be reached."""
    if address.kind == SIMULATED:
        from ...a121_library.scene_client import SceneClient

        return SceneClient(scene_name)
    if address.kind in _NEEDED and not address.place:
        raise UserError(f"Expected {_NEEDED[address.kind]}. Received: nothing.", "Choose one, or type it.")
    return open_client({CLIENT_OPTIONS[address.kind]: address.place or True})
