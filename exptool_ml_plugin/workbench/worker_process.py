"""The training worker as a child process: lines in, lines out, and what it said before it died."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence

from ..core.messages import BadLine, Message, decode, encode

COMMAND = (sys.executable, "-m", "exptool_ml_plugin.learn.worker")
STDERR_LINES = 200
"""Last lines of the worker's error output that are kept for a report."""


class WorkerProcess:
    """One worker process and the threads that listen to it.

    `on_message` is called for every message and `on_end` once with the return code and the tail of the error output,
    both in the listening thread. Creating one returns at once; what is sent before the process runs waits for it.
    The process ends by itself when its standard input closes, so that it never outlives this one.
    """

    def __init__(
        self,
        *,
        on_message: Callable[[Message | BadLine], None],
        on_end: Callable[[int, str], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._on_message = on_message
        self._on_end = on_end
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._unsent: list[bytes] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._tail: deque[bytes] = deque(maxlen=STDERR_LINES)
        self._thread = threading.Thread(target=self._run, name="training worker", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Number of the process; None until it runs."""
        return None if self._process is None else self._process.pid

    def send(self, message: Message) -> None:
        """Send a message; never waits. A process that has died says so through `on_end`, not here."""
        with self._lock:
            self._unsent.append(encode(message))
            self._flush()

    def close(self, timeout: float = 5.0) -> None:
        """End the process and the threads; kill it if it takes longer than `timeout` seconds."""
        with self._lock:
            self._closed = True
            self._close_stdin()
        if self._thread is threading.current_thread():
            return  # closed by somebody who heard a message: the thread ends once that call returns
        self._thread.join(timeout)
        if self._thread.is_alive():
            if self._process is not None:
                self._process.kill()
            self._thread.join()

    def _run(self) -> None:
        try:
            process = self._spawn()
        except OSError as error:
            self._on_end(127, str(error))
            return
        listener = threading.Thread(target=self._listen, args=(process,), name="training worker errors", daemon=True)
        listener.start()
        with self._lock:
            self._process = process
            self._flush()
            if self._closed:
                self._close_stdin()
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                self._on_message(decode(line))
            with self._lock:
                self._close_stdin()
            code = process.wait()
            listener.join()
        self._on_end(code, b"".join(self._tail).decode(errors="replace"))

    def _spawn(self) -> subprocess.Popen[bytes]:
        # Ctrl+C is for this process: the worker ends when its input closes.
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=sys.platform != "win32",
        )

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self._tail.append(line)

    def _flush(self) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.closed:
            return
        try:
            self._process.stdin.write(b"".join(self._unsent))
            self._process.stdin.flush()
        except OSError:
            pass  # it has died; the listening thread finds out and says so
        self._unsent.clear()

    def _close_stdin(self) -> None:
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
            self._process.stdin.close()
