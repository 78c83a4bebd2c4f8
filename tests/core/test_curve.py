from __future__ import annotations

import time

import numpy as np
import pytest

from exptool_ml_plugin.core.curve import Curve, Smoothed


def curve_of(y: np.ndarray, pieces: int = 1) -> Curve:
    curve = Curve()
    x = np.arange(len(y), dtype=np.float64)
    for part in np.array_split(np.arange(len(y)), pieces):
        curve.append(x[part], y[part])
    return curve


def test_few_points_are_shown_as_they_are() -> None:
    y = np.random.default_rng(0).standard_normal(100)
    x, shown = curve_of(y).view(0, 99, limit=200)
    np.testing.assert_array_equal(shown, y)
    np.testing.assert_array_equal(x, np.arange(100))


def test_a_view_holds_its_range_and_one_neighbour_on_each_side() -> None:
    x, _ = curve_of(np.zeros(100)).view(10.5, 20.5, limit=200)
    np.testing.assert_array_equal(x, np.arange(10, 22))


@pytest.mark.parametrize("pieces", [1, 7, 5000])
def test_many_points_become_the_extremes_of_blocks_and_lose_no_peak(pieces: int) -> None:
    rng = np.random.default_rng(1)
    y = rng.standard_normal(5000)
    y[3210] = 99.0
    y[17] = -99.0
    x, shown = curve_of(y, pieces).view(0, 5000, limit=400)
    assert len(x) == len(shown) <= 400
    assert shown.max() == 99.0
    assert shown.min() == -99.0
    assert abs(x[np.argmax(shown)] - 3210) < 100
    assert np.all(np.diff(x) >= 0)


def test_growing_in_pieces_and_at_once_is_the_same() -> None:
    y = np.random.default_rng(2).standard_normal(3001)
    whole, grown = curve_of(y), curve_of(y, 500)
    for limit in (10, 100, 1000, 10000):
        for part in zip(whole.view(100, 2800, limit=limit), grown.view(100, 2800, limit=limit), strict=True):
            np.testing.assert_array_equal(*part)


def test_a_value_that_is_no_number_hides_no_neighbour() -> None:
    y = np.ones(1000)
    y[500] = np.nan
    curve = curve_of(y)
    assert np.isfinite(curve.view(0, 1000, limit=50)[1]).all()
    assert curve.extent(0, 1000) == (1.0, 1.0)


def test_an_empty_curve_has_nothing_to_show() -> None:
    x, y = Curve().view(0, 1, limit=10)
    assert len(x) == len(y) == 0
    assert Curve().extent(0, 1) is None


def seconds_of(action: object, *args: float, **limits: int) -> float:
    times = []
    for _ in range(20):
        start = time.perf_counter()
        action(*args, **limits)  # type: ignore[operator]
        times.append(time.perf_counter() - start)
    return min(times)


def test_looking_at_a_million_points_costs_no_more_than_at_twenty_thousand() -> None:
    rng = np.random.default_rng(3)
    short, long = curve_of(rng.standard_normal(20_000)), curve_of(rng.standard_normal(1_000_000))
    few = seconds_of(short.view, 0, 20_000, limit=2000)
    many = seconds_of(long.view, 0, 1_000_000, limit=2000)
    assert many < 5 * few + 1e-4


def test_smoothing_is_the_average_weighed_exponentially() -> None:
    y = np.random.default_rng(4).standard_normal(50)
    smoothed = Smoothed(10)
    smoothed.follow(curve_of(y))
    weights = 0.9 ** np.arange(49, -1, -1)
    assert smoothed.curve.y[-1] == pytest.approx(np.sum(weights * y) / np.sum(weights))
    assert smoothed.curve.y[0] == pytest.approx(y[0])


def test_smoothing_goes_on_where_it_was() -> None:
    y = np.random.default_rng(5).standard_normal(1000)
    whole, grown = Smoothed(25), Smoothed(25)
    whole.follow(curve_of(y))
    curve = Curve()
    for index in range(1000):
        curve.append(np.array([float(index)]), y[index : index + 1])
        grown.follow(curve)
    np.testing.assert_allclose(grown.curve.y, whole.curve.y)


def test_no_smoothing_changes_nothing() -> None:
    y = np.random.default_rng(6).standard_normal(20)
    smoothed = Smoothed(1)
    smoothed.follow(curve_of(y))
    np.testing.assert_allclose(smoothed.curve.y, y)


def test_smoothing_goes_on_after_a_value_that_is_no_number() -> None:
    smoothed = Smoothed(4)
    smoothed.follow(curve_of(np.array([1.0, np.nan, 1.0, 1.0])))
    np.testing.assert_allclose(smoothed.curve.y, [1.0, np.nan, 1.0, 1.0])
