"""What an earlier start left unsaved: found in its journals, offered, recovered."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psygnal import Signal

from ..core.errors import UserError
from ..core.file_lock import FileLock
from ..core.journal_replay import JournalSummary
from ..core.journal_session import Recovered, recover, summarize
from ..core.recipe import Recipe
from ..core.session_file import save_session
from .background import Background
from .journal_writer import ENDING, Adopted, lock_path
from .session_store import SessionStore


@dataclass(frozen=True, eq=False)
class FoundJournal:
    """A journal that no running window writes; ours until it is recovered, discarded or left for later.

    `problem` says why it cannot be recovered at all, "" where it can; then `summary` says what is in it.
    """

    path: Path
    lock: FileLock
    summary: JournalSummary | None
    problem: str = ""

    @property
    def text(self) -> str:
        """The sentence of the offer."""
        if self.summary is None:
            return f"{self.problem} The file is kept."
        when = _when(self.summary.started)
        frames, readings, edits = self.summary.frames, self.summary.readings, self.summary.edits
        if not frames and not readings:
            return f"Found {_count(edits, 'change')} of frames of {when} that {_were(edits)} not saved."
        return f"Found {_count(frames, 'frame')} and {_count(readings, 'reading')} of {when} that were not saved."


class Recovery:
    """Looks for journals, and makes sessions of them.

    `found` are those to offer, newest first; `changed` is emitted, in any thread, when there are others. Reading a
    journal takes place in the `background`; what goes wrong there is reported.
    """

    changed = Signal()

    def __init__(
        self,
        store: SessionStore,
        folder: Path,
        *,
        adopt: Callable[[Recipe], object],
        report: Callable[[Exception, str], None],
    ) -> None:
        self.found: tuple[FoundJournal, ...] = ()
        self.background = Background(report)
        self._store = store
        self._folder = folder
        self._adopt = adopt
        self._report = report
        self._looked = False

    def look(self) -> None:
        """Look for journals, the first time only."""
        if self._looked:
            return
        self._looked = True
        paths = sorted(self._folder.glob(f"*{ENDING}"), reverse=True)
        if paths:
            self.background.run("Looking for frames that were not saved", lambda: self._look(paths))

    def recover(self, found: FoundJournal) -> None:
        """Make its session the open one, which must be empty; it stays journalled until it is saved."""
        if not self._store.empty:
            raise UserError("Expected an empty session. Received: one with frames.", "Recover to a file instead.")
        self.background.run("Recovering", lambda: self._recover(found))

    def recover_to(self, found: FoundJournal, path: Path, *, overwrite: bool = False) -> None:
        """Save its session to a file; the open session stays."""
        self.background.run("Recovering", lambda: self._recover_to(found, path, overwrite=overwrite))

    def discard(self, found: FoundJournal) -> None:
        """Remove the journal for good; asking the user first is the caller's business."""
        found.path.unlink(missing_ok=True)
        self._drop(found)
        found.lock.release(remove=True)

    def later(self, found: FoundJournal) -> None:
        """Offer it again at the next start."""
        self._drop(found)
        found.lock.release()

    def close(self, timeout_s: float = 5.0) -> None:
        """Leave for later what was not decided on."""
        self.background.wait(timeout_s)
        for found in self.found:
            found.lock.release()
        self.found = ()

    def _look(self, paths: list[Path]) -> None:
        taken = [found for path in paths if (found := _claimed(path)) is not None]
        self.found = tuple(taken)
        if taken:
            self.changed.emit()

    def _recover(self, found: FoundJournal) -> None:
        recovered = self._read(found)
        summary = recovered.summary
        adopted = Adopted(found.path, found.lock, summary.good_bytes)
        base = None if recovered.without_base else recovered.base
        self._store.put_recovered(recovered.session, base, adopted=adopted, without_base=recovered.without_base)
        self._adopt(recovered.session.recipe)
        self._drop(found)

    def _recover_to(self, found: FoundJournal, path: Path, *, overwrite: bool) -> None:
        save_session(self._read(found).session, path, overwrite=overwrite)
        self.discard(found)

    def _read(self, found: FoundJournal) -> Recovered:
        recovered = recover(found.path)
        if recovered.summary.damage:
            kept = found.path.with_suffix(".damaged")
            shutil.copyfile(found.path, kept)
            self._report(
                UserError(
                    f"Expected a whole journal. Received: one in which {recovered.summary.damage}.",
                    f"What stands before that place is recovered. The file is kept as {kept}.",
                ),
                "the recovery",
            )
        if recovered.without_base and recovered.base is not None:
            self._report(
                UserError(
                    f"Expected the session file {recovered.base.path} as it was. Received: it is gone or was changed.",
                    "What was collected after it was saved is recovered, as a session of its own.",
                ),
                "the recovery",
            )
        return recovered

    def _drop(self, found: FoundJournal) -> None:
        self.found = tuple(other for other in self.found if other is not found)
        self.changed.emit()


def _claimed(path: Path) -> FoundJournal | None:
    """Take a journal; None for one that a window writes and for one that holds nothing, which is removed."""
    lock = FileLock(lock_path(path))
    try:
        if not lock.acquire():
            return None
    except OSError:  # a folder that cannot be written: it can still be read
        return None
    if not path.exists():
        lock.release(remove=True)
        return None
    try:
        summary = summarize(path)
    except UserError as error:
        return FoundJournal(path, lock, None, str(error))
    if not summary.empty:
        return FoundJournal(path, lock, summary)
    if summary.damage:
        problem = f"Expected a journal of unsaved frames. Received: {path}, in which {summary.damage}."
        return FoundJournal(path, lock, None, problem)
    with contextlib.suppress(OSError):
        path.unlink()
    lock.release(remove=True)
    return None


def _when(started: str) -> str:
    day, _, clock = started.partition(" ")
    return clock[:5] if day == time.strftime("%Y-%m-%d") else f"{day}, {clock[:5]}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
