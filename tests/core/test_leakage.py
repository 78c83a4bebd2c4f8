from __future__ import annotations

import numpy as np
import pytest

from exptool_ml_plugin.core import leakage
from exptool_ml_plugin.core.leakage import Judged, Leakage, measure_leakage

STEPS, WIDTH = 10, 6


def frames(
    count: int,
    *,
    recording: str = "a",
    begin: int = 0,
    every: int = 100,
    values: np.ndarray | None = None,
    seed: int = 0,
) -> Judged:
    made = np.random.default_rng(seed).normal(size=(count, STEPS, WIDTH)).astype(np.float32)
    first = begin + every * np.arange(count, dtype=np.int64)
    return Judged(made if values is None else values, [recording] * count, first)


@pytest.mark.parametrize(
    ("begin", "sharing", "near"), [(0, 5, 5), (9, 5, 5), (-9, 5, 5), (10, 0, 5), (19, 0, 5), (20, 0, 0), (-20, 0, 0)]
)
def test_frames_that_share_readings_or_lie_within_a_frame_length_leak(begin: int, sharing: int, near: int) -> None:
    found = measure_leakage(frames(5), frames(5, begin=begin, seed=1))
    assert (found.sharing, found.near, found.alike) == (sharing, near, 0)
    assert found.share == near / 5


def test_the_same_place_in_another_recording_leaks_nothing() -> None:
    found = measure_leakage(frames(50), frames(50, recording="b", seed=1))
    assert found == Leakage(frames=50, sharing=0, near=0, compared=50, alike=0)


def test_near_duplicates_in_another_recording_are_found_also_over_a_large_background() -> None:
    training = frames(3000)
    training.values[:] += 1000.0
    judged = frames(40, recording="b", seed=1)
    judged.values[:] += 1000.0
    noise = np.random.default_rng(2).normal(size=(10, STEPS, WIDTH)).astype(np.float32)
    judged.values[:10] = training.values[::300] + 0.1 * noise
    judged.values[10:20] = training.values[1::300] + 1.5 * noise
    found = measure_leakage(training, judged)
    assert (found.near, found.compared, found.alike) == (0, 40, 10)
    assert found.share == 0.25
    assert "10 look like one" in found.in_words()


def test_of_many_frames_a_sample_is_compared_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leakage, "COMPARED", 100)
    training = frames(1000)
    judged = frames(1000, recording="b", values=training.values.copy())
    judged.values[500:] = np.random.default_rng(9).normal(size=(500, STEPS, WIDTH))
    found = measure_leakage(training, judged)
    assert (found.compared, found.sampled) == (100, True)
    assert found.share == pytest.approx(0.5, abs=0.15)
    assert "of 100 compared" in found.in_words()


def test_values_that_never_change_say_nothing() -> None:
    training, judged = frames(100), frames(100, recording="b", seed=1)
    for one in (training, judged):
        one.values[:, :, 3:] = 7.0
    assert measure_leakage(training, judged).alike == 0


def test_nothing_to_judge_leaks_nothing() -> None:
    assert measure_leakage(frames(5), frames(0)).share == 0.0


def test_frames_of_a_quiet_scene_are_no_duplicates_because_they_are_quiet() -> None:
    training, judged = frames(400), frames(50, recording="b", seed=1)
    training.values[200:] = 5.0 + 0.01 * training.values[200:]
    judged.values[:] = 5.0 + 0.01 * judged.values
    assert measure_leakage(training, judged).alike == 0
    judged.values[:20] = training.values[200:220]
    assert measure_leakage(training, judged).alike == 20


def test_frames_in_which_nothing_changes_are_not_taken_for_duplicates() -> None:
    training, judged = frames(100), frames(10, recording="b")
    judged.values[:] = 3.0
    training.values[50:] = 3.0
    assert measure_leakage(training, judged).alike == 0
