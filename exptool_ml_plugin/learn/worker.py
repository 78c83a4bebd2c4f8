"""The training process: `python -m exptool_ml_plugin.learn.worker`, requests on stdin, messages on stdout.

It ends when its input closes, whatever it is doing: nobody is left to train for, and checkpoints are complete files.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from typing import BinaryIO

from ..core.errors import UserError
from ..core.messages import (
    FinishRequest,
    MatrixRequest,
    Message,
    ShutdownRequest,
    StopRequest,
    TrainRequest,
    WorkerFailed,
    WorkerReady,
    decode,
    encode,
)
from ..core.stand_back import stand_back
from .stop import Stop

log = logging.getLogger(__name__)

Request = TrainRequest | MatrixRequest | FinishRequest | ShutdownRequest
Emit = Callable[[Message], None]


class Inbox:
    """Reads requests in a thread of its own, so that a stop is seen while a training runs.

    Each request travels with its own `Stop`, made when the request is read: a stop belongs to the newest request
    read before it, never to a later one.
    """

    def __init__(self, lines: BinaryIO) -> None:
        self._lines = lines
        self._requests: queue.SimpleQueue[tuple[Request, Stop]] = queue.SimpleQueue()
        self._newest = Stop()
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def get(self) -> tuple[Request, Stop]:
        """Wait for the next request."""
        return self._requests.get()

    def _read(self) -> None:
        for line in self._lines:
            message = decode(line)
            if isinstance(message, StopRequest):
                self._newest.ask(message.keep)
            elif isinstance(message, Request):
                self._newest = Stop()
                self._requests.put((message, self._newest))
            else:
                log.warning("Expected a request. Received: %s", message)
        # No clean-up: it could wait for a library in the middle of a step, and there is nothing to lose.
        os._exit(0)


def main() -> None:
    """Serve requests until the input closes."""
    stdout = _take_stdout()
    threads = max(1, _cores() - 1)  # counted before one of them is left to the window
    stand_back()
    emit = _emitter(stdout)
    inbox = Inbox(sys.stdin.buffer)
    try:
        version = _load_keras(threads)
    except ImportError as error:
        emit(_no_keras(error))
        while True:
            inbox.get()
            emit(_no_keras(error))
    emit(WorkerReady(os.getpid(), threads, version))
    while True:
        request, stop = inbox.get()
        if isinstance(request, ShutdownRequest):
            return
        _serve(request, emit, stop)


def _serve(request: Request, emit: Emit, stop: Stop) -> None:
    """Answer one request; whatever goes wrong is told and ends nothing else."""
    from . import requests

    try:
        if isinstance(request, TrainRequest):
            requests.train(request, emit, stop)
        elif isinstance(request, MatrixRequest):
            requests.count_matrix(request, emit)
        elif isinstance(request, FinishRequest):
            requests.finish_interrupted(request, emit)
    except UserError as error:
        emit(WorkerFailed(error.message, error.hint))
    except Exception as error:  # noqa: BLE001 - a bug in one request is reported and ends nothing else
        emit(_failure(error))


def _failure(error: Exception) -> WorkerFailed:
    report = traceback.format_exc()
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        message = f"There is not enough memory for this training: {str(error).splitlines()[0] if str(error) else ''}"
        return WorkerFailed(message, "Use smaller batches or a smaller network, or close other programs.", report)
    return WorkerFailed(
        f"The training failed: {type(error).__name__}: {error}",
        "This should not happen: please send the report. What was trained so far is kept.",
        report,
    )


def _no_keras(error: ImportError) -> WorkerFailed:
    return WorkerFailed(
        f"Training needs TensorFlow, which cannot be imported: {error}.",
        'Install it: python -m pip install "exptool-ml-plugin[train]"',
    )


def _take_stdout() -> BinaryIO:
    """Keep the way to the parent for messages alone: whatever prints goes to the error output."""
    kept = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(kept, "wb")


def _emitter(stdout: BinaryIO) -> Emit:
    def emit(message: Message) -> None:
        try:
            stdout.write(encode(message))
            stdout.flush()
        except OSError:
            os._exit(0)  # nobody listens any more

    return emit


def _cores() -> int:
    """Number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load_keras(threads: int) -> str:
    """Import Keras on TensorFlow with bounded threads and without its log noise; returns its version."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.experimental.enable_op_determinism()
    import keras

    from . import requests  # noqa: F401 - loaded now, not when Train is pressed

    version: str = keras.__version__
    return version


if __name__ == "__main__":
    main()
