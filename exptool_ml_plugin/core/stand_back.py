"""Processes that compute in the background: the window and the radar go first."""

from __future__ import annotations

import os
import sys

NICENESS = 10
"""Measured to keep a 60 Hz timer of the window in rhythm."""

_BELOW_NORMAL = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS


def stand_back() -> None:
    """Let other processes go first, and leave them a core (on Linux); called once in the process that stands back."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(NICENESS)
    if hasattr(os, "sched_setaffinity"):
        # Linux may let a process that computes go on until the next tick of its clock, whatever its niceness, when one
        # that waited for an event is to go first: up to 4 ms. On a core that it may not use nobody waits for it.
        _, *others = sorted(os.sched_getaffinity(0))
        if others:
            os.sched_setaffinity(0, others)
