"""The training as the Train tab and the command line see it: a state, curves, and signals; nothing here waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from psygnal import EmitLoopError, Signal, SignalInstance

from ..core.errors import UserError
from ..core.history import TrainingHistory
from ..core.messages import (
    BadLine,
    BatchEnd,
    EpochEnd,
    FinishRequest,
    MatrixCounted,
    MatrixRequest,
    Message,
    Progress,
    StopRequest,
    TrainingDone,
    TrainingStarted,
    TrainRequest,
    WorkerFailed,
    WorkerReady,
)
from ..core.run_folder import RunFolder
from .worker_end import words_for_end
from .worker_process import COMMAND, WorkerProcess

log = logging.getLogger(__name__)

BUSY = ("starting", "preparing", "training", "stopping", "counting")


class Training:
    """Starts, follows and stops trainings in a process of their own.

    `state` is "idle", "starting" (the process loads Keras), "preparing" (data and network), "training", "stopping",
    "counting" (making the model and the confusion matrices) or "failed". Methods return at once. Signals come from
    the thread that listens to the process; `qt.bridge` carries them into the GUI thread. `matrices` holds the newest
    confusion matrix of each subset, `problem` what went wrong last.
    """

    changed = Signal()
    started = Signal(TrainingStarted)
    batch = Signal(BatchEnd)
    epoch = Signal(EpochEnd)
    progress = Signal(Progress)
    matrix = Signal(MatrixCounted)
    done = Signal(TrainingDone)
    failed = Signal(WorkerFailed)

    def __init__(self, *, command: Sequence[str] = COMMAND) -> None:
        self.state = "idle"
        self.history = TrainingHistory()
        self._earlier: tuple[EpochEnd, ...] = ()
        self.run_dir: Path | None = None
        self.plan: TrainingStarted | None = None
        self.last_batch: BatchEnd | None = None
        self.last_progress = Progress("")
        self.matrices: dict[str, MatrixCounted] = {}
        self.result: TrainingDone | None = None
        self.problem: WorkerFailed | None = None
        self._command = command
        self._lock = threading.RLock()
        self._calm = threading.Condition(self._lock)
        self._worker: WorkerProcess | None = None
        self._worker_number = 0
        self._worker_ready = False
        self._ready_pid = 0
        self._request: TrainRequest | MatrixRequest | FinishRequest | None = None
        self._handlers: dict[type, Callable[[Any], None]] = {
            WorkerReady: self._on_ready,
            TrainingStarted: self._on_started,
            BatchEnd: self._on_batch,
            EpochEnd: self._on_epoch,
            Progress: self._on_progress,
            MatrixCounted: self._on_matrix,
            TrainingDone: self._on_done,
            WorkerFailed: self._on_failed,
        }

    @property
    def busy(self) -> bool:
        """Whether something is in progress."""
        return self.state in BUSY

    @property
    def last_message(self) -> str:
        """What is being done, or what went wrong, in words."""
        if self.state == "failed" and self.problem is not None:
            return f"{self.problem.message} {self.problem.hint}".strip()
        if self.state == "starting":
            return "Starting the training process…"
        if self.state == "stopping":
            return "Stopping…"
        return self.last_progress.what if self.busy else ""

    @property
    def worker_pid(self) -> int | None:
        """Number of the worker process, if there is one."""
        worker = self._worker
        if worker is None:
            return None
        return self._ready_pid if self._worker_ready else worker.pid

    @property
    def can_resume(self) -> bool:
        """Whether the newest run can go on from a finished epoch."""
        return self.run_dir is not None and RunFolder(self.run_dir).can_resume

    def warm_up(self) -> None:
        """Start the process now, so that the first training begins sooner: loading Keras takes 5 to 15 s."""
        with self._lock:
            self._running_worker()

    def start(self, run_dir: Path, *, resume: bool = False, start_from: str = "", save_best_to: str = "") -> None:
        """Train in a run folder; `UserError` if something is in progress.

        With `resume` the training goes on after its last finished epoch, up to the epochs its recipe says now.
        `start_from` is a model whose weights are taken to begin with, `save_best_to` a folder for a model after each
        better epoch.
        """
        same_run = self.run_dir == run_dir
        earlier = RunFolder.open(run_dir).history() if resume else ()
        request = TrainRequest(str(run_dir), resume, str(start_from), str(save_best_to))
        with self._lock:
            self._begin(request)
            self.run_dir = run_dir
            self.result = None
            self.last_batch = None
            self.matrices = {}
            if not resume:
                self.history.clear()
            elif not same_run:
                self.history.restore(earlier)
            self._earlier = earlier
        self._emit(self.changed)

    def finish(self, run_dir: Path, *, keep: str = "best") -> None:
        """Make the model of an interrupted training from its last checkpoint, without training on."""
        with self._lock:
            self._begin(FinishRequest(str(run_dir), keep))
            self.run_dir = run_dir
        self._emit(self.changed)

    def stop(self, keep: str = "best") -> None:
        """Stop after the current batch and keep the "best" or the "last" weights as the model."""
        with self._lock:
            if self.state not in ("starting", "preparing", "training") or self._worker is None:
                return
            self.state = "stopping"
            self._worker.send(StopRequest(keep))
        self._emit(self.changed)

    def count_matrix(self, model_path: Path | str, subset: str, *, run_dir: Path | None = None) -> None:
        """Predict a subset of a run (the newest by default) with a model and count; comes back as `matrix`."""
        folder = run_dir or self.run_dir
        if folder is None:
            raise UserError("Expected a training whose frames can be counted. Received: none.", "Train first.")
        with self._lock:
            self._begin(MatrixRequest(str(folder), str(model_path), subset))
        self._emit(self.changed)

    def wait(self, timeout: float | None = None) -> TrainingDone:
        """Wait for the end of the training, for scripts; `UserError` if it failed or takes longer than `timeout` s."""
        self.wait_idle(timeout)
        if self.result is None:
            raise UserError("Expected a training that ends. Received: none was started.")
        return self.result

    def wait_idle(self, timeout: float | None = None) -> None:
        """Wait until nothing is in progress; `UserError` if it failed or takes longer than `timeout` seconds."""
        with self._calm:
            if not self._calm.wait_for(lambda: not self.busy, timeout):
                raise UserError(f"Expected an end within {timeout:g} s. Received: {self.state}.")
            if self.state == "failed" and self.problem is not None:
                raise UserError(self.problem.message, self.problem.hint)

    def close(self, timeout: float = 5.0) -> None:
        """End the process; nothing of it survives. Later calls start a new one."""
        with self._lock:
            worker, self._worker = self._worker, None
            self._set_calm("idle")
        if worker is not None:
            worker.close(timeout)
        self._wake()

    def _begin(self, request: TrainRequest | MatrixRequest | FinishRequest) -> None:
        if self.busy:
            raise UserError(f"Expected nothing in progress. Received: the training is {self.state}.", "Stop it first.")
        worker = self._running_worker()
        self.state = "preparing" if self._worker_ready else "starting"
        self.problem = None
        self.last_progress = Progress("Preparing…")
        self._request = request
        worker.send(request)

    def _running_worker(self) -> WorkerProcess:
        if self._worker is None:
            self._worker_ready = False
            number = self._worker_number = self._worker_number + 1
            self._worker = WorkerProcess(
                on_message=lambda message: self._on_message(number, message),
                on_end=lambda code, tail: self._on_end(number, code, tail),
                command=self._command,
            )
        return self._worker

    def _on_message(self, number: int, message: Message | BadLine) -> None:
        with self._lock:
            if self._worker is None or number != self._worker_number:
                return  # the last words of a worker that was closed
        handler = self._handlers.get(type(message))
        if handler is None:
            log.warning("Unexpected message from the training worker: %s", message)
            return
        handler(message)

    def _on_ready(self, message: WorkerReady) -> None:
        with self._lock:
            self._worker_ready = True
            self._ready_pid = message.pid
            if self.state == "starting":
                self.state = "preparing"
        self._emit(self.changed)

    def _on_started(self, message: TrainingStarted) -> None:
        with self._lock:
            self.plan = message
            # A worker that was killed may have finished an epoch that it did not come to tell of. What it wrote down of
            # one that it did not finish is not gone on with.
            for epoch in self._earlier[self.history.epoch_count : message.first_epoch - 1]:
                self.history.add_epoch(epoch)
            self._earlier = ()
            self.history.begin(first_epoch=message.first_epoch, batches_per_epoch=message.batches_per_epoch)
            if self.state != "stopping":
                self.state = "training"
        self._emit(self.started, message)
        self._emit(self.changed)

    def _on_batch(self, message: BatchEnd) -> None:
        self.history.add_batch(message)
        self.last_batch = message
        self._emit(self.batch, message)

    def _on_epoch(self, message: EpochEnd) -> None:
        self.history.add_epoch(message)
        self._emit(self.epoch, message)

    def _on_progress(self, message: Progress) -> None:
        with self._lock:
            self.last_progress = message
            changed = message.phase == "counting" and self.state != "counting"
            if changed:
                self.state = "counting"
        self._emit(self.progress, message)
        if changed:
            self._emit(self.changed)

    def _on_matrix(self, message: MatrixCounted) -> None:
        self.matrices[message.subset] = message
        with self._lock:
            is_all = isinstance(self._request, MatrixRequest)
            if is_all:
                self._set_calm("idle")
        self._emit(self.matrix, message)
        if is_all:
            self._emit(self.changed)
            self._wake()

    def _on_done(self, message: TrainingDone) -> None:
        with self._lock:
            self.result = message
            self._set_calm("idle")
        self._emit(self.done, message)
        self._emit(self.changed)
        self._wake()

    def _on_failed(self, message: WorkerFailed) -> None:
        with self._lock:
            self.problem = message
            self._set_calm("failed")
        self._emit(self.failed, message)
        self._emit(self.changed)
        self._wake()

    def _on_end(self, number: int, code: int, tail: str) -> None:
        """Say that the process is gone; the next start makes a new one."""
        with self._lock:
            if self._worker is None or number != self._worker_number:
                return
            self._worker = None
            was_busy = self.busy
        if was_busy:
            self._on_failed(words_for_end(code, tail, finished_epochs=self.history.epoch_count))
        elif code:
            log.warning("The idle training worker ended with code %s.\n%s", code, tail)

    def _set_calm(self, state: str) -> None:
        self.state = state
        self._request = None

    def _wake(self) -> None:
        """Let those go on who wait; after the signals, so that listeners have heard by then."""
        with self._calm:
            self._calm.notify_all()

    def _emit(self, signal: SignalInstance, *arguments: object) -> None:
        """Emit; a listener that fails must not end the thread that listens to the worker."""
        try:
            signal.emit(*arguments)
        except EmitLoopError:
            log.exception("A listener of the training failed")
