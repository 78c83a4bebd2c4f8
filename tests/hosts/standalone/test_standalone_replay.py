"""Recordings in place of a sensor: at any speed the frames are those that are measured live and those of `extract`."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acconeer.exptool import a121
from replays import assert_same_frames, collect, extract, open_file, play, wait

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, Recipe, TriggerChoice
from exptool_ml_plugin.core.resources import find_recipe
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, record
from exptool_ml_plugin.hosts.standalone.sensor.control import SensorControl
from exptool_ml_plugin.hosts.standalone.sensor.replay import AS_FAST_AS_IT_GOES, SPEEDS
from exptool_ml_plugin.workbench.workbench import Workbench

SECONDS = 4.0


@pytest.fixture
def control() -> Iterator[SensorControl]:
    control = SensorControl(Workbench())
    yield control
    control.close()
    control.workbench.close(discard=True)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings of a simulated hand in one file."""
    session = Session(Recipe("two", sensor=DEFAULT_SETUP))
    for scene in ("push", "pull"):
        session.add_recording(record(DEFAULT_SETUP, scene, SECONDS, name=scene, seed=1))
    path = tmp_path_factory.mktemp("replay") / "two.h5"
    save_session(session, path)
    return path


def test_an_open_recording_takes_the_place_of_the_sensor_until_it_is_closed(control: SensorControl, file: Path) -> None:
    sensors_own = control.workbench.setup

    open_file(control, file)

    assert control.can_start
    assert control.replays
    assert control.workbench.setup == control.replay.recording.setup
    assert control.feed.newest is not None  # there is something to look at
    with pytest.raises(UserError, match="a recording is open"):
        control.apply_setup(DEFAULT_SETUP)
    control.replay.close_file()
    assert not control.can_start
    assert control.workbench.setup == sensors_own


def test_at_its_end_it_stops_and_can_be_played_again(control: SensorControl, file: Path) -> None:
    open_file(control, file)
    control.replay.set_speed(AS_FAST_AS_IT_GOES)

    for _ in range(2):
        play(control)
        assert control.replay.position == len(control.replay.recording)
        assert not control.workbench.measuring
        assert control.workbench.engine.latest().dropped == 0

    assert control.can_start


@pytest.mark.parametrize("speed", [2.0, 10.0])
def test_the_speed_is_kept(control: SensorControl, file: Path, speed: float) -> None:
    assert speed in SPEEDS
    open_file(control, file)
    control.replay.go_to(100)  # the second half
    control.replay.set_speed(speed)

    took = play(control)

    assert took >= (SECONDS / 2 - 0.05) / speed  # never faster; slower only where the computer is busy


def test_the_speed_may_change_while_it_is_played(control: SensorControl, file: Path) -> None:
    open_file(control, file)
    control.start()
    wait(lambda: control.replay.position > 3)

    control.replay.set_speed(AS_FAST_AS_IT_GOES)

    wait(lambda: not control.busy, SECONDS - 0.5)  # less than what was left at first
    assert control.replay.position == len(control.replay.recording)


def test_it_stands_still_while_paused_and_goes_on_from_there(control: SensorControl, file: Path) -> None:
    open_file(control, file)
    control.start()
    wait(lambda: control.replay.position > 3)

    control.replay.pause(True)
    time.sleep(0.1)
    place = control.replay.position
    time.sleep(0.1)
    assert control.replay.position == place
    assert control.workbench.measuring

    control.replay.set_speed(AS_FAST_AS_IT_GOES)
    control.replay.pause(False)
    wait(lambda: not control.busy)
    assert control.replay.position == len(control.replay.recording)


def test_going_elsewhere_begins_a_measurement_of_its_own(control: SensorControl, file: Path) -> None:
    open_file(control, file)
    workbench = control.workbench
    workbench.change_recipe(features=(FeatureChoice("range_segment"),), trigger=TriggerChoice("continuous"))
    workbench.collecting.label = "any"
    workbench.engine.set_mode("collect")
    control.start()
    wait(lambda: control.replay.position > 5)
    control.replay.pause(True)
    time.sleep(0.05)
    first = control.replay.position

    control.replay.go_to(150)
    assert control.feed.newest.reading.time_s == control.replay.recording.time_s[150]
    control.replay.set_speed(AS_FAST_AS_IT_GOES)
    control.replay.pause(False)
    wait(lambda: not control.busy)
    assert workbench.engine.wait()

    lengths = [len(recording) for recording in workbench.session.recordings]
    assert lengths == [first, 50]
    played = control.replay.recording.part(150, 200).matrices[0]
    assert workbench.session.recordings[1].matrices[0].tobytes() == np.ascontiguousarray(played).tobytes()


