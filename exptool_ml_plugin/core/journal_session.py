"""The session of a journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import UserError
from .journal_base import Base
from .journal_file import EVENT, DamagedError, JournalReader, decode_event
from .journal_replay import JournalSummary, Replay
from .session import Session

SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Recovered:
    """The session of a journal; `without_base` where the session file it adds to was not found as it was."""

    session: Session
    summary: JournalSummary
    base: Base | None
    without_base: bool


def summarize(path: Path) -> JournalSummary:
    """Count what a journal holds; raise `UserError` where it cannot be read at all."""
    return _replayed(path, keep=False).summary


def recover(path: Path) -> Recovered:
    """Put the session of a journal together again; raise `UserError` where it cannot be read at all."""
    replay = _replayed(path, keep=True)
    return Recovered(replay.session(), replay.summary, replay.base, replay.without_base)


def _replayed(path: Path, *, keep: bool) -> Replay:
    reader, replay = JournalReader(path), Replay(keep=keep)
    damage = ""
    try:
        for number, (kind, payload) in enumerate(reader):
            if number == 0:
                _check_first(kind, payload, path)
            replay.take(kind, payload)
    except DamagedError as error:
        damage = str(error)
    replay.finish(reader.good_bytes, damage or reader.damage)
    return replay


def _check_first(kind: int, payload: bytes, path: Path) -> None:
    event = decode_event(payload) if kind == EVENT else {}
    schema = event.get("schema")
    if event.get("what") == "journal" and schema != SCHEMA:
        raise UserError(
            f"Expected a journal of schema {SCHEMA}. Received: schema={schema} in {path}.", "Update exptool-ml-plugin."
        )
