"""The limit below which frames count as alike, on made and on recorded frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic import real_recording

from exptool_ml_plugin.core.augmentation import Change, changed_recording
from exptool_ml_plugin.core.frame_at import RecordedRows
from exptool_ml_plugin.core.leakage import Judged, measure_leakage
from exptool_ml_plugin.core.leakage_threshold import MOST_ALIKE, UNKNOWN, alike_below
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.plugins import load_plugins

APART = 20


def limit(flat: np.ndarray, *, every: int = 100, recordings: int = 1) -> float:
    numbers = np.repeat(np.arange(recordings, dtype=np.int32), len(flat) // recordings)
    first = np.tile(every * np.arange(len(flat) // recordings), recordings)
    return alike_below(flat.astype(np.float32), numbers, first, apart=APART)


def test_frames_that_differ_by_nature_leave_the_limit_at_its_highest() -> None:
    assert limit(np.random.default_rng(0).normal(size=(200, 500))) == MOST_ALIKE


def test_where_frames_of_one_recording_are_alike_only_those_that_are_more_so_count() -> None:
    random = np.random.default_rng(0)
    flat = random.normal(size=500) + 0.1 * random.normal(size=(200, 500))  # a distance of about 0.01
    assert 0.005 < limit(flat) < 0.01


def test_frames_that_share_readings_say_nothing_nor_do_copies_in_another_recording() -> None:
    random = np.random.default_rng(0)
    flat = random.normal(size=500) + 0.1 * random.normal(size=(200, 500))
    flat[1::2] = flat[::2]
    assert limit(flat, every=10) > 0.005  # copies are neighbours, nearer than 20 readings
    twice = np.concatenate([flat[::2], flat[::2]])
    assert limit(twice, recordings=2) > 0.005
    assert limit(flat, every=100) == 0.0


@pytest.mark.parametrize("frames", [0, 1, 49])
def test_too_few_frames_tell_nothing(frames: int) -> None:
    assert limit(np.random.default_rng(0).normal(size=(frames, 500))) == UNKNOWN


def test_frames_in_which_nothing_changes_do_not_count() -> None:
    flat = np.random.default_rng(0).normal(size=(200, 500))
    flat[50:150] = 0.0
    assert limit(flat) == MOST_ALIKE


@pytest.fixture(scope="module", params=["range_segment", "phase"])
def recorded(request: pytest.FixtureRequest, shared_data: Path) -> tuple[str, list[Judged], list[np.ndarray]]:
    """Frames of four recorded gestures that follow one another, and the same measured again: with other noise."""
    recipe = Recipe(features=(FeatureChoice(request.param),), frame=FrameSettings(time_steps=60))
    parts, random, found, again = load_plugins().parts, np.random.default_rng(0), [], []
    for name in ("tap_in_idx_2", "tap_out_idx_1", "tap_out_idx_2", "wiggle_idx_2"):
        recording = real_recording(shared_data / "a121_gesture" / f"label_{name}.h5")
        remade = changed_recording(recording, Change(noise=np.sqrt(2.0)), random)
        rows, others = (RecordedRows(one, recipe, parts) for one in (recording, remade))
        first = np.arange(0, rows.last_first, 60)
        found.append(Judged(np.stack([rows.frame(n).values for n in first]), [name] * len(first), first))
        again.append(np.stack([others.frame(n).values for n in first]))
    return request.param, found, again


def together(parts: list[Judged]) -> Judged:
    return Judged(
        np.concatenate([part.values for part in parts]),
        [name for part in parts for name in part.recordings],
        np.concatenate([part.first_reading for part in parts]),
    )


def test_of_recordings_that_share_nothing_hardly_a_frame_is_called_alike(
    recorded: tuple[str, list[Judged], list[np.ndarray]],
) -> None:
    _, parts, _ = recorded
    alike = [
        measure_leakage(together([one for one in parts if one is not part]), part).alike for part in parts
    ]  # fmt: skip
    assert sum(alike) <= 0.01 * sum(len(part) for part in parts)


def test_copies_under_another_name_are_found_and_most_that_were_measured_again(
    recorded: tuple[str, list[Judged], list[np.ndarray]],
) -> None:
    feature, parts, again = recorded
    training = together(parts)
    names = [f"copy of {name}" for name in training.recordings]
    exact = measure_leakage(training, Judged(training.values.copy(), names, training.first_reading))
    assert exact.share == 1.0
    if feature == "range_segment":
        found = measure_leakage(training, Judged(np.concatenate(again), names, training.first_reading))
        assert found.share > 0.8
