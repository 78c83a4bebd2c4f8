from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as example_count
from hypothesis import strategies as st

from exptool_ml_plugin.core.recipe import TrainingSettings
from exptool_ml_plugin.core.split import Split, split_frames
from exptool_ml_plugin.core.split_groups import FrameIndex, assign_folds, day_of

TIME_STEPS = 20


def index_of(recordings: dict[str, list[tuple[str, int]]], time_steps: int = TIME_STEPS) -> FrameIndex:
    """Frames by recording, each with its label and first reading."""
    rows = [(label, group, first) for group, frames in recordings.items() for label, first in frames]
    labels, groups, first = zip(*rows, strict=True)
    return FrameIndex(labels, groups, np.array(first, dtype=np.int64), time_steps=time_steps)


def events(label: str, count: int, *, every: int = 60, start: int = 0) -> list[tuple[str, int]]:
    return [(label, start + every * i) for i in range(count)]


def labels_in(frames: FrameIndex, chosen: np.ndarray) -> set[str]:
    return {frames.labels[i] for i in chosen}


def groups_in(frames: FrameIndex, chosen: np.ndarray) -> set[str]:
    return {frames.groups[i] for i in chosen}


def shared_readings(frames: FrameIndex, split: Split) -> int:
    """Pairs of a training and a validation frame that have a reading in common."""
    groups = np.asarray(frames.groups)
    pairs = 0
    for group in set(frames.groups):
        train = frames.first_reading[[i for i in split.training if groups[i] == group]]
        validate = frames.first_reading[[i for i in split.validation if groups[i] == group]]
        pairs += int((np.abs(train[:, None] - validate[None, :]) < frames.time_steps).sum())
    return pairs


def test_whole_recordings_validate_where_a_label_has_several() -> None:
    frames = index_of({f"{label}_{i}": events(label, 20) for label in ("push", "pull") for i in range(5)})
    split = split_frames(frames, TrainingSettings(validation_fraction=0.2))
    assert groups_in(frames, split.training).isdisjoint(groups_in(frames, split.validation))
    assert len(split.validation) == 40
    assert labels_in(frames, split.validation) == {"push", "pull"}
    assert len(split.training) + len(split.validation) == 200
    assert any("Validation only" in note for note in split.notes)


def test_recordings_that_hold_all_labels_are_split_as_a_whole_too() -> None:
    mixed = [pair for i in range(10) for pair in (("push", 120 * i), ("pull", 120 * i + 60))]
    frames = index_of({f"person {i}": mixed for i in range(4)})
    split = split_frames(frames, TrainingSettings(validation_fraction=0.25))
    assert len(groups_in(frames, split.validation)) == 1
    assert groups_in(frames, split.training).isdisjoint(groups_in(frames, split.validation))


def test_the_only_recording_of_a_label_gives_one_stretch_with_a_gap_of_a_frame_beside_it() -> None:
    frames = index_of({"a": events("push", 500, every=1), "b": events("pull", 500, every=1)})
    split = split_frames(frames, TrainingSettings(validation_fraction=0.2))
    for group in ("a", "b"):
        own = [i for i in split.validation if frames.groups[i] == group]
        assert len(own) == 100
        assert np.diff(frames.first_reading[own]).max() == 1, "one stretch, not scattered frames"
        train = frames.first_reading[[i for i in split.training if frames.groups[i] == group]]
        first, last = frames.first_reading[own][[0, -1]]
        # Readings of training frames end a frame's length before the stretch and begin one after it.
        assert ((train + 2 * TIME_STEPS <= first) | (train >= last + 2 * TIME_STEPS)).all()
    assert shared_readings(frames, split) == 0
    assert sum("no recording to spare" in note for note in split.notes) == 2


def test_one_recording_with_labels_in_turn_is_split_without_wasting_the_other_label() -> None:
    turns = [("push" if i % 2 else "pull", 60 * i) for i in range(100)]
    frames = index_of({"live": turns})
    split = split_frames(frames, TrainingSettings())
    assert labels_in(frames, split.validation) == labels_in(frames, split.training) == {"push", "pull"}
    assert shared_readings(frames, split) == 0
    assert len(split.training) + len(split.validation) >= 95


def test_a_label_with_a_single_frame_trains_and_the_note_says_so() -> None:
    frames = index_of({"a": events("push", 30), "b": events("pull", 1)})
    split = split_frames(frames, TrainingSettings())
    assert labels_in(frames, split.training) == {"push", "pull"}
    assert labels_in(frames, split.validation) == {"push"}
    assert any("'pull' has no validation frames" in note for note in split.notes)


