"""What does not fit between features and sensor is named, and either side can follow the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exptool_ml_plugin.core.a111 import with_service
from exptool_ml_plugin.core.features.base import Vectorised
from exptool_ml_plugin.core.issues import Issue, has_errors
from exptool_ml_plugin.core.options import option
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.reading import Channel, SensorSetup
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.row_maker import RowMaker
from exptool_ml_plugin.core.simulate.a121_config import DEFAULT_SETUP
from exptool_ml_plugin.plugins import load_plugins
from exptool_ml_plugin.workbench.covering import lead_sensor
from exptool_ml_plugin.workbench.matching import Match, follow_sensor, match

CHANNEL = DEFAULT_SETUP.channels[0]  # 0.1 to 0.76 m in steps of 0.06 m
PARTS = load_plugins().parts


class Demanding(Vectorised):
    """A feature that wants eight sweeps."""

    key = "demanding"
    name = "Demanding"
    description = "Wants eight sweeps."
    outputs: ClassVar[dict[str, str]] = {"value": "Value"}

    @dataclass(frozen=True)
    class Options:
        gain: float = option(1.0, text="Gain", doc="Factor.")

    @property
    def width(self) -> int:
        return 1

    def rows(self, stacks: Any) -> Any:
        return np.zeros((len(stacks[0]), 1))

    @classmethod
    def check(cls, options: Any, channels: tuple[Channel, ...]) -> list[Issue]:
        few = any(channel.sweeps < 8 for channel in channels)
        return [Issue("", "Expected eight sweeps. Received: fewer.")] if few else []


def segment(start_m: float = 0.0, stop_m: float = 0.0, **fields: Any) -> FeatureChoice:
    return FeatureChoice("range_segment", {"start_m": start_m, "stop_m": stop_m}, **fields)


def setup_with(*channels: Channel) -> SensorSetup:
    return replace(DEFAULT_SETUP, channels=channels)


TWO = setup_with(CHANNEL, replace(CHANNEL, sensor_id=3))


def test_what_fits_needs_nothing() -> None:
    assert match((segment(0.2, 0.5), segment()), DEFAULT_SETUP, PARTS) == Match()


def test_each_mismatch_is_named() -> None:
    choices = (segment(0.05, 0.9), segment(sensor_ids=(4,)), segment(subsweeps=(2,)), segment(0.9, 1.2))
    assert match(choices, DEFAULT_SETUP, PARTS).sentences == (
        "1. Range segment: begins at 0.05 m, the sensor at 0.1 m.",
        "1. Range segment: goes to 0.9 m, the sensor to 0.76 m.",
        "2. Range segment: sensor 4 is not measured.",
        "3. Range segment: subsweep 3 is not measured.",
        "4. Range segment: goes to 1.2 m, the sensor to 0.76 m.",
    )


def test_features_that_are_switched_off_or_not_installed_do_not_matter() -> None:
    choices = (segment(9.0, 9.5, enabled=False), FeatureChoice("magic", {"start_m": 9.0}))
    assert match(choices, DEFAULT_SETUP, PARTS) == Match()


def test_ranges_outside_become_the_sensors_own_ends() -> None:
    followed = follow_sensor((segment(0.05, 0.9), segment(0.05, 0.5), segment(2.0, 3.0)), DEFAULT_SETUP, PARTS)
    assert followed == (segment(0.0, 0.0), segment(0.0, 0.5), segment(0.0, 0.0))


def test_sensors_and_subsweeps_that_are_not_measured_are_let_go() -> None:
    followed = follow_sensor(
        (segment(sensor_ids=(1, 4)), segment(sensor_ids=(4,)), segment(subsweeps=(3,))), TWO, PARTS
    )
    assert followed == (segment(sensor_ids=(1,)), segment(), segment())


def test_a_sensor_and_a_subsweep_that_are_not_measured_together_are_both_let_go() -> None:
    setup = setup_with(CHANNEL, replace(CHANNEL, sensor_id=3), replace(CHANNEL, sensor_id=3, subsweep=1))
    assert follow_sensor((segment(sensor_ids=(1,), subsweeps=(1,)),), setup, PARTS) == (segment(),)


def test_the_sensor_is_widened_to_what_the_features_want_in_its_own_steps() -> None:
    led = lead_sensor((segment(0.05, 0.5), segment(0.2, 1.0)), DEFAULT_SETUP, PARTS)
    (channel,) = led.channels
    assert channel.start_m == 0.05
    assert channel.step_m == CHANNEL.step_m
    assert 1.0 <= channel.end_m < 1.0 + CHANNEL.step_m
    assert match((segment(0.05, 0.5), segment(0.2, 1.0)), led, PARTS).sentences == ()


def test_of_several_subsweeps_the_nearest_and_the_farthest_are_widened() -> None:
    far = replace(CHANNEL, subsweep=1, start_m=1.0)
    led = lead_sensor((segment(0.05, 2.0),), setup_with(CHANNEL, far), PARTS)
    assert [channel.start_m for channel in led.channels] == [0.05, 1.0]
    assert led.channels[0].end_m < 1.0
    assert led.channels[1].end_m >= 2.0


def test_sensors_and_subsweeps_that_are_wanted_are_added_and_none_is_given_up() -> None:
    led = lead_sensor((segment(sensor_ids=(3,), subsweeps=(1,)),), DEFAULT_SETUP, PARTS)
    assert [(channel.sensor_id, channel.subsweep) for channel in led.channels] == [(1, 0), (3, 0), (3, 1)]


def test_sweeps_are_added_where_a_feature_needs_them() -> None:
    parts = Parts(features={**PARTS.features, "demanding": Demanding}, triggers={}, layers={})
    setup = setup_with(replace(CHANNEL, sweeps=2))
    found = match((FeatureChoice("demanding"),), setup, parts)
    assert found.sentences == ("1. Demanding: needs more sweeps per reading.",)
    assert found.setup is not None
    assert found.setup.channels[0].sweeps == 8
    assert found.features is None


def test_a_preset_leads_the_sensor_as_a_whole() -> None:
    wanted = replace(DEFAULT_SETUP, reading_rate_hz=60.0)
    found = match((segment(),), DEFAULT_SETUP, PARTS, wanted=wanted)
    assert found.setup is wanted
    assert found.sentences == ("Rate: expected 60 Hz, received 50 Hz.",)
    assert match((segment(),), wanted, PARTS, wanted=wanted) == Match()


distances = st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.76, 0.8, 1.5])
choices = st.builds(
    lambda low, length, sensors, subsweeps: segment(
        low, low + length if length else 0.0, sensor_ids=sensors, subsweeps=subsweeps
    ),
    distances,
    st.sampled_from([0.0, 0.05, 0.4]),
    st.sampled_from([None, (1,), (3,), (1, 4)]),
    st.sampled_from([None, (0,), (1,)]),
)
setups = st.sampled_from(
    [DEFAULT_SETUP, TWO, setup_with(CHANNEL, replace(CHANNEL, subsweep=1, start_m=0.9, step_m=0.01))]
)


@pytest.mark.parametrize("side", ["features", "setup"])
@given(chosen=st.lists(choices, min_size=1, max_size=3), setup=setups)
def test_whichever_side_follows_afterwards_everything_fits(
    chosen: list[FeatureChoice], setup: SensorSetup, side: str
) -> None:
    features, led = tuple(chosen), setup
    if side == "features":
        features = follow_sensor(features, setup, PARTS)
    else:
        led = lead_sensor(features, setup, PARTS)
    assert not has_errors(RowMaker.check(features, led, PARTS))
    assert match(features, led, PARTS) == Match()


DENSE = with_service(
    SensorSetup("a111", (Channel(2, 0, 16, 5, 0.12, 0.06, 4500.0),), 60.0, service="sparse"), "envelope"
)


def test_a_service_that_does_not_fit_is_named_and_either_side_can_follow() -> None:
    choices = (segment(), FeatureChoice("sparse_fft"))

    found = match(choices, DENSE, PARTS)

    assert found.sentences == (
        "2. Sparse FFT: Expected readings of Sparse IQ (A121) or Sparse (A111) for Sparse FFT. Received: Envelope. "
        "Choose another service or feature.",
    )
    assert found.features == (choices[0], replace(choices[1], enabled=False))
    assert found.setup is not None
    assert (found.setup.service, found.setup.channels[0].sensor_id) == ("sparse", 2)
    assert match(choices, found.setup, PARTS) == Match()


def test_the_service_stays_where_no_other_suits_all_features_or_they_suit_it() -> None:
    mixed = (FeatureChoice("sparse_fft"), FeatureChoice("phase"))
    assert match(mixed, DENSE, PARTS).setup is None
    assert match(mixed, DENSE, PARTS).features is None, "nothing would be left"
    assert len(match(mixed, DENSE, PARTS).sentences) == 2
    assert match((segment(),), DENSE, PARTS) == Match()
    a121_only = match((FeatureChoice("presence"),), DENSE, PARTS)
    assert a121_only.setup is None
    assert "Sparse IQ (A121)" in a121_only.sentences[0]


def test_the_range_goes_along_to_the_other_service() -> None:
    led = lead_sensor((FeatureChoice("phase", {"start_m": 0.1, "stop_m": 0.5}),), DENSE, PARTS)
    assert led.service == "iq"
    assert led.channels[0].start_m == pytest.approx(0.1)
    assert led.channels[0].end_m >= 0.5
    assert led.channels[0].sweeps == 1
