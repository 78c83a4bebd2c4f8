"""Import, export and batch processing in the background, with progress; one piece of work at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from ..core.errors import UserError
from ..core.exports import export_session
from ..core.import_arrays import READERS, read_arrays
from ..core.joining import joined
from ..core.label_sheet import FileLabels
from ..core.pipeline import frames_of
from ..core.recipe import Recipe
from ..core.recording import Recording
from ..core.session import Session
from ..core.session_file import save_session
from .batch import Batch, BatchPlan, FileReport
from .long_work import LongWork
from .model_import import import_model
from .recording_preview import read_recordings

if TYPE_CHECKING:
    from ..core.frame_at import Step
    from ..core.parts import Parts
    from ..plugins import Plugins
    from .bench import Bench


@dataclass(frozen=True)
class Transferred:
    """What came of the work: `text` in words; an import made the file `session` or the file `model`, an export none."""

    text: str
    session: Path | None = None
    model: Path | None = None


class Transfer:
    """Makes session files of what others recorded or made, and files for others of the session.

    `done` is emitted with a `Transferred`, in any thread, when work is finished; not where it was cancelled or failed.
    """

    done = Signal(object)

    def __init__(self, workbench: Bench) -> None:
        self.work = LongWork(workbench.report)
        self._workbench = workbench

    def export(self, kind: str, path: Path, *, overwrite: bool = False) -> None:
        """Begin to write the frames of the session as it is now; `UserError` while other work is in progress."""
        with self._workbench.sessions.lock:
            session = self._workbench.session.as_it_is()
        parts = self._workbench.plugins.parts

        def work(step: Step) -> None:
            export_session(session, path, kind, parts=parts, overwrite=overwrite, step=step)
            self.done.emit(Transferred(f"{len(session):,} frames written to {path.name}."))

        self.work.run(f"Exporting {path.name}", work)

    def import_recordings(self, labels: Mapping[Path, FileLabels], out: Path, *, overwrite: bool = False) -> None:
        """Begin to cut frames of recordings as the recipe says, and to write them to a session file."""
        recipe, plugins = self._workbench.recipe, self._workbench.plugins

        def work(step: Step) -> None:
            session, outside = session_of(labels, recipe, plugins, step=step)
            self._write(session, out, overwrite=overwrite, left_out=outside)

        self.work.run(f"Importing {len(labels)} recording{'' if len(labels) == 1 else 's'}", work)

    def import_frames(self, files: Sequence[Path], out: Path, *, overwrite: bool = False) -> None:
        """Begin to make a session file of frames in arrays, tables, or sessions of the old interface."""
        parts = self._workbench.plugins.parts

        def work(step: Step) -> None:
            sessions = []
            for number, path in enumerate(files):
                step(number, len(files))
                sessions.append(read_arrays(path) if path.suffix.lower() in READERS else _old_session(path, parts))
            self._write(joined(sessions), out, overwrite=overwrite, left_out=0)

        self.work.run(f"Importing {len(files)} file{'' if len(files) == 1 else 's'}", work)

    def import_model(self, old: Path, new: Path) -> None:
        """Begin to make a model file of a model of the old interface, a file or a folder; replaces an older one."""

        def work(step: Step) -> None:
            made = import_model(old, new, step=step)
            self.done.emit(Transferred(" ".join([made.in_words(), *made.notes]), model=new))

        self.work.run(f"Importing {old.name}", work)

    def process(self, files: Sequence[Path], plan: BatchPlan, out: Path) -> None:
        """Begin to make new sessions of sessions in a folder; what cannot be done is reported, file by file."""
        report, parts = self._workbench.report, self._workbench.plugins.parts

        def tell(one: FileReport) -> None:
            if one.problem is not None:
                report(UserError(f"{one.name}: {one.problem.message}", one.problem.hint), "Processing sessions")

        def work(step: Step) -> None:
            reports = Batch(plan, out, parts, step=step).run(files, tell)
            written = sum(len(one.written) for one in reports)
            failed = sum(one.problem is not None for one in reports)
            text = f"{written} session{'' if written == 1 else 's'} written to {out.name}."
            self.done.emit(Transferred(f"{text} {failed} could not be done." if failed else text))

        self.work.run(f"Processing {len(files)} session{'' if len(files) == 1 else 's'}", work)

    def close(self, timeout_s: float | None = None) -> None:
        """Let no work go on."""
        self.work.cancel()
        self.work.wait(timeout_s)

    def _write(self, session: Session, out: Path, *, overwrite: bool, left_out: int) -> None:
        save_session(session, out, overwrite=overwrite)
        counts = ", ".join(f"{label} {count}" for label, count in session.counts().items())
        text = f"{len(session):,} frames ({counts}) written to {out.name}."
        if left_out:
            text += f" {left_out:,} frames outside of all spans of the sheet were left out."
        self.done.emit(Transferred(text, out))


def session_of(
    labels: Mapping[Path, FileLabels], recipe: Recipe, plugins: Plugins, *, step: Step
) -> tuple[Session, int]:
    """Return a session of recordings with their labels, and the number of frames that lie in no span of a sheet.

    The recipe's sensor is that of the first recording. Raises `UserError` for a file that is no recording, one of
    another sensor configuration, and where no frame is cut.
    """
    session: Session | None = None
    outside, used = 0, set[str]()
    for number, (path, own) in enumerate(labels.items()):
        for recording in read_recordings(path, plugins):
            step(number, len(labels))
            session = session or Session(replace(recipe, sensor=recording.setup))
            _check_setup(session.recipe, recording, path)
            place = session.add_recording(_named(recording, used, tags={**recording.tags, **own.tags}))
            for frame in frames_of(recording, session.recipe, plugins.parts):
                label = own.label_of(recording, frame.first_reading, session.recipe.frame.time_steps)
                outside += label is None
                if label is not None:
                    session.add(frame, label, place)
    if session is None or not len(session):
        raise UserError(
            f"Expected at least one frame in the recordings. Received: {outside or 'none'}"
            f"{', all outside of the spans of the sheet' if outside else ''}.",
            "Lower the trigger's threshold, or use longer recordings.",
        )
    return session, outside


def _named(recording: Recording, used: set[str], *, tags: dict[str, str]) -> Recording:
    """Return the recording with tags and under a name that is not used yet, which is noted."""
    name, number = recording.name, 2
    while name in used:
        name, number = f"{recording.name} ({number})", number + 1
    used.add(name)
    return replace(recording, name=name, tags=tags)


def _check_setup(recipe: Recipe, recording: Recording, path: Path) -> None:
    if not replace(recipe, sensor=recording.setup).same_frames_as(recipe):
        raise UserError(
            f"Expected recordings with one sensor configuration. Received: {path.name} with another.",
            "Import recordings of different configurations separately.",
        )


def _old_session(path: Path, parts: Parts) -> Session:
    from ..core.dli.session import read_session

    return read_session(path, parts).session
