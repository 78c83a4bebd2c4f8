"""Data sets opened and saved, and sessions of different recipes brought to one."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.data_set import DataSet, Located, describe_file, load_data_set, locate, save_data_set
from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.parts import Parts
from ..core.recipe import Recipe
from ..core.reextract import Reextracted, reextract
from ..core.run_data import SUBSETS
from ..core.session import Session
from ..core.session_file import load_session
from .long_work import LongWork
from .readiness import Loaded, recipe_difference
from .training_files import SESSION_NAME, TrainingFiles


@dataclass(frozen=True)
class Planned:
    """A file that would be cut anew: its role, frames now, readings, and what its recipe has other."""

    name: str
    subset: str
    frames: int
    readings: int
    difference: str

    def in_words(self) -> str:
        """Say it on one line."""
        return (
            f"{self.name} ({self.subset}): {self.frames:,} frames, {self.readings:,} readings; other {self.difference}"
        )


class DataSets:
    """Opens and saves what is loaded for training as a data set; long work is done by `work`."""

    def __init__(self, files: TrainingFiles, parts: Parts, work: LongWork) -> None:
        self._files = files
        self._parts = parts
        self.work = work

    def open(self, path: Path, *, step: Step | None = None) -> list[str]:
        """Load the files of a data set in place of all that is loaded; return what is to be said about them.

        `UserError` where one is missing or cannot be read, then nothing has changed.
        """
        found = locate(load_data_set(path), path)
        missing = [one for one in found if one.path is None]
        if missing:
            raise UserError(
                f"Expected all files of {path.name}. Received: "
                + ", ".join(f"{one.file.path} {one.note}" for one in missing[:3])
                + (f" and {len(missing) - 3} more." if len(missing) > 3 else "."),
                "Put them back, or beside the data set.",
            )
        loaded: dict[str, list[Loaded]] = {subset: [] for subset in SUBSETS}
        for number, one in enumerate(found, start=1):
            loaded[one.file.role].append(_load(one))
            if step is not None:
                step(number, len(found))
        self._files.put_all(loaded)
        return [f"{one.file.path} {one.note}." for one in found if one.note]

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write what is loaded as a data set; `UserError` for sessions that are in no file."""
        entries = []
        for subset, loaded in self._files.subsets().items():
            for item in loaded:
                source = item.session.path
                if item.name == SESSION_NAME or source is None or item.session.unsaved:
                    raise UserError(
                        f"Expected session files. Received: {item.name}, which is not saved as it is.",
                        "Save the session, then load its file.",
                    )
                entries.append(describe_file(source, project=path, role=subset, tags=item.tags))
        if not entries:
            raise UserError("Expected session files to save as a data set. Received: none are loaded.")
        save_data_set(DataSet(tuple(entries), path.stem), path, overwrite=overwrite)

    def plan(self, recipe: Recipe | None = None) -> list[Planned]:
        """Return which files would be cut anew so that all are of one recipe: that given, else the first file's."""
        wanted = recipe or self._first_recipe()
        if wanted is None:
            return []
        return [_planned(item, subset, wanted) for subset, item in _others(self._files.subsets(), wanted)]

    def bring_together(self, recipe: Recipe | None = None, *, step: Step | None = None) -> list[str]:
        """Cut the planned files anew; return in words how many frames each has now. The files themselves stay."""
        wanted = recipe or self._first_recipe()
        if wanted is None:
            return []
        subsets = self._files.subsets()
        others = list(_others(subsets, wanted))
        made: dict[int, Reextracted] = {}
        for number, (_, item) in enumerate(others):
            of_session = replace(wanted, sensor=item.session.recipe.sensor)
            new = reextract(item.session, of_session, self._parts, step=_part_of(step, number, len(others)))
            # In no file: saved as a data set it would stand for the original, which has other frames.
            made[id(item)] = new
        self._files.put_all(
            {
                subset: [replace(i, session=made[id(i)].session) if id(i) in made else i for i in loaded]
                for subset, loaded in subsets.items()
            }
        )
        return [f"{item.name}: {_in_words(item.session, made[id(item)])}" for _, item in others]

    def _first_recipe(self) -> Recipe | None:
        filled = (item for loaded in self._files.subsets().values() for item in loaded if len(item.session))
        first = next(filled, None)
        return None if first is None else first.session.recipe


def _others(subsets: Mapping[str, Iterable[Loaded]], wanted: Recipe) -> Iterable[tuple[str, Loaded]]:
    """Yield what was made with another recipe, with its subset."""
    for subset, loaded in subsets.items():
        for item in loaded:
            comparable = replace(wanted, sensor=item.session.recipe.sensor)
            if item.name != SESSION_NAME and not item.session.recipe.same_frames_as(comparable):
                yield subset, item


def _planned(item: Loaded, subset: str, wanted: Recipe) -> Planned:
    readings = sum(len(recording) for recording in item.session.recordings)
    difference = recipe_difference(wanted, item.session.recipe)
    return Planned(item.name, subset, len(item.session), readings, difference)


def _in_words(old: Session, new: Reextracted) -> str:
    lost = f", {new.not_covered:,} of the old ones have no new one" if new.not_covered else ""
    return f"{len(old):,} frames, now {len(new.session):,}{lost}."


def _load(one: Located) -> Loaded:
    assert one.path is not None  # `open` has seen to it
    session = load_session(one.path)
    if one.file.tags:
        noted = copy.copy(session)
        noted.recordings = [
            replace(recording, tags={**recording.tags, **one.file.tags}) for recording in session.recordings
        ]
        session = noted
    return Loaded(Path(one.file.path).name, session, tags=dict(one.file.tags))


def _part_of(step: Step | None, number: int, of: int) -> Step | None:
    if step is None:
        return None
    return lambda done, total: step(number * 1000 + 1000 * done // max(1, total), of * 1000)
