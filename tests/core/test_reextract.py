from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.recording import Recording
from exptool_ml_plugin.core.reextract import reextract
from exptool_ml_plugin.core.session import Session

RECIPE = Recipe(
    name="old",
    sensor=setup_of(),
    features=(FeatureChoice("range_segment"),),
    frame=FrameSettings(time_steps=10),
    trigger=TriggerChoice("continuous", {"hop": 10}),
)


def halves(parts: Parts) -> Session:
    """Frames 0 to 4 of the recording show "a", 5 to 9 "b"."""
    recording = recording_of(setup_of(), 100, name="walk")
    session = Session(RECIPE, recordings=[recording])
    for number, frame in enumerate(frames_of(recording, RECIPE, parts)):
        session.add(frame, "a" if number < 5 else "b", 0)
    return session


def hop(recipe: Recipe, readings: int, *, steps: int) -> Recipe:
    return replace(
        recipe, frame=FrameSettings(time_steps=steps), trigger=TriggerChoice("continuous", {"hop": readings})
    )


def test_the_same_recipe_gives_the_same_frames_and_labels(parts: Parts) -> None:
    session = halves(parts)

    made = reextract(session, RECIPE, parts)

    np.testing.assert_array_equal(made.session.values, session.values)
    assert made.session.labels == session.labels
    assert (made.without_label, made.not_covered) == (0, 0)


def test_longer_frames_take_the_label_most_of_their_readings_had(parts: Parts) -> None:
    made = reextract(halves(parts), hop(RECIPE, 10, steps=30), parts).session

    # Frames begin at 0, 10, ... 70; the labels change at reading 50.
    assert made.first_reading.tolist() == list(range(0, 80, 10))
    assert made.labels == ["a"] * 4 + ["b"] * 4


def test_new_frames_where_nothing_was_labelled_are_left_out_and_counted(parts: Parts) -> None:
    session = halves(parts)
    session.remove([3, 4, 5, 6])  # readings 30 to 69

    made = reextract(session, hop(RECIPE, 5, steps=10), parts)

    starts = made.session.first_reading
    assert starts.tolist() == [0, 5, 10, 15, 20, 25, 65, 70, 75, 80, 85, 90]
    assert made.without_label == 7
    assert made.not_covered == 0


def test_old_frames_that_no_new_one_follows_are_counted(parts: Parts) -> None:
    made = reextract(halves(parts), hop(RECIPE, 20, steps=10), parts)

    assert made.session.first_reading.tolist() == [0, 20, 40, 60, 80]
    assert made.not_covered == 5


def test_other_features_are_made_from_the_start_of_the_recording(parts: Parts) -> None:
    session = halves(parts)
    other = replace(RECIPE, features=(FeatureChoice("doppler_spectrum"),), sensor=None)

    made = reextract(session, other, parts).session

    expected = frames_of(session.recordings[0], replace(other, sensor=setup_of()), parts)
    np.testing.assert_array_equal(made.values, np.stack([frame.values for frame in expected]))
    assert made.recipe.sensor == setup_of()


def test_a_recipe_of_another_sensor_configuration_and_frames_without_readings_are_refused(parts: Parts) -> None:
    session = halves(parts)
    with pytest.raises(UserError, match="for another"):
        reextract(session, replace(RECIPE, sensor=setup_of(channel(points=9))), parts)

    empty = Recording.from_readings([], name="arrays", setup=setup_of())
    session.replace_recording(0, empty)
    with pytest.raises(UserError, match="10 frames without any in 'arrays'"):
        reextract(session, RECIPE, parts)
