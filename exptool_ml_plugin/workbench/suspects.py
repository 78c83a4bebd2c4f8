"""Frames that may be mistakes: labels that look wrong, frames like no others, and frames that are there twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.session import Session
from ..core.variants import are_variants
from .embedding import drawn_points, principal_components

MOST_FRAMES = 20_000
"""Frames that are examined at most; of more, so many are drawn."""

_FOLDS = 5
_NEIGHBOURS = 10
_AT_HOME = 0.2
_STRETCH = 8
_FAR = 3.5
_LONELY = 1.5
_ALIKE = 0.1
_SEED = 0


@dataclass(frozen=True)
class Suspect:
    """One frame that may be a mistake: its number in the session, a score (larger is worse) and why, in words.

    `suggested` is the label it looks like, "" for none; `other` the frame that it resembles, None for none.
    """

    index: int
    score: float
    reason: str
    suggested: str = ""
    other: int | None = None


@dataclass(frozen=True, eq=False)
class Suspects:
    """The three lists, each with the worst first; `examined` are the numbers of the frames that were looked at.

    `components` is float64 `(examined, components)`: the frames in principal components.
    """

    wrong_labels: tuple[Suspect, ...]
    outliers: tuple[Suspect, ...]
    duplicates: tuple[Suspect, ...]
    examined: NDArray[np.int64]
    components: NDArray[np.float64]


def find_suspects(session: Session, step: Step) -> Suspects:
    """Look for mistakes; `step` is called between the parts of the work. `UserError` for too few frames.

    Variants that the session keeps are left out: they are alike by intention.

    `session` must not change meanwhile: give `Session.as_it_is()`.
    """
    from threadpoolctl import threadpool_limits

    originals = np.flatnonzero(~are_variants(session.flags))
    examined = originals[drawn_points(len(originals), most=MOST_FRAMES, seed=_SEED)]
    frames = session.take(examined.tolist())
    labels = np.asarray(frames.labels)
    step(0, 4)
    with threadpool_limits(limits=1):
        components = principal_components(np.asarray(frames.values), seed=_SEED)
        step(1, 4)
        groups = evidence_groups(labels, frames.recording_of, frames.first_reading, frames.values.shape[1])
        wrong = wrong_labels(components, labels, groups, step)
        step(2, 4)
        strange = outliers(components, labels)
        step(3, 4)
        names = [recording.name for recording in session.recordings]
        twice = duplicates(components, frames.recording_of, frames.first_reading, frames.values.shape[1], names)
    step(4, 4)
    first, second, third = (tuple(_numbered(found, examined) for found in part) for part in (wrong, strange, twice))
    return Suspects(first, second, third, examined=examined, components=components)


def evidence_groups(
    labels: NDArray[np.str_], recording_of: NDArray[np.int64], first_reading: NDArray[np.int64], time_steps: int
) -> NDArray[np.int64]:
    """Return a number per frame, int64 `(n,)`; frames of one number must not vouch for each other.

    They are the recordings where every label is at home in at least two (a fifth of its frames; fewer may be the very
    mistakes that are looked for), else stretches of them, eight frame lengths long.
    """
    for label in np.unique(labels):
        counts = np.bincount(recording_of[labels == label])
        if (counts >= _AT_HOME * counts.sum()).sum() < 2:
            stretches = np.stack([recording_of, first_reading // (_STRETCH * time_steps)])
            return np.asarray(np.unique(stretches, axis=1, return_inverse=True)[1].ravel(), dtype=np.int64)
    return recording_of


def wrong_labels(
    components: NDArray[np.float64], labels: NDArray[np.str_], groups: NDArray[np.int64], step: Step
) -> list[Suspect]:
    """Return the frames that others, which are not of their group, give another label; the surest first.

    First come those whose other label is as probable as it is on average for the frames that have it ("confident
    learning": Northcutt, Jiang and Chuang, Journal of Artificial Intelligence Research 70 (2021), eq. 1 and 2), each
    part by the margin between the two probabilities.
    """
    names, own = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        return []
    chances = _cross_validated(components, own, groups, len(names), step)
    given = chances[np.arange(len(own)), own]
    usual = np.array([given[own == label].mean() for label in range(len(names))])
    others = chances.copy()
    others[np.arange(len(own)), own] = -1.0
    best = others.argmax(axis=1)
    chance = others.max(axis=1)
    score = chance - given
    sure = chance >= usual[best]
    listed = np.flatnonzero(score > 0)
    order = listed[np.lexsort((-score[listed], ~sure[listed]))]
    return [
        Suspect(
            int(place),
            float(score[place]),
            f"Looks like “{names[best[place]]}” ({chance[place]:.0%}), not like “{labels[place]}” "
            f"({given[place]:.0%}), to what was learnt from the other frames.",
            suggested=str(names[best[place]]),
        )
        for place in order
    ]


def outliers(components: NDArray[np.float64], labels: NDArray[np.str_]) -> list[Suspect]:
    """Return the frames that lie far from the mean of their label, or apart from all other frames.

    Distances from the mean are judged by the median and the median deviation of the label's frames, loneliness by the
    local outlier factor (Breunig and others, SIGMOD 2000).
    """
    from sklearn.neighbors import LocalOutlierFactor

    far = np.zeros(len(labels))
    for label in np.unique(labels):
        ours = labels == label
        distance = np.linalg.norm(components[ours] - np.median(components[ours], axis=0), axis=1)
        middle = np.median(distance)
        deviation = 1.4826 * np.median(np.abs(distance - middle))
        far[ours] = (distance - middle) / max(deviation, 1e-9 + 0.05 * middle)
    model = LocalOutlierFactor(min(20, len(labels) - 1)).fit(components)
    lonely = -model.negative_outlier_factor_
    score = np.maximum(far / _FAR, lonely / _LONELY)
    found = []
    for place in np.argsort(-score, kind="stable"):
        if score[place] < 1:
            break
        from_mean = far[place] / _FAR >= lonely[place] / _LONELY
        reason = f"Far from the usual “{labels[place]}”" if from_mean else "Unlike the frames most similar to it"
        found.append(Suspect(int(place), float(score[place]), f"{reason}: {score[place]:.1f} times the limit."))
    return found


def duplicates(
    components: NDArray[np.float64],
    recording_of: NDArray[np.int64],
    first_reading: NDArray[np.int64],
    time_steps: int,
    names: list[str],
) -> list[Suspect]:
    """Return pairs of frames, each pair once, whose distance is less than a tenth of that of any two frames."""
    from sklearn.neighbors import NearestNeighbors

    count = len(components)
    random = np.random.default_rng(_SEED).integers(0, count, size=(2, 4000))
    usual = float(np.median(np.linalg.norm(components[random[0]] - components[random[1]], axis=1)))
    model = NearestNeighbors(n_neighbors=min(4, count)).fit(components)
    distances, neighbours = model.kneighbors(components)
    pairs: dict[tuple[int, int], float] = {}
    for place, near in np.argwhere(distances < _ALIKE * max(usual, 1e-12)):
        other = int(neighbours[place, near])
        if other != place:
            pairs[min(int(place), other), max(int(place), other)] = float(distances[place, near]) / max(usual, 1e-12)
    found = []
    for (first, second), distance in sorted(pairs.items(), key=lambda pair: pair[1]):
        shared = time_steps - abs(int(first_reading[first] - first_reading[second]))
        if recording_of[first] == recording_of[second]:
            where = f"shares {shared} of {time_steps} readings with it" if shared > 0 else "from the same recording"
        else:
            where = f"from {names[recording_of[first]]}"
        reason = f"Almost the same as frame {{other}}, {where}: {distance:.1%} of the usual distance."
        found.append(Suspect(second, 1 - distance, reason, other=first))
    return found


def _cross_validated(
    components: NDArray[np.float64], own: NDArray[np.int64], groups: NDArray[np.int64], labels: int, step: Step
) -> NDArray[np.float64]:
    """Return the probability of each label for each frame, learnt from frames of other groups: `(n, labels)`."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folds = min(_FOLDS, len(np.unique(groups)))
    if folds < 2:
        raise UserError("Expected frames of at least two stretches of time.", "Collect more frames.")
    chances = np.zeros((len(own), labels))
    split = StratifiedGroupKFold(folds, shuffle=True, random_state=_SEED)
    for learnt, judged in split.split(components, own, groups):
        step(1, 4)
        seen = np.unique(own[learnt])
        if len(seen) < 2:
            chances[np.ix_(judged, seen)] = 1.0
            continue
        neighbours = KNeighborsClassifier(min(_NEIGHBOURS, len(learnt)), weights="distance")
        for model in (neighbours, make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))):
            model.fit(components[learnt], own[learnt])
            chances[np.ix_(judged, seen)] += 0.5 * model.predict_proba(components[judged])
    return chances


def _numbered(found: Suspect, examined: NDArray[np.int64]) -> Suspect:
    other = None if found.other is None else int(examined[found.other])
    reason = found.reason.replace("{other}", "" if other is None else f"{other + 1:,}")
    return Suspect(int(examined[found.index]), found.score, reason, found.suggested, other)
