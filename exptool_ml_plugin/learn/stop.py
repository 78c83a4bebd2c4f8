"""The wish to stop, set by the thread that reads requests and seen by the one that trains."""

from __future__ import annotations


class Stop:
    """Whether a training was asked to stop, and which weights it shall keep."""

    def __init__(self) -> None:
        self._keep: str | None = None

    def ask(self, keep: str) -> None:
        """Ask to stop; `keep` is "best" or "last"."""
        self._keep = keep

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked."""
        return self._keep is not None

    @property
    def keep(self) -> str:
        """Which weights to keep."""
        return self._keep or "best"
