from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.frames import Frame
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.training_data import gather

RECIPE = Recipe(
    sensor=setup_of(),
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=4, pre_trigger=0, dead_time=0),
)


def session_of(*labels: str, recipe: Recipe = RECIPE, name: str = "take", uuid: str = "", width: int = 3) -> Session:
    session = Session(recipe, path=Path(f"{name}.h5"))
    recording = recording_of(setup_of(), 50, name=name)
    session.add_recording(dataclasses.replace(recording, host_attributes={"uuid": uuid} if uuid else {}))
    for i, label in enumerate(labels):
        values = np.full((recipe.frame.time_steps, width), i, dtype=np.float32)
        session.add(Frame(values, first_reading=10 * i, time_s=0.0, score=None, flags=int(i == 1)), label, 0)
    return session


def test_frames_of_several_sessions_stand_one_after_another() -> None:
    data = gather([session_of("push", "pull"), session_of(), session_of("push", "swipe", "push", name="other")])
    assert len(data) == 5
    assert tuple(data.labels) == ("push", "pull", "push", "swipe", "push")
    assert data.label_names == ("pull", "push", "swipe")
    assert data.counts() == {"pull": 1, "push": 3, "swipe": 1}
    assert data.frame_shape == (4, 3)
    assert tuple(data.groups) == ("take", "take", "other", "other", "other")
    assert tuple(data.files) == ("take.h5", "take.h5", "other.h5", "other.h5", "other.h5")
    assert data.first_reading.tolist() == [0, 10, 0, 10, 20]
    assert data.flags.tolist() == [0, 1, 0, 1, 0]
    assert data.frame_index().time_steps == 4


def test_recordings_of_one_name_are_told_apart_unless_they_are_the_same_recording() -> None:
    apart = gather([session_of("push"), session_of("push")])
    assert tuple(apart.groups) == ("take", "take (2)")
    same = gather([session_of("push", uuid="u1"), session_of("pull", uuid="u1"), session_of("push", uuid="u2")])
    assert tuple(same.groups) == ("take", "take", "take (2)")


def test_labels_become_codes_of_a_given_order_and_unknown_ones_are_named() -> None:
    data = gather([session_of("push", "pull")])
    assert data.codes(("pull", "push")).tolist() == [1, 0]
    with pytest.raises(UserError, match="Received: push"):
        data.codes(("pull",))


@pytest.mark.parametrize(
    ("recipe", "width", "match"),
    [
        (dataclasses.replace(RECIPE, frame=FrameSettings(time_steps=5)), 3, r"\(5, 3\)"),
        (RECIPE, 7, r"\(4, 7\)"),
        (dataclasses.replace(RECIPE, features=(FeatureChoice("doppler_spectrum"),)), 3, "their features"),
        (dataclasses.replace(RECIPE, sensor=setup_of(channel(start_m=0.5))), 3, "their sensor settings"),
    ],
)
def test_sessions_that_cannot_be_compared_are_named(recipe: Recipe, width: int, match: str) -> None:
    other = session_of("pull", recipe=recipe, width=width, name="other")
    with pytest.raises(UserError, match=match) as caught:
        gather([session_of("push"), other])
    assert "other.h5" in str(caught.value)


def test_other_training_settings_are_no_obstacle() -> None:
    other = dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, epochs=3), name="else")
    assert len(gather([session_of("push"), session_of("pull", recipe=other)])) == 2


def test_no_frames_at_all_is_a_user_error() -> None:
    with pytest.raises(UserError, match="at least one labelled frame"):
        gather([session_of()])
