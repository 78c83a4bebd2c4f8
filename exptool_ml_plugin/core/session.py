"""A session: labelled frames, the readings they came from, and the recipe that made them."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UserError
from .frames import Frame
from .picked_frames import FrameStore, PickedFrames
from .reading import sensor_kind
from .recipe import Recipe
from .recording import Recording


@dataclass(frozen=True, eq=False)
class LabelledFrames:
    """The frames of a session as arrays.

    `values` is float32 `(n, time_steps, width)`, an array or `PickedFrames`, `labels` one per frame, `recording_of`
    int64 `(n,)` the index of the frame's recording in the session, `first_reading` int64 `(n,)` the index in that
    recording of the reading that made the first row, `flags` uint8 `(n,)` the bits of `reading.Flag`, 0 for a frame of
    good readings.
    """

    values: NDArray[np.float32] | PickedFrames
    labels: list[str]
    recording_of: NDArray[np.int64]
    first_reading: NDArray[np.int64]
    flags: NDArray[np.uint8]

    def __post_init__(self) -> None:
        lengths = {len(self.values), len(self.labels), len(self.recording_of)}
        lengths |= {len(self.first_reading), len(self.flags)}
        if len(lengths) != 1 or self.values.ndim != 3:
            raise UserError(
                f"Expected frames, labels and indices of one length. Received: lengths={sorted(lengths)}, "
                f"frames of shape {self.values.shape}."
            )


class Session:
    """Labelled frames that can grow and change; `path` is the file it was read from or written to.

    `unsaved` is True while something is not in that file yet. `variants` are those that `core.variants` set aside.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        recordings: Iterable[Recording] = (),
        frames: LabelledFrames | None = None,
        path: Path | None = None,
    ) -> None:
        self.recipe = recipe
        self.recordings: list[Recording] = list(recordings)
        self.path = path
        self.unsaved = False
        self.variants: LabelledFrames | None = None
        self._frames = _GrowingFrames(frames, time_steps=recipe.frame.time_steps)
        if frames is not None:
            self._check_places(frames.recording_of, frames.first_reading)

    def __len__(self) -> int:
        return len(self._frames.labels)

    @property
    def values(self) -> PickedFrames:
        """The frames, float32 `(n, time_steps, width)`, as they are now: no later change reaches them."""
        return self._frames.values

    @property
    def labels(self) -> list[str]:
        """The label of each frame; a copy, so ask `label` for one."""
        return list(self._frames.labels)

    def label(self, index: int) -> str:
        """Return the label of one frame."""
        return self._frames.labels[index]

    @property
    def recording_of(self) -> NDArray[np.int64]:
        """Index in `recordings` for each frame, int64 `(n,)`; a view that cannot be written."""
        return self._frames.view("recording_of")

    @property
    def first_reading(self) -> NDArray[np.int64]:
        """Index in its recording of the reading that made each frame's first row, int64 `(n,)`, read-only."""
        return self._frames.view("first_reading")

    @property
    def flags(self) -> NDArray[np.uint8]:
        """Bits of `reading.Flag` for each frame, uint8 `(n,)`, read-only."""
        return self._frames.view("flags")

    def add_recording(self, recording: Recording) -> int:
        """Add a recording and return its index; `UserError` where the others are of another sensor."""
        if self.recordings and recording.setup.generation != self.recordings[0].setup.generation:
            kinds = [sensor_kind(one.setup) for one in (self.recordings[0], recording)]
            raise UserError(
                f"Expected recordings of one sensor in a session. Received: {kinds[0]} and {kinds[1]}.",
                "Begin a new session for the other sensor.",
            )
        self.recordings.append(recording)
        self.unsaved = True
        return len(self.recordings) - 1

    def replace_recording(self, index: int, recording: Recording) -> None:
        """Put a recording in the place of another, as one with more readings of the same measurement."""
        self.recordings[index] = recording
        self.unsaved = True

    def add(self, frame: Frame, label: str, recording: int, *, at: int | None = None) -> int:
        """Add a frame cut from the recording with that index and return the frame's index: `at`, else the last.

        Raises `UserError` for a frame of another shape and for an empty label.
        """
        self._check_places(np.array([recording]), np.array([frame.first_reading]))
        self._frames.append(frame, _clean(label), recording)
        self.unsaved = True
        index = len(self) - 1
        if at is not None and at < index:
            self._frames.move_last(at)
            index = at
        return index

    def frame(self, index: int) -> tuple[Frame, int]:
        """Return a frame and its recording's index, as `add` takes them; time and score are not kept, but NaN, None."""
        first, flags = int(self.first_reading[index]), int(self.flags[index])
        frame = Frame(np.array(self.values[index]), first, time_s=float("nan"), score=None, flags=flags)
        return frame, int(self.recording_of[index])

    def take(self, indices: Sequence[int]) -> LabelledFrames:
        """Return some frames, as they are now, with all that belongs to them; their values are not copied."""
        places = np.asarray(indices, dtype=np.int64)
        return LabelledFrames(
            values=self.values.select(places),
            labels=[self._frames.labels[place] for place in places],
            recording_of=self.recording_of[places],
            first_reading=self.first_reading[places],
            flags=self.flags[places],
        )

    def insert(self, frames: LabelledFrames, indices: Sequence[int]) -> None:
        """Put frames in, so that they have these indices, ascending; raise `UserError` if they do not fit."""
        self._check_places(frames.recording_of, frames.first_reading)
        self._frames.insert(frames, np.asarray(indices, dtype=np.int64))
        self.unsaved = self.unsaved or bool(len(indices))

    def overwrite(self, index: int, frame: LabelledFrames) -> None:
        """Put one frame in the place of another."""
        self._check_places(frame.recording_of, frame.first_reading)
        self._frames.overwrite(index, frame)
        self.unsaved = True

    def set_values(self, values: NDArray[np.float32]) -> None:
        """Give all frames other values, float32 of the shape they have, kept as it is given."""
        self._frames.set_values(values)
        self.unsaved = True

    def as_it_is(self) -> Session:
        """Return a session that no later change of this one reaches; nothing large is copied."""
        taken = copy.copy(self)
        taken.recordings = list(self.recordings)
        taken._frames = self._frames.as_they_are()
        return taken

    def relabel(self, indices: Sequence[int], label: str) -> None:
        """Give frames another label."""
        clean = _clean(label)
        for index in indices:
            self._frames.labels[index] = clean
        self.unsaved = self.unsaved or bool(len(indices))

    def remove(self, indices: Sequence[int]) -> None:
        """Remove frames; their readings stay."""
        self._frames.remove(indices)
        self.unsaved = self.unsaved or bool(len(indices))

    def label_names(self) -> tuple[str, ...]:
        """Return the labels in use, sorted."""
        return tuple(sorted(set(self._frames.labels)))

    def counts(self) -> dict[str, int]:
        """Return the number of frames of each label, sorted by label."""
        counted = Counter(self._frames.labels)
        return {label: counted[label] for label in sorted(counted)}

    def _check_places(self, recordings: NDArray[np.int64], first_readings: NDArray[np.int64]) -> None:
        if len(recordings) and not (recordings.min() >= 0 and recordings.max() < len(self.recordings)):
            raise UserError(
                f"Expected frames of the session's {len(self.recordings)} recordings. "
                f"Received: recording={int(recordings.max())}."
            )
        if len(first_readings) and first_readings.min() < 0:
            raise UserError(
                f"Expected frames that begin within their recordings. Received: first_reading={first_readings.min()}."
            )


