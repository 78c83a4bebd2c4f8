"""The window: what the Sensor tab shows and does, and the same sensor beside the other tabs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from acconeer.exptool import a121
from acconeer.exptool.a121._core.communication.mock_client import MockClient
from opened_window import Opened

from exptool_ml_plugin.core.recipe import FeatureChoice, Recipe
from exptool_ml_plugin.core.session import Session
from exptool_ml_plugin.core.session_file import save_session
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP, record
from exptool_ml_plugin.hosts.standalone.sensor.addresses import Address, Port
from exptool_ml_plugin.hosts.standalone.sensor.live_picture import picture_of, velocities_m_s
from exptool_ml_plugin.hosts.standalone.sensor.settings import Entry
from exptool_ml_plugin.hosts.standalone.widgets import record_box, settings_form
from exptool_ml_plugin.qt.widgets import session_box


@pytest.fixture
def file(tmp_path: Path) -> Path:
    session = Session(Recipe("two", sensor=DEFAULT_SETUP))
    for scene in ("push", "pull"):
        session.add_recording(record(DEFAULT_SETUP, scene, 2.0, name=scene, seed=1))
    save_session(session, tmp_path / "two.h5")
    return tmp_path / "two.h5"


def test_the_sensor_tab_stands_before_the_six(opened: Opened) -> None:
    bar = opened.window.tab_widget
    titles = [bar.tabText(index) for index in range(bar.count())]

    assert titles == ["Sensor", "Features", "Collect", "Inspect", "Model", "Train", "Evaluate"]
    assert bar.currentIndex() == 0
    assert opened.tab.counted == "Connect a sensor, or open a recording."


def test_connect_start_and_stop_with_the_mouse(opened: Opened) -> None:
    tab = opened.tab
    assert not tab.buttons.start_button.isEnabled()

    opened.click(tab.connection.connect_button)
    opened.wait(lambda: tab.connection.state == "Simulated scene, sensors 1, 2, 3, 4, 5")
    opened.click(tab.buttons.start_button)
    opened.wait(lambda: opened.readings > 10 and "readings a second" in tab.counted)
    assert not tab.connection.connect_button.isEnabled()
    assert not tab.settings.sensor.isEnabled()
    opened.click(tab.buttons.stop_button)
    opened.wait(lambda: not opened.control.busy)

    opened.wait(tab.settings.sensor.isEnabled)
    assert tab.plots.columns == 1
    opened.click(tab.connection.connect_button)
    opened.wait(lambda: tab.connection.state == "Not connected")
    assert opened.problems == []


def test_the_plots_show_amplitude_phase_and_velocity_of_the_newest_reading(opened: Opened) -> None:
    opened.connect()
    opened.measure(10)
    tab, newest = opened.tab, opened.control.feed.newest
    tab.refresh()

    (column,) = tab.plots._columns
    channel = newest.setup.channels[0]
    picture = picture_of(newest.reading.matrices[0], channel)
    amplitude, phase = column._lines[0]
    np.testing.assert_allclose(amplitude.getData()[1], np.abs(newest.reading.matrices[0]).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(amplitude.getData()[0], channel.distances_m)
    np.testing.assert_allclose(phase.getData()[1], np.angle(newest.reading.matrices[0].sum(axis=0)), atol=1e-4)
    assert column._images[0].image.shape == (12, 16)
    strongest = np.unravel_index(np.argmax(picture.doppler), picture.doppler.shape)
    assert column._images[0].image.argmax() == strongest[1] * 16 + strongest[0]


def test_velocities_away_from_the_sensor_are_positive() -> None:
    pull = record(DEFAULT_SETUP, "pull", 8.0, name="pull", seed=1)
    channel = DEFAULT_SETUP.channels[0]
    speeds = velocities_m_s(channel)
    assert speeds is not None

    strongest: list[tuple[float, float]] = []
    for reading in pull:
        doppler = picture_of(reading.matrices[0], channel).doppler
        assert doppler is not None
        moving = doppler.max(axis=1) * (np.abs(speeds) > 0.4)
        strongest.append((float(moving.max()), float(speeds[moving.argmax()])))

    assert max(strongest)[1] > 0.4
    assert abs(speeds).max() == pytest.approx(299_792_458 / 60.5e9 * 2000 / 4)


def test_every_sensor_has_a_column_and_every_subsweep_a_line(opened: Opened) -> None:
    sensor = a121.SensorConfig(
        subsweeps=[a121.SubsweepConfig(num_points=5), a121.SubsweepConfig(start_point=300, num_points=60)],
        sweeps_per_frame=4,
        frame_rate=50.0,
    )
    single = a121.SensorConfig(num_points=1, sweeps_per_frame=1, frame_rate=50.0)
    opened.control.settings.replace(a121.SessionConfig([{1: sensor, 3: single}, {1: single}]))
    opened.workbench.change_recipe(features=(FeatureChoice("range_segment"),))  # takes single sweeps, too
    opened.connect()
    opened.measure(5)
    opened.tab.refresh()

    columns = opened.tab.plots._columns
    assert [len(column._lines) for column in columns] == [2, 1, 1]
    assert [image.image is None for column in columns for image in column._images] == [False, False, True, True]
    assert opened.problems == []


def test_a_setting_is_edited_on_the_form(opened: Opened) -> None:
    form = opened.tab.settings
    points = form.subsweep.options.editor("num_points")

    opened.type_number(points, "20")

    assert opened.control.settings.config.sensor_config.num_points == 20
    assert opened.workbench.setup.channels[0].points == 20
    assert opened.workbench.recipe.sensor.channels[0].points == 20
    assert "number of averaged samples" in form.subsweep.options.editor("hwaas").toolTip()


def test_what_the_sensor_does_not_take_is_said_at_the_setting(opened: Opened) -> None:
    form = opened.tab.settings
    opened.connect()

    opened.type_number(form.subsweep.options.editor("step_length"), "5")
    assert "Step length: Received: 5." in form.subsweep.issues
    assert form.subsweep.options.editor("step_length").value() == 5
    assert not opened.tab.buttons.start_button.isEnabled()
    assert "Mend the settings first. Step length" in opened.tab.counted

    opened.type_number(form.subsweep.options.editor("step_length"), "24")
    opened.type_number(form.sensor.options.editor("sweeps_per_frame"), "400")
    assert "buffer size is too large" in form.sensor.issues
    assert "buffer size is too large" in form.subsweep.issues

    opened.type_number(form.sensor.options.editor("sweeps_per_frame"), "8")
    assert form.sensor.issues == form.subsweep.issues == ""
    assert opened.tab.buttons.start_button.isEnabled()


def test_sensors_and_subsweeps_are_added_and_removed_on_the_form(opened: Opened) -> None:
    form, settings = opened.tab.settings, opened.control.settings
    form._add_menu.aboutToShow.emit()
    offered = [action.text() for action in form._add_menu.actions() if action.text()]
    assert offered[:4] == ["Sensor 2", "Sensor 3", "Sensor 4", "Sensor 5"]
    assert "Sensor 1, after the others (new group)" in offered

    form._add_menu.actions()[1].trigger()
    assert form.entry == Entry(0, 3)
    opened.click(form.subsweeps.add_button)
    assert form.subsweep_index == 1
    opened.type_number(form.subsweep.options.editor("start_point"), "200")
    assert [sub.start_point for sub in settings.config.groups[0][3].subsweeps] == [40, 200]
    form.sensors.bar.setCurrentIndex(0)
    assert form.subsweep.options.editor("start_point").value() == 40
    assert [form.number_box.itemText(index) for index in range(form.number_box.count())] == ["1", "2", "4", "5"]

    form.sensors.bar.setCurrentIndex(1)
    form.subsweeps.bar.setCurrentIndex(0)
    opened.click(form.subsweeps.remove_button)
    assert form.subsweep.options.editor("start_point").value() == 200
    opened.click(form.sensors.remove_button)
    assert settings.entries == (Entry(0, 1),)
    form.number_box.setCurrentIndex(2)
    form.number_box.activated.emit(2)
    assert settings.entries == (Entry(0, 3),)
    assert opened.problems == []


def test_settings_are_saved_and_loaded(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form, path = opened.tab.settings, tmp_path / "mine.json"
    monkeypatch.setattr(settings_form, "ask_save", lambda *_: path)
    monkeypatch.setattr(settings_form, "ask_open", lambda *_: path)
    before = opened.control.settings.config
    opened.click(form.save_button)
    opened.control.settings.replace(a121.SessionConfig())

    opened.click(form.load_button)

    assert opened.control.settings.config == before
    path.write_text("nothing")
    opened.click(form.load_button)
    assert "mine.json" in opened.problems[0]


def test_the_address_is_chosen_or_typed(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    box, sensor = opened.tab.connection, opened.control.sensor
    ports = [Port("/dev/ttyUSB1", "XE125 /dev/ttyUSB1", True), Port("/dev/ttyAMA0", "/dev/ttyAMA0", False)]
    monkeypatch.setattr("exptool_ml_plugin.hosts.standalone.sensor.ports.find_ports", lambda kind: ports)

    box.kind_box.setCurrentIndex(2)
    box.kind_box.activated.emit(2)
    opened.wait(lambda: box.place("serial").currentText() == "XE125 /dev/ttyUSB1")
    box.place("serial").setCurrentIndex(1)
    box.place("serial").activated.emit(1)
    assert sensor.address == Address("serial", "/dev/ttyAMA0")
    box.place("serial").setEditText("/dev/other")
    box.place("serial").lineEdit().editingFinished.emit()
    assert sensor.address == Address("serial", "/dev/other")

    box.kind_box.activated.emit(3)
    box.place("socket").setText("10.0.0.7 ")
    box.place("socket").editingFinished.emit()
    assert sensor.address == Address("socket", "10.0.0.7")


def test_a_sensor_that_cannot_be_reached_is_said_above_the_tab(opened: Opened) -> None:
    opened.control.sensor.choose(Address("serial", "/dev/no-such-port"))

    opened.click(opened.tab.connection.connect_button)
    opened.wait(lambda: opened.problems)

    notice = opened.window.tabs._shared.notice
    opened.wait(notice.isVisible)
    assert "/dev/no-such-port" in notice._message.text()


def test_a_recording_is_played_from_the_bar(opened: Opened, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exptool_ml_plugin.hosts.standalone.sensor_tab.ask_open", lambda *_: file)
    tab, bar = opened.tab, opened.tab.replay_bar
    assert not bar.isVisible()

    opened.click(tab.open_button)
    opened.wait(lambda: bar.isVisible() and tab.buttons.start_button.isEnabled())
    assert tab.buttons.start_button.text() == "Play"
    bar.recording_box.activated.emit(1)
    bar.speed_box.activated.emit(4)
    opened.click(tab.buttons.start_button)
    opened.wait(lambda: not opened.control.busy and bar.slider.value() == 99)
    assert "2.0 of 2.0 s" in bar._place.text()

    bar.slider.setSliderPosition(50)
    bar.slider.triggerAction(bar.slider.SliderAction.SliderMove)
    assert opened.control.replay.position == 50
    bar.speed_box.activated.emit(0)
    opened.click(tab.buttons.start_button)
    opened.click(bar.pause_button)
    assert bar.pause_button.text() == "Go on"
    opened.click(tab.buttons.stop_button)
    opened.wait(lambda: not opened.control.busy)
    opened.click(bar.close_button)
    assert not bar.isVisible()
    assert opened.problems == []


def test_what_is_recorded_can_be_opened_at_once(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_box, "ask_folder", lambda *_: tmp_path / "mine")
    box = opened.tab.record
    opened.click(box.folder_button)
    box.switch.click()
    opened.connect()
    opened.measure(5)

    opened.click(box.replay_button)
    opened.wait(lambda: opened.control.replays)

    (path,) = (tmp_path / "mine").iterdir()
    assert opened.control.replay.path == path
    assert "readings in" in box._last.full_text


def test_beside_the_other_tabs_the_same_sensor_is_driven(opened: Opened) -> None:
    page = opened.page("Collect")
    panel = opened.window.tabs._shared.sensor_panel
    page.label_box.setEditText("push")
    page.label_box.lineEdit().editingFinished.emit()

    opened.click(panel.connection.connect_button)
    opened.wait(lambda: opened.control.can_start)
    opened.click(panel.buttons.start_button)
    opened.wait(lambda: opened.workbench.measuring and opened.readings > 5)
    assert opened.workbench.engine.mode == "collect"
    assert "16 sweeps × 12 points" in panel._summary.text()
    assert "Simulated scene" in opened.tab.connection.state
    opened.click(page.stop_button)
    opened.wait(lambda: not opened.control.busy)
    assert len(opened.workbench.session.recordings) == 1


def test_the_window_asks_about_unsaved_frames_before_it_closes(
    open_window: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_window()
    opened.connect()
    opened.workbench.collecting.label = "push"
    opened.workbench.engine.set_mode("collect")
    opened.measure(5)
    answers = iter(["cancel", "discard"])
    monkeypatch.setattr(session_box, "ask_about_unsaved", lambda *_: next(answers))

    opened.window.close()
    assert opened.window.isVisible()
    opened.window.close()
    assert not opened.window.isVisible()
    assert next(answers, None) is None
    assert not opened.control.sensor.connected


def test_the_window_can_be_closed_while_it_measures(open_window: Callable[..., Opened]) -> None:
    opened = open_window()
    opened.connect()
    opened.control.start()
    opened.wait(lambda: opened.workbench.measuring)

    opened.window.close()

    assert not opened.window.isVisible()
    assert not opened.workbench.measuring


def test_a_fault_in_a_slot_is_reported_in_the_tab_and_the_window_goes_on(
    open_window: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_window(open_address=lambda address, scene: MockClient())
    monkeypatch.setattr(opened.control.sensor, "connect", lambda: 1 / 0)

    opened.click(opened.tab.connection.connect_button)
    opened.wait(lambda: opened.problems)

    assert "ZeroDivisionError" in opened.problems[0]
