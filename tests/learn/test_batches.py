"""The order of the frames and how much each counts."""

from __future__ import annotations

import numpy as np
import pytest

from exptool_ml_plugin.learn import batches
from exptool_ml_plugin.learn.batches import batches_of, epoch_order, frame_weights, shown_frames

FRAMES = np.arange(10, 60)


def test_the_order_is_a_function_of_seed_and_epoch_alone() -> None:
    first = epoch_order(FRAMES, seed=3, epoch=7)

    assert np.array_equal(first, epoch_order(FRAMES, seed=3, epoch=7))
    assert not np.array_equal(first, epoch_order(FRAMES, seed=3, epoch=8))
    assert not np.array_equal(first, epoch_order(FRAMES, seed=4, epoch=7))
    assert np.array_equal(np.sort(first), FRAMES)


def test_more_frames_than_are_shuffled_together_come_in_blocks_of_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BLOCK_BYTES", 10 * 8)
    monkeypatch.setattr(batches, "WINDOW_BYTES", 100 * 8)
    frames = 3 * np.arange(10_000)

    order = epoch_order(frames, seed=3, epoch=7, frame_bytes=8)

    assert np.array_equal(np.sort(order), frames)
    assert np.array_equal(order, epoch_order(frames, seed=3, epoch=7, frame_bytes=8))
    assert not np.array_equal(order, epoch_order(frames, seed=3, epoch=8, frame_bytes=8))
    windows = order.reshape(-1, 100) // 3
    assert {len(np.unique(window // 10)) for window in windows} == {10}
    assert np.mean(np.abs(np.diff(windows)) == 1) < 0.05, "within a window at random"
    assert np.abs(np.corrcoef(windows.mean(axis=1), np.arange(100))[0, 1]) < 0.3, "from all over the data"


def test_frames_that_fit_into_one_window_are_shuffled_as_a_whole() -> None:
    assert np.array_equal(
        epoch_order(FRAMES, seed=3, epoch=7, frame_bytes=1000), np.random.default_rng([3, 7]).permutation(FRAMES)
    )


def test_batches_hold_every_frame_once_and_the_last_may_be_shorter() -> None:
    batches = list(batches_of(FRAMES, 16))

    assert [len(batch) for batch in batches] == [16, 16, 16, 2]
    assert np.array_equal(np.concatenate(batches), FRAMES)


def test_balanced_weights_make_every_label_count_alike_with_a_mean_of_one() -> None:
    labels = np.array([0, 0, 0, 1, 3, 3], dtype=np.int32)
    training = np.array([0, 1, 2, 3, 4])

    weights = frame_weights(labels, training, balanced=True)

    sums = [weights[training][labels[training] == label].sum() for label in (0, 1, 3)]
    np.testing.assert_allclose(sums, 5 / 3, rtol=1e-6)
    assert weights[5] == 1.0
    assert np.all(frame_weights(labels, training, balanced=False) == 1.0)


def test_a_frame_is_shown_as_itself_or_as_one_of_its_own_variants() -> None:
    order, variant_of = np.array([4, 0, 2]), np.array([0, 0, 0, 4])
    own = {4: {4, 13}, 0: {0, 10, 11, 12}, 2: {2}}
    seen: dict[int, set[int]] = {frame: set() for frame in own}
    for epoch in range(1, 60):
        shown = shown_frames(order, variant_of, frames=14, seed=3, epoch=epoch)
        assert shown.tolist() == shown_frames(order, variant_of, frames=14, seed=3, epoch=epoch).tolist()
        for frame, variant in zip(order.tolist(), shown.tolist(), strict=True):
            seen[frame].add(variant)
    assert seen == own


def test_without_variants_the_frames_themselves_are_shown() -> None:
    order = np.array([4, 0, 2])
    assert shown_frames(order, order[:0], frames=5, seed=0, epoch=1) is order
