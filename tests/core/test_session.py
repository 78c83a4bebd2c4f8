from __future__ import annotations

import numpy as np
import pytest
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.session import LabelledFrames, Session

RECIPE = Recipe(sensor=setup_of(), frame=FrameSettings(time_steps=4, pre_trigger=0, dead_time=0))


def frame(value: float, *, shape: tuple[int, int] = (4, 3), flags: int = 0) -> Frame:
    values = np.full(shape, value, dtype=np.float32)
    return Frame(values=values, first_reading=int(value), time_s=value / 50, score=None, flags=flags)


def session_of(*labels: str) -> Session:
    session = Session(RECIPE)
    session.add_recording(recording_of(setup_of(), 50))
    for i, label in enumerate(labels):
        session.add(frame(i), label, 0)
    return session


def test_an_empty_session_has_frames_of_no_width() -> None:
    session = Session(RECIPE)
    assert (len(session), session.values.shape, session.label_names(), session.unsaved) == (0, (0, 4, 0), (), False)


def test_frames_keep_their_order_label_and_place() -> None:
    session = session_of(*(["push", "pull"] * 20))
    assert session.unsaved
    np.testing.assert_array_equal(session.values[:, 0, 0], np.arange(40))
    np.testing.assert_array_equal(session.first_reading, np.arange(40))
    np.testing.assert_array_equal(session.recording_of, np.zeros(40))
    assert session.label_names() == ("pull", "push")
    assert session.counts() == {"pull": 20, "push": 20}


def test_the_frames_cannot_be_written_from_outside() -> None:
    session = session_of("push")
    with pytest.raises(ValueError, match="read-only"):
        session.values[0][0, 0] = 5.0
    session.labels.append("pull")
    assert session.labels == ["push"]
    session.add(frame(1), "pull", 0)
    assert len(session) == 2


def test_relabelling_and_removing_change_what_they_name() -> None:
    session = session_of("push", "push", "pull", "push")
    session.relabel([0, 2], "swipe ")
    assert session.labels == ["swipe", "push", "swipe", "push"]
    session.remove([1, 2])
    assert session.labels == ["swipe", "push"]
    np.testing.assert_array_equal(session.first_reading, [0, 3])
    session.add(frame(9), "pull", 0)
    np.testing.assert_array_equal(session.values[:, 0, 0], [0, 3, 9])


def test_a_frame_of_another_shape_is_refused_with_both_shapes() -> None:
    session = session_of("push")
    with pytest.raises(UserError, match=r"\(4, 3\).*\(4, 5\)"):
        session.add(frame(1, shape=(4, 5)), "push", 0)
    session.remove([0])
    session.add(frame(1, shape=(4, 5)), "push", 0)
    assert session.values.shape == (1, 4, 5)


def test_an_empty_label_and_an_unknown_recording_are_refused() -> None:
    session = session_of("push")
    with pytest.raises(UserError, match="label"):
        session.add(frame(1), "  ", 0)
    with pytest.raises(UserError, match="recording=3"):
        session.add(frame(1), "push", 3)
    assert len(session) == 1


def test_arrays_of_different_length_are_no_session() -> None:
    with pytest.raises(UserError, match="one length"):
        LabelledFrames(
            values=np.zeros((2, 4, 3), dtype=np.float32),
            labels=["push"],
            recording_of=np.zeros(2, dtype=np.int64),
            first_reading=np.zeros(2, dtype=np.int64),
            flags=np.zeros(2, dtype=np.uint8),
        )


def test_adding_a_frame_does_not_copy_those_before() -> None:
    session = session_of(*["push"] * 17)
    before = session.values
    session.add(frame(1), "push", 0)
    assert np.shares_memory(before, session.values)


def test_a_frame_that_was_taken_out_can_be_put_back_where_it_was() -> None:
    session = session_of("push", "pull", "swipe")
    taken, recording = session.frame(1)
    session.remove([1])
    assert session.add(taken, "pull", recording, at=1) == 1
    assert session.labels == ["push", "pull", "swipe"]
    np.testing.assert_array_equal(session.values[:, 0, 0], [0, 1, 2])
    np.testing.assert_array_equal(session.first_reading, [0, 1, 2])
    session.add(frame(3), "push", 0)
    np.testing.assert_array_equal(session.first_reading, [0, 1, 2, 3])


def test_later_changes_do_not_reach_a_session_as_it_is() -> None:
    session = session_of("push", "pull", "swipe")
    taken = session.as_it_is()
    session.relabel([0], "circle")
    session.add(frame(3), "push", 0)
    session.remove([1])
    session.add_recording(recording_of(setup_of(), 10))
    assert taken.labels == ["push", "pull", "swipe"]
    np.testing.assert_array_equal(taken.first_reading, [0, 1, 2])
    assert len(taken.recordings) == 1
    taken.add(frame(7), "circle", 0)
    np.testing.assert_array_equal(session.first_reading, [0, 2, 3])
