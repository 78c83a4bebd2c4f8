"""What a feature list makes of a sensor's readings, or why it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.workbench.feature_check import check_features, setup_text
from exptool_ml_plugin.workbench.matching import match

PARTS = load_plugins().parts
RANGE = FeatureChoice("range_segment")
DOPPLER = FeatureChoice("doppler_spectrum")


def test_each_enabled_feature_has_its_part_of_the_row():
    check = check_features((RANGE, replace(RANGE, enabled=False), DOPPLER), DEFAULT_SETUP, PARTS)
    channel = DEFAULT_SETUP.channels[0]
    assert check.issues == ()
    assert check.slices == {
        0: slice(0, channel.points),
        2: slice(channel.points, channel.points + channel.sweeps),
    }
    assert check.width == channel.points + channel.sweeps


def test_issues_belong_to_their_feature_or_to_the_list():
    far = replace(RANGE, options={"start_m": 50.0, "stop_m": 60.0})
    check = check_features((RANGE, far), DEFAULT_SETUP, PARTS)
    assert check.issues_of(0) == []
    assert [issue.where for issue in check.issues_of(1)] == ["features.1.start_m"]
    assert check.width == 0
    assert [issue.where for issue in check_features((), DEFAULT_SETUP, PARTS).issues_of_list] == ["features"]


def test_issues_of_the_tenth_feature_are_not_those_of_the_first():
    many = (RANGE,) * 10 + (FeatureChoice("unknown"),)
    check = check_features(many, DEFAULT_SETUP, PARTS)
    assert check.issues_of(1) == []
    assert len(check.issues_of(10)) == 1


def test_without_a_sensor_configuration_nothing_is_said():
    check = check_features((RANGE,), None, PARTS)
    assert (check.issues, check.width) == ((), 0)


@pytest.mark.parametrize("sensors", [(1,), (2, 3)])
def test_a_sensor_configuration_is_told_in_words(sensors):
    channels = tuple(replace(DEFAULT_SETUP.channels[0], sensor_id=sensor) for sensor in sensors)
    lines = setup_text(replace(DEFAULT_SETUP, channels=channels))
    assert [line.split(":")[0] for line in lines[:-1]] == [f"Sensor {sensor}" for sensor in sensors]
    assert lines[-1].endswith("readings per second")


def test_subsweeps_are_told_apart_where_there_are_several():
    channel = DEFAULT_SETUP.channels[0]
    lines = setup_text(replace(DEFAULT_SETUP, channels=(channel, replace(channel, subsweep=1))))
    assert [line.split(":")[0] for line in lines[:2]] == ["Sensor 1, subsweep 1", "Sensor 1, subsweep 2"]


@pytest.mark.parametrize("where", ["check", "width", "__init__"])
def test_a_feature_that_fails_is_named_and_the_others_keep_theirs(where):
    def fail(*args, **kwargs):
        raise RuntimeError("out of tea")

    broken = type("Broken", (PARTS.features["range_segment"],), {"key": "broken"})
    setattr(broken, where, {"check": classmethod(fail), "width": property(fail)}.get(where, fail))
    parts = replace(PARTS, features={**PARTS.features, "broken": broken})
    far = replace(RANGE, options={"start_m": 50.0, "stop_m": 60.0})
    choices = (far, FeatureChoice("broken"), FeatureChoice("broken", enabled=False))
    check = check_features(choices if where == "check" else choices[1:], DEFAULT_SETUP, parts)
    (failure,) = (issue for issue in check.issues if "out of tea" in issue.message)
    assert failure.where == ("features.1" if where == "check" else "features.0")
    if where == "check":
        assert [issue.where for issue in check.issues_of(0)] == ["features.0.start_m"]
    assert match(choices, DEFAULT_SETUP, parts).sentences[0].startswith("1. Range segment")
