"""Frames of the session cut anew from the readings: moved, added, multiplied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..core.augmentation_settings import AugmentationSettings
from ..core.errors import UserError
from ..core.frame_at import RecordedRows, Step
from ..core.parts import Parts
from ..core.session import LabelledFrames, Session
from ..core.variants import are_variants, make_variants
from .edits import Add, Edits, Overwrite, labelled
from .long_work import LongWork
from .rows_cache import RowsCache
from .session_store import SessionStore


class FrameCutting:
    """Makes frames from the readings of their recordings, with full history, in steps that can be taken back.

    Where the rows of a recording are not at hand yet they are made in the background first, and the step follows.
    """

    def __init__(self, store: SessionStore, edits: Edits, work: LongWork, parts: Callable[[], Parts]) -> None:
        self._store = store
        self._edits = edits
        self._work = work
        self._parts = parts
        self._rows = RowsCache(parts)

    def rows_at_hand(self, recording: int) -> RecordedRows | None:
        """Return the rows of a recording where they are there; then frames can be cut from it at once."""
        session = self._store.session
        return self._rows.get(session.recordings[recording], session.recipe)

    def with_rows(self, recordings: Iterable[int], then: Callable[[], object]) -> None:
        """Do something at once where the rows are at hand, else after they were made in the background."""
        missing = [number for number in dict.fromkeys(recordings) if self.rows_at_hand(number) is None]
        if not missing:
            then()
            return
        session, renumberings = self._store.session, self._store.renumberings

        def work(step: Step) -> None:
            for number in missing:
                self._rows_of(session, number, step)
            with self._store.changing():
                if session is not self._store.session or renumberings != self._store.renumberings:
                    raise UserError("Expected the frames as they were. Received: they were changed.", "Try it again.")
                then()

        self._work.run("Going through the readings", work)

    def move(self, indices: Sequence[int], first_readings: Sequence[int], *, text: str) -> None:
        """Let frames begin with other readings; `UserError`, and nothing has changed, where one would stand out."""
        session = self._store.session
        if are_variants(session.flags[list(indices)]).any():
            raise UserError("Expected frames as they were cut. Received: a variant.", "Move its original.")
        recordings = [int(session.recording_of[index]) for index in indices]

        def do() -> None:
            labels = session.labels
            places = zip(recordings, first_readings, strict=True)
            frames = [self._rows_of(session, recording).frame(first) for recording, first in places]
            new = labelled(frames, [labels[index] for index in indices], recordings)
            self._edits.do(Overwrite(indices, new, text=text))

        self.with_rows(recordings, do)

    def add(self, recording: int, first_reading: int, label: str, *, at: int, before: Callable[[], object]) -> None:
        """Add a frame as number `at`; `before` is called just before."""
        if not label.strip():
            raise UserError("Expected a label. Received: an empty one.", "Type a label for the new frame.")
        session = self._store.session

        def do() -> None:
            frames = labelled([self._rows_of(session, recording).frame(first_reading)], [label], [recording])
            before()
            self._edits.do(Add(frames, at=at))

        self.with_rows([recording], do)

    def augment(self, session: Session, indices: Sequence[int], offsets: Sequence[int], step: Step) -> str:
        """Add frames that begin `offsets` rows after some, with their labels, at the end of the session.

        They belong to the recordings of their originals, so that an honest split keeps them together. Those that
        would stand out of their recording are left out. `session` is as it was when this began; return what was done.
        """
        recordings = self._store.session.recordings
        added, skipped = self._augmented(session, indices, offsets, step)
        count = self._add_made(added, recordings)
        left_out = f" {skipped:,} would have stood out of their recordings and were left out." if skipped else ""
        return f"Added {count:,} frames.{left_out}"

    def make_variants(
        self, session: Session, indices: Sequence[int], settings: AugmentationSettings, step: Step
    ) -> str:
        """Add variants of some frames at the end of the session; see `core.variants`. Return what was done.

        `session` is as it was when this began.
        """
        recordings, labels = self._store.session.recordings, session.labels
        seed = session.recipe.training.seed
        made = list(make_variants(session, indices, settings, self._parts(), seed=seed, step=step))
        originals = [index for index, _ in made]
        places = session.recording_of[originals].tolist() if made else []
        added = labelled([frame for _, frame in made], [labels[index] for index in originals], places) if made else None
        count = self._add_made(added, recordings, text=f"Add {len(made):,} variants")
        without = len(set(indices)) - len(set(originals))
        left_out = f" {without:,} frames have no readings to make them of, or are variants." if without else ""
        return f"Added {count:,} variants of {len(set(originals)):,} frames.{left_out}"

    def _add_made(self, added: LabelledFrames | None, recordings: object, *, text: str = "") -> int:
        """Add frames unless another session is open than that with these recordings; return how many there are."""
        with self._store.changing():
            if self._store.session.recordings is not recordings:
                raise UserError("Expected the session as it was. Received: another one is open.", "Try it again.")
            if added is not None:
                self._edits.do(Add(added, text=text))
        return 0 if added is None else len(added.labels)

    def _augmented(
        self, session: Session, indices: Sequence[int], offsets: Sequence[int], step: Step
    ) -> tuple[LabelledFrames | None, int]:
        frames, labels, recordings, skipped = [], [], [], 0
        old_labels, recording_of, firsts = session.labels, session.recording_of, session.first_reading
        # By recording: its rows are made once.
        varied = are_variants(session.flags)
        chosen = [index for index in indices if not varied[index]]
        order = sorted(chosen, key=lambda index: (int(recording_of[index]), int(firsts[index])))
        for done, index in enumerate(order, start=1):
            recording, first = int(recording_of[index]), int(firsts[index])
            rows = self._rows_of(session, recording)
            for offset in sorted(offsets):
                if 0 <= first + offset <= rows.last_first:
                    frames.append(rows.frame(first + offset))
                    labels.append(old_labels[index])
                    recordings.append(recording)
                else:
                    skipped += 1
            step(done, len(order))
        return (labelled(frames, labels, recordings) if frames else None), skipped

    def _rows_of(self, session: Session, recording: int, step: Step | None = None) -> RecordedRows:
        readings = session.recordings[recording]
        if len(readings) < session.recipe.frame.time_steps:
            raise UserError(
                f"Expected at least {session.recipe.frame.time_steps} readings of recording '{readings.name}'. "
                f"Received: {len(readings)}.",
                "Frames can be cut anew only where the readings were kept and the measurement has ended.",
            )
        return self._rows.made(readings, session.recipe, step)
