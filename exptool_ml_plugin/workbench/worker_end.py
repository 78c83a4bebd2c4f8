"""Why a training process ended, in words for whoever can do something about it."""

from __future__ import annotations

import signal

from ..core.messages import WorkerFailed

_MEMORY_HINT = (
    "If it happens again: smaller batches, a smaller network, or fewer programs at the same time leave more memory. "
)


def words_for_end(code: int, tail: str, *, finished_epochs: int) -> WorkerFailed:
    """Describe an unexpected end of the worker.

    `code` is the return code as `subprocess` gives it (minus the signal's number on POSIX), `tail` the end of the
    error output.
    """
    if finished_epochs:
        go_on = f"Curves and best model are kept: press Train to go on after epoch {finished_epochs}."
    else:
        go_on = "Press Train to start again."
    what, hint = _cause(code)
    report = f"The training process ended with code {code}.\n{tail}".rstrip()
    return WorkerFailed(message=what, hint=f"{hint}{go_on}", report=report)


def _cause(code: int) -> tuple[str, str]:
    if code == 127:
        return "The training process could not be started.", "Check the installation: exptool-ml plugins. "
    if code == -getattr(signal, "SIGKILL", 9) or code == 137:
        what = (
            "The training process was killed from outside (signal 9): most often the computer ran out of memory, "
            "or somebody ended it."
        )
        return what, _MEMORY_HINT
    if code < 0:
        return f"The training process crashed ({_signal_name(-code)}).", _MEMORY_HINT
    if code == 0:
        return "The training process ended although there was work to do.", ""
    return f"The training process ended unexpectedly (code {code}).", _MEMORY_HINT


def _signal_name(number: int) -> str:
    try:
        return f"signal {number}, {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"
