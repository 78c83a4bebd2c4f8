"""The journal of the open session: what is in it and not in its file stands on the disk, too."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..core.errors import UserError
from ..core.frames import Frame
from ..core.journal_base import Base
from ..core.journal_session import SCHEMA
from ..core.reading import Reading
from ..core.recipe import Recipe
from .journal_writer import ENDING, Adopted, Event, Item, JournalWriter, LabelledFrame, PlacedFrame

ENVIRONMENT = "EXPTOOL_ML_JOURNALS"
"""Names another folder for the journals."""

_numbers = itertools.count(1)


def journal_folder() -> Path:
    """Return the folder of the journals: the user's own folder for the data of programs, unless set otherwise."""
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT])
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "exptool-ml" / "journals"


class Journal:
    """Notes what happens to a session; nothing here waits, and nothing raises.

    A file is begun with the first thing noted and removed by `discard`, when the session was saved or let go. A file
    that cannot be written is reported once per session; then nothing more is noted until the session is saved or
    let go.
    """

    def __init__(self, folder: Path, report: Callable[[Exception, str], None]) -> None:
        self.folder = folder
        self._report = report
        self._writer: JournalWriter | None = None
        self._ended: list[JournalWriter] = []
        self._since: list[Item] | None = None
        self._recipe = ""
        self._removed: set[int] = set()

    @property
    def path(self) -> Path | None:
        """The file that is being written, None while there is none or it cannot be written."""
        return None if self._writer is None or self._writer.failed else self._writer.path

    @property
    def is_saving(self) -> bool:
        """True while the session is being written to its file."""
        return self._since is not None

    def begin(self, recipe: Recipe, base: Base | None) -> None:
        """Have a file begun for a session of this recipe, unless there is one."""
        if self._writer is not None:
            return
        name = f"{time.strftime('%Y%m%d-%H%M%S')}_{os.getpid()}_{next(_numbers)}{ENDING}"
        self._writer = JournalWriter(self.folder / name, self._on_failed)
        document = None if base is None else base.to_document()
        self._recipe = recipe.to_json()
        started = time.strftime("%Y-%m-%d %H:%M:%S")
        fields = {"schema": SCHEMA, "started": started, "recipe": self._recipe, "base": document}
        self._writer.put(Event("journal", fields))

    def adopt(self, adopted: Adopted, *, without_base: bool) -> None:
        """Go on with a journal that was found, whose session is the open one now."""
        self.discard()
        self._writer = JournalWriter(adopted.path, self._on_failed, adopted=adopted)
        self._recipe = ""
        if without_base:
            self._note("forget")

    def recording(self, event: Event) -> None:
        """A measurement begins."""
        self._recipe = str(event.fields["recipe"])
        self._put(event)

    def tags(self, tags: Mapping[str, str]) -> None:
        """The measurement has other tags."""
        self._note("tags", tags=dict(tags))

    def recipe(self, recipe: Recipe) -> None:
        """The next frames are cut by this recipe."""
        if self._recipe != (text := recipe.to_json()):
            self._recipe = text
            self._note("recipe", recipe=text)

    def readings(self, readings: Sequence[Reading]) -> None:
        """The next readings of the measurement that began last."""
        self._put(*readings)

    def frame(self, frame: Frame, label: str) -> None:
        """A frame of the measurement that began last."""
        self._put(LabelledFrame(frame, label))

    def relabel(self, indices: Sequence[int], label: str) -> None:
        """Frames of the session got another label."""
        self._note("relabel", indices=[int(index) for index in indices], label=label)

    def remove(self, indices: Sequence[int], *, number: int = 0) -> None:
        """Frames were taken out of the session; with a number they can be brought back by it."""
        self._note("remove", indices=[int(index) for index in indices], number=number)

    def knows(self, number: int) -> bool:
        """Whether frames were removed under this number since the session was saved."""
        return number in self._removed

    def bring_back(self, indices: Sequence[int], number: int) -> None:
        """Frames that were removed under a number have these indices again."""
        self._note("bring_back", indices=[int(index) for index in indices], number=number)

    def calibrate(self, calibration: str) -> None:
        """The frames of the session are divided by another calibration frame."""
        self._recipe = ""
        self._note("calibrate", calibration=calibration)

    def put_back(self, frame: Frame, label: str, *, recording: int, at: int) -> None:
        """A frame that was removed, or a new one, is at place `at`."""
        self._put(PlacedFrame(frame, label, recording, at))

    def saving(self) -> None:
        """The session as it is now is being written to its file; remember what follows."""
        self._since = []

    def saved(self, recipe: Recipe, base: Base | None, going_on: Event | None) -> None:
        """It was written: what followed is noted anew, after `going_on` where a measurement runs."""
        since, self._since = self._since or [], None
        self.discard()
        if going_on is not None or since:
            self.begin(recipe, base)
            self._put(*([] if going_on is None else [going_on]), *since)

    def not_saved(self) -> None:
        """It could not be written: all goes on as before."""
        self._since = None

    def discard(self) -> None:
        """What was noted is saved elsewhere, or nobody wants it."""
        self._since = None
        self._removed.clear()
        self._end(remove=True)

    def close(self) -> None:
        """End the thread; what was not discarded stays on the disk, to be found at the next start."""
        self._end(remove=False)
        for writer in self._ended:
            writer.join()
        self._ended.clear()

    def wait(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything noted so far is written; False if it took longer."""
        return self._writer is None or self._writer.wait(timeout_s)

    def _note(self, what: str, **fields: object) -> None:
        self._put(Event(what, fields))

    def _put(self, *items: Item) -> None:
        if self._since is not None:
            self._since += items
        if self._writer is not None:
            self._writer.put(*items)
            for item in items:
                if isinstance(item, Event) and item.what == "remove":
                    self._removed.add(int(str(item.fields["number"])))

    def _end(self, *, remove: bool) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.end(remove=remove)
            self._ended = [ended for ended in self._ended if ended.alive]
            self._ended.append(writer)

    def _on_failed(self, error: UserError) -> None:
        self._report(error, "the journal of what is collected")
