"""Does again what a journal says was done.

The events of a journal, in the order they happened:

    journal    begins it: started (time in words), recipe (JSON text), base (path, size, mtime_ns, frames, recordings)
               of the session file that what follows is added to, or null
    recording  a measurement begins: name, setup (JSON text), tags, host_attributes, recipe
    continue   goes on with recording number `recording` of the base, which has `readings` of its readings
    tags       the recording has other tags
    recipe     the next frames of the recording are cut by another recipe
    relabel    indices, label
    remove     indices, number
    bring_back indices, number: the frames that were removed under that number have these indices again
    calibrate  calibration: text of the recipe; frames that were divided by the one before are divided by this one
    put_back   a removed frame is back: at, recording (number in the session), frame (its record's payload, base 85)
    forget     what belongs to the base is gone from the session; indices count without it from here on

Frames and readings belong to the recording that began last.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from .calibration import recalibrated
from .errors import UserError
from .journal_base import Base
from .journal_file import EVENT, FRAME, READING, DamagedError, KeptFrame, decode_event, decode_frame, decode_reading
from .reading import Reading, SensorSetup
from .recipe import Recipe, setup_from_json
from .recording import Recording
from .session import LabelledFrames, Session


@dataclass(frozen=True)
class JournalSummary:
    """What a journal holds: frames and readings that were not saved, edits of frames, when it began.

    `good_bytes` and `damage` are the reader's.
    """

    started: str
    frames: int
    readings: int
    edits: int
    good_bytes: int
    damage: str

    @property
    def empty(self) -> bool:
        """True where there is nothing to recover."""
        return not (self.frames or self.readings or self.edits)


@dataclass(eq=False)
class _Place:
    """A recording of the session: what the base has of it (`known`, `before` readings), and what follows."""

    event: dict[str, Any]
    setup: SensorSetup | None = None
    known: Recording | None = None
    before: int = 0
    of_base: bool = False
    readings: list[Reading] = field(default_factory=list)
    count: int = 0
    tags: dict[str, str] | None = None

    def recording(self) -> Recording | None:
        """Return the recording, None where nothing of it is left."""
        known = self.known
        if self.readings and self.setup is not None:
            event = self.event
            attributes, tags = event.get("host_attributes", {}), event.get("tags", {})
            name = str(event.get("name", "recovered"))
            recording = Recording.from_readings(
                self.readings, name=name, setup=self.setup, tags=tags, host_attributes=attributes
            )
            known = recording if known is None else _joined(known, recording)
        return known if known is None or self.tags is None else replace(known, tags=self.tags)


@dataclass(eq=False)
class _Placed:
    """A frame of the session; `frame` is None where it is one of the base that is not there."""

    frame: KeptFrame | None
    place: _Place
    of_base: bool


class Replay:
    """Does again what was done; with `keep` false it only counts."""

    def __init__(self, *, keep: bool) -> None:
        self._keep = keep
        self._places: list[_Place] = []
        self._frames: list[_Placed] = []
        self._open: _Place | None = None
        self._removed: dict[int, list[_Placed]] = {}
        self._edits = 0
        self._recipe = ""
        self._started = ""
        self._without_base = False
        self._path: Path | None = None
        self.without_base = False
        self.base: Base | None = None
        self.summary = JournalSummary("", 0, 0, 0, 0, "")

    def take(self, kind: int, payload: bytes) -> None:
        """Take the next record; raise `DamagedError` for one that cannot be."""
        if kind == EVENT:
            event = decode_event(payload)
            does = getattr(self, f"_on_{event['what']}", None)
            if does is None:
                raise DamagedError(f"an event {event['what']!r} that is not known")
            try:
                does(event)
            except (LookupError, ValueError, TypeError, UserError) as error:
                raise DamagedError(f"an event {event['what']!r} that does not fit: {error}") from error
        elif kind == READING:
            self._take_reading(payload)
        elif kind == FRAME:
            self._take_frame(payload)
        else:
            raise DamagedError(f"a record of kind {kind}")

    def finish(self, good_bytes: int, damage: str) -> None:
        """The journal ends here."""
        if self._without_base:
            self._drop_base()
        frames = sum(not placed.of_base for placed in self._frames)
        readings = sum(place.count for place in self._places)
        self.summary = JournalSummary(self._started, frames, readings, self._edits, good_bytes, damage)

    def session(self) -> Session:
        """Return the session as it was."""
        recordings = [(place, recording) for place in self._places if (recording := place.recording()) is not None]
        index_of = {id(place): index for index, (place, _) in enumerate(recordings)}
        kept = [
            (placed.frame, index_of[id(placed.place)])
            for placed in self._frames
            if placed.frame is not None and id(placed.place) in index_of
        ]
        session = Session(
            Recipe.from_json(self._recipe, source="the journal"),
            recordings=[recording for _, recording in recordings],
            frames=_labelled(kept) if kept else None,
            path=self._path,
        )
        session.unsaved = True
        return session

    def _take_reading(self, payload: bytes) -> None:
        place = self._open
        if place is None or place.setup is None:
            raise DamagedError("a reading of no recording")
        place.count += 1
        if self._keep:
            place.readings.append(decode_reading(payload, place.setup))

    def _take_frame(self, payload: bytes) -> None:
        if self._open is None:
            raise DamagedError("a frame of no recording")
        self._frames.append(_Placed(decode_frame(payload), self._open, of_base=False))

    def _on_journal(self, event: dict[str, Any]) -> None:
        self._started, self._recipe = str(event["started"]), str(event["recipe"])
        if event["base"] is None:
            return
        base = self.base = Base(**event["base"])
        session = base.read() if self._keep else None
        self._without_base = self.without_base = self._keep and session is None
        if session is None:
            self._places = [_Place({}, of_base=True) for _ in range(base.recordings)]
            self._frames = [_Placed(None, self._places[0], of_base=True) for _ in range(base.frames)]
            return
        self._path = session.path
        self._places = [
            _Place({}, recording.setup, recording, len(recording), of_base=True) for recording in session.recordings
        ]
        firsts, flags = session.first_reading.tolist(), session.flags.tolist()
        for index, (label, number) in enumerate(zip(session.labels, session.recording_of.tolist(), strict=True)):
            frame = KeptFrame(session.values[index], label, firsts[index], flags[index])
            self._frames.append(_Placed(frame, self._places[number], of_base=True))

    def _on_recording(self, event: dict[str, Any]) -> None:
        self._recipe = str(event["recipe"])
        self._open = _Place(event, setup_from_json(event["setup"], source="the journal"))
        self._places.append(self._open)

    def _on_continue(self, event: dict[str, Any]) -> None:
        place = self._open = self._places[event["recording"]]
        place.event, place.before = event, int(event["readings"])
        place.setup = setup_from_json(event["setup"], source="the journal")

    def _on_tags(self, event: dict[str, Any]) -> None:
        if self._open is not None:
            self._open.tags = {str(name): str(tag) for name, tag in event["tags"].items()}

    def _on_recipe(self, event: dict[str, Any]) -> None:
        self._recipe = str(event["recipe"])

    def _on_relabel(self, event: dict[str, Any]) -> None:
        self._edits += 1
        for index in event["indices"]:
            placed = self._frames[index]
            if placed.frame is not None:
                placed.frame = replace(placed.frame, label=str(event["label"]))

    def _on_remove(self, event: dict[str, Any]) -> None:
        self._edits += 1
        removed = {range(len(self._frames))[index] for index in event["indices"]}
        self._removed[int(event.get("number", 0))] = [self._frames[index] for index in sorted(removed)]
        self._frames = [placed for index, placed in enumerate(self._frames) if index not in removed]

    def _on_bring_back(self, event: dict[str, Any]) -> None:
        self._edits += 1
        for index, placed in zip(event["indices"], self._removed[event["number"]], strict=True):
            self._frames.insert(int(index), placed)

    def _on_put_back(self, event: dict[str, Any]) -> None:
        self._edits += 1
        in_session = [place for place in self._places if place.count or place.of_base]
        place = in_session[event["recording"]]
        frame = decode_frame(base64.b85decode(event["frame"]))
        self._frames.insert(int(event["at"]), _Placed(frame, place, of_base=place.of_base and not place.count))

    def _on_calibrate(self, event: dict[str, Any]) -> None:
        self._edits += 1
        recipe, after = Recipe.from_json(self._recipe, source="the journal"), str(event["calibration"])
        self._recipe = replace(recipe, calibration=after).to_json()
        for placed in self._frames:
            if placed.frame is not None:
                values = recalibrated(placed.frame.values, recipe.calibration, after)
                placed.frame = replace(placed.frame, values=values)

    def _on_forget(self, event: dict[str, Any]) -> None:
        self._drop_base()
        self._without_base = self.without_base = False
        self.base = self._path = None

    def _drop_base(self) -> None:
        """Leave what is the journal's own; frames that begin in readings of the base go, too."""
        kept = []
        for placed in self._frames:
            frame, before = placed.frame, placed.place.before
            if placed.of_base or frame is None or frame.first_reading < before:
                continue
            placed.frame = replace(frame, first_reading=frame.first_reading - before)
            kept.append(placed)
        self._frames = kept
        self._places = [place for place in self._places if place.count]
        for place in self._places:
            place.known, place.before, place.of_base = None, 0, False


def _labelled(kept: Sequence[tuple[KeptFrame, int]]) -> LabelledFrames:
    return LabelledFrames(
        values=np.stack([frame.values for frame, _ in kept]),
        labels=[frame.label for frame, _ in kept],
        recording_of=np.array([index for _, index in kept], dtype=np.int64),
        first_reading=np.array([frame.first_reading for frame, _ in kept], dtype=np.int64),
        flags=np.array([frame.flags for frame, _ in kept], dtype=np.uint8),
    )


def _joined(first: Recording, second: Recording) -> Recording:
    """Return the readings of two recordings of one setup, one after the other."""
    return replace(
        first,
        time_s=np.concatenate([first.time_s, second.time_s]),
        matrices=tuple(np.concatenate(pair) for pair in zip(first.matrices, second.matrices, strict=True)),
        quality=first.quality + second.quality,
        marks=first.marks + tuple(mark + len(first) for mark in second.marks),
    )
