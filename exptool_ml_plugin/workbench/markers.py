"""Listens for markers that other programs send; `core.marker` says what one is."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable

from psygnal import Signal

from ..core.errors import UserError
from ..core.marker import LOCALHOST, LONGEST, MARKED, NOT_MEASURING, PORT, is_mark


class Markers:
    """Listens from `listen` until `stop`, in a thread of its own, and calls `mark` for each marker.

    `mark` returns whether there is a reading to be marked. `received` counts the markers, `ignored` all other
    datagrams. `changed` is emitted when the listening begins and ends. Only programs on this machine are heard unless
    `listen` is told another address.
    """

    changed = Signal()

    def __init__(self, mark: Callable[[], bool]) -> None:
        self._mark = mark
        self._socket: socket.socket | None = None
        self._wake: tuple[socket.socket, socket.socket] | None = None
        self._thread: threading.Thread | None = None
        self.port = PORT
        self.received = 0
        self.ignored = 0

    @property
    def listening(self) -> bool:
        """True from `listen` to `stop`."""
        return self._socket is not None

    def listen(self, port: int = PORT, *, host: str = LOCALHOST) -> None:
        """Begin to listen; with port 0 the system chooses one. `UserError` where the port cannot be had."""
        self.stop()
        bound = _bind(host, port)
        self.port = int(bound.getsockname()[1])
        self.received = self.ignored = 0
        self._socket, self._wake = bound, socket.socketpair()
        self._thread = threading.Thread(
            target=self._run, args=(bound, self._wake[1]), name="exptool-ml markers", daemon=True
        )
        self._thread.start()
        self.changed.emit()

    def stop(self) -> None:
        """Listen no more; the thread has ended when this returns."""
        if self._socket is None or self._thread is None or self._wake is None:
            return
        self._wake[0].send(b".")
        self._thread.join()
        for one in (self._socket, *self._wake):
            one.close()
        self._socket = self._thread = self._wake = None
        self.changed.emit()

    def _run(self, bound: socket.socket, woken: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(bound, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if woken in ready:
                    return
                self._take(bound)

    def _take(self, bound: socket.socket) -> None:
        try:
            content, sender = bound.recvfrom(LONGEST)
        except OSError:  # some systems tell here that an earlier answer found nobody
            return
        if not is_mark(content):
            self.ignored += 1
            return
        self.received += 1
        answer = MARKED if self._mark() else NOT_MEASURING
        try:
            bound.sendto(answer, sender)
        except OSError:  # whoever sent it need not wait for the answer
            return


def _bind(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise UserError(
            f"Expected a port on which nobody listens. Received: {host}, port={port} ({error}).",
            "Choose another port, and send the markers there.",
        ) from error
    return bound
