"""Frames that may be mistakes: labels that look wrong, frames like no others, and frames that are there twice."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UserError
from ..core.frame_at import Step
from ..core.session import Session
from ..core.stand_back import stand_back
from ..core.variants import are_variants
from .embedding import drawn_points, principal_components
from .helper_process import run_apart

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
class Examined:
    """What is known of the frames that are examined: `indices` are their numbers in the session.

    `components` is float64 `(n, components)`, the frames in principal components; `labels` has one entry per frame,
    `recording_of` and `first_reading` int64 `(n,)` count recordings, whose `names` these are, and readings in them.
    """

    indices: NDArray[np.int64]
    components: NDArray[np.float64]
    labels: NDArray[np.str_]
    recording_of: NDArray[np.int64]
    first_reading: NDArray[np.int64]
    time_steps: int
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Suspects:
    """The three lists, each with the worst first."""

    wrong_labels: tuple[Suspect, ...]
    outliers: tuple[Suspect, ...]
    duplicates: tuple[Suspect, ...]


def examine(session: Session, step: Step) -> Examined:
    """Bring the frames that are examined to a few numbers each, which takes a second for 20,000 frames.

    `session` must not change meanwhile: give `Session.as_it_is()`. Variants that it keeps are left out: they are alike
    by intention. `UserError` for too few frames.
    """
    originals = np.flatnonzero(~are_variants(session.flags))
    indices = originals[drawn_points(len(originals), most=MOST_FRAMES, seed=_SEED)]
    labels = session.labels
    return Examined(
        indices=indices,
        components=principal_components(session.values.select(indices), seed=_SEED, step=step),
        labels=np.asarray([labels[index] for index in indices.tolist()]),
        recording_of=session.recording_of[indices],
        first_reading=session.first_reading[indices],
        time_steps=session.values.shape[1],
        names=tuple(recording.name for recording in session.recordings),
    )


def judge(examined: Examined, step: Step) -> Suspects:
    """Look for mistakes; `step` is called between the parts of the work."""
    components, labels = examined.components, examined.labels
    places = (examined.recording_of, examined.first_reading)
    step(1, 4)
    groups = evidence_groups(labels, *places, examined.time_steps)
    wrong = wrong_labels(components, labels, groups, step)
    step(2, 4)
    strange = outliers(components, labels)
    step(3, 4)
    twice = duplicates(components, *places, examined.time_steps, list(examined.names))
    step(4, 4)
    return Suspects(*(tuple(_numbered(found, examined.indices) for found in part) for part in (wrong, strange, twice)))


def judge_apart(examined: Examined, step: Step) -> Suspects:
    """Look for mistakes in a process of its own; `step` is called ten times a second."""
    with tempfile.TemporaryDirectory(prefix="exptool_ml_mistakes_") as name:
        folder = Path(name)
        given, made = folder / "given.npz", folder / "made.json"
        arrays: dict[str, Any] = {key: np.asarray(value) for key, value in vars(examined).items()}
        np.savez(given, **arrays)
        run_apart(__name__, [str(given), str(made)], folder, follow=lambda told: step(told.count("\n"), 4))
        found = json.loads(made.read_text())
    if "problem" in found:
        raise UserError(found["problem"], found["hint"])
    return Suspects(**{key: tuple(Suspect(**one) for one in part) for key, part in found.items()})


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


def _main(given: str, made: str) -> None:
    """Judge what `judge_apart` has written, a line on the standard output for each part of the work."""
    stand_back()
    with np.load(given) as arrays:
        values: dict[str, Any] = {name: arrays[name] for name in arrays.files}
    examined = Examined(**{**values, "time_steps": int(values["time_steps"]), "names": tuple(values["names"].tolist())})
    said = [0]

    def tell(done: int, of: int) -> None:
        if done > said[0]:
            said[0] = done
            sys.stdout.write(f"{done} of {of}\n")

    try:
        found = asdict(judge(examined, tell))
    except UserError as error:
        found = {"problem": error.message, "hint": error.hint}
    Path(made).write_text(json.dumps(found))


if __name__ == "__main__":
    _main(*sys.argv[1:3])
