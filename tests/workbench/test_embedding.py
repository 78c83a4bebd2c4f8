"""Frames as points in few dimensions."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn: pip install exptool-ml-plugin[train]")

from exptool_ml_plugin.core.errors import UserError
from exptool_ml_plugin.workbench.embedding import drawn_points, principal_components, tsne
from exptool_ml_plugin.workbench.long_work import LongWork


def two_heaps(count: int = 60) -> np.ndarray:
    """Even frames around one pattern, odd ones around another."""
    random = np.random.default_rng(0)
    patterns = random.normal(size=(2, 8, 5))
    return (patterns[np.arange(count) % 2] + 0.2 * random.normal(size=(count, 8, 5))).astype(np.float32)


def test_the_first_principal_component_tells_two_heaps_apart() -> None:
    points = principal_components(two_heaps(), count=2)

    assert points.shape == (60, 2)
    sides = [set(np.sign(points[first::2, 0]).tolist()) for first in (0, 1)]
    assert sides in ([{-1.0}, {1.0}], [{1.0}, {-1.0}])


def test_places_that_never_change_do_not_matter() -> None:
    values = two_heaps()
    still = np.concatenate([values, np.full((60, 8, 1), 1e6, dtype=np.float32)], axis=2)

    np.testing.assert_allclose(np.abs(principal_components(still)), np.abs(principal_components(values)), atol=1e-2)


def test_values_that_are_not_finite_are_refused() -> None:
    values = two_heaps()
    values[3, 0, 0] = np.nan

    with pytest.raises(UserError, match="finite"):
        principal_components(values)


def test_of_many_frames_the_same_ones_are_drawn_each_time() -> None:
    assert drawn_points(10, most=20).tolist() == list(range(10))
    drawn = drawn_points(1000, most=20)
    assert len(set(drawn.tolist())) == 20
    assert drawn.tolist() == sorted(drawn_points(1000, most=20).tolist())


def test_tsne_keeps_neighbours_together() -> None:
    points = tsne(principal_components(two_heaps()), lambda done, of: None)

    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) % 2 == np.arange(60) % 2).mean() > 0.9


def test_tsne_is_cancelled_at_once() -> None:
    problems: list[Exception] = []
    work = LongWork(lambda error, where: problems.append(error))
    begun = threading.Event()
    made: list[np.ndarray] = []

    def search(step) -> None:
        def told(done: int, of: int) -> None:
            begun.set()
            step(done, of)

        made.append(tsne(principal_components(two_heaps(3000)), told))

    work.run("Drawing the map", search)
    assert begun.wait(30)
    work.cancel()
    work.wait(30)

    assert not work.doing
    assert not made
    assert not problems