def test_keeping_recordings_whole_is_said_when_it_changes_the_part() -> None:
    frames = index_of({f"{label}_{i}": events(label, 20) for label in ("push", "pull") for i in range(2)})
    split = split_frames(frames, TrainingSettings(validation_fraction=0.2))
    assert len(split.validation) == 40
    assert any("50% of the frames validate instead of 20%" in note for note in split.notes)


def test_the_same_seed_gives_the_same_split_and_another_one_another() -> None:
    frames = index_of({f"{label}_{i}": events(label, 10) for label in ("push", "pull") for i in range(8)})
    some = [split_frames(frames, TrainingSettings(seed=seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(some[0].validation, some[1].validation)
    assert some[0].validation.tolist() != some[2].validation.tolist()


def test_the_random_split_is_even_over_labels_and_says_that_it_flatters() -> None:
    frames = index_of({"a": events("push", 100, every=1), "b": events("pull", 50, every=1)})
    split = split_frames(frames, TrainingSettings(split="random", validation_fraction=0.2))
    assert split.kind == "random"
    assert [sum(frames.labels[i] == label for i in split.validation) for label in ("push", "pull")] == [20, 10]
    assert "flatter" in split.notes[0]
    assert shared_readings(frames, split) > 0


@pytest.mark.parametrize("validation", ["none", "files"])
def test_without_a_part_to_split_off_everything_trains(validation: str) -> None:
    split = split_frames(index_of({"a": events("push", 5)}), TrainingSettings(validation=validation))
    assert split.kind == validation
    assert (split.training.tolist(), split.validation.tolist()) == ([0, 1, 2, 3, 4], [])


def test_many_overlapping_frames_of_one_label_are_split_quickly() -> None:
    frames = index_of({"a": events("push", 20_000, every=1), "b": events("pull", 20, every=1)}, time_steps=200)
    begin = time.perf_counter()
    split = split_frames(frames, TrainingSettings())
    assert time.perf_counter() - begin < 5.0
    assert labels_in(frames, split.training) == {"push", "pull"}
    assert len(split.validation) == 4000


frame_lists = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 400)), min_size=1, max_size=25)


@example_count(max_examples=150, deadline=None)
@given(
    recordings=st.dictionaries(st.sampled_from(["r1", "r2", "r3", "r4", "r5"]), frame_lists, min_size=1),
    seed=st.integers(0, 5),
    fraction=st.sampled_from([0.05, 0.2, 0.5, 0.9]),
    time_steps=st.integers(1, 60),
)
def test_no_training_frame_ever_shares_a_reading_with_a_validation_frame(
    recordings: dict[str, list[tuple[str, int]]], seed: int, fraction: float, time_steps: int
) -> None:
    frames = index_of(recordings, time_steps)
    split = split_frames(frames, TrainingSettings(seed=seed, validation_fraction=fraction))
    assert shared_readings(frames, split) == 0
    assert set(split.training).isdisjoint(split.validation)
    assert (np.diff(split.training) > 0).all()
    assert (np.diff(split.validation) > 0).all()
    assert labels_in(frames, split.training) == set(frames.labels), "every label still trains"
    silent = set(frames.labels) - labels_in(frames, split.validation)
    for label in silent:
        assert any(f"'{label}' has no validation frames" in note for note in split.notes)


# --- groups, folds and stretches -------------------------------------------------------------------------------


def tagged(persons: list[str], *, frames_each: int = 20) -> FrameIndex:
    """Two labels in a recording of each person, one recording per entry."""
    rows = [
        (label, f"recording {number}", 60 * index, person, f"file {number // 2}")
        for number, person in enumerate(persons)
        for index in range(frames_each)
        for label in ("push", "pull")
    ]
    labels, groups, first, person, files = zip(*rows, strict=True)
    tags = {"person": person, "session": files, "place": ("",) * len(rows), "day": ("2026-01-02",) * len(rows)}
    return FrameIndex(labels, groups, np.array(first), time_steps=TIME_STEPS, tags=tags)


def persons_in(frames: FrameIndex, chosen: np.ndarray) -> set[str]:
    return {frames.tags["person"][i] for i in chosen}


def test_a_person_is_on_one_side_only_however_many_recordings() -> None:
    frames = tagged(["Ada", "Ada", "Bo", "Bo", "Cy", "Cy", "Di", "Di"])
    split = split_frames(frames, TrainingSettings(split="person", validation_fraction=0.25))
    assert len(persons_in(frames, split.validation)) == 1
    assert persons_in(frames, split.validation).isdisjoint(persons_in(frames, split.training))
    assert (split.kind, split.problem) == ("person", "")


