"""The open session while several threads use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.session_file import save_session as write
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.core.simulate.sensor import record
from exptool_ml_plugin.workbench import session_store
from exptool_ml_plugin.workbench.session_store import SessionStore

STILL = record(DEFAULT_SETUP, "push", 1.0, name="push", seed=1)
RECIPE = Recipe(sensor=DEFAULT_SETUP, frame=FrameSettings(time_steps=4))


def frame(first: int) -> Frame:
    return Frame(np.full((4, 3), first, dtype=np.float32), first, first / 50, None)


@pytest.fixture
def store() -> SessionStore:
    made = SessionStore(RECIPE)
    made.begin_recording(DEFAULT_SETUP, RECIPE, name="one", host_attributes=STILL.host_attributes)
    made.add_readings(list(STILL))
    for first in range(3):
        made.add_frame(frame(first), "push")
    return made


def test_tags_of_the_running_recording_can_be_changed_and_are_saved(store: SessionStore, tmp_path: Path) -> None:
    store.set_tags({"person": "Ada"})
    store.end_recording()
    store.begin_recording(
        DEFAULT_SETUP, RECIPE, name="two", host_attributes=STILL.host_attributes, tags={"place": "attic"}
    )
    store.add_readings(list(STILL))
    store.end_recording()
    store.save(tmp_path / "tagged.h5", RECIPE)
    saved = load_session(tmp_path / "tagged.h5")
    assert [recording.tags for recording in saved.recordings] == [{"person": "Ada"}, {"place": "attic"}]


def test_a_frame_taken_out_goes_back_to_its_place(store: SessionStore) -> None:
    taken = store.take_out(1)
    assert list(store.session.first_reading) == [0, 2]
    store.add_frame(frame(3), "pull")
    store.put_back(taken)
    assert list(store.session.first_reading) == [0, 1, 2, 3]
    assert store.session.labels == ["push", "push", "push", "pull"]


def test_a_frame_does_not_go_into_another_session(store: SessionStore) -> None:
    taken = store.take_out(0)
    store.new(RECIPE)
    with pytest.raises(UserError, match="another one is open"):
        store.put_back(taken)


def test_frames_come_in_while_the_session_is_written_and_stay_unsaved(
    store: SessionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_slowly(session: Session, path: Path, **options: Any) -> None:
        assert store.add_frame(frame(9), "pull")
        write(session, path, **options)

    monkeypatch.setattr(session_store, "save_session", write_slowly)
    store.save(tmp_path / "half.h5", RECIPE)
    assert load_session(tmp_path / "half.h5").labels == ["push"] * 3
    assert store.session.labels == ["push"] * 3 + ["pull"]
    assert store.session.unsaved
    assert store.session.path == tmp_path / "half.h5"


def test_a_session_that_could_not_be_written_is_still_unsaved(store: SessionStore, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        store.save(tmp_path / "no such folder" / "half.h5", RECIPE)
    assert store.session.unsaved
    assert store.session.path is None
