from __future__ import annotations

import numpy as np
import pytest
from synthetic import channel

from exptool_ml_plugin.core.features.range_segment import RangeSegment, RangeSegmentOptions
from exptool_ml_plugin.core.issues import Severity


def segment(options: RangeSegmentOptions, *channels: object, outputs: tuple[str, ...] = ("segment",)) -> RangeSegment:
    return RangeSegment(options, outputs=outputs, channels=channels or (channel(),), reading_rate_hz=50.0)


def noise(sweeps: int = 16, points: int = 6, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = random.standard_normal((sweeps, points)) + 1j * random.standard_normal((sweeps, points))
    return (100 * values).astype(np.complex64)


def test_the_coherent_amplitude_is_the_magnitude_of_the_mean_sweep() -> None:
    x = noise()
    np.testing.assert_allclose(segment(RangeSegmentOptions()).row([x]), np.abs(x.mean(axis=0)), rtol=1e-6)


def test_the_incoherent_amplitude_is_the_mean_of_the_magnitudes() -> None:
    x = noise()
    row = segment(RangeSegmentOptions(method="incoherent")).row([x])
    np.testing.assert_allclose(row, np.abs(x).mean(axis=0), rtol=1e-6)


def test_something_that_turns_its_phase_is_seen_only_by_the_incoherent_amplitude() -> None:
    x = np.exp(2j * np.pi * np.arange(16) / 4)[:, None] * np.full((16, 6), 500)
    assert segment(RangeSegmentOptions()).row([x.astype(np.complex64)]).max() < 1e-3
    assert segment(RangeSegmentOptions(method="incoherent")).row([x.astype(np.complex64)]).min() > 499


def test_a_range_takes_the_points_that_lie_in_it() -> None:
    x = noise()  # points at 0.05, 0.08, ... 0.20 m
    row = segment(RangeSegmentOptions(start_m=0.08, stop_m=0.14)).row([x])
    np.testing.assert_allclose(row, np.abs(x.mean(axis=0))[1:4], rtol=1e-6)


def test_a_range_between_two_points_takes_the_nearest() -> None:
    assert segment(RangeSegmentOptions(start_m=0.09, stop_m=0.10)).width == 1


def test_down_sampling_averages_groups_and_the_last_one_over_what_it_has() -> None:
    x = noise()
    amplitude = np.abs(x.mean(axis=0))
    row = segment(RangeSegmentOptions(downsample=4)).row([x])
    np.testing.assert_allclose(row, [amplitude[:4].mean(), amplitude[4:].mean()], rtol=1e-6)


def test_flip_puts_the_farthest_first() -> None:
    x = noise()
    plain = segment(RangeSegmentOptions(downsample=4)).row([x])
    np.testing.assert_array_equal(segment(RangeSegmentOptions(downsample=4, flip=True)).row([x]), plain[::-1])


def test_channels_follow_one_another_and_outputs_too() -> None:
    near, far = channel(points=3), channel(points=5, subsweep=1, start_m=0.5)
    x, y = noise(points=3), noise(points=5, seed=1)
    made = segment(RangeSegmentOptions(), near, far, outputs=("segment", "mean"))
    row = made.row([x, y])
    assert row.dtype == np.float32
    assert made.width == len(row) == 3 + 5 + 2
    np.testing.assert_allclose(row[:8], np.concatenate([np.abs(x.mean(axis=0)), np.abs(y.mean(axis=0))]), rtol=1e-6)
    np.testing.assert_allclose(row[8:], [row[:3].mean(), row[3:8].mean()], rtol=1e-6)


@pytest.mark.parametrize("points", [1, 2, 40])
@pytest.mark.parametrize("start_m", [-0.1, 0.0, 3.0])
def test_the_defaults_fit_any_setup(points: int, start_m: float) -> None:
    one = channel(points=points, start_m=start_m, sweeps=1)
    assert RangeSegment.check(RangeSegmentOptions(), (one,)) == []
    assert segment(RangeSegmentOptions(), one).width == points


def test_a_range_partly_outside_is_a_warning_and_is_cut() -> None:
    options = RangeSegmentOptions(start_m=0.01, stop_m=0.5)
    issues = RangeSegment.check(options, (channel(),))
    assert {(issue.where, issue.severity) for issue in issues} == {
        ("start_m", Severity.WARNING),
        ("stop_m", Severity.WARNING),
    }
    assert segment(options).width == 6


def test_a_range_entirely_outside_is_an_error() -> None:
    (issue,) = RangeSegment.check(RangeSegmentOptions(start_m=1.0, stop_m=2.0), (channel(),))
    assert issue.severity is Severity.ERROR
    assert "0.050 to 0.200 m" in issue.message


def test_a_range_that_meets_one_of_two_subsweeps_uses_that_one() -> None:
    near, far = channel(), channel(subsweep=1, start_m=1.0)
    options = RangeSegmentOptions(start_m=1.0, stop_m=1.06)
    assert RangeSegment.check(options, (near, far)) == []
    x = noise(seed=1)
    row = segment(options, near, far).row([noise(), x])
    np.testing.assert_allclose(row, np.abs(x.mean(axis=0))[:3], rtol=1e-6)


def test_a_start_beyond_the_stop_is_an_error() -> None:
    (issue,) = RangeSegment.check(RangeSegmentOptions(start_m=0.2, stop_m=0.1), (channel(),))
    assert (issue.where, issue.severity) == ("start_m", Severity.ERROR)


def test_more_down_sampling_than_points_is_a_warning() -> None:
    (issue,) = RangeSegment.check(RangeSegmentOptions(downsample=7), (channel(),))
    assert (issue.where, issue.severity) == ("downsample", Severity.WARNING)
    assert segment(RangeSegmentOptions(downsample=7)).width == 1


@pytest.mark.parametrize("points", [1, 6, 100])
def test_the_options_of_the_recipes_that_ship_give_the_formula_bit_for_bit(points: int) -> None:
    x = noise(points=points)
    row = segment(RangeSegmentOptions(scale="log1p"), channel(points=points)).row([x])
    np.testing.assert_array_equal(row, np.log1p(np.abs(x.mean(axis=0))))
    both = segment(RangeSegmentOptions(downsample=4, flip=True), channel(points=points), outputs=("segment", "mean"))
    groups = np.arange(0, points, 4)
    averaged = np.add.reduceat(np.abs(x.mean(axis=0)), groups) / np.diff(np.append(groups, points))
    expected = np.append(averaged[::-1], averaged[::-1].mean())
    np.testing.assert_array_equal(both.row([x]).astype(np.float32), expected.astype(np.float32))
