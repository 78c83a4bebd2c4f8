"""The session file a journal adds to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import UserError
from .session import Session
from .session_file import load_session


@dataclass(frozen=True)
class Base:
    """The session file a journal adds to, as it was then."""

    path: str
    size: int
    mtime_ns: int
    frames: int
    recordings: int

    @classmethod
    def of(cls, session: Session) -> Base | None:
        """Describe the file the session was read from or written to; None without one."""
        try:
            status = None if session.path is None else session.path.stat()
        except OSError:
            status = None
        if status is None:
            return None
        path = str(Path(session.path or "").absolute())
        return cls(path, status.st_size, status.st_mtime_ns, len(session), len(session.recordings))

    @property
    def changed_at(self) -> float | None:
        """When the file was changed since, seconds since 1970; None where it is the same or no longer there."""
        try:
            status = Path(self.path).stat()
        except OSError:
            return None
        same = (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)
        return None if same else status.st_mtime

    def read(self) -> Session | None:
        """Return the session of the file; None where it is no longer there or no longer the same."""
        try:
            return None if self.changed_at is not None else load_session(Path(self.path))
        except (OSError, UserError):
            return None

    def to_document(self) -> dict[str, Any]:
        """Return what stands in the journal."""
        return asdict(self)
