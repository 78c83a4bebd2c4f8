"""A marker: another program says that something happens now.

A marker is one UDP datagram with the bytes `exptool-ml/1 mark`, with or without a newline at its end; nothing else is
taken for one. Each is answered with one datagram to where it came from: `exptool-ml/1 marked` when the next reading
will be marked, `exptool-ml/1 not measuring` when there is none to come.
"""

from __future__ import annotations

import socket

from .errors import UserError

LOCALHOST = "127.0.0.1"
PORT = 51210
MARK = b"exptool-ml/1 mark"
MARKED = b"exptool-ml/1 marked"
NOT_MEASURING = b"exptool-ml/1 not measuring"

LONGEST = 512
"""Bytes read of a datagram: more than any of these has."""


def is_mark(content: bytes) -> bool:
    """Tell whether a datagram is a marker."""
    return content.removesuffix(b"\n") == MARK


def send_mark(*, port: int = PORT, host: str = LOCALHOST, timeout_s: float = 1.0) -> bool:
    """Send a marker; return whether a reading will be marked, False where nothing is measured.

    Raises `UserError` where nobody answers, or something else does.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(timeout_s)
        try:
            sender.connect((host, port))
            sender.send(MARK)
            answer = sender.recv(LONGEST)
        except (OSError, OverflowError, UnicodeError) as error:
            raise UserError(
                f"Expected an answer to the marker. Received: none from {host}, port={port} ({error}).",
                "Choose the trigger “Single” in the Exploration Tool and switch on “Listen for markers”.",
            ) from error
    if answer not in (MARKED, NOT_MEASURING):
        raise UserError(
            f"Expected an answer to the marker. Received: {answer[:40]!r} from {host}, port={port}.",
            "Another program listens there; choose another port.",
        )
    return answer == MARKED
