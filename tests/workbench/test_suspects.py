"""Finding mistakes: wrong labels, outliers and near duplicates, on made and on real frames."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn: pip install exptool-ml-plugin[train]")

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frame_at import Step
from exptool_ml_plugin.core.joining import part_of
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench.suspects import Suspects, evidence_groups, examine, judge, judge_apart

GESTURES = ("double_tap_in", "tap_in", "tap_out", "wiggle")


def go_on(done: int, of: int) -> None:
    """Never cancel."""


def find_suspects(session: Session, step: Step) -> Suspects:
    return judge(examine(session, step), step)


def made_session(count: int = 120) -> Session:
    """Two labels with a pattern each, in turn, in two recordings; frames do not overlap."""
    random = np.random.default_rng(1)
    own = np.arange(count) % 2
    patterns = random.normal(size=(2, 10, 6))
    values = (patterns[own] + 0.3 * random.normal(size=(count, 10, 6))).astype(np.float32)
    frames = LabelledFrames(
        values=values,
        labels=["push" if label else "pull" for label in own],
        recording_of=np.arange(count) // (count // 2),
        first_reading=30 * (np.arange(count) % (count // 2)),
        flags=np.zeros(count, dtype=np.uint8),
    )
    recordings = [record(DEFAULT_SETUP, "push", 0.5, name=name, seed=1) for name in ("monday", "tuesday")]
    return Session(Recipe(frame=FrameSettings(time_steps=10)), recordings=recordings, frames=frames)


def changed_session(index: int, values: np.ndarray) -> Session:
    session = made_session()
    everything = replace(session.take(range(len(session))), values=np.array(session.values))
    everything.values[index] = values
    return Session(session.recipe, recordings=session.recordings, frames=everything)


def test_wrong_labels_come_first_with_the_label_they_should_have() -> None:
    session = made_session()
    session.relabel([10, 70], "push")

    found = find_suspects(session, go_on).wrong_labels

    assert {suspect.index for suspect in found[:2]} == {10, 70}
    assert {suspect.suggested for suspect in found[:2]} == {"pull"}
    assert "“pull”" in found[0].reason
    assert [suspect.score for suspect in found[:2]] == sorted((s.score for s in found[:2]), reverse=True)


def test_clean_labels_are_not_suspected() -> None:
    assert find_suspects(made_session(), go_on).wrong_labels == ()


def test_a_frame_like_no_other_is_an_outlier() -> None:
    strange = 4 * np.random.default_rng(9).normal(size=(10, 6))

    found = find_suspects(changed_session(33, strange), go_on).outliers

    assert found[0].index == 33


def test_a_copy_in_another_recording_is_a_near_duplicate() -> None:
    copy = np.array(made_session().values[4])

    found = find_suspects(changed_session(90, copy), go_on).duplicates

    assert [(suspect.index, suspect.other) for suspect in found] == [(90, 4)]
    assert "frame 5, from monday" in found[0].reason


def test_recordings_are_the_groups_only_where_every_label_is_at_home_in_two() -> None:
    recording_of = np.repeat([0, 1], 50)
    first = np.tile(np.arange(50) * 20, 2)
    both = np.tile(["a", "b"], 50)
    one_each = np.repeat(["a", "b"], 50)
    one_each[3] = "b"  # a mistake does not make a second home

    assert len(np.unique(evidence_groups(both, recording_of, first, 10))) == 2
    assert len(np.unique(evidence_groups(one_each, recording_of, first, 10))) > 10


def test_too_few_frames_are_said() -> None:
    with pytest.raises(UserError, match="at least three frames"):
        find_suspects(Session(Recipe()), go_on)


def test_cancelling_ends_the_search() -> None:
    class EnoughError(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done:
            raise EnoughError

    with pytest.raises(EnoughError):
        find_suspects(made_session(), stop)


def test_a_process_of_its_own_finds_the_same_and_tells_how_far_it_is() -> None:
    session = changed_session(33, 4 * np.random.default_rng(9).normal(size=(10, 6)))
    session.relabel([10, 70], "push")
    examined, told = examine(session, go_on), []

    found = judge_apart(examined, lambda done, of: told.append((done, of)))

    assert vars(found) == vars(judge(examined, go_on))
    assert {of for _, of in told} == {4}
    assert told == sorted(told)


def test_what_goes_wrong_in_the_process_is_said_here() -> None:
    session = made_session()
    alone = examine(part_of(session, [0, 1, 2]), go_on)

    with pytest.raises(UserError, match="at least two stretches of time"):
        judge_apart(replace(alone, first_reading=0 * alone.first_reading, recording_of=0 * alone.recording_of), go_on)


@pytest.fixture(scope="module")
def gestures(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    from exptool_ml_plugin.cli import main

    out = tmp_path_factory.mktemp("gestures") / "session.h5"
    paths = [shared_data / "a121_gesture" / f"label_{name}_idx_{number}.h5" for number in (1, 2) for name in GESTURES]
    arguments = ["extract", *map(str, paths), "--recipe", "gesture", "--label-from", r"label_(.+)_idx_\d+"]
    assert main([*arguments, "--out", str(out)]) == 0
    return load_session(out)


@pytest.mark.parametrize("recordings", [(0, 1, 2, 3), (4, 5, 6, 7), tuple(range(8))])
def test_most_flipped_labels_of_real_gestures_are_among_the_first_suggestions(
    gestures: Session, recordings: tuple[int, ...]
) -> None:
    chosen = np.flatnonzero(np.isin(gestures.recording_of, recordings))
    shares = []
    for seed in range(5):
        session = Session(gestures.recipe, recordings=gestures.recordings, frames=gestures.take(chosen.tolist()))
        random = np.random.default_rng(seed)
        flipped = random.choice(len(session), round(0.05 * len(session)), replace=False)
        for index in flipped.tolist():
            session.relabel([index], str(random.choice([name for name in GESTURES if name != session.labels[index]])))
        first = find_suspects(session, go_on).wrong_labels[: math.ceil(0.1 * len(session))]
        shares.append(float(np.isin(flipped, [suspect.index for suspect in first]).mean()))

    print(f"recordings {recordings}: {shares}")
    assert min(shares) >= 0.8, shares
