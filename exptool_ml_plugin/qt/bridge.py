"""The one place where a psygnal signal becomes a call in the GUI thread, and where the errors of slots end.

Nothing here raises into Qt: the host would take an exception in a slot as its own and unload the user's plugin. An
error goes to `workbench.report` of the nearest ancestor that has a `workbench`; every page has one.
"""

from __future__ import annotations

import functools
import inspect
import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any

from psygnal import SignalInstance
from qtpy.QtCore import QObject, QTimer, Signal

_log = logging.getLogger(__name__)


def connect(signal: SignalInstance, slot: Callable[..., Any], owner: QObject) -> None:
    """Call `slot` in the GUI thread whenever `signal` is emitted, from whatever thread, as long as `owner` lives.

    Call this in the GUI thread. Emitted in the GUI thread the slot runs at once, emitted elsewhere it is queued and
    the emitting thread goes on. A slot may take fewer arguments than the signal has. Its exceptions are reported.
    """
    relay = _Relay(slot, owner)
    sender = _Sender(relay)
    signal.connect(sender, check_nargs=False)
    relay.destroyed.connect(lambda *_: _part(signal, sender))


def guarded(method: Callable[..., Any]) -> Callable[..., None]:
    """Decorate a method of a QObject that is connected to a Qt signal: its exceptions are reported, not raised.

    Arguments of the signal that the method does not take are left away (`clicked` sends `checked`).
    """
    count = _positional(method)

    @functools.wraps(method)
    def wrapper(self: QObject, *args: Any) -> None:
        try:
            method(self, *args[: count - 1])
        except Exception as error:  # noqa: BLE001 - the last place before Qt, whatever comes must stop here
            report(self, error, where=method.__qualname__)

    return wrapper


def report(owner: QObject, error: Exception, *, where: str) -> None:
    """Hand an error to the workbench of the nearest ancestor that has one; without any, it is logged."""
    place: Any = owner
    while place is not None:
        workbench = getattr(place, "workbench", None)
        if workbench is not None:
            workbench.report(error, where)
            return
        place = place.parent()
    _log.error("Error in %s, reported to nobody", where, exc_info=error)


class PlotTimer(QTimer):
    """Calls `callback` about `hz` times a second between `start()` and `stop()`.

    For data of which only the latest matters. The timer stops itself when the callback fails, so that one fault is
    reported once.
    """

    def __init__(self, owner: QObject, hz: float, callback: Callable[[], None]) -> None:
        super().__init__(owner)
        self._callback = _weak(callback)
        self.setInterval(max(1, int(1000 / hz)))  # rather a little more often than less
        self.timeout.connect(self._on_timeout)

    def _on_timeout(self) -> None:
        callback = self._callback()
        if callback is None:
            self.stop()
            return
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - the last place before Qt, whatever comes must stop here
            self.stop()
            report(self, error, where=getattr(callback, "__qualname__", "plot timer"))


class _Relay(QObject):
    """Lives in the GUI thread as a child of the owner; Qt queues what arrives from other threads."""

    arrived = Signal(object)

    def __init__(self, slot: Callable[..., Any], owner: QObject) -> None:
        super().__init__(owner)
        self._slot = _weak(slot)
        self._count = _positional(slot)
        self.arrived.connect(self._on_arrived)

    def _on_arrived(self, args: tuple[Any, ...]) -> None:
        slot = self._slot()
        if slot is None:
            return
        try:
            slot(*args[: self._count])
        except Exception as error:  # noqa: BLE001 - the last place before Qt, whatever comes must stop here
            report(self, error, where=getattr(slot, "__qualname__", repr(slot)))


class _Sender:
    """What psygnal calls. Holds the relay weakly, so that a connection keeps no widget alive."""

    def __init__(self, relay: _Relay) -> None:
        self._relay = weakref.ref(relay)
        self._thread = threading.get_ident()
        # An owner must not die in the GUI thread in the middle of an emission of another thread.
        self.lock = threading.Lock()
        self.alive = True

    def __call__(self, *args: Any) -> None:
        if threading.get_ident() == self._thread:
            self._send(args)
        else:
            with self.lock:
                self._send(args)

    def _send(self, args: tuple[Any, ...]) -> None:
        relay = self._relay()
        if self.alive and relay is not None:
            relay.arrived.emit(args)


def _part(signal: SignalInstance, sender: _Sender) -> None:
    with sender.lock:
        sender.alive = False
    signal.disconnect(sender, missing_ok=True)


def _weak(slot: Callable[..., Any]) -> Callable[[], Callable[..., Any] | None]:
    if inspect.ismethod(slot):
        return weakref.WeakMethod(slot)
    return lambda: slot


def _positional(function: Callable[..., Any]) -> int:
    """Count the arguments a function takes by position; a large number for `*args`."""
    parameters = inspect.signature(function).parameters.values()
    if any(item.kind is item.VAR_POSITIONAL for item in parameters):
        return 1000
    return sum(item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD) for item in parameters)
