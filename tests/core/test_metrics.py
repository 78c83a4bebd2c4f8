from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from exptool_ml_plugin.core.metrics import ConfusionMatrix

LABELS = ("push", "pull", "still")


def matrix() -> ConfusionMatrix:
    return ConfusionMatrix(LABELS, np.array([[8, 2, 0], [1, 4, 0], [0, 0, 0]], dtype=np.int64))


def test_rows_are_true_labels_and_columns_predicted_ones() -> None:
    true = np.array([0, 0, 0, 1, 2])
    predicted = np.array([0, 1, 1, 1, 0])
    counted = ConfusionMatrix.from_predictions(true, predicted, labels=LABELS)
    np.testing.assert_array_equal(counted.counts, [[1, 2, 0], [0, 1, 0], [1, 0, 0]])
    assert counted.counts.dtype == np.int64


def test_no_frames_give_zeros_and_no_accuracy() -> None:
    nothing = np.array([], dtype=np.int64)
    counted = ConfusionMatrix.from_predictions(nothing, nothing, labels=LABELS)
    assert counted.total == 0
    assert np.isnan(counted.accuracy)


@pytest.mark.parametrize("wrong", [-1, 3])
def test_a_label_index_that_does_not_exist_is_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 2"):
        ConfusionMatrix.from_predictions(np.array([0]), np.array([wrong]), labels=LABELS)


def test_predictions_must_be_as_many_as_labels() -> None:
    with pytest.raises(ValueError, match="as many predictions"):
        ConfusionMatrix.from_predictions(np.array([0, 1]), np.array([0]), labels=LABELS)


def test_counts_must_be_square() -> None:
    with pytest.raises(ValueError, match="shape"):
        ConfusionMatrix(LABELS, np.zeros((3, 2), dtype=np.int64))


def test_figures_agree_with_the_definitions() -> None:
    counted = matrix()
    assert counted.total == 15
    assert counted.accuracy == pytest.approx(12 / 15)
    np.testing.assert_allclose(counted.precision(), [8 / 9, 4 / 6, np.nan])
    np.testing.assert_allclose(counted.recall(), [0.8, 0.8, np.nan])
    np.testing.assert_allclose(counted.f1()[:2], [2 * (8 / 9) * 0.8 / (8 / 9 + 0.8), 2 * (4 / 6) * 0.8 / (4 / 6 + 0.8)])
    assert np.isnan(counted.f1()[2])


def test_f1_is_zero_for_a_label_that_is_always_missed() -> None:
    counted = ConfusionMatrix(("a", "b"), np.array([[5, 0], [3, 0]], dtype=np.int64))
    assert counted.f1()[1] == 0.0


def test_percent_is_of_the_true_label() -> None:
    percent = matrix().row_percent()
    np.testing.assert_allclose(percent[0], [80, 20, 0])
    assert np.isnan(percent[2]).all()


def test_csv_can_be_read_back() -> None:
    odd = ConfusionMatrix(('with "quotes"', "with, comma"), np.array([[1, 2], [3, 4]], dtype=np.int64))
    rows = list(csv.reader(io.StringIO(odd.to_csv())))
    assert rows == [["true \\ predicted", *odd.labels], [odd.labels[0], "1", "2"], [odd.labels[1], "3", "4"]]


def test_text_is_separated_by_tabs() -> None:
    assert matrix().to_text().splitlines()[1] == "push\t8\t2\t0"
