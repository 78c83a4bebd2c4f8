"""The settings of the sensor are those of the host's classes: names, limits, choices, words, files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from acconeer.exptool import a121

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.options import describe
from exptool_ml_plugin.core.simulate import DEFAULT_SETUP
from exptool_ml_plugin.hosts.a121_library.convert import config_of
from exptool_ml_plugin.hosts.standalone.sensor.config_options import settings_of, settings_type
from exptool_ml_plugin.hosts.standalone.sensor.settings import (
    SESSION,
    Entry,
    Settings,
    sensor_place,
    subsweep_place,
)

ONE = Entry(0, 1)
CLASSES = (a121.SessionConfig, a121.SensorConfig, a121.SubsweepConfig)


@pytest.fixture
def settings() -> Settings:
    return Settings(config_of(DEFAULT_SETUP))


def change(settings: Settings, place: str, **values: Any) -> None:
    kept = settings.values(place)
    settings.set_values(place, type(kept)(**{**vars(kept), **values}))


@pytest.mark.parametrize("config_type", CLASSES)
def test_the_form_offers_everything_the_class_can_be_set_to(config_type: type) -> None:
    config = config_type()
    nested = {"groups", "subsweeps", "extended"}

    assert {info.name for info in describe(settings_type(config_type))} == set(config.to_dict()) - nested


def test_kinds_limits_choices_and_units_are_those_of_the_class() -> None:
    subsweep = {info.name: info for info in describe(settings_type(a121.SubsweepConfig))}
    sensor = {info.name: info for info in describe(settings_type(a121.SensorConfig))}

    assert (subsweep["hwaas"].minimum, subsweep["hwaas"].maximum) == (1, a121.SubsweepConfig.MAX_HWAAS)
    assert (subsweep["receiver_gain"].minimum, subsweep["receiver_gain"].maximum) == (0, 23)
    assert (subsweep["start_point"].minimum, subsweep["start_point"].maximum) == (None, None)
    assert (subsweep["step_length"].minimum, subsweep["step_length"].maximum) == (1, None)  # 5 is none, 6 is one
    assert (sensor["sweeps_per_frame"].minimum, sensor["sweeps_per_frame"].maximum) == (1, None)
    assert set(subsweep["prf"].choices or {}) == set(a121.PRF.__members__)
    assert (subsweep["prf"].choices or {})["PRF_5_2_MHz"] == "5.2 MHz"
    assert (sensor["inter_frame_idle_state"].choices or {})["DEEP_SLEEP"] == "Deep sleep"
    assert (sensor["frame_rate"].unit, sensor["frame_rate"].zero) == ("Hz", "no limit")
    assert subsweep["enable_tx"].kind is bool


def test_the_classes_own_documentation_is_the_tooltip_without_its_markup() -> None:
    docs = {info.name: info.doc for kind in CLASSES for info in describe(settings_type(kind))}

    assert "roughly proportional" in docs["hwaas"]
    assert "The inter frame idle state is the state the sensor idles in" in docs["inter_frame_idle_state"]
    assert "18.5 m" in docs["prf"]
    for doc in docs.values():
        assert doc
        assert not any(mark in doc for mark in (":attr:", "``", "====", "[*]", ".. "))


def test_the_settings_of_any_configuration_make_the_same_configuration(shared_data: Path) -> None:
    with a121.open_record(shared_data / "a121_host" / "touchless_button_both_ranges.h5") as record:
        config = record.session(0).session_config
    copied = Settings(a121.SessionConfig([{key: a121.SensorConfig() for key in group} for group in config.groups]))
    for entry, source in zip(copied.entries, (item for group in config.groups for item in group.values()), strict=True):
        for _ in source.subsweeps[1:]:
            copied.add_subsweep(entry)
        copied.set_values(sensor_place(entry), settings_of(source))
        for index, subsweep in enumerate(source.subsweeps):
            copied.set_values(subsweep_place(entry, index), settings_of(subsweep))
    copied.set_values(SESSION, settings_of(config))

    assert copied.config == config


def test_a_value_the_class_refuses_stays_on_the_form_and_does_not_reach_the_sensor(settings: Settings) -> None:
    place = subsweep_place(ONE, 0)

    change(settings, place, step_length=5)

    assert settings.values(place).step_length == 5
    assert settings.config.sensor_config.step_length == 24
    (issue,) = settings.issues()
    assert issue.where == f"{place}.step_length"
    assert issue.message.startswith("Step length: Received: 5.")
    assert "divisor or multiple of 24" in issue.message
    assert not settings.ready

    change(settings, place, step_length=6, num_points=20)
    assert (settings.config.sensor_config.step_length, settings.config.sensor_config.num_points) == (6, 20)
    assert settings.ready


def test_what_the_host_says_against_a_configuration_stands_at_its_setting(settings: Settings) -> None:
    change(settings, sensor_place(ONE), frame_rate=500.0, continuous_sweep_mode=True)

    said = {(issue.where, issue.severity) for issue in settings.issues()}
    assert (f"{sensor_place(ONE)}.frame_rate", Severity.ERROR) in said
    assert any("Frame rate must be unset" in issue.message for issue in settings.issues())
    assert not settings.ready

    change(settings, sensor_place(ONE), frame_rate=125.0, continuous_sweep_mode=False)
    assert {issue.severity for issue in settings.issues()} == {Severity.WARNING}  # as fast as the sweeps allow
    assert settings.ready


def test_where_there_are_several_the_message_names_the_sensor_and_its_subsweep(settings: Settings) -> None:
    settings.add_sensor(3)
    settings.add_subsweep(Entry(0, 3))

    change(settings, subsweep_place(Entry(0, 3), 1), step_length=5)
    change(settings, sensor_place(Entry(0, 3)), frame_rate=500.0)

    messages = [issue.message for issue in settings.issues()]
    assert messages[0].startswith("Sensor 3, subsweep 2, Step length: Received: 5.")
    assert messages[1].startswith("Sensor 3, Frame rate: The frame rate is set higher")


def test_a_rate_of_0_is_no_limit(settings: Settings) -> None:
    change(settings, sensor_place(ONE), frame_rate=0.0)
    change(settings, SESSION, update_rate=20.0)

    assert settings.config.sensor_config.frame_rate is None
    assert settings.config.update_rate == 20.0


def test_sensors_groups_and_subsweeps_come_and_go(settings: Settings) -> None:
    assert settings.add_sensor(3) == Entry(0, 3)
    assert settings.add_sensor(1, new_group=True) == Entry(1, 1)
    settings.add_subsweep(Entry(0, 3))
    change(settings, subsweep_place(Entry(0, 3), 1), start_point=200)

    assert settings.config.extended
    assert [list(group) for group in settings.config.groups] == [[1, 3], [1]]
    assert [sub.start_point for sub in settings.config.groups[0][3].subsweeps] == [40, 200]
    assert settings.config.groups[0][1].num_subsweeps == 1
    assert settings.free_sensors(0, (1, 2, 3)) == [2]

    settings.change_sensor(Entry(0, 1), 2)
    settings.remove_subsweep(Entry(0, 3), 0)
    settings.remove_sensor(Entry(1, 1))
    assert settings.entries == (Entry(0, 2), Entry(0, 3))
    assert settings.config.groups[0][3].start_point == 200

    settings.remove_sensor(Entry(0, 3))
    settings.remove_sensor(Entry(0, 2))  # the last one stays
    assert settings.entries == (Entry(0, 2),)
    assert not settings.config.extended


def test_there_are_as_many_subsweeps_as_in_the_exploration_tool(settings: Settings) -> None:
    for _ in range(9):
        settings.add_subsweep(ONE)

    assert settings.subsweeps(ONE) == 4
    for _ in range(9):
        settings.remove_subsweep(ONE, 0)
    assert settings.subsweeps(ONE) == 1


def test_the_file_is_the_hosts_own_json(settings: Settings, tmp_path: Path) -> None:
    settings.add_sensor(2)
    settings.save(tmp_path / "two.json")
    other = Settings(a121.SessionConfig())

    other.load(tmp_path / "two.json")

    assert (tmp_path / "two.json").read_text() == settings.config.to_json()
    assert other.config == settings.config == a121.SessionConfig.from_json((tmp_path / "two.json").read_text())
    with pytest.raises(UserError, match=r"two\.json exists"):
        settings.save(tmp_path / "two.json")


def test_the_configuration_of_a_single_sensor_is_read_as_the_host_does(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(a121.SensorConfig(num_points=7).to_json())

    settings.load(tmp_path / "one.json")

    assert settings.config == a121.SessionConfig(a121.SensorConfig(num_points=7))


@pytest.mark.parametrize("text", ["no json", json.dumps({"groups": []}), json.dumps([1]), "{}"])
def test_any_other_file_is_refused_in_words(settings: Settings, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    before = settings.config

    with pytest.raises(UserError, match=r"bad\.json"):
        settings.load(tmp_path / "bad.json")
    with pytest.raises(UserError, match=r"missing\.json"):
        settings.load(tmp_path / "missing.json")

    assert settings.config is before
