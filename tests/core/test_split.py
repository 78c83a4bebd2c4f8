from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as example_count
from hypothesis import strategies as st

from exptool_ml_plugin.core.recipe import TrainingSettings
from exptool_ml_plugin.core.split import FrameIndex, Split, split_frames

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
