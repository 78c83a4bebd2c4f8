"""How well a model does: the confusion matrix and the figures that follow from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often each true label was predicted as each label.

    `counts` is int64 `(labels, labels)`: rows are the true labels, columns the predicted ones, both in the order
    of `labels`. Figures that would divide by nothing (a label without frames) are NaN.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        expected = (len(self.labels), len(self.labels))
        if self.counts.shape != expected:
            raise ValueError(f"Expected counts of shape {expected}. Received: counts.shape={self.counts.shape}.")

    @classmethod
    def from_predictions(
        cls, true: NDArray[np.integer], predicted: NDArray[np.integer], *, labels: Sequence[str]
    ) -> ConfusionMatrix:
        """Count pairs of label indices.

        `true` and `predicted` are integer `(frames,)`, indices into `labels`; `ValueError` if one is outside.
        """
        n = len(labels)
        for name, indices in (("true", true), ("predicted", predicted)):
            if indices.size and not (indices.min() >= 0 and indices.max() < n):
                raise ValueError(
                    f"Expected label indices from 0 to {n - 1}. Received: {name}={indices.min()}..{indices.max()}."
                )
        if true.shape != predicted.shape:
            raise ValueError(f"Expected as many predictions as labels. Received: {predicted.size} for {true.size}.")
        pairs = true.astype(np.int64) * n + predicted.astype(np.int64)
        counts = np.bincount(pairs, minlength=n * n).reshape(n, n)
        return cls(labels=tuple(labels), counts=counts.astype(np.int64))

    @property
    def total(self) -> int:
        """Number of frames counted."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Part of the frames predicted as what they are; NaN without frames."""
        return float(_divide(np.trace(self.counts), self.counts.sum()))

    @property
    def true_totals(self) -> NDArray[np.int64]:
        """Frames with each true label, the row sums: int64 `(labels,)`."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def predicted_totals(self) -> NDArray[np.int64]:
        """Frames predicted as each label, the column sums: int64 `(labels,)`."""
        return np.asarray(self.counts.sum(axis=0))

    def precision(self) -> NDArray[np.float64]:
        """Of the frames predicted as a label, the part that is it: float64 `(labels,)`, NaN if never predicted."""
        return _divide(np.diagonal(self.counts), self.predicted_totals)

    def recall(self) -> NDArray[np.float64]:
        """Of the frames that are a label, the part predicted as it: float64 `(labels,)`, NaN without frames."""
        return _divide(np.diagonal(self.counts), self.true_totals)

    def f1(self) -> NDArray[np.float64]:
        """Harmonic mean of precision and recall: float64 `(labels,)`.

        Computed as 2 TP / (2 TP + FP + FN), which is 0 for a label that is missed every time and NaN only for a
        label that neither occurs nor is predicted.
        """
        return _divide(2 * np.diagonal(self.counts), self.true_totals + self.predicted_totals)

    def row_percent(self) -> NDArray[np.float64]:
        """Counts in percent of their row, i.e. of the true label: float64 `(labels, labels)`, NaN for empty rows."""
        return 100.0 * _divide(self.counts, self.true_totals[:, np.newaxis])

    def to_csv(self) -> str:
        """Return the matrix as comma-separated text: a header row with the predicted labels, a row per true label."""
        return self._table(",")

    def to_text(self) -> str:
        """Return the matrix separated by tabs, as spreadsheets take it from the clipboard."""
        return self._table("\t")

    def _table(self, delimiter: str) -> str:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        writer.writerow(["true \\ predicted", *self.labels])
        for label, row in zip(self.labels, self.counts.tolist(), strict=True):
            writer.writerow([label, *row])
        return text.getvalue()


def _divide(part: object, whole: object) -> NDArray[np.float64]:
    numerator = np.asarray(part, dtype=np.float64)
    denominator = np.asarray(whole, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.where(denominator > 0, numerator / denominator, np.nan)
    return np.asarray(quotient, dtype=np.float64)