@pytest.mark.parametrize("by", ["recording", "person", "random", "stratified"])
def test_the_folds_together_validate_every_frame_once(by: str) -> None:
    frames = tagged(["Ada", "Ada", "Bo", "Cy", "Di", "Ed"])
    settings = [TrainingSettings(split=by, holdout="fold", folds=3, fold=fold) for fold in (1, 2, 3)]
    splits = [split_frames(frames, each) for each in settings]
    assert sorted(np.concatenate([split.validation for split in splits]).tolist()) == list(range(len(frames.labels)))
    for split in splits:
        assert set(split.training).isdisjoint(split.validation)
        assert labels_in(frames, split.training) == labels_in(frames, split.validation) == {"push", "pull"}
        if by == "person":
            assert persons_in(frames, split.validation).isdisjoint(persons_in(frames, split.training))


def test_leaving_one_group_out_takes_them_in_alphabetical_order() -> None:
    frames = tagged(["Cy", "Ada", "Bo", "Ada"])
    held_out = [
        persons_in(frames, split_frames(frames, TrainingSettings(split="person", holdout="group", fold=n)).validation)
        for n in (1, 2, 3)
    ]
    assert held_out == [{"Ada"}, {"Bo"}, {"Cy"}]


def test_a_recording_in_two_session_files_keeps_both_files_on_one_side() -> None:
    frames = tagged(["Ada"] * 6)
    groups = ["shared" if file in ("file 0", "file 1") else name for name, file in
              zip(frames.groups, frames.tags["session"], strict=True)]  # fmt: skip
    frames = FrameIndex(frames.labels, groups, frames.first_reading, time_steps=TIME_STEPS, tags=frames.tags)
    split = split_frames(frames, TrainingSettings(split="session", holdout="group", fold=1))
    assert {frames.tags["session"][i] for i in split.validation} == {"file 0", "file 1"}


def test_a_stretch_of_every_label_in_every_recording_shares_no_reading() -> None:
    turns = [("push" if i % 2 else "pull", 5 * i) for i in range(600)]
    frames = index_of({"a": turns, "b": events("push", 300, every=1)})
    split = split_frames(frames, TrainingSettings(split="stratified", validation_fraction=0.2))
    assert shared_readings(frames, split) == 0
    validating = {(frames.groups[i], frames.labels[i]) for i in split.validation}
    assert validating == {("a", "push"), ("a", "pull"), ("b", "push")}
    assert len(split.validation) == 120 + 60
    assert len(split.training) > 600


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"split": "place"}, "Expected to know the place of every recording. Received: none for recording 0"),
        ({"split": "day"}, "at least two days"),
        ({"split": "person", "holdout": "fold", "folds": 3}, "at most as many folds as persons, 2"),
        ({"split": "person", "holdout": "group", "fold": 3}, "a number from 1 to 2"),
        ({"split": "random", "holdout": "group"}, "keeps something together"),
        ({"split": "random", "holdout": "fold", "fold": 6}, "a number from 1 to 5"),
    ],
)
def test_a_split_that_cannot_be_made_says_why_and_everything_trains(changes: dict[str, object], said: str) -> None:
    frames = tagged(["Ada", "Bo"])
    split = split_frames(frames, TrainingSettings(**changes))  # type: ignore[arg-type]
    assert said in split.problem
    assert len(split.training) == len(frames.labels)
    assert not len(split.validation)


def test_a_label_of_one_person_only_cannot_be_split_by_person() -> None:
    frames = tagged(["Ada", "Bo"])
    labels = ["push" if person == "Ada" else "pull" for person in frames.tags["person"]]
    frames = FrameIndex(labels, frames.groups, frames.first_reading, time_steps=TIME_STEPS, tags=frames.tags)
    assert "at least two persons each" in split_frames(frames, TrainingSettings(split="person")).problem


def test_folds_are_balanced_by_label_and_none_is_empty() -> None:
    table = np.array([[10, 0], [10, 0], [0, 30], [0, 30], [5, 5], [5, 5]])
    folds = assign_folds(table, 2, seed=3)
    sums = [table[folds == fold].sum(axis=0).tolist() for fold in (0, 1)]
    assert sums == [[15, 35], [15, 35]]
    assert set(assign_folds(np.array([[100], [1], [1]]), 3, seed=0).tolist()) == {0, 1, 2}


def test_the_day_of_a_recording_is_read_from_the_hosts_time() -> None:
    assert [day_of(text) for text in ("2026-03-14T15:09:26", "1970-01-01T00:00:00", "", "yesterday")] == [
        "2026-03-14", "", "", "",
    ]  # fmt: skip