class _GrowingFrames:
    """What belongs to each frame, with room to grow, and where its values lie in a store.

    Adding, removing or moving a frame costs a place, never the values of the others; these are copied when they are
    saved.
    """

    _NAMES = ("places", "recording_of", "first_reading", "flags")

    def __init__(self, frames: LabelledFrames | None, *, time_steps: int) -> None:
        given = _no_frames((time_steps, 0)) if frames is None else frames
        self.labels: list[str] = list(given.labels)
        values = PickedFrames.of(given.values)
        self._store = values.store
        self._arrays: dict[str, NDArray[Any]] = {
            "places": values.places,
            "recording_of": np.array(given.recording_of, dtype=np.int64),
            "first_reading": np.array(given.first_reading, dtype=np.int64),
            "flags": np.array(given.flags, dtype=np.uint8),
        }

    @property
    def values(self) -> PickedFrames:
        return PickedFrames(self._store, self.view("places"))

    def view(self, name: str) -> NDArray[Any]:
        view = self._arrays[name][: len(self.labels)]
        view.flags.writeable = False
        return view

    def append(self, frame: Frame, label: str, recording: int) -> None:
        place = self._stored(PickedFrames.of(frame.values[None]))[0]
        index = len(self.labels)
        for name, value in zip(self._NAMES, (place, recording, frame.first_reading, frame.flags), strict=True):
            if index == len(self._arrays[name]):
                self._arrays[name] = _with_room(self._arrays[name])
            self._arrays[name][index] = value
        self.labels.append(label)

    def move_last(self, to: int) -> None:
        count = len(self.labels)
        order = np.insert(np.arange(count - 1), to, count - 1)
        self._arrays = {name: array[order] for name, array in self._arrays.items()}
        self.labels.insert(to, self.labels.pop())

    def insert(self, frames: LabelledFrames, indices: NDArray[np.int64]) -> None:
        count = len(self.labels) + len(indices)
        new = {"places": self._stored(PickedFrames.of(frames.values))}
        new |= {name: getattr(frames, name) for name in self._NAMES[1:]}
        added = np.zeros(count, dtype=bool)
        added[indices] = True
        for name in self._NAMES:
            old = self.view(name)
            merged = np.empty(count, dtype=old.dtype)
            merged[~added] = old
            merged[added] = new[name]
            self._arrays[name] = merged
        old_labels, new_labels = iter(self.labels), iter(frames.labels)
        self.labels = [next(new_labels if new else old_labels) for new in added.tolist()]

    def overwrite(self, index: int, frame: LabelledFrames) -> None:
        new = {"places": self._stored(PickedFrames.of(frame.values))}
        new |= {name: getattr(frame, name) for name in self._NAMES[1:]}
        # Copies: what `as_they_are` gave out must stay as it was.
        for name in self._NAMES:
            self._arrays[name] = np.array(self.view(name))
            self._arrays[name][index] = new[name][0]
        self.labels[index] = frame.labels[0]

    def set_values(self, values: NDArray[np.float32]) -> None:
        _check_shape(values.shape, self.values.shape)
        self._store, self._arrays["places"] = FrameStore(values), np.arange(len(values), dtype=np.int64)

    def as_they_are(self) -> _GrowingFrames:
        taken = copy.copy(self)
        taken.labels = list(self.labels)
        taken._arrays = {name: self.view(name) for name in self._NAMES}
        return taken

    def remove(self, indices: Sequence[int]) -> None:
        keep = np.ones(len(self.labels), dtype=bool)
        keep[list(indices)] = False
        self._arrays = {name: array[: len(keep)][keep] for name, array in self._arrays.items()}
        self.labels = list(compress(self.labels, keep.tolist()))

    def _stored(self, values: PickedFrames) -> NDArray[np.int64]:
        """Return the places of frames in the store; those that come from elsewhere are put in."""
        if not self.labels and values.store is not self._store:
            self._store = FrameStore(np.empty((0, *values.shape[1:]), dtype=np.float32))
        _check_shape(values.shape[1:], self._store.shape)
        return values.places if values.store is self._store else self._store.add(np.asarray(values))


def _no_frames(shape: tuple[int, int]) -> LabelledFrames:
    nothing = np.zeros(0, dtype=np.int64)
    values = np.zeros((0, *shape), dtype=np.float32)
    return LabelledFrames(values, [], nothing, nothing, np.zeros(0, dtype=np.uint8))


def _check_shape(received: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if received != expected:
        raise UserError(
            f"Expected a frame of the session's shape {expected}. Received: shape={received}.",
            "Save this session and begin a new one for other features or another frame length.",
        )


def _with_room(array: NDArray[Any]) -> NDArray[Any]:
    larger: NDArray[Any] = np.zeros((max(16, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger


def _clean(label: str) -> str:
    clean = label.strip()
    if not clean:
        raise UserError("Expected a label. Received: an empty text.", "Type a name for what the frame shows.")
    return clean
