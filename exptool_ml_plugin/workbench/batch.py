"""Many sessions in one go: made anew with another recipe, relabelled, merged, resampled, split; none is changed."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..core.errors import UserError
from ..core.file_names import file_names
from ..core.frame_at import Step
from ..core.joining import groups_by, joined, part_of
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.reextract import reextract
from ..core.session import Session
from ..core.session_file import load_session, save_session
from ..core.variants import check_settings, make_variants, without_variants

BALANCE = "balance"
SPLITS = ("recording", "person", "place", "label")


@dataclass(frozen=True)
class BatchPlan:
    """What is done with each session, in this order; what is empty is not done.

    `recipe` makes the frames anew. `relabel` holds pairs of a pattern (`*` stands for any text) and the label it
    becomes, "" to remove the frames; the first that fits counts. `merge` is the name of one session for all.
    `resample` is the number of frames of each label that are kept, `BALANCE` for as many as the rarest label has,
    drawn with `seed`. `variants` is the number of variants that are made of each frame and kept beside it, within the
    limits of the recipe's augmentation. `split_by` is one of `SPLITS`.
    """

    recipe: Recipe | None = None
    relabel: tuple[tuple[str, str], ...] = ()
    merge: str = ""
    resample: int | str | None = None
    split_by: str = ""
    seed: int = 0
    variants: int = 0


@dataclass
class FileReport:
    """What became of one session: the files written with their frames by label, or the problem.

    `name` is the file's path, or the name of the merged session.
    """

    name: str
    written: dict[Path, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problem: UserError | None = None


class Batch:
    """Does a plan to session files and writes the results to a folder, where nothing is ever replaced."""

    def __init__(self, plan: BatchPlan, out: Path, parts: Parts, *, step: Step | None = None) -> None:
        self._plan = plan
        self._out = out
        self._parts = parts
        self._step = step or _no_step
        self._done = 0
        self._of = 1

    def run(self, files: Sequence[Path], tell: Callable[[FileReport], object]) -> list[FileReport]:
        """Do it, tell the report of each file when it is done, and return all.

        A file that fails never stops the others. Raises `UserError` where the folder cannot be made, and whatever
        `step` raises; what was written until then is complete.
        """
        _make_folder(self._out)
        self._of = len(files)
        reports, changed = [], []
        for self._done, (path, name) in enumerate(zip(files, _unique_stems(files), strict=True)):
            self._step(self._done, self._of)
            report = FileReport(str(path))
            with _noting(report):
                session = self._changed(path, report)
                if self._plan.merge:
                    changed.append(session)
                else:
                    self._write(session, name, report)
            reports.append(report)
            tell(report)
        if changed:
            report = FileReport(self._plan.merge)
            with _noting(report):
                self._write(joined(changed), self._plan.merge, report)
            reports.append(report)
            tell(report)
        self._step(self._of, self._of)
        return reports

    def _changed(self, path: Path, report: FileReport) -> Session:
        """Return the session in a file, made anew and relabelled."""
        session = load_session(path)
        if self._plan.recipe is not None or self._plan.resample is not None or self._plan.variants:
            session = self._originals(session, report)
        if self._plan.recipe is not None:
            made = reextract(session, self._plan.recipe, self._parts, step=self._part_step)
            if made.without_label:
                report.notes.append(f"{made.without_label} new frames left out, where no old frame lies.")
            if made.not_covered:
                report.notes.append(f"{made.not_covered} old frames have no new one in their place.")
            session = made.session
        return self._relabelled(session, report)

    def _originals(self, session: Session, report: FileReport) -> Session:
        """Set variants aside: frames are made, drawn and varied from those that were cut."""
        kept = without_variants(session)
        if kept.variants is not None:
            report.notes.append(f"{len(kept.variants.labels)} variants of the session left out.")
        return kept

    def _add_variants(self, session: Session, report: FileReport) -> None:
        settings = replace(session.recipe.augmentation, copies=self._plan.variants)
        check_settings(settings)
        everything, count = range(len(session)), len(session)
        made = make_variants(session, everything, settings, self._parts, seed=self._plan.seed, step=self._part_step)
        for index, frame in list(made):
            session.add(frame, session.label(index), int(session.recording_of[index]))
        report.notes.append(f"{len(session) - count} variants added.")

    def _relabelled(self, session: Session, report: FileReport) -> Session:
        removed = []
        for label, indices in groups_by(session, "label").items():
            new = self._new_label(label)
            if new == "":
                removed += indices.tolist()
            elif new != label:
                session.relabel(indices.tolist(), new)
                report.notes.append(f"{len(indices)} frames '{label}' are now '{new}'.")
        if removed:
            report.notes.append(f"{len(removed)} frames removed by their labels.")
            session.remove(removed)
        return session

    def _new_label(self, label: str) -> str:
        return next((new for old, new in self._plan.relabel if fnmatch.fnmatchcase(label, old)), label)

    def _write(self, session: Session, name: str, report: FileReport) -> None:
        """Resample, split and write; either all files of a session can be written or none is begun."""
        if not len(session):
            raise UserError("Expected at least one frame to write. Received: none.", "Check recipe and labels.")
        if self._plan.resample is not None:
            session = part_of(session, resampled(session, self._plan.resample, seed=self._plan.seed))
        if self._plan.variants:
            self._add_variants(session, report)
        parts = self._parts_of(session, name)
        for path in parts:
            if path.exists():
                raise UserError(f"Expected a new file. Received: {path} exists.", "Choose another folder.")
        for path, part in parts.items():
            self._part_step(0, 1)
            save_session(part, path)
            report.written[path] = part.counts()

    def _parts_of(self, session: Session, name: str) -> dict[Path, Session]:
        if not self._plan.split_by:
            return {self._out / f"{name}.h5": session}
        groups = groups_by(session, self._plan.split_by)
        names = file_names(group or f"no {self._plan.split_by}" for group in groups)
        return {
            self._out / f"{name}_{names[group or f'no {self._plan.split_by}']}.h5": part_of(session, indices.tolist())
            for group, indices in groups.items()
        }

    def _part_step(self, done: int, of: int) -> None:
        """Go on within a file: a thousandth is fine enough."""
        self._step(1000 * self._done + 1000 * done // max(1, of), 1000 * self._of)


def resampled(session: Session, count: int | str, *, seed: int) -> list[int]:
    """Return the indices of at most so many frames of each label, drawn at random; `BALANCE` for the rarest's."""
    groups = groups_by(session, "label")
    wanted = min(map(len, groups.values()), default=0) if count == BALANCE else int(count)
    random = np.random.default_rng(seed)
    drawn = [random.permutation(indices)[:wanted] for indices in groups.values()]
    return sorted(int(index) for indices in drawn for index in indices)


def _unique_stems(files: Sequence[Path]) -> list[str]:
    """Return a name for what is made of each file; files of one name in different folders get numbers."""
    names: list[str] = []
    taken: set[str] = set()
    for path in files:
        name, number = path.stem, 2
        while name.casefold() in taken:
            name, number = f"{path.stem} ({number})", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


@contextmanager
def _noting(report: FileReport) -> Iterator[None]:
    """Keep what the user can mend for the report, so that the next file has its turn."""
    try:
        yield
    except UserError as problem:
        report.problem = problem


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Expected a folder to write to. Received: {path} ({error.strerror}).") from error


def _no_step(done: int, of: int) -> None:
    """Nobody wants to know."""
