"""What the features ported from the Deep Learning Interface do beyond its formulas."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moving import noise
from synthetic import channel

from exptool_ml_plugin.core.features.amplitude_ratio import AmplitudeRatio
from exptool_ml_plugin.core.features.averages import Averages
from exptool_ml_plugin.core.features.base import Feature
from exptool_ml_plugin.core.features.peak import Peak
from exptool_ml_plugin.core.features.range_segment import RangeSegment
from exptool_ml_plugin.core.features.sparse_fft import SparseFFT
from exptool_ml_plugin.core.issues import Severity

CASES: list[tuple[type[Feature], dict[str, Any]]] = [
    (RangeSegment, {"downsample": 3, "tail": "drop", "window": 5}),
    (RangeSegment, {"calibrate": True, "calibration_readings": 7, "dead_readings": 4, "stretch": True, "flip": True}),
    (RangeSegment, {"method": "coherent_double", "scale": "db", "downsample": 2, "window": 3}),
    (Peak, {}),
    (Peak, {"low_pass": 0.8}),
    (Averages, {"window": 6}),
    (AmplitudeRatio, {"window": 6}),
    (SparseFFT, {"window": 6}),
    (SparseFFT, {"kept_share": 0.4, "flip": False, "stretch": True}),
]


def feature(kind: type[Feature], options: dict[str, Any], *channels: Any, outputs: tuple[str, ...] = ()) -> Feature:
    outputs = outputs or tuple(kind.outputs)[:1]
    return kind(kind.Options(**options), outputs=outputs, channels=channels, reading_rate_hz=50.0)


def echoes(*amplitudes: float) -> np.ndarray:
    """One reading of one sweep with these amplitudes."""
    return np.array([amplitudes], dtype=np.complex64)


@pytest.mark.parametrize(("kind", "options"), CASES, ids=lambda value: getattr(value, "key", None))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_readings_one_by_one_in_blocks_and_after_a_reset_give_the_same_rows(
    kind: type[Feature], options: dict[str, Any], data: st.DataObject
) -> None:
    count, seed = data.draw(st.integers(0, 40)), data.draw(st.integers(0, 1000))
    shapes = data.draw(st.lists(st.tuples(st.sampled_from([2, 7, 16]), st.integers(1, 20)), min_size=2, max_size=3))
    channels = tuple(channel(sensor_id=i + 1, sweeps=s, points=p) for i, (s, p) in enumerate(shapes))
    stacks = [noise(count, s, p, seed=seed + i) for i, (s, p) in enumerate(shapes)]
    made = feature(kind, options, *channels, outputs=tuple(kind.outputs))
    single = [made.row([stack[i] for stack in stacks]) for i in range(count)]
    assert all(row.shape == (made.width,) for row in single)
    made.reset()
    edges = [0, *sorted(data.draw(st.lists(st.integers(0, count), max_size=4))), count]
    together = np.concatenate([made.rows([s[a:b] for s in stacks]) for a, b in pairwise(edges)])
    assert together.shape == (count, made.width)
    assert together.tobytes() == b"".join(row.tobytes() for row in single)


@pytest.mark.parametrize(("kind", "options"), CASES, ids=lambda value: getattr(value, "key", None))
def test_silence_gives_numbers_in_rows_and_frames(kind: type[Feature], options: dict[str, Any]) -> None:
    channels = (channel(), channel(sensor_id=2))
    made = feature(kind, options, *channels, outputs=tuple(kind.outputs))
    rows = made.rows([np.zeros((30, 16, 6), dtype=np.complex64)] * 2)
    assert np.isfinite(rows).all()
    frame = made.finish(rows.astype(np.float32))
    assert frame.dtype == np.float32
    assert frame.shape == rows.shape
    assert np.isfinite(frame).all()


def test_a_frame_is_finished_without_changing_the_rows_it_was_made_of() -> None:
    for made in (
        feature(RangeSegment, {"stretch": True}, channel()),
        feature(SparseFFT, {"stretch": True}, channel(), outputs=("fft", "profile")),
    ):
        rows = made.rows([noise(20, 16, 6)]).astype(np.float32)
        before = rows.copy()
        assert not np.array_equal(made.finish(rows), before)
        np.testing.assert_array_equal(rows, before)


def test_the_stretch_takes_an_amplitude_below_one_for_one() -> None:
    made = feature(RangeSegment, {"stretch": True}, channel(points=3, sweeps=1))
    frame = made.finish(np.array([[0.2, 1.0, 11.0]], dtype=np.float32))
    assert frame[0, :2].tolist() == [1.0, 1.0]
    assert frame[0, 2] == pytest.approx(254 * (10 / 12.2) ** (1 / 2.2))


def test_the_stretch_leaves_the_mean_over_the_range_alone() -> None:
    made = feature(RangeSegment, {"stretch": True}, channel(points=2), outputs=("mean", "segment"))
    frame = made.finish(np.array([[7.0, 4.0, 10.0]], dtype=np.float32))
    assert frame[0, 0] == 7.0
    assert frame[0, 2] > 100.0


def test_the_integrated_segment_is_the_mean_of_the_last_readings_even_before_there_are_enough() -> None:
    made = feature(RangeSegment, {"window": 3}, channel(points=2, sweeps=1), outputs=("integrated",))
    rows = [made.row([echoes(value, 10 * value)]).tolist() for value in (3, 6, 9, 12)]
    assert rows == [[3, 30], [4.5, 45], [6, 60], [9, 90]]


def test_points_left_over_by_down_sampling_are_dropped_as_of_old_or_averaged() -> None:
    one = channel(points=5, sweeps=1)
    matrix = echoes(1, 3, 5, 7, 100)
    assert feature(RangeSegment, {"downsample": 2, "tail": "drop"}, one).row([matrix]).tolist() == [2, 6]
    assert feature(RangeSegment, {"downsample": 2}, one).row([matrix]).tolist() == [2, 6, 100]
    assert feature(RangeSegment, {"downsample": 9, "tail": "drop"}, one).width == 1, "a row is never empty"


def test_the_calibration_is_learnt_again_after_a_reset() -> None:
    made = feature(RangeSegment, {"calibrate": True, "calibration_readings": 2}, channel(points=1, sweeps=1))
    loud = [made.row([echoes(value)]).item() for value in (100, 10, 210)]
    assert loud == [1, 1, pytest.approx(210 / 105)]
    made.reset()
    assert [made.row([echoes(value)]).item() for value in (10, 10, 210)] == [1, 1, pytest.approx(20)]


def test_the_low_pass_of_the_peak_moves_a_share_of_the_way() -> None:
    one = channel(points=2, sweeps=1, start_m=1.0, step_m=0.5)
    made = feature(Peak, {"low_pass": 0.75}, one, outputs=("distance", "amplitude"))
    near, far = echoes(8, 1), echoes(1, 16)
    assert [made.row([matrix]).tolist() for matrix in (near, far, far)] == [[1.0, 8.0], [1.125, 10.0], [1.21875, 11.5]]
    made.reset()
    assert made.row([far]).tolist() == [1.5, 16.0]


def test_of_equal_echoes_the_nearest_is_the_peak() -> None:
    one = channel(points=3, sweeps=1, start_m=1.0, step_m=0.5)
    assert feature(Peak, {}, one).row([echoes(4, 9, 9)]).tolist() == [1.5]


def test_the_amplitude_ratio_needs_two_sensors_and_says_so() -> None:
    subsweeps = (channel(), channel(subsweep=1))
    (issue,) = AmplitudeRatio.check(AmplitudeRatio.Options(), subsweeps)
    assert (issue.where, issue.severity) == ("sensor_ids", Severity.ERROR)
    assert "second sensor" in issue.message


def test_the_amplitude_ratio_of_three_sensors_names_the_two_it_takes() -> None:
    three = tuple(channel(sensor_id=sensor) for sensor in (2, 3, 5))
    (issue,) = AmplitudeRatio.check(AmplitudeRatio.Options(), three)
    assert issue.severity is Severity.WARNING
    assert "Sensors 2 and 3" in issue.message


def test_the_amplitude_ratio_takes_the_strongest_of_all_subsweeps_of_a_sensor() -> None:
    channels = (channel(points=2, sweeps=1), channel(points=1, sweeps=1, subsweep=1), channel(points=2, sensor_id=2))
    matrices = [echoes(2, 3), echoes(12), echoes(4, 1)]
    assert feature(AmplitudeRatio, {}, *channels).row(matrices).tolist() == [3.0]


def test_a_second_sensor_that_sees_nothing_gives_a_ratio_of_zero() -> None:
    pair = (channel(points=2, sweeps=1), channel(points=2, sweeps=1, sensor_id=2))
    assert feature(AmplitudeRatio, {}, *pair).row([echoes(2, 3), echoes(0, 0)]).tolist() == [0.0]


def test_a_range_that_misses_one_of_the_two_sensors_is_an_error() -> None:
    pair = (channel(), channel(sensor_id=2, start_m=2.0))
    issues = AmplitudeRatio.check(AmplitudeRatio.Options(start_m=0.05, stop_m=0.2), pair)
    assert Severity.ERROR in {issue.severity for issue in issues}


def test_the_sparse_fft_keeps_the_slow_motion_and_at_least_one_frequency() -> None:
    for flip in (False, True):
        assert feature(SparseFFT, {"kept_share": 0.0, "flip": flip}, channel()).width == 1
        x = noise(4, 16, 6)
        all_of_it = feature(SparseFFT, {"flip": flip}, channel()).rows([x])
        half = feature(SparseFFT, {"kept_share": 0.5, "flip": flip}, channel()).rows([x])
        slow = all_of_it[:, -half.shape[1] :] if flip else all_of_it[:, : half.shape[1]]
        np.testing.assert_array_equal(half, slow)


def test_the_sparse_fft_needs_sweeps() -> None:
    (issue,) = SparseFFT.check(SparseFFT.Options(), (channel(sweeps=1),))
    assert issue.severity is Severity.ERROR
