"""The file of the open session, and who else has it open or has changed it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path

from ..core.errors import UserError
from ..core.file_in_use import FileClaim, Holder, holder_of
from .session_store import SessionStore


class ChangedOnDiskError(UserError):
    """The session's file is not what it was when it was opened or saved last."""


class SessionInUse:
    """Notes which file this window has open, and knows who else has it.

    The file can be opened and saved in any case: asking the user is the window's business.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._other: Holder | None = None
        self._path: Path | None = None
        self._lock = threading.Lock()
        self._claim: FileClaim | None = None
        store.changed.connect(self._follow)

    @property
    def other(self) -> Holder | None:
        """Who had the session's file open when it was opened here, as far as is known; None for nobody."""
        return self._other

    def ask_again(self) -> Holder | None:
        """Return who else has the session's file open now."""
        with self._lock:
            if self._claim is not None:
                self._other = self._claim.take()
            return self._other

    def who_has(self, path: Path) -> Holder | None:
        """Return who else has a file open and may change it, None for nobody and for this window."""
        own = self._claim
        if own is not None and own.held and own.path == Path(path).resolve():
            return None
        return holder_of(Path(path))

    def warnings(self, paths: Iterable[Path]) -> list[str]:
        """Say of each file that somebody else has open that it may change."""
        found = ((Path(path).name, self.who_has(path)) for path in paths)
        return [
            f"{name} is open in {holder.in_words()}: what is changed there and not saved is not in it."
            for name, holder in found
            if holder is not None
        ]

    @property
    def changed(self) -> str:
        """Say that another program has changed the session's file since; "" where none has."""
        base = self._store.base
        at = None if base is None else base.changed_at
        if base is None or at is None:
            return ""
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
        return f"{Path(base.path).name} was changed by another program at {when}, since it was opened here"

    def refuse_changed(self) -> None:
        """Raise `ChangedOnDiskError` where saving would undo what another program has changed."""
        if self.changed:
            raise ChangedOnDiskError(
                f"Expected the session's file as it was. Received: {self.changed}.",
                "Save under another name, or overwrite it.",
            )

    def close(self) -> None:
        """The file is no longer open here."""
        self._store.changed.disconnect(self._follow)
        self._take(None)

    def _follow(self) -> None:
        if self._store.session.path != self._path:
            self._take(self._store.session.path)

    def _take(self, path: Path | None) -> None:
        with self._lock:
            if self._claim is not None:
                self._claim.release()
            self._path = path
            self._claim = None if path is None else FileClaim(path.resolve())
            self._other = None if self._claim is None else self._claim.take()
