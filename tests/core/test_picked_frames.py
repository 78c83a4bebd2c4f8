from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.picked_frames import FrameStore, PickedFrames
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.session import LabelledFrames, Session

VALUES = np.random.default_rng(0).standard_normal((8, 4, 3)).astype(np.float32)


def scattered() -> tuple[PickedFrames, np.ndarray]:
    """Frames of both parts of a store, in disorder, and the same as an array."""
    store = FrameStore(VALUES[:5])
    store.add(VALUES[5:])
    order = np.array([7, 2, 3, 4, 0, 5, 6])
    return PickedFrames(store, order), VALUES[order]


@pytest.mark.parametrize(
    "key",
    [0, -1, np.int64(3), slice(1, 4), slice(5, 7), slice(None), [6, 0], np.array([True] * 3 + [False] * 4), slice(0, 0),
     (2, 1), (slice(1, 3), 0, 1), (slice(None), slice(None), np.array([2, 0]))],
)  # fmt: skip
def test_indexing_gives_what_an_array_gives(key: object) -> None:
    values, array = scattered()
    np.testing.assert_array_equal(values[key], array[key])


def test_values_are_an_array_to_numpy_of_the_shape_they_say() -> None:
    values, array = scattered()
    np.testing.assert_array_equal(values, array)
    np.testing.assert_array_equal(np.concatenate([values, values]), np.concatenate([array, array]))
    assert (values.shape, values.ndim, values.dtype, values.nbytes) == (array.shape, 3, array.dtype, array.nbytes)
    assert [one.tolist() for one in values] == array.tolist()
    assert np.asarray(values, dtype=np.float64).dtype == np.float64


def test_only_frames_that_do_not_follow_one_another_are_copied_and_none_can_be_written() -> None:
    values, _ = scattered()
    assert np.shares_memory(values[1:4], VALUES)
    assert not np.shares_memory(values[0:2], VALUES)
    for found in (values[0], values[1:4], values[0:2], np.asarray(values)):
        with pytest.raises(ValueError, match="read-only"):
            found[...] = 0.0


def test_an_index_that_is_not_there_is_an_error() -> None:
    values, _ = scattered()
    with pytest.raises(IndexError):
        values[7]


def test_what_can_be_written_is_copied_and_what_cannot_is_kept() -> None:
    writable, fixed = VALUES.copy(), VALUES.copy()
    fixed.flags.writeable = False
    kept, copied = PickedFrames.of(fixed), PickedFrames.of(writable)
    writable[:] = 0.0
    assert np.shares_memory(kept, fixed)
    np.testing.assert_array_equal(copied, VALUES)


RECORDING = recording_of(setup_of(), 50)
RECIPE = Recipe(sensor=RECORDING.setup, frame=FrameSettings(time_steps=4))
STEPS = st.lists(st.tuples(st.sampled_from(["add", "remove", "back", "overwrite", "snapshot"]), st.integers(0, 99)),
                 max_size=25)  # fmt: skip


@given(steps=STEPS)
def test_a_session_changed_in_any_way_holds_what_lists_changed_so_hold(steps: list[tuple[str, int]]) -> None:
    nothing = np.zeros(3, dtype=np.int64)
    frames = LabelledFrames(VALUES[:3], ["a", "b", "c"], nothing, np.arange(3), np.zeros(3, dtype=np.uint8))
    session, expected = Session(RECIPE, recordings=[RECORDING], frames=frames), [0, 1, 2]
    removed: list[tuple[LabelledFrames, list[int], list[int]]] = []
    snapshots: list[tuple[Session, list[int]]] = []
    for kind, number in steps:
        count = len(expected)
        at, which = number % (count + 1), number % len(VALUES)
        if kind == "add":
            frame = Frame(VALUES[which], first_reading=which, time_s=0.0, score=None)
            session.add(frame, "new", 0, at=at)
            expected.insert(at, which)
            removed.clear()
        elif kind == "remove" and count > 1:
            places = sorted({number % count, number // 3 % count})
            removed.append((session.take(places), places, [expected[place] for place in places]))
            session.remove(places)
            expected = [one for place, one in enumerate(expected) if place not in places]
        elif kind == "back" and removed:
            taken, places, numbers = removed.pop()
            session.insert(taken, places)
            for place, one in zip(places, numbers, strict=True):
                expected.insert(place, one)
        elif kind == "overwrite" and count:
            session.overwrite(number % count, session.take([number // 7 % count]))
            expected[number % count] = expected[number // 7 % count]
        elif kind == "snapshot":
            snapshots.append((session.as_it_is(), list(expected)))
    for one, numbers in (*snapshots, (session, expected)):
        np.testing.assert_array_equal(one.values, VALUES[numbers])
        np.testing.assert_array_equal(one.first_reading, numbers)
