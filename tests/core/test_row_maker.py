from __future__ import annotations

import numpy as np
import pytest
from synthetic import channel, recording_of, setup_of

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.core.issues import Severity
from exptool_ml_plugin.core.parts import Parts
from exptool_ml_plugin.core.recipe import FeatureChoice
from exptool_ml_plugin.core.row_maker import RowMaker

TWO = setup_of(channel(), channel(sensor_id=2, points=4))


def test_rows_follow_the_order_of_the_list_and_leave_out_what_is_disabled(parts: Parts) -> None:
    choices = (
        FeatureChoice("doppler_spectrum", sensor_ids=(2,)),
        FeatureChoice("range_segment", enabled=False),
        FeatureChoice("range_segment", sensor_ids=(1,)),
    )
    maker = RowMaker(choices, TWO, parts)
    row = maker.row(recording_of(TWO, 1).reading(0))
    assert maker.width == len(row) == 16 + 6
    assert maker.slices == (slice(0, 16), slice(16, 22))
    alone = RowMaker(choices[2:], TWO, parts).row(recording_of(TWO, 1).reading(0))
    np.testing.assert_array_equal(row[16:], alone)


def test_a_choice_can_be_limited_to_a_subsweep(parts: Parts) -> None:
    setup = setup_of(channel(), channel(subsweep=1, points=3))
    assert RowMaker((FeatureChoice("range_segment", subsweeps=(1,)),), setup, parts).width == 3


@pytest.mark.parametrize(
    ("choice", "where"),
    [
        (FeatureChoice("flux"), "features.0"),
        (FeatureChoice("range_segment", sensor_ids=(5,)), "features.0.sensor_ids"),
        (FeatureChoice("range_segment", outputs=("sum",)), "features.0.outputs"),
        (FeatureChoice("range_segment", {"start_m": 8.0}), "features.0.start_m"),
    ],
)
def test_what_does_not_fit_is_an_issue_at_its_place_and_an_error_when_used(
    parts: Parts, choice: FeatureChoice, where: str
) -> None:
    issues = RowMaker.check((choice,), TWO, parts)
    assert [issue.where for issue in issues if issue.severity is Severity.ERROR] == [where]
    with pytest.raises(UserError, match="Expected"):
        RowMaker((choice,), TWO, parts)


def test_no_feature_in_use_is_an_error(parts: Parts) -> None:
    (issue,) = RowMaker.check((FeatureChoice("range_segment", enabled=False),), TWO, parts)
    assert issue.where == "features"
    with pytest.raises(UserError, match="at least one feature"):
        RowMaker((), TWO, parts)


def test_an_option_out_of_its_limits_is_clamped_with_a_warning(parts: Parts) -> None:
    choice = FeatureChoice("range_segment", {"downsample": 0, "colour": "red"})
    issues = RowMaker.check((choice,), TWO, parts)
    assert {issue.where for issue in issues} == {"features.0.downsample", "features.0.colour"}
    assert all(issue.severity is Severity.WARNING for issue in issues)
    assert RowMaker((choice,), TWO, parts).width == 10
