"""Collecting in the real host: nothing is dropped at the highest rate, and nothing is lost when a sensor breaks off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acconeer.exptool import a121
from acconeer.exptool.app.new import ConnectionState
from PySide6.QtCore import Qt

from exptool_ml_plugin.core.journal_session import recover
from exptool_ml_plugin.core.pipeline import frames_of
from exptool_ml_plugin.core.recipe import FeatureChoice, FrameSettings, TriggerChoice
from exptool_ml_plugin.core.session_file import load_session
from exptool_ml_plugin.core.simulate import SimulatedSensor, make_scene
from exptool_ml_plugin.hosts.a121_library.scene_client import SceneClient
from exptool_ml_plugin.workbench.journal import journal_folder

RATE_HZ = 200.0
SECONDS = 5


def connect(host: Any, config: a121.SessionConfig) -> Any:
    """Connect to the scene with a configuration, show the Collect tab and type a label."""
    attached = host.attach()
    workbench = attached.workbench
    attached.scene.connect_host()
    host.wait(lambda: attached.scene.connected and workbench.setup is not None and attached.control.can_start)
    host.configure(config)
    workbench.change_recipe(
        features=(FeatureChoice("range_segment"),),
        frame=FrameSettings(time_steps=40, pre_trigger=10, dead_time=10),
        trigger=TriggerChoice("continuous", {"hop": 10}),
    )
    attached.tabs.show_tab("Collect")
    workbench.collecting.label = "push"
    return attached


def readings(workbench: Any) -> int:
    return int(workbench.engine.latest().readings)


@pytest.mark.timeout(180)
def test_no_reading_is_dropped_at_200_a_second_with_the_collect_tab_in_view(host: Any) -> None:
    assert RATE_HZ == SceneClient.MAX_MOCK_UPDATE_RATE_HZ
    config = a121.SessionConfig(a121.SensorConfig(num_points=20, sweeps_per_frame=8, frame_rate=RATE_HZ))
    attached = connect(host, config)
    workbench = attached.workbench

    host.start(record=True)
    host.wait(lambda: readings(workbench) >= RATE_HZ * SECONDS, timeout_s=60)
    host.stop()
    host.wait(lambda: not workbench.measuring and host.app_model.saveable_file is not None)
    assert workbench.engine.wait(30)

    # The host's own recorder sits in the client: what it has is what was measured.
    measured = a121.load_record(host.app_model.saveable_file)
    (recording,) = workbench.session.recordings
    assert len(recording) == len(measured.frames) >= RATE_HZ * SECONDS
    assert recording.matrices[0].tobytes() == np.asarray(measured.frames, dtype=np.complex64).tobytes()
    sensor = SimulatedSensor(recording.setup, make_scene("push", seed=1), 1)
    for index in range(0, len(recording), 37):
        assert np.array_equal(recording.matrices[0][index], sensor.reading(index).matrices[0])
    assert sum(quality.lost_before for quality in recording.quality) == 0
    again = frames_of(recording, workbench.session.recipe, workbench.plugins.parts)
    assert np.asarray(workbench.session.values).tobytes() == np.stack([frame.values for frame in again]).tobytes()

    assert workbench.sessions.journal.wait()
    (journal,) = journal_folder().glob("*.journal")
    found = recover(journal).session
    assert np.asarray(found.values).tobytes() == np.asarray(workbench.session.values).tobytes()
    assert found.recordings[0].matrices[0].tobytes() == recording.matrices[0].tobytes()
    assert list(workbench.problems) == []


@pytest.mark.timeout(180)
def test_a_sensor_that_breaks_off_costs_nothing_that_was_collected(host: Any, qtbot: Any, tmp_path: Path) -> None:
    config = a121.SessionConfig(a121.SensorConfig(num_points=10, sweeps_per_frame=4, frame_rate=100.0))
    attached = connect(host, config)
    workbench, page = attached.workbench, attached.tabs.page("Collect")
    host.wait(page.start_button.isEnabled)
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    host.wait(lambda: len(workbench.session) >= 5)
    assert attached.scene._file is not None
    attached.scene._file.write("a scene that is none")  # makes the client raise in the host's backend
    qtbot.waitUntil(lambda: not workbench.measuring and host.errors != [], timeout=30_000)
    assert workbench.engine.wait(30)

    frames, collected = len(workbench.session), len(workbench.session.recordings[0])
    assert frames >= 5
    assert collected >= 40 + 10 * (frames - 1)
    assert workbench.session.unsaved
    (problem,) = workbench.problems
    assert "an error of the sensor" in problem.message
    assert f"{frames:,} frames" in problem.hint
    assert "save the session" in problem.hint

    # and it goes on
    host.errors.clear()
    attached.scene.choose("push")
    host.wait(lambda: attached.control.can_start)
    host.wait(page.start_button.isEnabled)
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    host.wait(lambda: len(workbench.session) >= frames + 3)
    qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
    host.wait(lambda: not workbench.measuring)
    workbench.save_session(tmp_path / "session.h5")
    saved = load_session(tmp_path / "session.h5")
    assert len(saved.recordings[0]) == collected
    assert len(saved.recordings) == 2
    assert len(saved) >= frames + 3


@pytest.mark.timeout(180)
def test_a_sensor_that_is_disconnected_costs_nothing_either(host: Any, qtbot: Any) -> None:
    attached = connect(host, a121.SessionConfig(a121.SensorConfig(num_points=10, sweeps_per_frame=4, frame_rate=100.0)))
    workbench, page = attached.workbench, attached.tabs.page("Collect")
    host.wait(page.start_button.isEnabled)
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    host.wait(lambda: len(workbench.session) >= 3)
    host.app_model.disconnect_client()  # what the host does when its port is gone
    qtbot.waitUntil(lambda: not workbench.measuring, timeout=30_000)
    qtbot.waitUntil(lambda: host.app_model.connection_state is ConnectionState.DISCONNECTED, timeout=30_000)
    assert workbench.engine.wait(30)
    assert len(workbench.session) >= 3
    assert len(workbench.session.recordings[0]) >= 40
    assert [problem.message for problem in workbench.problems] == [
        "Expected readings until the measurement is stopped. Received: the sensor was disconnected."
    ]
    host.errors.clear()  # the host's own, of a client that is gone


def test_frames_the_user_let_go_are_not_offered_again_and_others_are(host: Any, monkeypatch: Any) -> None:
    attached = connect(host, a121.SessionConfig(a121.SensorConfig(num_points=10, sweeps_per_frame=4, frame_rate=100.0)))
    workbench, page = attached.workbench, attached.tabs.page("Collect")
    host.start()
    host.wait(lambda: len(workbench.session) >= 2)
    answers = ["cancel", "discard"]
    monkeypatch.setattr("exptool_ml_plugin.qt.widgets.session_box.ask_about_unsaved", lambda *_: answers.pop(0))
    assert not host.window.close()
    assert workbench.measuring
    assert len(list(journal_folder().glob("*.journal"))) == 1
    assert page.isVisible()
    host.stop()
    host.window.close()
    assert answers == []
    assert list(journal_folder().glob("*.journal*")) == []


def test_all_that_was_measured_is_in_the_file_when_the_window_is_closed_with_save(
    host: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    attached = connect(host, a121.SessionConfig(a121.SensorConfig(num_points=10, sweeps_per_frame=4, frame_rate=100.0)))
    workbench = attached.workbench
    path = tmp_path / "session.h5"
    host.start()
    host.wait(lambda: len(workbench.session) >= 2)
    monkeypatch.setattr("exptool_ml_plugin.qt.widgets.session_box.ask_about_unsaved", lambda *_: "save")
    monkeypatch.setattr("exptool_ml_plugin.qt.widgets.session_box.ask_save", lambda *_: path)

    assert host.window.close()

    assert not workbench.measuring
    saved = load_session(path)
    assert len(saved) == len(workbench.session) >= 2
    assert len(saved.recordings[0]) == len(workbench.session.recordings[0])
    assert not workbench.session.unsaved
    assert list(journal_folder().glob("*.journal*")) == []
