"""Every change of the frames can be taken back and done again, and the journal knows."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from exptool_ml_plugin.core.calibration import calibration_text
from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.journal_session import recover
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.workbench.edits import Add, Calibrate, Edit, Edits, Overwrite, Relabel, Remove, labelled
from exptool_ml_plugin.workbench.journal import Journal
from exptool_ml_plugin.workbench.session_store import SessionStore

PARTS = load_plugins().parts
RECORDING = record(DEFAULT_SETUP, "push", 3.0, name="push", seed=1)
RECIPE = Recipe(
    sensor=DEFAULT_SETUP,
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=20),
    trigger=TriggerChoice("continuous", {"hop": 5}),
)
FRAMES = frames_of(RECORDING, RECIPE, PARTS)


def failed(error: Exception, where: str) -> None:
    raise AssertionError(where) from error


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    made = SessionStore(RECIPE, journal=Journal(tmp_path / "journals", failed))
    made.begin_recording(DEFAULT_SETUP, RECIPE, name="push", host_attributes=RECORDING.host_attributes)
    made.add_readings(list(RECORDING))
    for place, frame in enumerate(FRAMES):
        made.add_frame(frame, "push" if place % 2 else "pull")
    made.end_recording()
    yield made
    made.close()


def edits_of_every_kind() -> list[Edit]:
    return [
        Relabel([0, 3, 4], "swipe"),
        Remove([1, 2, 7]),
        Add(labelled([FRAMES[5], FRAMES[6]], ["new", "new"], [0, 0]), at=2),
        Overwrite([0, 3], labelled([FRAMES[8], FRAMES[9]], ["moved", "moved"], [0, 0])),
        Remove([2]),
        Add(labelled([FRAMES[1]], ["late"], [0])),
        Relabel(range(4), "pull"),
    ]


def content(session: Session) -> tuple[object, ...]:
    return (
        np.asarray(session.values).tobytes(),
        tuple(session.labels),
        tuple(session.first_reading.tolist()),
        tuple(session.recording_of.tolist()),
        tuple(session.flags.tolist()),
    )


def recovered(store: SessionStore) -> Session:
    assert store.journal is not None
    assert store.journal.wait()
    assert store.journal.path is not None
    return recover(store.journal.path).session


def test_every_kind_of_edit_is_taken_back_and_done_again_step_by_step(store: SessionStore) -> None:
    edits = Edits(store)
    states = [content(store.session)]
    for edit in edits_of_every_kind():
        edits.do(edit)
        states.append(content(store.session))
    assert len(set(states[:-1])) == len(states) - 1
    for state in reversed(states[:-1]):
        edits.undo()
        assert content(store.session) == state
    assert not edits.can_undo
    for state in states[1:]:
        edits.redo()
        assert content(store.session) == state
    assert not edits.can_redo


def test_a_recovery_gives_the_newest_state_after_every_edit_undo_and_redo(store: SessionStore) -> None:
    edits = Edits(store)
    for edit in edits_of_every_kind():
        edits.do(edit)
    assert content(recovered(store)) == content(store.session)
    for _ in range(5):
        edits.undo()
    assert content(recovered(store)) == content(store.session)
    for _ in range(3):
        edits.redo()
    edits.do(Remove([0, 1]))
    edits.undo()
    assert content(recovered(store)) == content(store.session)


def test_what_is_taken_back_after_saving_is_recovered_too(store: SessionStore, tmp_path: Path) -> None:
    edits = Edits(store)
    edits.do(Remove([0, 5, 6]))
    edits.do(Relabel([0], "swipe"))
    store.save(tmp_path / "session.h5", RECIPE)
    edits.undo()
    edits.undo()
    assert len(store.session) == len(FRAMES)
    assert content(recovered(store)) == content(store.session)


def test_a_new_step_ends_what_could_be_done_again(store: SessionStore) -> None:
    edits = Edits(store)
    edits.do(Relabel([0], "swipe"))
    edits.undo()
    edits.do(Relabel([1], "swipe"))
    assert not edits.can_redo
    assert edits.undo_text == "Label 1 frame “swipe”"


def test_frames_that_come_in_do_not_hinder_taking_back(store: SessionStore) -> None:
    edits = Edits(store)
    edits.do(Remove([0]))
    store.begin_recording(DEFAULT_SETUP, RECIPE, name="more", host_attributes=RECORDING.host_attributes)
    store.add_frame(FRAMES[0], "late")
    edits.undo()
    assert store.session.labels[-1] == "late"
    assert len(store.session) == len(FRAMES) + 1
    np.testing.assert_array_equal(store.session.values[0], FRAMES[0].values)
    store.end_recording()


def test_steps_are_forgotten_where_frames_were_removed_elsewhere(store: SessionStore) -> None:
    edits = Edits(store)
    edits.do(Relabel([3], "swipe"))
    store.take_out(0)
    assert not edits.can_undo
    before = content(store.session)
    edits.undo()
    assert content(store.session) == before
    edits.do(Relabel([0], "circle"))
    edits.undo()
    assert content(store.session) == before


def test_steps_of_another_session_are_forgotten(store: SessionStore) -> None:
    edits = Edits(store)
    edits.do(Relabel([3], "swipe"))
    store.new(RECIPE)
    assert (edits.can_undo, edits.undo_text) == (False, "")


def test_a_step_that_fails_is_no_step(store: SessionStore) -> None:
    edits = Edits(store)
    before = content(store.session)
    with pytest.raises(UserError, match="recordings"):
        edits.do(Add(labelled([FRAMES[0]], ["new"], [7])))
    assert not edits.can_undo
    assert content(store.session) == before


def test_a_blank_label_is_refused(store: SessionStore) -> None:
    with pytest.raises(UserError, match="label"):
        Relabel([0], "  ")


def test_a_snapshot_taken_for_saving_stays_as_it_was(store: SessionStore) -> None:
    snapshot = store.session.as_it_is()
    before = content(snapshot)
    edits = Edits(store)
    for edit in edits_of_every_kind():
        edits.do(edit)
    assert content(snapshot) == before


def test_a_calibration_is_taken_back_bit_for_bit_and_recovered(store: SessionStore) -> None:
    edits, before = Edits(store), content(store.session)
    divisor = np.full(FRAMES[0].values.shape, 3.0, dtype=np.float32)
    edits.do(Calibrate(calibration_text(divisor)))
    divided = content(store.session)
    np.testing.assert_array_equal(store.session.values[4], FRAMES[4].values / divisor)
    again = recovered(store)
    assert content(again) == divided
    assert again.recipe == store.session.recipe
    edits.undo()
    assert content(store.session) == before
    assert store.session.recipe == RECIPE
    edits.redo()
    assert content(store.session) == divided
    edits.undo()
    again = recovered(store)
    np.testing.assert_allclose(again.values, store.session.values, rtol=1e-6)
    assert again.recipe == RECIPE


def test_frames_that_come_after_a_calibration_are_kept_when_it_is_taken_back(store: SessionStore) -> None:
    edits = Edits(store)
    divisor = np.full(FRAMES[0].values.shape, 4.0, dtype=np.float32)
    calibrated = dataclasses.replace(RECIPE, calibration=calibration_text(divisor))
    edits.do(Calibrate(calibrated.calibration))
    store.begin_recording(DEFAULT_SETUP, calibrated, name="more", host_attributes=RECORDING.host_attributes)
    store.add_frame(dataclasses.replace(FRAMES[0], values=FRAMES[0].values / divisor), "late")
    store.end_recording()
    edits.undo()
    np.testing.assert_array_equal(store.session.values[-1], FRAMES[0].values)


def test_a_calibration_of_another_shape_is_refused_and_changes_nothing(store: SessionStore) -> None:
    edits, before = Edits(store), content(store.session)
    with pytest.raises(UserError, match="shape"):
        edits.do(Calibrate(calibration_text(np.ones((3, 3), dtype=np.float32))))
    assert content(store.session) == before
    assert not edits.can_undo


def test_who_is_told_of_a_change_finds_the_session_free_for_other_threads(store: SessionStore) -> None:
    """Held locks would wait for those of the listeners, which wait for the session: for ever."""
    edits, free = Edits(store), []

    def look() -> None:
        got = store.lock.acquire(timeout=1.0)
        free.append(got)
        if got:
            store.lock.release()

    def on_changed() -> None:
        other = threading.Thread(target=look)
        other.start()
        other.join()

    store.changed.connect(on_changed)
    for edit in edits_of_every_kind():
        edits.do(edit)
        edits.undo()
        edits.redo()

    assert len(free) >= 3 * len(edits_of_every_kind())
    assert all(free)
