"""Variants of frames that are kept in a session, beside their originals.

A variant is flagged (`Flag.VARIANT`) and has the recording and the first reading of its original, which is how the two
find each other. It is never counted, split, compared or judged by: `without_variants` sets it aside, and a training may
show it in the place of its original, if that trains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .augmentation import variants
from .augmentation_settings import AugmentationSettings
from .errors import UserError
from .frame_at import Step
from .frames import Frame
from .parts import Parts
from .reading import Flag
from .session import Session


def are_variants(flags: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell for each frame, by its flags, whether it is a variant: bool `(n,)`."""
    return np.asarray(flags & Flag.VARIANT != 0)


def without_variants(session: Session) -> Session:
    """Return the session without its variants, which are its `variants` then; itself where it has none."""
    places = np.flatnonzero(are_variants(session.flags))
    if not len(places):
        return session
    kept = session.as_it_is()
    kept.variants = session.take(places.tolist())
    kept.remove(places.tolist())
    kept.unsaved = session.unsaved
    return kept


def with_their_variants(session: Session, indices: Iterable[int]) -> list[int]:
    """Return frames of a session together with all variants of those that are originals, ascending."""
    chosen = sorted({int(index) for index in indices})
    flagged = np.flatnonzero(are_variants(session.flags)).tolist()
    if not flagged:
        return chosen
    recording_of, first = session.recording_of, session.first_reading
    places = {(int(recording_of[index]), int(first[index])) for index in sorted(set(chosen) - set(flagged))}
    belonging = [index for index in flagged if (int(recording_of[index]), int(first[index])) in places]
    return sorted({*chosen, *belonging})


def make_variants(
    session: Session,
    indices: Sequence[int],
    settings: AugmentationSettings,
    parts: Parts,
    *,
    seed: int,
    step: Step | None = None,
) -> Iterator[tuple[int, Frame]]:
    """Yield variants of frames of a session, each with the number of its original and as it is kept beside that.

    Frames of recordings without readings, and variants, have none. The same seed gives the same variants.
    """
    flags, first = session.flags, session.first_reading
    chosen = np.array(sorted({int(index) for index in indices}), dtype=np.int64)
    chosen = chosen[~are_variants(flags[chosen])] if len(chosen) else chosen
    recordings = np.unique(session.recording_of[chosen]).tolist()
    for done, number in enumerate(recordings):
        recording = session.recordings[number]
        own = chosen[session.recording_of[chosen] == number]
        if len(recording) < session.recipe.frame.time_steps:
            continue
        found = variants(
            recording,
            session.recipe,
            parts,
            first_readings=first[own].tolist(),
            settings=settings,
            seed=(seed, number),
            step=_part_of(step, done, len(recordings)),
        )
        for place, frame in found:
            index = int(own[place])
            kept_flags = int(frame.flags | flags[index] | Flag.VARIANT)
            yield index, replace(frame, first_reading=int(first[index]), flags=kept_flags)


def check_settings(settings: AugmentationSettings) -> None:
    """Raise `UserError` where there would be no variants, or none that differ from their originals."""
    if not settings.copies or not any(value for name, value in vars(settings).items() if name != "copies"):
        raise UserError(
            f"Expected variants that differ from their originals. Received: {settings}.",
            "Ask for at least one, and for something that varies.",
        )


def _part_of(step: Step | None, done: int, of: int) -> Step | None:
    if step is None:
        return None
    return lambda part, total: step(1000 * done + 1000 * part // max(1, total), 1000 * of)
