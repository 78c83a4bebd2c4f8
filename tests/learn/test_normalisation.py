"""Mean and variance of the rows of the training frames."""

from __future__ import annotations

import numpy as np
import pytest

from exptool_ml_plugin.learn import normalisation
from exptool_ml_plugin.learn.normalisation import measure


def test_mean_and_variance_are_those_of_the_training_rows_at_each_position(monkeypatch: pytest.MonkeyPatch) -> None:
    values = (np.random.default_rng(0).normal(size=(50, 4, 3)) * [1, 10, 0.1] + [0, 1000, -5]).astype(np.float32)
    training = np.array([40, 3, 7, 20, 21])
    monkeypatch.setattr(normalisation, "CHUNK", 2)

    measured = measure(values, training)

    rows = values[training].reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(measured.mean, rows.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(measured.variance, rows.var(axis=0), rtol=1e-6)


def test_a_position_that_never_changes_is_not_blown_up() -> None:
    values = np.random.default_rng(0).normal(size=(20, 4, 2)).astype(np.float32)
    values[:, :, 1] = 7.0

    assert measure(values, np.arange(20)).variance[1] == 1.0
