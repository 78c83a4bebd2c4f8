"""Files of earlier versions open, and say the same."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from synthetic import recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.reading import Flag, Quality
from exptool_ml_plugin.core.recipe import FrameSettings, Recipe
from exptool_ml_plugin.core.session import LabelledFrames, Session
from exptool_ml_plugin.core.session_file import load_session, save_session

NEWER_PARTS_OF_A_RECIPE = ("augmentation", "calibration")


def written_by_the_first_version(path: Path) -> Session:
    """Write a session file as version 0.1 did: no flags, no marks, a recipe without what came later."""
    recording = recording_of(setup_of(), 40, quality={12: Quality(saturated=True)})
    indices = np.arange(4, dtype=np.int64)
    frames = LabelledFrames(
        values=np.random.default_rng(0).standard_normal((4, 8, 3)).astype(np.float32),
        labels=["tap", "still", "tap", "still"],
        recording_of=0 * indices,
        first_reading=8 * indices,
        flags=np.array([0, Flag.SATURATED, 0, 0], dtype=np.uint8),
    )
    session = Session(
        Recipe(name="old", sensor=recording.setup, frame=FrameSettings(time_steps=8)),
        recordings=[recording],
        frames=frames,
    )
    save_session(session, path)
    with h5py.File(path, "r+") as file:
        group = file["exptool_ml"]
        del group["frames/flags"], group["recordings/recording_0/marks"]
        document = json.loads(group["recipe"][()])
        for name in NEWER_PARTS_OF_A_RECIPE:
            document.pop(name, None)
        del group["recipe"]
        group.create_dataset("recipe", data=json.dumps(document, indent=2, sort_keys=True), dtype=h5py.string_dtype())
    return session


def test_a_session_of_the_first_version_opens_and_its_readings_say_which_frames_are_flagged(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    session = written_by_the_first_version(path)

    opened = load_session(path)

    assert opened.recipe == session.recipe
    assert opened.labels == session.labels
    assert opened.flags.tolist() == session.flags.tolist()
    assert opened.recordings[0].marks == ()
    np.testing.assert_array_equal(opened.values, session.values)
    np.testing.assert_array_equal(opened.recordings[0].matrices[0], session.recordings[0].matrices[0])


def test_an_old_session_saved_again_is_of_this_version_and_says_the_same(tmp_path: Path) -> None:
    old, new = tmp_path / "old.h5", tmp_path / "new.h5"
    written_by_the_first_version(old)
    opened = load_session(old)

    save_session(opened, new)

    with h5py.File(new) as file:
        assert file["exptool_ml"].attrs["schema"] == 1
        assert "flags" in file["exptool_ml/frames"]
    again = load_session(new)
    assert again.recipe == opened.recipe
    assert again.flags.tolist() == opened.flags.tolist()
    np.testing.assert_array_equal(again.values, opened.values)


def test_a_session_of_a_later_version_is_refused_with_the_advice_to_update(tmp_path: Path) -> None:
    path = tmp_path / "later.h5"
    written_by_the_first_version(path)
    with h5py.File(path, "r+") as file:
        file["exptool_ml"].attrs["schema"] = 2

    with pytest.raises(UserError, match="schema=2") as caught:
        load_session(path)
    assert "Update" in caught.value.hint
