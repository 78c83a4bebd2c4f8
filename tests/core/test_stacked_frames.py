"""Frames of several arrays, seen as one."""

from __future__ import annotations

import numpy as np
import pytest

from exptool_ml_plugin.core import stacked_frames
from exptool_ml_plugin.core.stacked_frames import StackedFrames, chunks

WHOLE = np.arange(9 * 2 * 3, dtype=np.float32).reshape(9, 2, 3)
KEPT = np.array([8, 1, 2, 5, 0])


def stack() -> StackedFrames:
    return StackedFrames([WHOLE[:4], WHOLE[4:4], WHOLE[4:5], WHOLE[5:]])


@pytest.mark.parametrize("kept", [None, KEPT], ids=["all", "some"])
@pytest.mark.parametrize(
    "which", [slice(None), slice(2, 7), slice(3, 3), slice(4, 100), slice(0, 5, 2), np.array([4, 0, 4, 2]), 3]
)
def test_a_stack_gives_the_frames_that_the_joined_array_would(kept: np.ndarray | None, which: object) -> None:
    frames = stack() if kept is None else stack().take(kept)
    joined = WHOLE if kept is None else WHOLE[kept]

    assert (len(frames), frames.shape) == (len(joined), joined.shape)
    np.testing.assert_array_equal(frames[which], joined[which])


def test_frames_taken_from_frames_that_were_taken_are_the_right_ones() -> None:
    again = stack().take(KEPT).take(np.array([4, 0]))

    np.testing.assert_array_equal(again[:], WHOLE[[0, 8]])


def test_stacks_are_joined_whether_all_of_their_frames_are_kept_or_some() -> None:
    for first in (stack(), stack().take(KEPT)):
        joined = StackedFrames.joined([first, StackedFrames.of(WHOLE[2:6])])
        np.testing.assert_array_equal(joined[:], np.concatenate([first[:], WHOLE[2:6]]))
        assert StackedFrames.of(joined) is joined


def test_a_stretch_of_one_array_is_not_copied() -> None:
    assert np.shares_memory(stack()[1:3], WHOLE)


@pytest.mark.parametrize("values", [WHOLE, stack()], ids=["array", "stack"])
def test_pieces_make_up_the_whole(values: np.ndarray | StackedFrames, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacked_frames, "_CHUNK_BYTES", 4 * WHOLE[0].nbytes)

    assert [len(piece) for piece in chunks(values)] == [4, 4, 1]
    np.testing.assert_array_equal(np.concatenate(list(chunks(values))), WHOLE)
    np.testing.assert_array_equal(np.concatenate(list(chunks(values, KEPT))), WHOLE[KEPT])
