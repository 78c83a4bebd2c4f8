"""Whether a sensor is set as the model was trained with is said setting by setting."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from exptool_ml_plugin.core.simulate import DEFAULT_SETUP
from exptool_ml_plugin.workbench.open_model import setup_differences


def with_subsweep(**settings: Any) -> Any:
    config = json.loads(DEFAULT_SETUP.host_config)
    config["groups"][0]["1"]["subsweeps"][0].update(settings)
    return replace(DEFAULT_SETUP, host_config=json.dumps(config))


def test_equal_setups_have_no_differences() -> None:
    assert setup_differences(DEFAULT_SETUP, DEFAULT_SETUP) == ()


def test_a_setting_that_only_a_newer_host_knows_is_no_difference() -> None:
    assert setup_differences(DEFAULT_SETUP, with_subsweep(iq_imbalance_compensation=False)) == ()


def test_a_setting_that_differs_is_named_with_both_values() -> None:
    differences = setup_differences(DEFAULT_SETUP, with_subsweep(profile="PROFILE_1", receiver_gain=10))

    assert differences == (
        "Profile: expected PROFILE_3, received PROFILE_1.",
        "Receiver gain: expected 16, received 10.",
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"generation": "a111"}, "Sensor generation"),
        ({"service": "envelope"}, "Service: expected Sparse IQ, received Envelope."),
        ({"reading_rate_hz": 30.0}, "Rate: expected 50 Hz, received 30 Hz."),
        ({"channels": ()}, "Sensors and subsweeps"),
    ],
)
def test_differences_of_setups_are_said_in_words(change: dict[str, object], expected: str) -> None:
    (said,) = setup_differences(DEFAULT_SETUP, replace(DEFAULT_SETUP, **change))
    assert expected in said