def test_stopping_keeps_the_position(control: SensorControl, file: Path) -> None:
    open_file(control, file)
    control.start()
    wait(lambda: control.replay.position > 3)

    control.stop()
    wait(lambda: not control.busy)

    assert 3 < control.replay.position < len(control.replay.recording)
    with pytest.raises(UserError, match="Connect"):
        control.replay.close_file()
        control.start()


def test_any_measurement_of_the_file_can_be_played(control: SensorControl, file: Path) -> None:
    open_file(control, file)
    assert [recording.name for recording in control.replay.recordings] == ["two session 1", "two session 2"]
    control.replay.set_speed(AS_FAST_AS_IT_GOES)

    control.replay.choose(1)
    play(control)

    assert control.feed.newest.reading.matrices[0].tobytes() == control.replay.recordings[1].matrices[0][-1].tobytes()


def test_a_file_that_cannot_be_played_is_said_and_changes_nothing(
    control: SensorControl, file: Path, tmp_path: Path
) -> None:
    open_file(control, file)
    (tmp_path / "notes.h5").write_text("no radar")

    for name in ("notes.h5", "missing.h5"):
        open_file(control, tmp_path / name)

    assert ["notes.h5" in problem.message for problem in control.workbench.problems] == [True, False]
    assert "missing.h5" in control.workbench.problems[1].message
    assert control.replay.path == file


def test_nothing_is_opened_closed_or_chosen_while_it_is_played(control: SensorControl, file: Path) -> None:
    open_file(control, file)
    control.start()

    for refused in (lambda: control.replay.open(file), control.replay.close_file, lambda: control.replay.choose(1)):
        with pytest.raises(UserError, match="Stop it first"):
            refused()


def test_live_replay_and_extract_make_the_same_frames(control: SensorControl, tmp_path: Path) -> None:
    recipe = Recipe(
        name="parity",
        features=(FeatureChoice("doppler_spectrum"), FeatureChoice("range_segment")),
        frame=FrameSettings(time_steps=20, pre_trigger=5, dead_time=3),
        trigger=TriggerChoice("presence"),
    )
    workbench = control.workbench
    workbench.change_recipe(features=recipe.features, frame=recipe.frame, trigger=recipe.trigger)
    config = a121.SessionConfig.from_json(DEFAULT_SETUP.host_config)
    config.sensor_config.frame_rate = 100.0
    control.settings.replace(config)
    control.recordings.set_folder(tmp_path)
    control.recordings.set_enabled(True)
    control.sensor.connect()
    wait(lambda: control.can_start)

    workbench.collecting.label = "any"
    workbench.start("collect")
    wait(lambda: len(workbench.session) >= 2)
    control.stop()
    wait(lambda: not control.busy)
    assert workbench.engine.wait()

    live, last = workbench.session, control.recordings.last
    assert last is not None
    assert [len(recording) for recording in live.recordings] == [last.readings]
    open_file(control, last.path)
    for speed in (10.0, math.inf):
        assert_same_frames(collect(control, recipe, speed), live)
    assert_same_frames(extract(last.path, recipe, tmp_path), live)
    assert list(workbench.problems) == []


def test_a_real_recording_replayed_as_fast_as_it_goes_makes_the_frames_of_extract(
    control: SensorControl, shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "a121_gesture" / "label_tap_in_idx_2.h5"
    recipe = Recipe.from_json(find_recipe("gesture").read_text())
    open_file(control, path)

    replayed = collect(control, recipe)

    assert control.workbench.engine.latest().dropped == 0
    assert len(replayed.recordings[0]) == a121.load_record(path).num_frames
    assert_same_frames(replayed, extract(path, recipe, tmp_path))


def test_a_preview_skips_nothing_of_a_replay_either(control: SensorControl, shared_data: Path) -> None:
    open_file(control, shared_data / "a121_gesture" / "label_tap_in_idx_2.h5")
    control.replay.set_speed(AS_FAST_AS_IT_GOES)
    control.workbench.engine.latest()

    play(control)

    recording: Any = control.replay.recording
    control.workbench.engine.latest()
    control.workbench.engine.wait()
    snapshot = control.workbench.engine.latest()
    assert (snapshot.readings, snapshot.dropped) == (len(recording), 0)
